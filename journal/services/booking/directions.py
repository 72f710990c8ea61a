"""Options that ended, and whose source does not say whether they were long or short: they close what is open.

Follows from all that is known up to that day, so it does not depend on the order of imports. What finds nothing open
is told and not booked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from journal.domain.corporate import ActionRow
from journal.domain.trading_day import trading_day
from journal.domain.trouble import problem
from journal.domain.values import ZERO, Fill, Problem, TradingDay
from journal.selectors.events import OptionEvent


class Directed(NamedTuple):
    """`events` have the sign of what closes, and no more units than were open."""

    events: list[OptionEvent]
    problems: list[Problem]


def direct(
    instrument_id: int,
    events: Iterable[OptionEvent],
    fills: Iterable[Fill],
    rows: Iterable[ActionRow],
    day: TradingDay,
) -> Directed:
    """`fills` and `rows` are all other moves that are known, of other instruments too."""
    moves = [
        *(
            (trading_day(one.executed_at, day), one.signed_quantity)
            for one in fills
            if one.instrument_id == instrument_id
        ),
        *(
            (trading_day(one.effective_at, day), one.signed_quantity)
            for one in rows
            if one.instrument_id == instrument_id
        ),
    ]
    result = Directed([], [])
    for event in sorted(events, key=lambda one: (one.happened_on, one.id)):
        held = _held(moves, event.happened_on)
        quantity = min(abs(held), event.signed_quantity)
        if quantity:
            closing = -quantity if held > ZERO else quantity
            moves.append((event.happened_on, closing))
            result.events.append(event._replace(signed_quantity=closing))
        if quantity < event.signed_quantity:
            result.problems.append(
                problem(
                    "expiry_without_position",
                    instrument_id=instrument_id,
                    quantity=event.signed_quantity - quantity,
                    on=event.happened_on,
                )
            )
    return result


def _held(moves: Sequence[tuple[date, Decimal]], on: date) -> Decimal:
    return sum((quantity for day, quantity in moves if day <= on), ZERO)
