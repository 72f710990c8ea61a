"""The account statement of stocks: money in the currency of each row, costs inside the totals, times in UTC."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from journal.brokers.base import (
    CashKind,
    CashRow,
    CorporateActionRow,
    ExecutionRow,
    InstrumentRow,
    Record,
)
from journal.brokers.text.currencies import major
from journal.brokers.text.faults import Missing
from journal.brokers.text.layout import Layout
from journal.brokers.text.records import action, cash, exact_price, fill
from journal.brokers.text.remarks import LACKS
from journal.brokers.text.row import Row
from journal.brokers.text.sheet import SheetParser
from journal.domain.corporate import ActionKind
from journal.domain.values import ONE, ZERO, PositionEffect, Side

_LAYOUT = Layout(
    needs={
        "date": "Date", "symbol": "Ticker", "type": "Type", "quantity": "Quantity",
        "price": "Price per share", "amount": "Total Amount", "currency": "Currency",
    },
    may={"rate": "FX Rate"},
)  # fmt: skip
_TRADE = re.compile(r"(BUY|SELL)(?: - [A-Z ]+)?", re.ASCII)
# "TRANSFER FROM REVOLUT TRADING LTD TO REVOLUT SECURITIES EUROPE UAB"
_MOVE = re.compile(r"TRANSFER FROM REVOLUT .+ TO REVOLUT .+", re.ASCII)
_ACTIONS = {
    "STOCK SPLIT": ActionKind.SPLIT,
    # Of a company that was bought: the units that go, and in a row of its own the money that comes for them.
    "MERGER - STOCK": ActionKind.MERGER,
    "MERGER - CASH": ActionKind.MERGER,
}
_CASH = {
    "DIVIDEND": CashKind.DIVIDEND,
    "DIVIDEND TAX (CORRECTION)": CashKind.WITHHOLDING_TAX,
    "RETURN OF CAPITAL": CashKind.DIVIDEND,
    "BOND COUPON": CashKind.INTEREST_RECEIVED,
    "REWARD": CashKind.OTHER,
    "CUSTODY FEE": CashKind.FEE,
    "CUSTODY FEE REVERSAL": CashKind.FEE,
    "CASH TOP-UP": CashKind.DEPOSIT,
    "CASH WITHDRAWAL": CashKind.WITHDRAWAL,
}
_HALF_CENT = Decimal("0.005")
_CENT = Decimal("0.01")
# Costs of a trade are inside its total: a few cents, a euro, or a quarter of a percent of it. More is no cost.
_FEE_PART = Decimal("0.02")


class RevolutInvest(SheetParser):
    slug = "revolut_invest"
    broker = "revolut"
    label = "Revolut stocks account statement (CSV)"
    default_zone = "UTC"
    layouts = (_LAYOUT,)
    numbers = ("price", "amount")

    def read_row(self, row: Row) -> Iterable[Record]:
        name = _name(row)
        if match := _TRADE.fullmatch(name):
            return [_trade(row, Side(match[1].lower()))]
        if name in _ACTIONS:
            return [_action(row, _ACTIONS[name])]
        if name in _CASH:
            return [_cash(row, _CASH[name])]
        if _MOVE.fullmatch(name):
            # Between Revolut's own companies: the units stay in the account.
            return [_cash(row, CashKind.TRANSFER)] if row.decimal("amount") else [row.kept(name)]
        if row.decimal("amount") and not row.decimal("quantity"):
            row.notice("unknown_cash_type", name)
            return [_cash(row, CashKind.OTHER)]
        return [row.unknown(name)]


def _name(row: Row) -> str:
    """Older files write "CUSTODY_FEE"."""
    return " ".join(row.text("type").upper().replace("_", " ").split())


def _trade(row: Row, side: Side) -> ExecutionRow:
    quantity = row.needed("quantity", "no_quantity").copy_abs()
    instrument, scale = _instrument(row)
    stated, total = _scaled(row, "price", scale), _scaled(row, "amount", scale)
    if total is not None:
        total = total.copy_abs()
    fee = _fee(row, side, quantity, stated, total)
    moved = None if total is None else total - fee if side is Side.BUY else total + fee
    net = None if total is None else -total if side is Side.BUY else total
    return fill(
        row, instrument, side, quantity, exact_price(row, stated, quantity, moved)
    )._replace(
        fee=fee,
        proceeds=None if moved is None else -moved if side is Side.BUY else moved,
        net_cash=net,
        effect=PositionEffect.OPEN if side is Side.BUY else PositionEffect.CLOSE,
        order_type=_name(row).partition(" - ")[2],
    )


def _fee(
    row: Row, side: Side, quantity: Decimal, price: Decimal | None, total: Decimal | None
) -> Decimal:
    """What a purchase cost more, or a sale yielded less, than quantity times price."""
    if price is None or total is None:
        return ZERO
    expected = quantity * price
    fee = total - expected if side is Side.BUY else expected - total
    if _rounding(quantity) < fee <= max(ONE, expected * _FEE_PART):
        row.notice("fee_of_total")
        return fee.quantize(_CENT)
    return ZERO


def _rounding(quantity: Decimal) -> Decimal:
    return quantity * _HALF_CENT + _HALF_CENT


def _action(row: Row, kind: ActionKind) -> CorporateActionRow:
    """The quantity is what came on top, or went."""
    instrument, scale = _instrument(row)
    signed, amount = row.money("quantity"), row.money("amount") * scale
    if not signed and not amount:
        raise Missing("no_quantity", LACKS["no_quantity"])
    return action(row, kind, instrument, signed)._replace(
        action_id=f"{kind}:{row.moment.day}:{instrument.symbol}",
        cash=amount,
        description=row.text("type"),
    )


def _cash(row: Row, kind: CashKind) -> CashRow:
    currency, scale = _currency(row)
    amount = row.needed("amount", "no_amount") * scale
    if kind is CashKind.WITHDRAWAL:
        amount = -amount.copy_abs()
    return cash(row, kind, amount, currency)._replace(
        description=row.text("type"),
        instrument=_instrument(row)[0] if row.text("symbol") else None,
    )


def _instrument(row: Row) -> tuple[InstrumentRow, Decimal]:
    """With what a price must be multiplied by: pence are pounds in the book."""
    currency, scale = _currency(row)
    return row.security(row.word("symbol", "no_symbol"), currency), scale


def _currency(row: Row) -> tuple[str, Decimal]:
    return major(row.word("currency", "no_currency"))


def _scaled(row: Row, name: str, scale: Decimal) -> Decimal | None:
    number = row.decimal(name)
    return None if number is None else number * scale
