"""Records from rows with everything unsaid left empty. Readers add what they know with `_replace`."""

from __future__ import annotations

from decimal import Decimal

from journal.brokers.base import (
    CashKind,
    CashRow,
    CorporateActionRow,
    ExecutionRow,
    InstrumentRow,
    ReportKind,
    TransferRow,
)
from journal.brokers.text import remarks
from journal.brokers.text.faults import BadValue, Missing
from journal.brokers.text.row import Row
from journal.domain.corporate import ActionKind
from journal.domain.values import ZERO, ExecutionKind, PositionEffect, Side

AUTHORITY = 40
_CENT = Decimal("0.01")
_HALF_CENT = Decimal("0.005")
_ROUNDING = Decimal("0.005")


def fill(
    row: Row, instrument: InstrumentRow, side: Side, quantity: Decimal, price: Decimal
) -> ExecutionRow:
    """`quantity` may be signed as the file signs it; the side counts. Raises BadValue for a price below nothing."""
    if price < ZERO:
        raise BadValue(row.text("price") or f"{price:f}", "a price")
    return ExecutionRow(
        row=row.number, account_id=row.account_id, raw=row.raw, instrument=instrument,
        report=ReportKind.FILL, kind=ExecutionKind.TRADE, broker_id="", exec_id="", trade_id="",
        order_id="", order_reference="", original_ids=(), side=side, quantity=quantity.copy_abs(),
        price=price, executed_at=row.at, zone=row.zone.key, reported_on=None, settled_on=None,
        fee=ZERO, tax=ZERO, fee_currency=instrument.currency, fx_rate=None,
        effect=PositionEffect.UNKNOWN, proceeds=None, net_cash=None, stated_cost=None,
        stated_pnl=None, order_type="", ordered_at=None, exchange="", notes=(),
        authority=AUTHORITY,
    )  # fmt: skip


def cash(row: Row, kind: CashKind, amount: Decimal, currency: str) -> CashRow:
    """`amount` signed: positive reaches the account. A deposit that is negative is a withdrawal, and so on. Raises
    Missing where the balances beside it contradict its sign."""
    _check_sign(row)
    return CashRow(
        row=row.number, account_id=row.account_id, raw=row.raw, broker_id="",
        kind=_of_sign(kind, amount), amount=amount, currency=currency, fx_rate=None,
        occurred_at=row.at, reported_on=None, description="", instrument=None, trade_id="",
        is_reversal=_is_reversal(kind, amount),
    )  # fmt: skip


def transfer(row: Row, instrument: InstrumentRow, signed_quantity: Decimal) -> TransferRow:
    """Units that come or go without a trade. Raises Missing where the balances beside them contradict their sign."""
    _check_sign(row)
    return TransferRow(
        row=row.number, account_id=row.account_id, raw=row.raw, broker_id="",
        instrument=instrument, signed_quantity=signed_quantity, price=None, cash=ZERO,
        currency=instrument.currency, fx_rate=None, occurred_at=row.at, reported_on=None, kind="",
        counterparty="", stated_cost=None,
    )  # fmt: skip


def action(
    row: Row, kind: ActionKind, instrument: InstrumentRow, signed_quantity: Decimal
) -> CorporateActionRow:
    """One line of a corporate action. Lines that belong together need the same `action_id`."""
    return CorporateActionRow(
        row=row.number, account_id=row.account_id, raw=row.raw, broker_id="", action_id="",
        kind=kind, code="", instrument=instrument, signed_quantity=signed_quantity, cash=ZERO,
        value=None, stated_pnl=None, effective_at=row.at, reported_on=None, fx_rate=None,
        description="", ratio=None, other_isin="", other_symbol="",
    )  # fmt: skip


def price_of(row: Row, stated: Decimal | None, units: Decimal, money: Decimal | None) -> Decimal:
    """The stated price; that of the money where none is stated, or where they differ by more than any rounding:
    then money is right, because it is what moved. `units` are quantity times multiplier, `money` is without fees.
    """
    if money is None:
        return row.needed("price", "no_price") if stated is None else stated
    if stated is None:
        row.notice("price_of_total")
        return (money / units).copy_abs()
    expected, moved = (units * stated).copy_abs(), money.copy_abs()
    if abs(moved - expected) <= max(_CENT, moved * _ROUNDING):
        return stated
    row.notice("price_from_money")
    return (money / units).copy_abs()


def exact_price(
    row: Row,
    stated: Decimal | None,
    units: Decimal,
    money: Decimal | None,
    near: Decimal = _HALF_CENT,
) -> Decimal:
    """As `price_of`, for files that round prices by up to `near`: what moved is not rounded, and its price is taken."""
    if stated is not None and money:
        moved = money.copy_abs()
        if abs(moved - (units * stated).copy_abs()) <= units.copy_abs() * near + _CENT:
            return moved / units.copy_abs()
    return price_of(row, stated, units, money)


def check_direction(side: Side, money: Decimal | None) -> None:
    """`money` as it moved, without fees: these can be more than a sale yields. Raises Missing where it says the other
    side, as in files whose signs were lost."""
    if money and (money > ZERO) is not (side is Side.SELL):
        raise Missing("no_direction", "its amount has the sign of the other side of a trade")


def _check_sign(row: Row) -> None:
    if row.is_contradicted:
        raise Missing("balance_contradicts", remarks.LACKS["balance_contradicts"])


_OPPOSITE = {
    CashKind.DEPOSIT: (CashKind.DEPOSIT, CashKind.WITHDRAWAL),
    CashKind.WITHDRAWAL: (CashKind.DEPOSIT, CashKind.WITHDRAWAL),
    CashKind.INTEREST_RECEIVED: (CashKind.INTEREST_RECEIVED, CashKind.INTEREST_PAID),
    CashKind.INTEREST_PAID: (CashKind.INTEREST_RECEIVED, CashKind.INTEREST_PAID),
}
_IS_INCOME = {
    CashKind.DIVIDEND: True,
    CashKind.PAYMENT_IN_LIEU: True,
    CashKind.WITHHOLDING_TAX: False,
    CashKind.FEE: False,
    CashKind.TAX: False,
}


def _of_sign(kind: CashKind, amount: Decimal) -> CashKind:
    pair = _OPPOSITE.get(kind)
    if pair is None or not amount:
        return kind
    return pair[0] if amount > 0 else pair[1]


def _is_reversal(kind: CashKind, amount: Decimal) -> bool:
    is_income = _IS_INCOME.get(kind)
    return is_income is not None and bool(amount) and (amount > 0) is not is_income
