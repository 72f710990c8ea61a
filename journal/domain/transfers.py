"""Basis that moves between instruments: symbol and ISIN changes, mergers, spin-offs.

A position that moves as a whole goes on as the same leg under its new name, if nothing of the target is open. It joins
the target's leg otherwise. Cash is paid for the part of the cost that does not travel: a merger for stock and cash is
a sale of that part, and an exchange of the rest; what the account pays adds to the cost. A spin-off leaves the
source's leg as it is, with less cost.
"""

from __future__ import annotations

from decimal import Decimal

from journal.domain.exact import share
from journal.domain.legs import OpenLeg
from journal.domain.lots import Parcel
from journal.domain.position import Position
from journal.domain.values import ONE, ZERO, BasisTransfer, Direction


def apply_transfer(source: Position, target: Position, event: BasisTransfer) -> None:
    leg = source.leg
    if leg is None:
        source.trouble.report("event_without_position", execution_id=event.execution_id)
    elif event.execution_id is None and _needs_execution(leg, target, event):
        source.trouble.report("event_without_execution", event=f"transfer {event.id}")
    elif event.keeps_source:
        _pay_without_units(source, leg, event)
        _spin_off(source, leg, target, event)
    elif _is_partial(source, event):
        _pay_without_units(source, leg, event)
        _move_part(source, leg, target, event)
    else:
        units = share(source.quantity, event.ratio, event.per)
        _pay_boot(source, leg, event)
        if source.quantity:
            _move(source, leg, target, event, units)
        else:
            source.finish(event.effective_at)


def _needs_execution(leg: OpenLeg, target: Position, event: BasisTransfer) -> bool:
    """Whether the event realises P&L or opens a leg, and so needs a book entry to hang it on."""
    against = target.leg is not None and target.leg.direction is not leg.direction
    stays = event.keeps_source or event.quantity is not None
    opens = stays and target.leg is None
    sells = event.cost_fraction != ONE and not event.keeps_source
    return bool(event.cash) or against or opens or sells


def _is_partial(source: Position, event: BasisTransfer) -> bool:
    return event.quantity is not None and event.quantity < source.quantity


def _pay_boot(source: Position, leg: OpenLeg, event: BasisTransfer) -> None:
    """Sell the part of the units whose cost stays behind for the cash."""
    if _paid(leg, event):
        return
    sold = source.quantity - share(source.quantity, event.cost_fraction, ONE)
    if not sold:
        _pay_without_units(source, leg, event)
        return
    cash = event.cash if leg.direction is Direction.LONG else -event.cash
    source.reduce(_incoming(event, sold, cash, source.price_of(cash, sold)))


def _pay_without_units(source: Position, leg: OpenLeg, event: BasisTransfer) -> None:
    """Cash on top: all of it is profit."""
    if not event.cash or _paid(leg, event):
        return
    cash = event.cash if leg.direction is Direction.LONG else -event.cash
    nothing = Parcel(ZERO, ZERO, ZERO, ZERO, event.effective_at, None, None)
    source.match(leg, nothing, _incoming(event, ZERO, cash, ZERO), ZERO)


def _paid(leg: OpenLeg, event: BasisTransfer) -> Decimal:
    """Cash that went the way of the opening, such as the price of a subscription: it is part of the cost."""
    spends = event.cash < ZERO if leg.direction is Direction.LONG else event.cash > ZERO
    return abs(event.cash) if spends and not event.keeps_source else ZERO


def _add_cost(leg: OpenLeg, parcels: list[Parcel], money: Decimal) -> None:
    leg.opened_value += money
    units = sum((parcel.quantity for parcel in parcels), ZERO)
    for parcel in parcels:
        part = share(money, parcel.quantity, units)
        parcel.value += part
        money, units = money - part, units - parcel.quantity


def _incoming(event: BasisTransfer, quantity: Decimal, value: Decimal, price: Decimal) -> Parcel:
    return Parcel(
        quantity,
        value,
        ZERO,
        price,
        event.effective_at,
        event.execution_id,
        event.fx_rate,
    )


def _move(
    source: Position,
    leg: OpenLeg,
    target: Position,
    event: BasisTransfer,
    units: Decimal,
) -> None:
    parcels, held = list(source.lots), source.quantity
    _add_cost(leg, parcels, _paid(leg, event))
    _resize(parcels, units, held)
    _reprice(source, target, parcels)
    source.leg, source.quantity = None, ZERO
    if target.leg is None:
        leg.rescale(units, held)
        leg.move_to(target.contract.instrument_id, target.price_of)
        target.adopt(leg, parcels)
        return
    leg.give_away(parcels, held)
    leg.finish(event.effective_at)
    if not leg.result.closed_quantity:
        source.forget(leg)
        target.leg.result.execution_ids.extend(leg.result.execution_ids)
    _receive(target, leg.direction, parcels, event)


def _move_part(source: Position, leg: OpenLeg, target: Position, event: BasisTransfer) -> None:
    assert event.quantity is not None  # _is_partial
    parcels = source.take(event.quantity)
    _add_cost(leg, parcels, _paid(leg, event))
    leg.give_away(parcels, event.quantity)
    _resize(parcels, share(event.quantity, event.ratio, event.per), event.quantity)
    _reprice(source, target, parcels)
    _receive(target, leg.direction, parcels, event)


def _spin_off(source: Position, leg: OpenLeg, target: Position, event: BasisTransfer) -> None:
    units = share(source.quantity, event.ratio, event.per)
    parcels = [_part_of(parcel, event.cost_fraction) for parcel in source.lots]
    held = source.quantity
    leg.give_away(parcels, ZERO)
    source.reprice()
    _resize(parcels, units, held)
    _reprice(source, target, parcels)
    _receive(target, leg.direction, parcels, event)


def _part_of(parcel: Parcel, fraction: Decimal) -> Parcel:
    """The same units with a fraction of the cost and the fee, which the parcel loses."""
    value, fee = parcel.value * fraction, parcel.fee * fraction
    parcel.value -= value
    parcel.fee -= fee
    part = Parcel(
        parcel.quantity,
        value,
        fee,
        ZERO,
        parcel.at,
        None,
        parcel.fx_rate,
        "",
        parcel.cost_known,
    )
    part.cost_stated = parcel.cost_stated
    return part


def _resize(parcels: list[Parcel], units: Decimal, held: Decimal) -> None:
    """Give the parcels `units` in all, as they held `held` before."""
    left = units
    for parcel in parcels[:-1]:
        parcel.quantity = share(parcel.quantity, units, held)
        left -= parcel.quantity
    parcels[-1].quantity = left


def _reprice(source: Position, target: Position, parcels: list[Parcel]) -> None:
    same_currency = source.contract.currency == target.contract.currency
    if not same_currency:
        source.trouble.report("transfer_currency_differs")
    for parcel in parcels:
        parcel.cost_known = parcel.cost_known and same_currency
        parcel.price = target.price_of(parcel.value, parcel.quantity)
    target.has_stated_cost = target.has_stated_cost or source.has_stated_cost


def _receive(
    target: Position, direction: Direction, parcels: list[Parcel], event: BasisTransfer
) -> None:
    if target.leg is not None and target.leg.direction is not direction:
        target.trouble.report("transfer_against_position", execution_id=event.execution_id)
    for parcel in parcels:
        if target.leg is not None and target.leg.direction is not direction:
            # Now it closes: at the time of the event, and by its book entry.
            parcel.at, parcel.execution_id = event.effective_at, event.execution_id
            target.reduce(parcel)
            if not target.quantity:
                target.finish(event.effective_at)
        if parcel.quantity:
            target.open(parcel, direction, event.execution_id, event.effective_at)
