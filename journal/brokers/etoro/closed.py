"""Closed positions of the workbook: which way they were held, with which leverage, since when."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from journal.brokers.base import Record
from journal.brokers.etoro.layouts import CLOSED
from journal.brokers.text.faults import BadValue
from journal.brokers.text.row import Row
from journal.brokers.text.sheet import SheetParser
from journal.domain.values import ONE, Side

_LEVERAGE = re.compile(r"[xX]?(\d{1,4})(?:\.0+)?[xX]?")
_SIDES = {"long": Side.BUY, "buy": Side.BUY, "short": Side.SELL, "sell": Side.SELL}


class Position(NamedTuple):
    """`side` is that of the opening."""

    side: Side
    leverage: Decimal
    opened_at: datetime


class ClosedPositions(SheetParser):
    """Learns the positions of one workbook by their numbers, and gives no record."""

    slug = broker = "etoro"
    label = "eToro"
    default_zone = "UTC"
    layouts = (CLOSED,)
    numbers = ("open_rate", "close_rate", "quantity")
    day_first = True

    def __init__(self) -> None:
        self.found: dict[str, Position] = {}

    def read_row(self, row: Row) -> Iterable[Record]:
        position = row.text("position")
        # "Sell Quixa Inc" in older workbooks, which have no column for it.
        said = row.text("direction") or row.text("action").partition(" ")[0]
        side = _SIDES.get(said.lower())
        if position and side is not None:
            opened_at = row.when("opened").instant(row.zone)
            self.found[position] = Position(side, _leverage(row), opened_at)
        return []


def _leverage(row: Row) -> Decimal:
    cell = row.text("leverage")
    match = _LEVERAGE.fullmatch(cell)
    if match is None or not int(match[1]):
        if cell:
            raise BadValue(cell, "a leverage")
        return ONE
    return Decimal(match[1])
