"""Ends of options in files of trades: expiries, and the shares that an exercise or assignment delivered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from journal.brokers.base import (
    ExecutionRow,
    InstrumentRow,
    OptionEventKind,
    OptionEventRow,
    Record,
)
from journal.brokers.text.records import fill
from journal.brokers.text.row import Row
from journal.domain.values import ZERO, ExecutionKind, PositionEffect, Right, Side

# Listed options end when trading does. Files with days alone would have them end before they were traded.
_OPTIONS_END = time(16, 20)
_NEW_YORK = ZoneInfo("America/New_York")
_DELIVERING = (ExecutionKind.ASSIGNMENT, ExecutionKind.EXERCISE)


def end_of_options(day: date) -> datetime:
    """When the options that end on a day do so, in UTC."""
    return datetime.combine(day, _OPTIONS_END, _NEW_YORK).astimezone(UTC)


def expiry(
    row: Row, instrument: InstrumentRow, signed: Decimal, day: date
) -> ExecutionRow | OptionEventRow:
    """Units less than nothing were held long and are gone. Of others a file that writes all without a sign does not
    say which way round they were: they end what the book has open.
    """
    if signed < ZERO:
        gone = fill(row, instrument, Side.SELL, signed, ZERO)
        return gone._replace(
            kind=ExecutionKind.EXPIRY,
            executed_at=end_of_options(day),
            effect=PositionEffect.CLOSE,
        )
    return OptionEventRow(
        row=row.number, account_id=row.account_id, raw=row.raw, kind=OptionEventKind.EXPIRY,
        instrument=instrument, signed_quantity=signed, price=ZERO, happened_on=day, trade_id="",
        proceeds=None, fee=ZERO, stated_cost=None, stated_pnl=None, fx_rate=None, is_directed=False,
    )  # fmt: skip


def mark_deliveries(records: Sequence[Record]) -> list[Record]:
    """Of one day: trades of the underlying at the strike, as far as the options that ended reach for them."""
    marked = list(records)
    for end in records:
        if type(end) is ExecutionRow and end.kind in _DELIVERING and end.instrument.right:
            _mark(end, marked)
    return marked


def _mark(end: ExecutionRow, records: list[Record]) -> None:
    left = end.quantity * end.instrument.multiplier
    for place, record in enumerate(records):
        if type(record) is ExecutionRow and _fits(end, record, left):
            # Together with the option, which ends after the trades of its day.
            records[place] = record._replace(kind=end.kind, executed_at=end.executed_at)
            left -= record.quantity
        if left <= ZERO:
            return


def _fits(end: ExecutionRow, trade: ExecutionRow, left: Decimal) -> bool:
    return (
        trade.kind is ExecutionKind.TRADE
        and trade.instrument.symbol == end.instrument.underlying_symbol
        and trade.side is _delivers(end)
        and trade.price == end.instrument.strike
        and trade.quantity <= left
    )


def _delivers(end: ExecutionRow) -> Side:
    """A call that ends moves the underlying the other way than the option moves, a put the same way."""
    if end.instrument.right is Right.PUT:
        return end.side
    return Side.SELL if end.side is Side.BUY else Side.BUY
