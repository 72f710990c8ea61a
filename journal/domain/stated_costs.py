"""What the broker says that an open position cost, where the book does not know all of it.

The broker states one sum for all that is open, opening fees included. What the known lots did not cost was paid for
the others. A fill that closes these keeps the profit that the broker states; what it took from the sum by that word is
gone, and the rest of the sum stays with the rest of the units.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Protocol

from journal.domain.exact import share
from journal.domain.legs import OpenLeg
from journal.domain.lots import Average, Lots, Parcel, PriceOf
from journal.domain.trouble import Trouble
from journal.domain.unopened import state_unknown, states_profit
from journal.domain.values import (
    ZERO,
    Contract,
    Direction,
    ExecutionKind,
    Fill,
    Match,
    StatedCost,
    StatedLot,
    StatedOpenLot,
)


class Held(Protocol):
    """What has to be known, and done, of a position whose cost is stated."""

    contract: Contract
    quantity: Decimal
    leg: OpenLeg | None
    lots: Lots
    matches: list[Match]
    has_stated_cost: bool
    trouble: Trouble

    @property
    def price_of(self) -> PriceOf: ...
    def reduce(self, incoming: Parcel, stated: Sequence[StatedLot] = (), /) -> Decimal: ...
    def refill(self, parcels: Iterable[Parcel], /) -> None: ...
    def look_at_costs(self, leg: OpenLeg, /) -> None: ...
    def never_opens(self, fill: Fill, /) -> bool: ...


def apply_stated_cost(position: Held, stated: StatedCost) -> None:
    leg = position.leg
    if leg is None or position.contract.inverse:
        return
    is_long = leg.direction is Direction.LONG
    if stated.signed_quantity != (position.quantity if is_long else -position.quantity):
        return
    parcels = list(position.lots)
    unknown = [parcel for parcel in parcels if not parcel.cost_known]
    if not unknown:
        return
    sign = 1 if is_long else -1
    known = sum((one.value + sign * one.fee for one in parcels if one.cost_known), ZERO)
    left = stated.cost - known
    if left < ZERO:
        position.trouble.report(
            "stated_cost_differs", on=stated.on, stated=stated.cost, known=known
        )
        return
    named = _as_listed(position, unknown, stated.lots)
    if named is None:
        _share_out(unknown, left - sign * sum((one.fee for one in unknown), ZERO))
        named = unknown
    for parcel in named:
        parcel.cost_known = parcel.cost_stated = True
        parcel.price = position.price_of(parcel.value, parcel.quantity)
    leg.opened_value += sum((parcel.value for parcel in named), ZERO)
    leg.result.opened_at = min(leg.result.opened_at, *(parcel.at for parcel in named))
    position.has_stated_cost = True
    position.refill([*named, *(one for one in parcels if one not in unknown)])
    position.look_at_costs(leg)


def _as_listed(
    position: Held, unknown: list[Parcel], listed: Sequence[StatedOpenLot]
) -> list[Parcel] | None:
    """The broker's own lots, where they are just the units of one unknown opening."""
    opening = unknown[0]
    if len(unknown) > 1 or opening.fee or isinstance(position.lots, Average):
        return None
    if not listed or sum((lot.quantity for lot in listed), ZERO) != opening.quantity:
        return None
    return [
        Parcel(
            lot.quantity, lot.cost, ZERO, ZERO, lot.opened_at, opening.execution_id,
            opening.fx_rate, lot.opening_broker_id,
        )
        for lot in sorted(listed, key=lambda lot: (lot.opened_at, lot))
    ]  # fmt: skip


def _share_out(parcels: list[Parcel], value: Decimal) -> None:
    units = sum((parcel.quantity for parcel in parcels), ZERO)
    for parcel in parcels:
        parcel.value = share(value, parcel.quantity, units)
        value, units = value - parcel.value, units - parcel.quantity


def keeps_stated_profit(position: Held, incoming: Parcel, fill: Fill) -> bool:
    """Whether the fill has a profit of the broker's, all of which is about what it closes, at a cost that is known."""
    closes_all = incoming.quantity <= position.quantity or not position.never_opens(fill)
    return (
        closes_all
        and fill.kind is not ExecutionKind.TRANSFER
        and states_profit(fill)
        and fill.price_known
        and all(parcel.cost_known for parcel in position.lots)
    )


def close_at_stated_profit(position: Held, leg: OpenLeg, incoming: Parcel, fill: Fill) -> None:
    """Close as if the cost of what it takes were unknown, and see by the profit what it was."""
    was_known, parcels = leg.result.cost_known, list(position.lots)
    stated = [parcel for parcel in parcels if parcel.cost_stated]
    before = sum((parcel.value for parcel in stated), ZERO)
    for parcel in stated:
        parcel.cost_known = False
    position.reduce(incoming, fill.stated_lots)
    told = state_unknown(position.matches, fill, position.contract)
    leg.take_stated(told)
    leg.result.cost_known = was_known
    for parcel in stated:
        parcel.cost_known = True
    rest = [parcel for parcel in stated if parcel.quantity]
    if told and rest:
        _leave(position, leg, rest, before - sum((value for _, value in told), ZERO))
    # The sum was counted as opened when it was stated.
    leg.opened_value -= before - sum((parcel.value for parcel in rest), ZERO)


def _leave(position: Held, leg: OpenLeg, rest: list[Parcel], value: Decimal) -> None:
    # Units that cost less than nothing: one of the broker's figures is about something else.
    is_known = value >= ZERO
    _share_out(rest, value if is_known else ZERO)
    for parcel in rest:
        parcel.cost_known = parcel.cost_stated = is_known
        parcel.price = position.price_of(parcel.value, parcel.quantity)
    leg.result.cost_known = leg.result.cost_known and is_known
    position.refill([parcel for parcel in position.lots if parcel.quantity])
