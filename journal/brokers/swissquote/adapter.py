"""Transactions of a Swissquote account: many currencies, costs inside the net amount, several fills of one order."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from journal.brokers.base import CashKind, CashRow, ExecutionRow, InstrumentRow, Record
from journal.brokers.text.layout import Layout
from journal.brokers.text.records import cash, check_direction, fill, price_of
from journal.brokers.text.row import Row
from journal.brokers.text.running import Moved
from journal.brokers.text.sheet import SheetParser
from journal.domain.values import Side

_LAYOUT = Layout(
    needs={
        "date": "Date", "order": "Order #", "type": "Transaction", "symbol": "Symbol", "name": "Name",
        "isin": "ISIN", "quantity": "Quantity", "price": "Unit price", "fee": "Costs",
        "accrued": "Accrued Interest", "amount": "Net Amount", "balance": "Balance",
        "currency": "Currency",
    },
)  # fmt: skip
_SIDES = {"buy": Side.BUY, "sell": Side.SELL}
# What the costs of a movement are, beside the movement itself.
_CASH = {
    "dividend": (CashKind.DIVIDEND, CashKind.WITHHOLDING_TAX),
    "capital gain": (CashKind.DIVIDEND, CashKind.WITHHOLDING_TAX),
    "interests": (CashKind.INTEREST_RECEIVED, CashKind.WITHHOLDING_TAX),
    "debit": (CashKind.WITHDRAWAL, CashKind.FEE),
    "credit": (CashKind.DEPOSIT, CashKind.FEE),
    "payment": (CashKind.DEPOSIT, CashKind.FEE),
    "custody fees": (CashKind.FEE, CashKind.FEE),
    "forex credit": (CashKind.TRANSFER, CashKind.FEE),
    "forex debit": (CashKind.TRANSFER, CashKind.FEE),
}
_NO_ORDER = "00000000"


class Swissquote(SheetParser):
    slug = "swissquote"
    broker = "swissquote"
    label = "Swissquote transactions (CSV)"
    default_zone = "Europe/Zurich"
    layouts = (_LAYOUT,)
    day_first = True
    newest_first = True

    def moved(self, row: Row) -> Moved | None:
        balance = row.decimal("balance")
        if balance is None:
            return None
        return Moved(row.text("currency"), row.decimal("amount"), balance)

    def read_row(self, row: Row) -> Iterable[Record]:
        name = row.text("type").lower()
        if name in _SIDES:
            return [_trade(row, _SIDES[name])]
        if name in _CASH:
            return _moved(row, *_CASH[name])
        return [row.unknown(row.text("type"))]


def _trade(row: Row, side: Side) -> ExecutionRow:
    quantity = row.needed("quantity", "no_quantity").copy_abs()
    fee, amount = row.money("fee").copy_abs(), row.decimal("amount")
    accrued = row.money("accrued")
    proceeds = (
        None if amount is None else amount + fee + (accrued if side is Side.BUY else -accrued)
    )
    check_direction(side, proceeds)
    price = price_of(row, row.decimal("price"), quantity, proceeds)
    return fill(row, _instrument(row), side, quantity, price)._replace(
        order_id=_order(row), fee=fee, proceeds=proceeds, net_cash=amount
    )


def _moved(row: Row, kind: CashKind, costs_kind: CashKind) -> list[Record]:
    """The net amount is what moved. Its costs are told apart: both together are the net amount."""
    net, costs = row.needed("amount", "no_amount"), row.money("fee").copy_abs()
    found: list[Record] = [_cash(row, kind, net + costs)]
    if costs:
        found.append(_cash(row, costs_kind, -costs))
    return found


def _cash(row: Row, kind: CashKind, amount: Decimal) -> CashRow:
    return cash(row, kind, amount, row.word("currency", "no_currency"))._replace(
        description=row.text("type"),
        instrument=_instrument(row) if row.text("symbol") else None,
        trade_id=_order(row),
    )


def _order(row: Row) -> str:
    order = row.text("order")
    return "" if order == _NO_ORDER else order


def _instrument(row: Row) -> InstrumentRow:
    return row.security(
        row.word("symbol", "no_symbol"), row.word("currency", "no_currency"),
        description=row.text("name"), isin=row.text("isin"),
    )  # fmt: skip
