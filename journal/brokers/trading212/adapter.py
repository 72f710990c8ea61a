"""History of an Invest or ISA account: every action a row, in the account's currency beside that of the price."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from journal.brokers.base import (
    CashKind,
    CashRow,
    CorporateActionRow,
    ExecutionRow,
    InstrumentRow,
    Record,
    TransferRow,
)
from journal.brokers.text.currencies import major
from journal.brokers.text.faults import Missing
from journal.brokers.text.layout import Layout
from journal.brokers.text.records import action, cash, fill, transfer
from journal.brokers.text.remarks import LACKS
from journal.brokers.text.row import Row
from journal.brokers.text.sheet import SheetParser
from journal.domain.corporate import ActionKind
from journal.domain.values import ONE, ZERO, Side

_Columns = dict[str, str | tuple[str, ...]]
_FEES: _Columns = {
    "conversion_fee": "Currency conversion fee*",
    "transaction_fee": "Transaction fee*",
}
_TAXES: _Columns = {
    "finra_fee": "Finra fee*",
    "stamp_duty": ("Stamp duty", "Stamp duty (*"),
    "reserve_tax": "Stamp duty reserve tax*",
    "ptm_levy": "Ptm levy*",
    "french_tax": "French transaction tax*",
}
_LAYOUT = Layout(
    needs={
        "action": "Action",
        "date": ("Time", "Time (UTC)"),
        "isin": "ISIN",
        "symbol": "Ticker",
        "quantity": "No. of shares",
        "price": "Price / share",
        "currency": "Currency (Price / share)",
        "total": "Total*",
    },
    may={
        "name": "Name",
        "id": "ID",
        "notes": "Notes",
        "rate": "Exchange rate",
        "result": "Result*",
        "withholding": "Withholding tax*",
        **_FEES,
        **_TAXES,
    },
)
# "Total (GBP)"
_IN_NAME = re.compile(r"\(([A-Z]{3})\)$", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_TRADE = re.compile(r"(?:market|limit|stop|stop limit|trailing stop) (buy|sell)", re.IGNORECASE)
_CASH = {
    "deposit": CashKind.DEPOSIT,
    "withdrawal": CashKind.WITHDRAWAL,
    "card debit": CashKind.WITHDRAWAL,
    "card credit": CashKind.DEPOSIT,
    "interest on cash": CashKind.INTEREST_RECEIVED,
    "lending interest": CashKind.INTEREST_RECEIVED,
    "spending cashback": CashKind.OTHER,
    "result adjustment": CashKind.ADJUSTMENT,
}
# Written without a sign in some of the layouts.
_LEAVING = frozenset({"withdrawal", "card debit"})
# A split is stated as all units out and the new ones in, moments apart.
_ACTIONS = {
    "stock split close": (ActionKind.SPLIT, -ONE),
    "stock split open": (ActionKind.SPLIT, ONE),
    "spin off": (ActionKind.SPIN_OFF, ONE),
    "stock distribution": (ActionKind.SPIN_OFF, ONE),
}
_MOVE_SIGNS = {"transfer in": ONE, "transfer out": -ONE}
_NOT_STATED = frozenset({"not available"})


class Trading212(SheetParser):
    slug = "trading212"
    broker = "trading212"
    label = "Trading 212 history (CSV)"
    default_zone = "UTC"
    layouts = (_LAYOUT,)
    numbers = ("quantity", "price", "total")

    def base_currency(self, rows: Sequence[Row]) -> str:
        found = {_currency(row, "total") for row in rows} - {""}
        return found.pop() if len(found) == 1 else ""

    def read_row(self, row: Row) -> Iterable[Record]:
        stated = row.text("action")
        name = stated.lower()
        if match := _TRADE.fullmatch(stated):
            return [_trade(row, Side(match[1].lower()))]
        if name.startswith("dividend"):
            return list(_dividend(row))
        if name in _CASH:
            return [_cash(row, name)]
        if name in _ACTIONS:
            return [_action(row, *_ACTIONS[name])]
        if name in _MOVE_SIGNS:
            return [_move(row, _MOVE_SIGNS[name])]
        return [row.unknown(stated)]


def _trade(row: Row, side: Side) -> ExecutionRow:
    instrument, scale = _instrument(row)
    price = row.decimal("price")
    if price is None:
        raise Missing("no_price", "it states no price")
    currency = _currency(row, "total")
    fee, tax = _costs(row, _FEES, currency), _costs(row, _TAXES, currency)
    result = row.decimal("result")
    return fill(
        row, instrument, side, row.needed("quantity", "no_quantity"), price * scale
    )._replace(
        broker_id=row.text("id"),
        fee=fee,
        tax=tax,
        fee_currency=currency or instrument.currency,
        fx_rate=_fx_rate(row, instrument, currency, scale),
        # The book's own figure is in the currency of the contract.
        stated_pnl=result if _currency(row, "result") == instrument.currency else None,
    )


def _dividend(row: Row) -> Iterator[CashRow]:
    """The total is what arrived. A tax in another currency is stated with the dividend that it was taken from."""
    instrument, _ = _instrument(row)
    net, currency = row.decimal("total"), _currency_of_total(row)
    if net is None:
        raise Missing("no_amount", "it states no amount")
    tax, tax_currency = (
        row.money("withholding").copy_abs(),
        _currency(row, "withholding") or currency,
    )
    tax_currency, scale = major(tax_currency)
    tax *= scale
    is_same = tax_currency == currency
    paid = _paid(row, CashKind.DIVIDEND, net + tax if is_same else net, currency, instrument)
    yield paid._replace(broker_id=row.text("id"))
    if tax and not is_same:
        yield _paid(row, CashKind.DIVIDEND, tax, tax_currency, instrument)
    if tax:
        yield _paid(row, CashKind.WITHHOLDING_TAX, -tax, tax_currency, instrument)


def _paid(
    row: Row, kind: CashKind, amount: Decimal, currency: str, instrument: InstrumentRow
) -> CashRow:
    return cash(row, kind, amount, currency)._replace(
        description=row.text("action"), instrument=instrument
    )


def _cash(row: Row, name: str) -> CashRow:
    amount = row.needed("total", "no_amount")
    if name in _LEAVING:
        amount = -amount.copy_abs()
    description = " ".join(filter(None, (row.text("action"), row.text("notes"))))
    return cash(row, _CASH[name], amount, _currency_of_total(row))._replace(
        broker_id=row.text("id"), description=description
    )


def _action(row: Row, kind: ActionKind, sign: Decimal) -> CorporateActionRow:
    instrument, _ = _instrument(row)
    quantity = row.needed("quantity", "no_quantity").copy_abs() * sign
    return action(row, kind, instrument, quantity)._replace(
        broker_id=row.text("id"),
        action_id=f"{kind}:{row.moment.day}:{instrument.isin or instrument.symbol}",
        description=row.text("action"),
    )


def _move(row: Row, sign: Decimal) -> TransferRow:
    instrument, scale = _instrument(row)
    quantity = row.needed("quantity", "no_quantity").copy_abs() * sign
    price = row.decimal("price")
    return transfer(row, instrument, quantity)._replace(
        broker_id=row.text("id"),
        price=None if price is None else price * scale,
        kind=row.text("action"),
    )


def _instrument(row: Row) -> tuple[InstrumentRow, Decimal]:
    """With what a price must be multiplied by: shares in London are quoted in pence."""
    symbol = row.text("symbol") or row.word("isin", "no_symbol")
    currency, scale = major(row.word("currency", "no_currency"))
    found = row.security(symbol, currency, description=row.text("name"), isin=row.text("isin"))
    return found, scale


def _currency(row: Row, column: str) -> str:
    """In the column beside it, or in the column's own name: "Total (GBP)"."""
    return row.currency_of(column, in_name=_IN_NAME, beside=_CURRENCY)


def _currency_of_total(row: Row) -> str:
    currency = _currency(row, "total")
    if not currency:
        raise Missing("no_currency", LACKS["no_currency"])
    return currency


def _costs(row: Row, columns: Iterable[str], currency: str) -> Decimal:
    total = ZERO
    for column in columns:
        cost = row.decimal(column)
        if cost and _currency(row, column) not in ("", currency):
            raise Missing("no_currency", "it states fees in more than one currency")
        total += abs(cost or ZERO)
    return total


def _fx_rate(row: Row, instrument: InstrumentRow, currency: str, scale: Decimal) -> Decimal | None:
    """Stated as units of the price's currency for one of the account's."""
    if instrument.currency == currency:
        return ONE
    if row.text("rate").lower() in _NOT_STATED:
        return None
    rate = row.decimal("rate")
    return ONE / (rate * scale) if rate else None
