"""Transactions as executions: at which price, for which money."""

from __future__ import annotations

from decimal import Decimal

from journal.brokers.base import (
    ExecutionRow,
    InstrumentRow,
    OptionEventKind,
    OptionEventRow,
    ReportKind,
)
from journal.brokers.tastytrade.kinds import Move
from journal.brokers.tastytrade.row import Transaction, per_unit
from journal.brokers.text.faults import Missing
from journal.brokers.text.notices import Notices
from journal.domain.values import ZERO, AssetClass, ExecutionKind, PositionEffect, Side

# What the API says of a transaction is finer than what the export does.
AUTHORITY, AUTHORITY_EXPORT = 40, 35
_HALF_CENT = Decimal("0.005")
_HALF = Decimal("0.5")
_EVENTS = {
    ExecutionKind.EXPIRY: OptionEventKind.EXPIRY,
    ExecutionKind.ASSIGNMENT: OptionEventKind.ASSIGNMENT,
    ExecutionKind.EXERCISE: OptionEventKind.EXERCISE,
    ExecutionKind.CASH_SETTLEMENT: OptionEventKind.CASH_SETTLEMENT,
}


def quantity_of(one: Transaction) -> Decimal:
    if not one.quantity:
        raise Missing("no_quantity", "it states no quantity")
    return one.quantity.copy_abs()


def make_fill(
    one: Transaction,
    instrument: InstrumentRow,
    move: Move,
    kind: ExecutionKind,
    price: Decimal,
) -> ExecutionRow:
    is_reversal = bool(one.reverses_id)
    return ExecutionRow(
        row=one.row,
        account_id=one.account_id,
        raw=one.raw,
        instrument=instrument,
        report=ReportKind.CANCEL if is_reversal else ReportKind.FILL,
        kind=kind,
        broker_id=one.id,
        exec_id=one.exec_id,
        trade_id=one.trade_id,
        order_id=one.order_id,
        order_reference="",
        original_ids=(one.reverses_id,) if is_reversal else (),
        side=move.side,
        quantity=quantity_of(one),
        price=price,
        executed_at=one.at,
        zone=one.zone,
        reported_on=None,
        settled_on=None,
        fee=one.cost,
        tax=ZERO,
        fee_currency=one.currency,
        fx_rate=None,
        effect=move.effect,
        proceeds=one.value or ZERO,
        net_cash=one.money,
        stated_cost=None,
        stated_pnl=None,
        order_type="",
        ordered_at=None,
        exchange=one.exchange,
        notes=(),
        authority=AUTHORITY if one.id else AUTHORITY_EXPORT,
    )


def make_end(
    one: Transaction, instrument: InstrumentRow, side: Side, kind: ExecutionKind
) -> ExecutionRow:
    """An option that ends: for nothing, or for the money of the row where it is settled in cash."""
    price = per_unit(one.value or ZERO, quantity_of(one) * instrument.multiplier)
    return make_fill(one, instrument, Move(side, PositionEffect.CLOSE), kind, price)


def make_undirected(
    one: Transaction, instrument: InstrumentRow, kind: ExecutionKind
) -> OptionEventRow:
    """An option that expired, of which the file does not tell whether it was long or short: the book knows."""
    units = quantity_of(one)
    return OptionEventRow(
        row=one.row,
        account_id=one.account_id,
        raw=one.raw,
        kind=_EVENTS[kind],
        instrument=instrument,
        signed_quantity=units,
        price=per_unit(one.value or ZERO, units * instrument.multiplier),
        happened_on=one.day,
        trade_id=one.id,
        proceeds=one.value,
        fee=one.cost,
        stated_cost=None,
        stated_pnl=None,
        fx_rate=None,
        is_directed=False,
    )


def price_of(one: Transaction, instrument: InstrumentRow, notices: Notices) -> Decimal:
    """Per unit, so that quantity x price x multiplier is the money of the row."""
    if instrument.asset_class is AssetClass.FUTURE:
        # The money of such a row is what the day's settlement moved, and says nothing of the price.
        price = one.described_price if one.price is None else one.price
        if price is None:
            raise Missing("no_price", "it states no price")
        return price
    quantity, multiplier = quantity_of(one), instrument.multiplier
    if one.price is not None:
        return _checked(one, one.price, _rounding(one.price) * multiplier, multiplier, notices)
    if one.average is not None:
        price = per_unit(one.average, multiplier)
        return _checked(one, price, _rounding(one.average), multiplier, notices)
    if one.value is None:
        raise Missing("no_price", "it states no price")
    return per_unit(one.value, quantity * multiplier)


def _checked(
    one: Transaction, price: Decimal, rounding: Decimal, multiplier: Decimal, notices: Notices
) -> Decimal:
    """The stated price if it makes the row's money to half a cent, else the price that the money makes.

    `rounding` is by how much the money of one unit may differ because the price was rounded: that needs no remark.
    """
    quantity = quantity_of(one)
    if one.value is None:
        return price
    money = one.value.copy_abs()
    difference = abs((price * quantity * multiplier).copy_abs() - money)
    if difference <= _HALF_CENT:
        return price
    if difference > rounding * quantity + _HALF_CENT:
        notices.add(one.account_id, one.row, "price_contradicts_money")
    return per_unit(money, quantity * multiplier)


def _rounding(number: Decimal) -> Decimal:
    """Half of the last place that is written."""
    return _HALF.scaleb(min(int(number.as_tuple().exponent), 0))
