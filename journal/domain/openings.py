"""What was held before the first thing that is known of an instrument.

The broker states a position at the end of a day. What is known to have moved until then explains a part of it; the
rest was there before, and first in, first out it closes first, at the broker's own profit or an unknown one. What of it
is still there at the end of that day costs what the broker states for the position, less the cost of the lots that the
book knows (`journal.domain.stated_costs`).

A stated position can be of no use: units came or went in between by a way that was not imported. So the fills that
would close the opening are asked first. Invariant: where the broker's own figures are explained without an opening,
there is none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from journal.domain.booking import book
from journal.domain.corporate import RESIZING, ActionRow
from journal.domain.order import in_order
from journal.domain.values import (
    ZERO,
    Booking,
    Contract,
    ExecutionKind,
    Fill,
    LotMethod,
    PositionEffect,
    Split,
)

# The broker rounds its own figures.
ROUNDING = Decimal("0.01")
# What booking says of a fill that closes more than the book holds.
_NOTHING_TO_CLOSE = {
    "basis_unknown",
    "basis_from_broker",
    "effect_contradicts",
    "reversal_without_position",
    "delivery_without_position",
}


class StatedPosition(NamedTuple):
    """What the broker says was held at the end of a day; not `is_listed` where it lists other instruments only.

    `cost` is what all of it cost, absolute and with the opening fees; None where that is not stated.
    """

    on: date
    signed_quantity: Decimal
    is_listed: bool
    cost: Decimal | None = None


class Witness(Enum):
    """What the fills say of an opening."""

    FOR = "for"
    AGAINST = "against"
    SILENT = "silent"


def is_believed(stated: StatedPosition, witness: Witness) -> bool:
    """A position that is listed counts unless fills speak against it; one that only is not listed needs their word."""
    return witness is Witness.FOR or (stated.is_listed and witness is Witness.SILENT)


def hear_fills(
    signed_quantity: Decimal, events: Iterable[Fill | Split], contract: Contract
) -> Witness:
    """Whether the fills that would close an opening of this quantity need one. `events` are all up to the stated day.

    Without the opening those fills would close nothing, or other lots at another profit than the broker states.
    """
    ordered = in_order(events)
    closing = _closing(signed_quantity, ordered)
    if not closing:
        return Witness.SILENT
    if closing[0].effect is PositionEffect.OPEN:
        return Witness.AGAINST
    until = ordered.index(closing[-1]) + 1
    without = book(
        ordered[:until], contracts={contract.instrument_id: contract}, method=LotMethod.FIFO
    )
    return _compare(closing, without)


def hear_actions(
    signed_quantity: Decimal, actions: Iterable[ActionRow], fills: Iterable[Fill]
) -> Witness:
    """A first corporate action that resizes or takes away units, where none are known, needs an opening."""
    first = min(actions, key=lambda row: row.effective_at, default=None)
    if first is None:
        return Witness.SILENT
    before = (one.signed_quantity for one in fills if one.executed_at < first.effective_at)
    if sum(before, ZERO) * signed_quantity > ZERO:
        return Witness.SILENT
    takes_away = first.signed_quantity * signed_quantity < ZERO
    return Witness.FOR if takes_away or first.kind in RESIZING else Witness.SILENT


def _closing(signed_quantity: Decimal, ordered: Sequence[object]) -> list[Fill]:
    """The fills against the opening, until it would be used up."""
    found: list[Fill] = []
    left = abs(signed_quantity)
    for event in ordered:
        if left <= ZERO:
            break
        if isinstance(event, Fill) and event.signed_quantity * signed_quantity < ZERO:
            found.append(event)
            left -= event.quantity
    return found


def _compare(closing: list[Fill], without: Booking) -> Witness:
    odd = {one.execution_id for one in without.problems if one.code in _NOTHING_TO_CLOSE}
    nets: defaultdict[int, Decimal] = defaultdict(Decimal)
    unknown = set()
    for match in without.matches:
        if match.net_pnl is None:
            unknown.add(match.closing_id)
        else:
            nets[match.closing_id] += match.net_pnl
    heard = Witness.SILENT
    for fill in closing:
        if fill.id in odd:
            return Witness.FOR
        if fill.kind is not ExecutionKind.TRADE or fill.stated_pnl is None or fill.id in unknown:
            continue
        if abs(nets[fill.id] - fill.stated_pnl) > ROUNDING:
            return Witness.FOR
        heard = Witness.AGAINST
    return heard
