"""freqtrade's trades and orders as they are stored: columns by name, each a text, empty ones left out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from journal.brokers.ccxt_json.item import read_ms
from journal.brokers.text.faults import Missing
from journal.brokers.text.moments import read_when
from journal.brokers.text.numbers import read_number
from journal.domain.values import ZERO

Row = dict[str, str]
_UTC = ZoneInfo("UTC")
# Orders that the bot only pretends to place have made-up ids.
DRY_RUN = "dry_run"


@dataclass(slots=True)
class BotOrder:
    row: int
    raw: Row

    @property
    def is_dry(self) -> bool:
        return self.raw.get("order_id", "").startswith(DRY_RUN)


@dataclass(slots=True)
class BotTrade:
    row: int
    raw: Row
    orders: list[BotOrder] = field(default_factory=list)

    @property
    def is_short(self) -> bool:
        return truth(self.raw, "is_short")

    @property
    def is_dry(self) -> bool:
        return bool(self.orders) and all(one.is_dry for one in self.orders)


def plain(found: Mapping[str, Any]) -> Row:
    """A number as the shortest decimal that means it."""
    row = {}
    for name, value in found.items():
        if value is None or value == "" or isinstance(value, (list, dict)):
            continue
        if isinstance(value, float) and not math.isfinite(value):
            continue
        row[str(name)] = value if isinstance(value, str) else _written(value)
    return row


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return repr(value) if isinstance(value, float) else str(value)


def truth(raw: Row, name: str) -> bool:
    return raw.get(name, "").lower() in ("1", "true")


def number(raw: Row, *names: str) -> Decimal:
    """The first of them that is not 0, else 0. Raises BadNumber."""
    for name in names:
        found = read_number(raw.get(name, ""))
        if found:
            return found
    return ZERO


def moment(raw: Row, *names: str) -> datetime:
    """The first of them. Names of milliseconds end in "timestamp". Raises Missing, BadDate."""
    for name in names:
        stated = raw.get(name, "")
        if not stated:
            continue
        if name.endswith("timestamp"):
            return read_ms(stated.partition(".")[0])
        return read_when(stated).instant(_UTC).astimezone(UTC)
    raise Missing("no_date", "it states no time")
