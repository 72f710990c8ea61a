"""What a trade says of its legs, as a row of the table of trades. Pure: values in, tuples out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from journal.domain.exact import add_known, divide, exact_sums
from journal.domain.values import ZERO, AssetClass, Direction
from journal.services.booking.compose import result_of

# A structure's price is told per unit of its options or futures; of shares alone, per share.
_PRICED = (AssetClass.OPTION, AssetClass.FUTURE_OPTION, AssetClass.FUTURE)
TradeRow = tuple[Any, ...]


class LegSum(NamedTuple):
    """A leg as it is stored, with what its trade takes from its contract. Figures as in `journal.models.RoundTrip`.

    `source` is that of the execution that opened it, `last_at` the moment of its latest one.
    """

    id: int
    workspace_id: int
    account_id: int
    direction: str
    currency: str
    opened_at: datetime
    opened_on: date
    closed_at: datetime | None
    closed_on: date | None
    quantity: Decimal
    average_open: Decimal | None
    average_close: Decimal | None
    cost: Decimal | None
    gross_pnl: Decimal
    net_pnl: Decimal
    fees: Decimal
    gross_base: Decimal | None
    net_base: Decimal | None
    fees_base: Decimal | None
    cost_base: Decimal | None
    cost_known: bool
    execution_count: int
    closed_quantity: Decimal
    opened_quantity: Decimal
    symbol: str
    underlying: str
    asset_class: str
    multiplier: Decimal
    is_inverse: bool
    source: str
    last_at: datetime

    @property
    def sign(self) -> int:
        return 1 if self.direction == Direction.LONG else -1


def trade_row(legs: Sequence[LegSum]) -> TradeRow:
    """In the order of TRADE_COLUMNS (compose.py). `legs` in the order of opening; the first names the trade."""
    with exact_sums():
        return _of_one(legs[0]) if len(legs) == 1 else _of_many(legs)


def _of_one(leg: LegSum) -> TradeRow:
    return (
        leg.id, leg.workspace_id, leg.account_id, leg.direction, leg.currency, leg.opened_at, leg.opened_on,
        leg.closed_at, leg.closed_on, leg.quantity, leg.average_open, leg.average_close, leg.cost, leg.gross_pnl,
        leg.net_pnl, leg.fees, leg.gross_base, leg.net_base, leg.fees_base, leg.cost_base, leg.cost_known,
        leg.execution_count, leg.symbol, leg.underlying, leg.asset_class, 1,
        result_of(leg.closed_at is not None, leg.cost_known, leg.net_pnl), leg.source, leg.last_at,
    )  # fmt: skip


def _of_many(legs: Sequence[LegSum]) -> TradeRow:
    first = legs[0]
    is_closed = all(leg.closed_at is not None for leg in legs)
    closed_at = max(filter(None, (leg.closed_at for leg in legs))) if is_closed else None
    closed_on = max(filter(None, (leg.closed_on for leg in legs))) if is_closed else None
    known = all(leg.cost_known for leg in legs)
    net = sum((leg.net_pnl for leg in legs), ZERO)
    entry = _entry(legs)
    paid, units = _paid(entry), _units(entry)
    gross = sum((leg.gross_pnl for leg in legs), ZERO)
    # What closing all of it brought, with the sign of what opening it cost: their difference is the gross P&L.
    received = paid + gross if paid is not None and is_closed and known else None
    cost, cost_base = _cost(entry, paid)
    return (
        first.id, first.workspace_id, first.account_id,
        Direction.SHORT if paid is not None and paid < 0 else Direction.LONG,
        first.currency, first.opened_at, first.opened_on, closed_at, closed_on, units,
        _per_unit(entry, paid, units), _per_unit(entry, received, units), cost, gross, net,
        sum((leg.fees for leg in legs), ZERO),
        add_known(leg.gross_base for leg in legs), add_known(leg.net_base for leg in legs),
        add_known(leg.fees_base for leg in legs), cost_base, known, sum(leg.execution_count for leg in legs),
        first.underlying, first.underlying, _asset_class(legs), len(legs), result_of(is_closed, known, net),
        first.source, max(leg.last_at for leg in legs),
    )  # fmt: skip


def _entry(legs: Sequence[LegSum]) -> list[LegSum]:
    """What was opened before anything was closed: what it was rolled into, or delivered, is something else."""
    ended = min((leg.closed_at for leg in legs if leg.closed_at is not None), default=None)
    first = legs[0].opened_at
    return [leg for leg in legs if ended is None or leg.opened_at == first or leg.opened_at < ended]


def _asset_class(legs: Sequence[LegSum]) -> str:
    """Options decide it: a covered call is a trade in options."""
    classes = [leg.asset_class for leg in legs]
    return next((one for one in _PRICED if one in classes), classes[0])


def _units(legs: Sequence[LegSum]) -> Decimal:
    priced = [leg for leg in legs if leg.asset_class in _PRICED]
    return min(leg.quantity for leg in priced or legs)


def _paid(legs: Sequence[LegSum]) -> Decimal | None:
    """What opening all of it cost (a debit), or brought (a credit, negative)."""
    return add_known(None if leg.cost is None else leg.sign * leg.cost for leg in legs)


def _per_unit(legs: Sequence[LegSum], money: Decimal | None, units: Decimal) -> Decimal | None:
    if money is None or not units or any(leg.is_inverse for leg in legs):
        return None
    multiplier = max(leg.multiplier for leg in legs)
    return divide(money, units * multiplier)


def _cost(legs: Sequence[LegSum], paid: Decimal | None) -> tuple[Decimal | None, Decimal | None]:
    """What was paid for it; of a credit all that was moved, until its risk is known better."""
    if paid is not None and paid > 0:
        base = add_known(
            None if leg.cost_base is None else leg.sign * leg.cost_base for leg in legs
        )
        return paid, base
    return add_known(leg.cost for leg in legs), add_known(leg.cost_base for leg in legs)
