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
    BookEvent,
    Contract,
    ExecutionKind,
    Fill,
    LotMethod,
    PositionEffect,
    Split,
)

# The broker rounds its own figures.
ROUNDING = Decimal("0.01")
# What adding up rounded parts makes of a profit that is stated to more places than cents.
_NOISE = Decimal("0.0001")
_HALF = Decimal("0.5")
_HALF_CENT = Decimal("0.005")
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
    opening: Fill,
    events: Iterable[Fill | Split],
    contract: Contract,
    cost: Decimal | None = None,
) -> Witness:
    """Whether the fills that would close this opening need one. `events` are all up to the stated day, and `cost` is
    what the position of that day cost, where that is stated.

    Without the opening those fills would close nothing, or other lots at another profit than the broker states. Where
    they speak of the lots that are known, these may have been bought for as much as what was held before: then the
    fills after them and the cost of what is left can only be right with the opening, or without it.
    """
    ordered = in_order(events)
    closing = _closing(opening.signed_quantity, ordered)
    if not closing:
        return Witness.SILENT
    if closing[0].effect is PositionEffect.OPEN:
        return Witness.AGAINST
    without = _Reading(ordered, contract)
    heard = _compare(closing, without)
    if heard is Witness.FOR:
        return heard
    later = ordered[ordered.index(closing[-1]) + 1 :]
    fills = [event for event in later if isinstance(event, Fill)]
    return Witness.FOR if _is_borne_out(opening, ordered, fills, without, cost) else heard


def hear_actions(
    signed_quantity: Decimal, actions: Iterable[ActionRow], fills: Iterable[Fill]
) -> Witness:
    """A first corporate action that resizes or takes away units, where none are known, needs an opening."""
    first = min(actions, key=lambda row: row.effective_at, default=None)
    if first is None:
        return Witness.SILENT
    before = (one.moved for one in fills if one.executed_at < first.effective_at)
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
            left -= abs(event.moved)
    return found


class _Reading:
    """What fills realise and what is left of them, as these events alone have it."""

    def __init__(self, events: Iterable[BookEvent], contract: Contract) -> None:
        self.contract = contract
        booking = book(events, contracts={contract.instrument_id: contract}, method=LotMethod.FIFO)
        self.lots = booking.lots
        self.odd = {one.execution_id for one in booking.problems if one.code in _NOTHING_TO_CLOSE}
        self._nets: defaultdict[int, Decimal] = defaultdict(Decimal)
        self._unknown = set()
        for match in booking.matches:
            if match.net_pnl is None:
                self._unknown.add(match.closing_id)
            else:
                self._nets[match.closing_id] += match.net_pnl

    def miss(self, fill: Fill) -> Decimal | None:
        """By how much the broker states another profit; None where one of both is not known."""
        if fill.kind is not ExecutionKind.TRADE or fill.stated_pnl is None:
            return None
        return None if fill.id in self._unknown else abs(self._nets[fill.id] - fill.stated_pnl)

    def explains(self, fill: Fill) -> bool:
        miss = self.miss(fill)
        return miss is not None and miss <= ROUNDING and fill.id not in self.odd

    def cost(self) -> Decimal | None:
        """Of all that is left, opening fees included; None where it is not known."""
        if not all(lot.cost_known for lot in self.lots):
            return None
        units = ((lot.signed_quantity * lot.price, lot.fee) for lot in self.lots)
        multiplier = self.contract.multiplier
        return abs(sum((value * multiplier + fee for value, fee in units), ZERO))


def _compare(closing: list[Fill], without: _Reading) -> Witness:
    heard = Witness.SILENT
    for fill in closing:
        if fill.id in without.odd:
            return Witness.FOR
        miss = without.miss(fill)
        if miss is None or fill.stated_pnl is None:
            continue
        if miss > ROUNDING:
            return Witness.FOR
        if miss <= _exactness(fill.stated_pnl):
            heard = Witness.AGAINST
    return heard


def _exactness(stated: Decimal) -> Decimal:
    """Half of the last place that is stated. A cent more or less fits other lots as well."""
    half = _HALF.scaleb(int(stated.as_tuple().exponent))
    return min(_HALF_CENT, max(half, _NOISE))


def _is_borne_out(
    opening: Fill,
    events: Sequence[BookEvent],
    later: Iterable[Fill],
    without: _Reading,
    cost: Decimal | None,
) -> bool:
    """Whether a fill after those that would close the opening, or the cost of what is left, is right with it only."""
    within = _Reading([opening, *events], without.contract)
    if any(within.explains(fill) and not without.explains(fill) for fill in later):
        return True
    left = within.cost() if within.lots else None
    return left is not None and cost is not None and abs(left - cost) <= ROUNDING
