"""Transactions of a Coinbase account: coins bought, sold, converted, sent, received and earned."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from journal.brokers.base import CashKind, CashRow, ExecutionRow, InstrumentRow, Record, TransferRow
from journal.brokers.text.currencies import FIAT
from journal.brokers.text.faults import BadValue, Missing
from journal.brokers.text.layout import Layout
from journal.brokers.text.numbers import read_number
from journal.brokers.text.records import cash, fill, transfer
from journal.brokers.text.row import Row
from journal.brokers.text.sheet import SheetParser
from journal.brokers.text.tables import Line
from journal.domain.values import ONE, AssetClass, Side

_LAYOUT = Layout(
    needs={
        "date": "Timestamp",
        "type": "Transaction Type",
        "asset": "Asset",
        "quantity": "Quantity Transacted",
        "currency": ("Price Currency", "Spot Price Currency"),
        "price": ("Price at Transaction", "Spot Price at Transaction"),
        "subtotal": "Subtotal",
        "total": "Total (inclusive of fees*",
        "fee": ("Fees and/or Spread", "Fees"),
    },
    may={"id": "ID", "notes": "Notes"},
)
_SIDES = {
    "buy": Side.BUY,
    "advanced trade buy": Side.BUY,
    "advance trade buy": Side.BUY,
    "sell": Side.SELL,
    "advanced trade sell": Side.SELL,
    "advance trade sell": Side.SELL,
}
_MOVE_SIGNS = {
    "send": -ONE, "receive": ONE, "deposit": ONE, "withdrawal": -ONE,
    "exchange deposit": -ONE, "exchange withdrawal": ONE,
    "pro deposit": -ONE, "pro withdrawal": ONE,
}  # fmt: skip
_INCOME = frozenset(
    {
        "staking income", "rewards income", "reward income", "inflation reward",
        "learning reward", "coinbase earn", "incentives rewards payout", "subscription rebate",
    }
)  # fmt: skip
# Moves within Coinbase: the coins stay in the account.
_INTERNAL = frozenset(
    {
        "retail staking transfer", "retail unstaking transfer", "staking transfer",
        "unstaking transfer", "vault withdrawal",
    }
)  # fmt: skip
# "Converted 0.00363125 BTC to 156.145683 XRP"
_CONVERTED = re.compile(r"Converted ([\d.,]+) (\S+) to ([\d.,]+) (\S+)", re.ASCII)
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


class Coinbase(SheetParser):
    slug = "coinbase"
    broker = "coinbase"
    label = "Coinbase transactions (CSV)"
    default_zone = "UTC"
    layouts = (_LAYOUT,)
    numbers = ("quantity", "price", "subtotal", "total")
    newest_first = True

    def account(self, preamble: Sequence[Line]) -> str:
        """ "User,Jo Miller,919bdb40-…": the last is Coinbase's own number of the account."""
        for line in preamble:
            if line.cells[0].lower() == "user" and _ID.fullmatch(line.cells[-1]):
                return line.cells[-1]
        return ""

    def base_currency(self, rows: Sequence[Row]) -> str:
        found = {row.text("currency") for row in rows} & FIAT
        return found.pop() if len(found) == 1 else ""

    def read_row(self, row: Row) -> Iterable[Record]:
        stated = row.text("type")
        name = stated.lower()
        if name in _SIDES:
            return [_trade(row, _SIDES[name])]
        if name == "convert":
            return _swap(row)
        if name in _INTERNAL:
            return [row.kept(stated)]
        if name in _INCOME:
            return [_earned(row)]
        if name in _MOVE_SIGNS:
            return [_move(row, _MOVE_SIGNS[name])]
        return [row.unknown(stated)]


def _trade(row: Row, side: Side) -> ExecutionRow:
    """At what was paid or received for the coins. The column with a price states the market's, which is another."""
    quantity = row.needed("quantity", "no_quantity").copy_abs()
    subtotal, total = row.decimal("subtotal"), row.decimal("total")
    if not subtotal:
        raise Missing("no_amount", "it states no amount")
    subtotal = subtotal.copy_abs()
    if total is None:
        fee = row.money("fee")
    elif side is Side.BUY:
        fee = total.copy_abs() - subtotal
    else:
        fee = subtotal - total.copy_abs()
    return fill(
        row, _coin(row, row.word("asset", "no_symbol")), side, quantity, subtotal / quantity
    )._replace(
        broker_id=row.text("id"),
        fee=fee,
        proceeds=-subtotal if side is Side.BUY else subtotal,
        net_cash=-(subtotal + fee) if side is Side.BUY else subtotal - fee,
    )


def _swap(row: Row) -> list[ExecutionRow]:
    """One coin for another: sold and bought at the same value, so that no profit comes of the swap's own spread."""
    match = _CONVERTED.match(row.text("notes"))
    if match is None:
        raise Missing("no_counterpart", "its notes do not say what was converted into what")
    value = row.decimal("total") or row.decimal("subtotal")
    if not value:
        raise Missing("no_amount", "it states no value")
    row.notice("coin_swap")
    halves = ((Side.SELL, match[1], match[2]), (Side.BUY, match[3], match[4]))
    return [_half(row, side, amount, coin, value.copy_abs()) for side, amount, coin in halves]


def _half(row: Row, side: Side, amount: str, coin: str, value: Decimal) -> ExecutionRow:
    quantity = read_number(amount)
    if not quantity:
        raise BadValue(amount, "an amount of a coin")
    broker_id = f"{row.text('id')}:{side}" if row.text("id") else ""
    return fill(row, _coin(row, coin), side, quantity, value / quantity)._replace(
        broker_id=broker_id, notes=("SWAP",)
    )


def _earned(row: Row) -> TransferRow | CashRow:
    """Coins at the value that they had when they came."""
    if row.text("asset") in FIAT:
        return _move(row, ONE)
    value = row.decimal("total") or row.decimal("subtotal")
    moved = _moved(row, row.needed("quantity", "no_quantity").copy_abs())
    return moved._replace(stated_cost=None if value is None else value.copy_abs())


def _move(row: Row, sign: Decimal) -> TransferRow | CashRow:
    signed = row.needed("quantity", "no_quantity").copy_abs() * sign
    asset = row.word("asset", "no_symbol")
    if asset in FIAT:
        return cash(row, CashKind.DEPOSIT, signed, asset)._replace(
            broker_id=row.text("id"), description=row.text("notes") or row.text("type")
        )
    return _moved(row, signed)


def _moved(row: Row, signed: Decimal) -> TransferRow:
    return transfer(row, _coin(row, row.word("asset", "no_symbol")), signed)._replace(
        broker_id=row.text("id"),
        price=row.decimal("price"),
        kind=row.text("type"),
        counterparty=row.text("notes"),
    )


def _coin(row: Row, asset: str) -> InstrumentRow:
    return row.security(asset, row.word("currency", "no_currency"), AssetClass.CRYPTO)
