"""Rows that are a round trip: two fills and the broker's own match of them.

Such a row states of a fill only as much as this trip used, so both are parts (`base.PART_AUTHORITY`): an export of
fills or orders that holds them as wholes counts in their place.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from journal.brokers.base import PART_AUTHORITY, ClosedLotRow, ExecutionRow, InstrumentRow, Record
from journal.brokers.text.records import fill
from journal.brokers.text.row import Row
from journal.domain.values import PositionEffect, Side


class End(NamedTuple):
    """`broker_id` of the part, `whole` that of the fill, "" where the row states none. A fee of None is not stated."""

    price: Decimal
    at: datetime
    broker_id: str = ""
    whole: str = ""
    fee: Decimal | None = None


class RoundTrip(NamedTuple):
    """`lots` is the match of the two, where both have an id."""

    opened: ExecutionRow
    closed: ExecutionRow
    lots: tuple[ClosedLotRow, ...]

    def records(self) -> list[Record]:
        return [self.opened, self.closed, *self.lots]


def round_trip(
    row: Row,
    instrument: InstrumentRow,
    quantity: Decimal,
    ends: tuple[End, End],
    *,
    is_long: bool,
    net_profit: Decimal | None,
) -> RoundTrip:
    """`ends` as it began and as it ended; `net_profit` after all costs of both that the file states."""
    entry, exit_ = ends
    bought, sold = Side.BUY, Side.SELL
    opened = _part(row, instrument, bought if is_long else sold, quantity, entry)
    closed = _part(row, instrument, sold if is_long else bought, quantity, exit_)
    is_named = entry.broker_id and exit_.broker_id
    return RoundTrip(
        opened._replace(effect=PositionEffect.OPEN),
        closed._replace(effect=PositionEffect.CLOSE, stated_pnl=net_profit),
        (_lot(row, instrument, quantity, ends, net_profit),) if is_named else (),
    )


def _part(
    row: Row, instrument: InstrumentRow, side: Side, quantity: Decimal, end: End
) -> ExecutionRow:
    return fill(row, instrument, side, quantity, end.price)._replace(
        executed_at=end.at,
        broker_id=end.broker_id,
        trade_id=end.whole,
        fee=end.fee,
        authority=PART_AUTHORITY,
    )


def _lot(
    row: Row,
    instrument: InstrumentRow,
    quantity: Decimal,
    ends: tuple[End, End],
    net_profit: Decimal | None,
) -> ClosedLotRow:
    entry, exit_ = ends
    return ClosedLotRow(
        row=row.number, account_id=row.account_id, raw=row.raw, instrument=instrument,
        closing_broker_id=exit_.broker_id, opening_broker_id=entry.broker_id, quantity=quantity,
        open_price=entry.price, opened_at=entry.at, closed_at=exit_.at, cost=None,
        realized_pnl=net_profit,
    )  # fmt: skip
