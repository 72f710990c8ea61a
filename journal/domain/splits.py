"""Splits and reverse splits, applied to a position.

Invariants: quantities and prices change, cost never. Only cash for a fraction realises P&L, and only through the book
entry that the event names.
"""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal

from journal.domain.exact import share
from journal.domain.legs import OpenLeg
from journal.domain.lots import Parcel
from journal.domain.position import Position
from journal.domain.values import ONE, ZERO, Split


def apply_split(position: Position, split: Split) -> None:
    leg = position.leg
    if leg is None:
        position.trouble.report("event_without_position", execution_id=split.execution_id)
        return
    _rescale(position, split.ratio, split.per)
    leg.rescale(split.ratio, split.per)
    fraction = _fraction(position, split)
    if fraction > ZERO:
        _pay_for_fraction(position, split, fraction)
    elif fraction < ZERO:
        _round_up(position, leg, -fraction)


def _rescale(position: Position, ratio: Decimal, per: Decimal) -> None:
    parcels = list(position.lots)
    position.quantity = left = share(position.quantity, ratio, per)
    for parcel in parcels[:-1]:
        parcel.quantity = share(parcel.quantity, ratio, per)
        left -= parcel.quantity
    parcels[-1].quantity = left
    position.reprice()


def _fraction(position: Position, split: Split) -> Decimal:
    """What the book holds more than the broker, where that can only be a fraction of a unit."""
    held = position.quantity
    if split.quantity_after is None:
        return held - held.to_integral_value(ROUND_FLOOR) if split.cash_in_lieu else ZERO
    fraction = held - abs(split.quantity_after)
    if abs(fraction) < ONE:
        return fraction
    position.trouble.report(
        "split_quantity_differs",
        execution_id=split.execution_id,
        quantity=held,
        stated=abs(split.quantity_after),
    )
    return ZERO


def _pay_for_fraction(position: Position, split: Split, fraction: Decimal) -> None:
    if split.execution_id is None:
        position.trouble.report("event_without_execution", event=f"split {split.id}")
        return
    cash = abs(split.cash_in_lieu)
    if not cash:
        position.trouble.report(
            "fraction_without_cash", execution_id=split.execution_id, quantity=fraction
        )
    paid = Parcel(
        fraction, cash, ZERO, position.price_of(cash, fraction), split.effective_at,
        split.execution_id, split.fx_rate, "", bool(cash),
    )  # fmt: skip
    position.reduce(paid)
    if not position.quantity:
        position.finish(split.effective_at)


def _round_up(position: Position, leg: OpenLeg, missing: Decimal) -> None:
    """The issuer rounded the fraction up to a whole unit: more units at the same cost."""
    *_, last = position.lots
    last.quantity += missing
    position.quantity += missing
    position.reprice()
    leg.result.opened_quantity += missing
