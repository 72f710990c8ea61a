"""Account statements of eToro, in dollars: positions that open and close as wholes, each with a number of its own.

The activity says what money moved, and not which way a position was held; the workbook's closed positions say that.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import BinaryIO

from journal.brokers.base import (
    POSITION,
    CashKind,
    CashRow,
    ClosedLotRow,
    ExecutionRow,
    InstrumentRow,
    ParseOptions,
    Record,
    UnreadableStatement,
)
from journal.brokers.etoro.closed import ClosedPositions, Position
from journal.brokers.etoro.layouts import ACTIVITY, CLOSED
from journal.brokers.text.archive import PACKED, joined, parts_of
from journal.brokers.text.faults import Missing
from journal.brokers.text.layout import filled_up, header_of
from journal.brokers.text.records import cash, fill
from journal.brokers.text.row import Row
from journal.brokers.text.running import Moved
from journal.brokers.text.sheet import SheetParser
from journal.brokers.text.tables import CHUNK_BYTES, Line, Table
from journal.brokers.text.workbook import read_sheets
from journal.domain.values import ONE, AssetClass, PositionEffect, Side

_SHEET = re.compile(rb'account activity["<]', re.IGNORECASE)
_CLASSES = {
    "stocks": AssetClass.STOCK,
    "etf": AssetClass.FUND,
    "crypto": AssetClass.CRYPTO,
    "cfd": AssetClass.CFD,
}
_CASH = {
    "deposit": CashKind.DEPOSIT,
    "withdraw request": CashKind.WITHDRAWAL,
    "withdraw fee": CashKind.FEE,
    "withdrawal conversion fee": CashKind.FEE,
    "deposit conversion fee": CashKind.FEE,
    "dividend": CashKind.DIVIDEND,
    "interest payment": CashKind.INTEREST_RECEIVED,
    "overnight fee": CashKind.FEE,
    "overnight refund": CashKind.FEE,
    "rollover fee": CashKind.FEE,
    "sdrt": CashKind.TAX,
    "commission": CashKind.FEE,
    "adjustment": CashKind.ADJUSTMENT,
}


class Etoro(SheetParser):
    slug = "etoro"
    broker = "etoro"
    label = "eToro account statement (XLSX) or account activity (CSV)"
    default_zone = "UTC"
    layouts = (ACTIVITY,)
    numbers = ("amount", "equity_change", "equity", "balance")
    day_first = True
    # Positions of both directions beside each other, each closed by itself.
    is_hedging = True

    def recognises(self, head: bytes, name: str) -> bool:
        if head.startswith(PACKED):
            return any(_SHEET.search(part) for _, part in parts_of(head))
        return super().recognises(head, name)

    def parse(self, stream: BinaryIO, options: ParseOptions) -> Iterator[Record]:
        start = stream.read(CHUNK_BYTES)
        whole = joined(start, stream)
        if start.startswith(PACKED):
            yield from _read_workbook(whole, options)
        else:
            yield from super().parse(whole, options)

    def base_currency(self, rows: Sequence[Row]) -> str:
        return "USD"

    def moved(self, row: Row) -> Moved | None:
        balance = row.decimal("balance")
        if balance is None:
            return None
        is_cash = row.text("type").lower() in _CASH
        return Moved("", row.decimal("amount") if is_cash else None, balance)

    def position(self, number: str) -> Position | None:
        """What is known of a position beside the activity."""
        return None

    def is_opened_here(self, number: str) -> bool:
        return True

    def read_row(self, row: Row) -> Iterable[Record]:
        stated = row.text("type")
        name = stated.lower()
        if name == "open position":
            return [_opening(row, self.position(_position(row)))]
        if name == "position closed":
            number = _position(row)
            return _closing(row, self.position(number), is_whole=not self.is_opened_here(number))
        if name in _CASH and row.decimal("amount") == 0:
            return [row.kept("Nothing moved")]
        if name in _CASH:
            return [_cash(row, _CASH[name])]
        return [row.unknown(stated)]


class _Activity(Etoro):
    """Of one workbook, whose closed positions are known."""

    def __init__(self, closed: Mapping[str, Position], opened: Collection[str]) -> None:
        self._closed = closed
        self._opened = opened

    def position(self, number: str) -> Position | None:
        return self._closed.get(number)

    def is_opened_here(self, number: str) -> bool:
        return number in self._opened


def _read_workbook(stream: BinaryIO, options: ParseOptions) -> Iterator[Record]:
    closed = ClosedPositions()
    activity: list[Line] = []
    opened: set[str] = set()
    for _, sheet in read_sheets(stream):
        lines = list(sheet)
        header = header_of(lines, (ACTIVITY, CLOSED))
        if header is None:
            continue
        lines = filled_up(lines, header)
        if header.layout is CLOSED:
            deque(closed.read_table(Table(",", iter(lines)), options), maxlen=0)
        else:
            activity = lines
            at = header.places
            opened = {
                one.cells[at["position"]]
                for one in lines
                if one.cells[at["type"]].lower() == "open position"
            }
    if not activity:
        raise UnreadableStatement(
            "header_missing",
            "No sheet of the workbook has the columns of eToro's account activity. Nothing was imported. Export the "
            "account statement in English, and upload it as it was downloaded.",
        )
    reader = _Activity(closed.found, opened)
    yield from reader.read_table(Table(",", iter(activity)), options)


def _opening(row: Row, known: Position | None) -> ExecutionRow:
    """The amount is the money put in: with leverage, a part of what the position is worth."""
    units, amount = _units(row), row.needed("amount", "no_amount").copy_abs()
    side, leverage = (known.side, known.leverage) if known else (Side.BUY, ONE)
    return _end(row, known, f"open:{_position(row)}", side, amount * leverage / units)._replace(
        effect=PositionEffect.OPEN,
        proceeds=-amount if leverage == ONE and side is Side.BUY else None,
        net_cash=-amount,
    )


def _closing(row: Row, known: Position | None, *, is_whole: bool) -> list[Record]:
    """The amount is the money that comes back: what was put in and the profit. `is_whole`: no row of the file is its
    opening, which is then told here, if it is known."""
    units, amount, profit = _units(row), row.decimal("amount"), row.decimal("equity_change")
    if amount is None or profit is None:
        raise Missing("no_amount", "it states no amount or no change of the realised equity")
    side, leverage = (known.side, known.leverage) if known else (Side.BUY, ONE)
    put_in = amount - profit
    opened_at_price = put_in * leverage / units
    gain = profit / units
    price = opened_at_price + (gain if side is Side.BUY else -gain)
    position = _position(row)
    other_side = Side.SELL if side is Side.BUY else Side.BUY
    closing = _end(row, known, f"close:{position}", other_side, price)._replace(
        effect=PositionEffect.CLOSE,
        proceeds=amount if leverage == ONE and side is Side.BUY else None,
        net_cash=amount,
        stated_pnl=profit,
    )
    lot = ClosedLotRow(
        row=row.number, account_id=row.account_id, raw=row.raw, instrument=closing.instrument,
        closing_broker_id=closing.broker_id, opening_broker_id=f"open:{position}",
        quantity=units, open_price=opened_at_price, opened_at=None, closed_at=row.at,
        cost=put_in, realized_pnl=profit,
    )  # fmt: skip
    if known is None or not is_whole:
        return [closing, lot]
    opening = _end(row, known, f"open:{position}", side, opened_at_price)._replace(
        executed_at=known.opened_at, effect=PositionEffect.OPEN
    )
    return [opening, closing, lot]


def _end(
    row: Row, known: Position | None, broker_id: str, side: Side, price: Decimal
) -> ExecutionRow:
    """An opening or a close."""
    instrument = _instrument(row)
    if known is None and instrument.asset_class is AssetClass.CFD:
        row.notice("margin_price")
    return fill(row, instrument, side, _units(row), price)._replace(
        broker_id=broker_id, trade_id=f"{POSITION}{_position(row)}"
    )


def _cash(row: Row, kind: CashKind) -> CashRow:
    amount = row.decimal("amount")
    if amount is None:
        raise Missing("no_amount", "it states no amount")
    has_contract = kind is CashKind.DIVIDEND or kind is CashKind.TAX
    return cash(row, kind, amount, "USD")._replace(
        description=" ".join(filter(None, (row.text("type"), row.text("details").strip("-")))),
        instrument=_instrument(row) if has_contract and row.text("details") else None,
        trade_id=row.text("position").strip("-"),
    )


def _units(row: Row) -> Decimal:
    return row.needed("quantity", "no_quantity").copy_abs()


def _position(row: Row) -> str:
    position = row.text("position").strip("-")
    if not position:
        raise Missing("no_symbol", "it states no number of a position")
    return position


def _instrument(row: Row) -> InstrumentRow:
    """All amounts are in dollars, whatever the instrument is quoted in: "KER/EUR" is held in dollars here. A CFD keeps
    both names: it is not the share."""
    details = row.word("details", "no_symbol")
    asset_class = _CLASSES.get(row.text("class").lower(), AssetClass.OTHER)
    if asset_class is AssetClass.CFD:
        return row.security(details, "USD", asset_class, description=details)
    return row.security(
        details.rpartition("/")[0] or details, "USD", asset_class, description=details
    )
