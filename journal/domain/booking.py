"""Booking: from what happened to lots, matches, legs and problems. Pure, exact, and the same in any order of input.

Invariants, proven by the property tests beside this module's other tests:

* Fills in any order give the same book; a book does not depend on the order of `events`.
* Sum of signed quantities = open lots, per instrument (splits, transfers and unopened closes accounted for).
* Sum of P&L over matches = over legs = money received - money paid, less the cost of what is open.
* Sum of fees over matches and open lots = sum of fees of the fills, to the last digit.
* Scaling all quantities scales all P&L. Splitting a fill into parts of the same price changes no leg's P&L.
* Moving an option's premium into its delivery changes no sum over both instruments.
* When flat, FIFO, LIFO, HIFO and average cost have realised the same total.

What is odd in the data becomes a `Problem` and is still booked, by quantity. Nothing here rounds to be shown.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from journal.domain.exact import exact_sums
from journal.domain.order import in_order
from journal.domain.position import Position
from journal.domain.premiums import Premiums
from journal.domain.splits import apply_split
from journal.domain.stated_costs import apply_stated_cost
from journal.domain.transfers import apply_transfer
from journal.domain.values import (
    BasisTransfer,
    BookEvent,
    Booking,
    Contract,
    Fill,
    LotMethod,
    OptionDelivery,
    Split,
    StatedCost,
)

LARGE = 10_000


def book(
    events: Iterable[BookEvent],
    *,
    contracts: Mapping[int, Contract],
    method: LotMethod,
    deliveries: Iterable[OptionDelivery] = (),
    hedging: bool = False,
) -> Booking:
    """Book one account's stream of instruments that events connect (usually of a single instrument).

    Starts from flat, so a stream begins where a leg begins. `contracts` has every instrument that an event names.
    With `hedging` every `Fill.group` (a ticket) is a position of its own.
    """
    events, deliveries = list(events), list(deliveries)
    with exact_sums(), _collector_paused(len(events)):
        ledger = _Ledger(contracts, method, hedging)
        ordered = in_order(events, deliveries)
        if deliveries:
            ledger.expect(deliveries, ordered)
        for event in ordered:
            if isinstance(event, Fill):
                ledger.apply_fill(event)
            elif isinstance(event, Split):
                ledger.apply_split(event)
            elif isinstance(event, StatedCost):
                apply_stated_cost(ledger.position(event.instrument_id), event)
            else:
                ledger.apply_transfer(event)
        return ledger.finish()


@contextmanager
def _collector_paused(size: int) -> Iterator[None]:
    """Booking makes no reference cycles, and the collector would walk all fills and matches over and over: at a
    million fills that takes as long as the booking. Afterwards they all count as old, without being walked.
    """
    if size < LARGE or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()
        gc.enable()


class _Ledger:
    """The positions of one stream while it is being booked."""

    def __init__(self, contracts: Mapping[int, Contract], method: LotMethod, hedging: bool) -> None:
        self._contracts = contracts
        self._method = method
        self._hedging = hedging
        self._booking = Booking(matches=[], lots=[], legs=[], problems=[])
        self._positions: dict[tuple[int, str], Position] = {}
        self._premiums: Premiums | None = None

    def expect(self, deliveries: list[OptionDelivery], events: list[BookEvent]) -> None:
        fills = {event.id: event for event in events if isinstance(event, Fill)}
        self._premiums = Premiums(deliveries, fills, self._contracts)
        for fill in self._premiums.incomplete:
            self.position(fill.instrument_id).trouble.about_fill("delivery_incomplete", fill)

    def apply_fill(self, fill: Fill) -> None:
        position = self.position(fill.instrument_id, fill.group if self._hedging else "")
        premiums = self._premiums
        if premiums is None:
            position.apply(fill)
        elif quantity := premiums.quantity_delivered(fill):
            premiums.hand_over(fill, position.deliver(fill, quantity))
        else:
            position.apply(fill, premiums.for_fill(fill))

    def apply_split(self, split: Split) -> None:
        for position in self._all_of(split.instrument_id):
            apply_split(position, split)

    def apply_transfer(self, event: BasisTransfer) -> None:
        for position in self._all_of(event.source_id):
            apply_transfer(position, self.position(event.target_id, position.group), event)

    def finish(self) -> Booking:
        for position in self._positions.values():
            self._booking.lots.extend(position.open_lots())
        return self._booking

    def position(self, instrument_id: int, group: str = "") -> Position:
        position = self._positions.get((instrument_id, group))
        if position is None:
            contract = self._contracts[instrument_id]
            position = Position(contract, self._method, self._booking, group)
            self._positions[instrument_id, group] = position
        return position

    def _all_of(self, instrument_id: int) -> list[Position]:
        """The open positions of an instrument: one, or one for each hedging ticket. Flat: the netting one."""
        found = [
            position
            for (each_id, _), position in self._positions.items()
            if each_id == instrument_id and position.leg is not None
        ]
        return found or [self.position(instrument_id)]
