"""Which position a deal belongs to, and what it closed: MetaTrader's own arithmetic, redone.

A position has one price, the average of what opened it, and a deal that closes states the profit against it. Here that
profit's other side is found: points times lots. The two together say what a point is worth (`contracts`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from journal.brokers.metatrader.values import Deal, Entry, Listed
from journal.domain.exact import divide, share
from journal.domain.values import ZERO


class Outcome(NamedTuple):
    """`closed` lots were known to be open. `units` are points times lots of all that the deal closed, None where that
    is not known; `opening_costs` what opening that part had cost (positive). `is_guess`: it could be another position.
    """

    position: str = ""
    units: Decimal | None = None
    closed: Decimal = ZERO
    opening_costs: Decimal = ZERO
    is_guess: bool = False


@dataclass(slots=True)
class _Held:
    key: str
    ticket: str
    symbol: str
    sign: int
    volume: Decimal
    value: Decimal
    costs: Decimal

    def take(self, volume: Decimal) -> tuple[Decimal, Decimal]:
        """What the part cost, and the costs that go with it."""
        value, costs = (
            share(self.value, volume, self.volume),
            share(self.costs, volume, self.volume),
        )
        self.value -= value
        self.costs -= costs
        self.volume -= volume
        return value, costs


_Closing = tuple[str, int, datetime | None, Decimal, Decimal]


class Ledger:
    """Takes the deals in the order of time. `is_hedging`: positions per ticket, else one for each symbol."""

    def __init__(self, *, is_hedging: bool, listed: Iterable[Listed] = ()) -> None:
        self._is_hedging = is_hedging
        self._held: dict[str, _Held] = {}
        self._listed: defaultdict[_Closing, list[Listed]] = defaultdict(list)
        self._worth: dict[str, Decimal] = {}
        for one in listed:
            self._listed[(one.symbol, one.sign, one.closed_at, one.close_price, one.volume)].append(
                one
            )
            if one.units and one.profit:
                self._worth[one.symbol] = divide(one.profit, one.units)

    def apply(self, deal: Deal) -> Outcome:
        if deal.entry is Entry.IN:
            ticket = deal.position or (deal.order if self._is_hedging else "") or deal.ticket
            key = ticket if self._is_hedging else deal.symbol
            return Outcome(self._open(key, ticket, deal, deal.volume))
        listed = self._listing_of(deal)
        held, is_guess = self._meant(deal, listed)
        if held is None or held.sign == deal.sign:
            return self._unopened(deal, listed)
        outcome = self._close(held, deal)
        return outcome._replace(is_guess=is_guess)

    def _open(self, key: str, ticket: str, deal: Deal, volume: Decimal) -> str:
        costs = -share(deal.costs, volume, deal.volume)
        held = self._held.get(key)
        if held is None or held.sign != deal.sign:
            held = self._held[key] = _Held(key, ticket, deal.symbol, deal.sign, ZERO, ZERO, ZERO)
        held.volume += volume
        held.value += volume * deal.price
        held.costs += costs
        return held.ticket

    def _close(self, held: _Held, deal: Deal) -> Outcome:
        closed = min(held.volume, deal.volume)
        value, costs = held.take(closed)
        units: Decimal | None = (deal.price * closed - value) * held.sign
        rest = deal.volume - closed
        if not held.volume:
            del self._held[held.key]
        if rest and deal.entry is Entry.INOUT:
            self._open(held.key, held.ticket, deal, rest)
        elif rest:
            units = None  # the profit is about more than what is known to have been open
        return Outcome(held.ticket, units, closed, costs)

    def _meant(self, deal: Deal, listed: Listed | None) -> tuple[_Held | None, bool]:
        if not self._is_hedging:
            return self._held.get(deal.symbol), False
        ticket = deal.position or (listed.ticket if listed else "")
        if ticket:
            return self._held.get(ticket), False
        fitting = [
            one
            for one in self._held.values()
            if one.symbol == deal.symbol and one.sign != deal.sign and one.volume >= deal.volume
        ]
        if len(fitting) < 2:
            return (fitting[0] if fitting else None), False
        return min(fitting, key=lambda one: self._distance(one, deal)), True

    def _distance(self, held: _Held, deal: Deal) -> Decimal:
        """How far the stated profit is from what closing this position would have made."""
        worth = self._worth.get(deal.symbol)
        if worth is None:
            return ZERO
        average = divide(held.value, held.volume)
        return abs((deal.price - average) * deal.volume * held.sign * worth - deal.profit)

    def _listing_of(self, deal: Deal) -> Listed | None:
        found = self._listed.get((deal.symbol, -deal.sign, deal.at, deal.price, deal.volume))
        if not found:
            return None
        best = min(found, key=lambda one: abs(one.profit - deal.profit))
        found.remove(best)
        return best

    def _unopened(self, deal: Deal, listed: Listed | None) -> Outcome:
        """The file starts after the position was opened. Its list of positions may still say at what price."""
        if listed is None:
            return Outcome(deal.position)
        return Outcome(deal.position or listed.ticket, listed.units)


def is_hedged(deals: Iterable[Deal]) -> bool:
    """Whether the deals can only be those of a hedging account: one opens against what is open."""
    net: defaultdict[str, Decimal] = defaultdict(Decimal)
    for deal in deals:
        if deal.entry is Entry.OUT_BY:
            return True
        if deal.entry is Entry.IN and net[deal.symbol] * deal.sign < 0:
            return True
        net[deal.symbol] += deal.volume * deal.sign
    return False
