"""What a reading says of the positions that are to be closed."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from journal.brokers.base import InstrumentRow
from journal.brokers.live import AccountReading, Holding, WorkingOrder
from journal.domain.values import ZERO, Right
from journal.services.contract_words import contract_key
from reconciliation.domain.closing import Position


class Target(NamedTuple):
    """One position: a ticket where the account holds several of one market, else the market."""

    market: str
    ticket: str


def market_of(instrument: InstrumentRow) -> str:
    return contract_key(instrument)


def holdings_of(reading: AccountReading) -> dict[Target, Holding]:
    """What is not nothing, lines of one position added up; what is to be closed first comes first."""
    found: dict[Target, Holding] = {}
    for one in reading.holdings:
        target = Target(market_of(one.instrument), one.ticket)
        before = found.get(target)
        quantity = one.signed_quantity + (before.signed_quantity if before else ZERO)
        found[target] = (before or one)._replace(signed_quantity=quantity)
    held = [(target, one) for target, one in found.items() if one.signed_quantity]
    return dict(sorted(held, key=lambda pair: _order(pair[1])))


def position_of(reading: AccountReading, target: Target) -> Position:
    """Of a whole reading. A stop that can only close is left at work until the position is gone: it protects."""
    holding = holdings_of(reading).get(target)
    held = holding.signed_quantity if holding else ZERO
    at_work = [one for one in reading.orders if market_of(one.instrument) == target.market]
    if held:
        at_work = [one for one in at_work if not _protects(one)]
    elif _is_held_otherwise(reading, target):
        # Another ticket of the market is still open, and what is at work may be its own.
        at_work = []
    return Position(held, not at_work)


def instruments_at_work(orders: Iterable[WorkingOrder]) -> dict[str, InstrumentRow]:
    return {market_of(one.instrument): one.instrument for one in orders}


def _protects(order: WorkingOrder) -> bool:
    return order.is_reduce_only and order.stop_price is not None


def _is_held_otherwise(reading: AccountReading, target: Target) -> bool:
    return any(one.market == target.market and one != target for one in holdings_of(reading))


def _order(holding: Holding) -> tuple[bool, Decimal]:
    """Options that were sold first: what they can cost has no end, and what covers them must not go before them. Then
    by what is at stake, in the market's own currency."""
    instrument = holding.instrument
    sold = instrument.right in (Right.CALL, Right.PUT) and holding.signed_quantity < 0
    size = abs(holding.signed_quantity) * instrument.multiplier
    price = holding.price or holding.average_price or ZERO
    return not sold, -(size if instrument.inverse else size * price)
