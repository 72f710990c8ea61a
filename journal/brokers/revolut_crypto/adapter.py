"""Coins bought, sold, spent, sent and earned. Money has its currency beside it, on whichever side of the number."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from decimal import Decimal

from journal.brokers.base import CashKind, ExecutionRow, InstrumentRow, Record, TransferRow
from journal.brokers.text.faults import Missing
from journal.brokers.text.layout import Layout
from journal.brokers.text.moments import When
from journal.brokers.text.records import cash, exact_price, fill, transfer
from journal.brokers.text.remarks import LACKS
from journal.brokers.text.row import Row
from journal.brokers.text.sheet import SheetParser
from journal.domain.values import ONE, AssetClass, PositionEffect, Side

_LAYOUT = Layout(
    needs={
        "symbol": "Symbol", "type": "Type", "quantity": "Quantity", "price": "Price", "amount": "Value",
        "fee": "Fees", "date": "Date",
    },
)  # fmt: skip
_FORMER = Layout(
    needs={
        "type": "Type", "date": "Completed Date", "description": "Description", "quantity": "Amount",
        "symbol": "Currency", "amount": "Fiat amount", "total": "Fiat amount (inc. fees)", "fee": "Fee",
        "currency": "Base currency", "state": "State",
    },
)  # fmt: skip
_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP"}
_CODE = re.compile(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])", re.ASCII)
_SIDES = {"buy": Side.BUY, "sell": Side.SELL}
_MOVE_SIGNS = {"receive": ONE, "send": -ONE}
# The coins stay in the account.
_INTERNAL = frozenset({"stake", "unstake"})


class RevolutCrypto(SheetParser):
    slug = "revolut_crypto"
    broker = "revolut"
    label = "Revolut crypto account statement (CSV)"
    default_zone = "Europe/Berlin"
    layouts = (_LAYOUT, _FORMER)
    numbers = ("price", "amount", "fee")

    def moment(self, row: Row) -> When:
        """Of the customer's own clock; statements of the former layout have UTC."""
        when = super().moment(row)
        is_utc = row.desk.header.layout is _FORMER and when.at is not None
        return when._replace(offset=timedelta()) if is_utc else when

    def base_currency(self, rows: Sequence[Row]) -> str:
        found = {_stated_currency(row) for row in rows} - {""}
        return found.pop() if len(found) == 1 else ""

    def read_row(self, row: Row) -> Iterable[Record]:
        if row.desk.header.layout is _FORMER:
            return _read_former(row)
        return _read(row)


def _read(row: Row) -> Iterable[Record]:
    stated = row.text("type")
    name = stated.lower()
    if name in _SIDES:
        return [_trade(row, _SIDES[name])]
    if name == "payment":
        return _spent(row, Side.SELL)
    if name in _MOVE_SIGNS:
        return [_move(row, _MOVE_SIGNS[name])]
    if name.endswith(" reward"):
        return [_move(row, ONE)]
    if name in _INTERNAL:
        return [row.kept(stated)]
    return [row.unknown(stated)]


def _read_former(row: Row) -> Iterable[Record]:
    if row.text("state") != "COMPLETED":
        return [row.kept(f"Not completed: {row.text('state')}")]
    name = row.text("type").upper()
    reader = _FORMER_READERS.get(name)
    if reader is None:
        return [row.unknown(row.text("type"))]
    signed = row.needed("quantity", "no_quantity")
    return reader(row, Side.BUY if signed > 0 else Side.SELL)


def _trade(row: Row, side: Side) -> ExecutionRow:
    """Fees come on top of the value of a purchase, and out of that of a sale."""
    quantity = row.needed("quantity", "no_quantity").copy_abs()
    fee, value = row.money("fee").copy_abs(), row.decimal("amount")
    value = None if value is None else value.copy_abs()
    # Stated prices are rounded to cents, and so nothing for coins that are worth less.
    price = exact_price(row, row.decimal("price"), quantity, value)
    gross = value or quantity * price
    return fill(row, _coin(row), side, quantity, price)._replace(
        fee=fee,
        proceeds=-gross if side is Side.BUY else gross,
        net_cash=-(gross + fee) if side is Side.BUY else gross - fee,
        effect=PositionEffect.OPEN if side is Side.BUY else PositionEffect.CLOSE,
    )


def _spent(row: Row, side: Side) -> list[Record]:
    """Coins that paid for something: sold, and the money gone. A refund is the same the other way round."""
    sold = _trade(row, side)
    net = sold.net_cash
    if net is None:
        raise Missing("no_amount", LACKS["no_amount"])
    paid = cash(row, CashKind.WITHDRAWAL, -net, sold.instrument.currency)
    return [sold, paid._replace(description=row.text("description") or row.text("type"))]


def _move(row: Row, sign: Decimal) -> TransferRow:
    signed = row.needed("quantity", "no_quantity").copy_abs() * sign
    return transfer(row, _coin(row), signed)._replace(
        price=row.decimal("price"), kind=row.text("type"), counterparty=row.text("description")
    )


def _coin(row: Row) -> InstrumentRow:
    symbol, memory = row.word("symbol", "no_symbol"), row.desk.memory
    currency = _stated_currency(row)
    if currency:
        memory.setdefault("", currency)
        memory[symbol] = currency
    else:
        currency = memory.get(symbol) or memory.get("") or ""
        row.notice("currency_of_neighbour")
    if not currency:
        raise Missing("no_currency", LACKS["no_currency"])
    return row.security(symbol, currency, AssetClass.CRYPTO)


def _stated_currency(row: Row) -> str:
    """ "€35,761.54", "89,162.28 SEK" or "EUR 62,671.63"; the former layout has a column."""
    if row.text("currency"):
        return row.text("currency")
    for cell in (row.text("amount"), row.text("price")):
        if match := _CODE.search(cell):
            return match[0]
        for sign, code in _SIGNS.items():
            if sign in cell:
                return code
    return ""


def _former_trade(row: Row, side: Side) -> list[Record]:
    return [_trade(row, side)]


def _former_move(row: Row, side: Side) -> list[Record]:
    return [_move(row, ONE if side is Side.BUY else -ONE)]


def _former_reward(row: Row, side: Side) -> list[Record]:
    value = row.decimal("amount")
    moved = _move(row, ONE if side is Side.BUY else -ONE)
    return [moved._replace(stated_cost=None if value is None else value.copy_abs())]


_FORMER_READERS: dict[str, Callable[[Row, Side], list[Record]]] = {
    "EXCHANGE": _former_trade,
    "CARD_PAYMENT": _spent,
    "CARD_REFUND": _spent,
    "TRANSFER": _former_move,
    "REWARD": _former_reward,
}
