"""Transactions of a BUX account: every booking a row, money in euros beside the asset's own currency."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import partial

from journal.brokers.base import (
    CashKind,
    CashRow,
    CorporateActionRow,
    ExecutionRow,
    InstrumentRow,
    Record,
    TransferRow,
)
from journal.brokers.bux.legs import Day, Trade, find_trades, states_units
from journal.brokers.text.currencies import FIAT, major
from journal.brokers.text.faults import Missing
from journal.brokers.text.layout import Layout
from journal.brokers.text.records import (
    action,
    cash,
    check_direction,
    exact_price,
    fill,
    price_of,
    transfer,
)
from journal.brokers.text.row import Row
from journal.brokers.text.running import Moved
from journal.brokers.text.safely import safely
from journal.brokers.text.sheet import SheetParser
from journal.domain.corporate import ActionKind
from journal.domain.values import ONE, ZERO, AssetClass, PositionEffect, Side

_LAYOUT = Layout(
    needs={
        "date": "Transaction Time (CET)", "category": "Transaction Category", "type": "Transaction Type",
        "move": "Transfer Type", "amount": "Transaction Amount", "currency": "Transaction Currency",
        "asset": "Asset Id", "name": "Asset Name", "quantity": "Asset Quantity", "price": "Asset Price",
        "asset_currency": "Asset Currency",
    },
    may={
        "balance": "Cash Balance Amount",
        "result": "Profit And Loss Amount", "result_currency": "Profit And Loss Currency",
        "gross": "Dividend Gross Amount", "net": "Dividend Net Amount", "description": "Transaction Description",
        "pair": "Currency Pair", "rate": "Exchange Rate",
    },
)  # fmt: skip
_ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}\d", re.ASCII)
_TRADE = re.compile(r"(buy|sell)\s+trade", re.IGNORECASE)
_CASH = {
    "deposits": CashKind.DEPOSIT,
    "withdrawals": CashKind.WITHDRAWAL,
    "fees": CashKind.FEE,
    "interest": CashKind.INTEREST_RECEIVED,
    "tax": CashKind.TAX,
    "dividends": CashKind.DIVIDEND,
    "others": CashKind.OTHER,
}
_LENDING = "security lending revenue"
_IN_LIEU = "manufactured"
_CENT = Decimal("0.01")
_HALF_CENT = Decimal("0.005")


class Bux(SheetParser):
    slug = "bux"
    broker = "bux"
    label = "BUX transactions (CSV)"
    default_zone = "Europe/Amsterdam"
    layouts = (_LAYOUT,)
    numbers = ("amount", "price", "quantity")

    def base_currency(self, rows: Sequence[Row]) -> str:
        """That of cash, which rows of units do not have."""
        found = {row.text("currency") for row in rows if not states_units(row)} & FIAT
        return found.pop() if len(found) == 1 else ""

    def moved(self, row: Row) -> Moved | None:
        """Rows of units state the balance of cash as well, which they do not move."""
        balance = row.decimal("balance")
        if balance is None:
            return None
        return Moved("", None if states_units(row) else row.decimal("amount"), balance)

    def read_rows(self, rows: Sequence[Row]) -> Iterator[Record]:
        day = find_trades(rows)
        for row in rows:
            yield from safely(row, partial(_read, day))


def _read(day: Day, row: Row) -> Iterable[Record]:
    if row.number in day.told:
        return [row.kept(day.told[row.number])]
    if row.number in day.trades:
        match = _TRADE.fullmatch(row.text("type"))
        if match is not None:
            return [_trade(day.trades[row.number], Side(match[1].lower()))]
    elif row.text("category") in {*_CASH, "corporate_actions"}:
        return _moved(row)
    return [row.unknown(f"{row.text('category')} {row.text('type')}".strip())]


def _moved(row: Row) -> Iterable[Record]:
    category = row.text("category")
    if category == "corporate_actions":
        return [_action(row)]
    if states_units(row):
        return [_move(row)]
    return _dividend(row) if category == "dividends" else [_cash(row, _kind(row))]


def _trade(trade: Trade, side: Side) -> ExecutionRow:
    row, units = trade.row, trade.units or trade.row
    quantity = units.needed("quantity", "no_quantity").copy_abs()
    instrument, scale = _instrument(units)
    paid, gross = _money(trade, side, scale)
    is_own = instrument.currency == row.text("currency")
    moved = gross if paid is None or not is_own else paid.copy_abs()
    price = _price(units, quantity, scale, moved)
    fee = sum((one.money("amount").copy_abs() for one in trade.fees), ZERO)
    proceeds = moved or quantity * price
    proceeds = -proceeds if side is Side.BUY else proceeds
    return fill(units, instrument, side, quantity, price)._replace(
        row=row.number,
        raw=row.raw,
        broker_id=trade.fill_id,
        order_id=trade.order_id,
        executed_at=row.at,
        fee=fee,
        fee_currency=row.text("currency") if paid is not None else instrument.currency,
        fx_rate=ONE if is_own else _effective_rate(paid, proceeds),
        proceeds=proceeds,
        net_cash=proceeds - fee if is_own else None,
        effect=PositionEffect.OPEN if side is Side.BUY else PositionEffect.CLOSE,
        stated_pnl=_stated_pnl(trade, instrument, fee, _held(units, side, quantity)),
    )


def _money(trade: Trade, side: Side, scale: Decimal) -> tuple[Decimal | None, Decimal | None]:
    """What moved in the account's currency, signed, and the value in the asset's own, without a sign."""
    of_units = trade.row if states_units(trade.row) else trade.units
    gross = None if of_units is None else of_units.decimal("amount")
    paid = None if states_units(trade.row) else trade.row.decimal("amount")
    check_direction(side, paid)
    return paid, None if gross is None else gross.copy_abs() * scale


def _price(row: Row, quantity: Decimal, scale: Decimal, moved: Decimal | None) -> Decimal:
    stated = row.decimal("price")
    if stated is None:
        return price_of(row, None, quantity, moved)
    return exact_price(row, stated * scale, quantity, moved, _HALF_CENT * scale)


def _effective_rate(paid: Decimal | None, proceeds: Decimal) -> Decimal | None:
    """That of the trade's own money in both currencies, which is finer than the stated one."""
    return (paid / proceeds).copy_abs() if paid and proceeds else None


def _held(row: Row, side: Side, quantity: Decimal) -> Decimal:
    """What the trades of the file so far leave of an asset; less than nothing where it was bought before them."""
    held: dict[str, Decimal] = row.desk.memory.setdefault("held", {})
    asset = row.text("asset")
    held[asset] = held.get(asset, ZERO) + (quantity if side is Side.BUY else -quantity)
    return held[asset]


def _stated_pnl(
    trade: Trade, instrument: InstrumentRow, fee: Decimal, held: Decimal
) -> Decimal | None:
    """BUX states it before all fees, in the account's currency: the book's own is better where it can be made."""
    if held >= ZERO:
        return None
    for row in filter(None, (trade.row, trade.units)):
        result = row.decimal("result")
        if result is not None and row.text("result_currency") == instrument.currency:
            return result - fee
    return None


def _action(row: Row) -> CorporateActionRow | CashRow:
    """Units out and in are a split where they are of one asset; money of that asset and day pays for what went."""
    if not states_units(row):
        known = _known_instrument(row)
        if known is None or known.currency != row.text("currency"):
            return _cash(row, CashKind.OTHER)
        return _one_action(row, known, ZERO)._replace(cash=row.needed("amount", "no_amount"))
    quantity = row.needed("quantity", "no_quantity").copy_abs()
    signed = -quantity if row.text("move") == "ASSET_REDEEM" else quantity
    return _one_action(row, _instrument(row)[0], signed)


def _one_action(row: Row, instrument: InstrumentRow, signed: Decimal) -> CorporateActionRow:
    is_split = "split" in row.text("description").lower()
    kind = ActionKind.SPLIT if is_split else ActionKind.OTHER
    return action(row, kind, instrument, signed)._replace(
        action_id=f"{row.moment.day}:{row.text('asset')}", description=row.text("description")
    )


def _move(row: Row) -> TransferRow:
    quantity = row.needed("quantity", "no_quantity").copy_abs()
    signed = -quantity if row.text("move") == "ASSET_REDEEM" else quantity
    return transfer(row, _instrument(row)[0], signed)._replace(
        kind=row.text("type"), counterparty=row.text("description")
    )


def _dividend(row: Row) -> list[Record]:
    """The amount is what arrived. Gross and net, in whatever currency, say how much was kept back of it."""
    kind = CashKind.PAYMENT_IN_LIEU if _IN_LIEU in row.text("type").lower() else CashKind.DIVIDEND
    amount = row.needed("amount", "no_amount")
    gross, net = row.decimal("gross"), row.decimal("net")
    if not gross or not net or gross == net:
        return [_cash(row, kind)]
    before = (amount * gross / net).quantize(_CENT)
    paid = _cash(row, kind)._replace(amount=before)
    kept_back = amount - before
    if not kept_back:
        return [paid]
    tax = cash(row, CashKind.WITHHOLDING_TAX, kept_back, paid.currency)
    return [paid, tax._replace(description=paid.description, instrument=paid.instrument)]


def _cash(row: Row, kind: CashKind) -> CashRow:
    amount = row.needed("amount", "no_amount")
    about = (row.text("type"), row.text("name"), row.text("description"))
    return cash(row, kind, amount, row.word("currency", "no_currency"))._replace(
        description=" ".join(filter(None, about)), instrument=_known_instrument(row)
    )


def _kind(row: Row) -> CashKind:
    if row.text("type").lower() == _LENDING:
        return CashKind.INTEREST_RECEIVED
    return _CASH[row.text("category")]


def _known_instrument(row: Row) -> InstrumentRow | None:
    """By the rows of units before it: rows of cash have another currency than the asset, or none."""
    return row.desk.memory.get(row.text("asset"))


def _instrument(row: Row) -> tuple[InstrumentRow, Decimal]:
    """With what a price must be multiplied by: pence are pounds in the book."""
    asset = row.word("asset", "no_symbol")
    stated = row.text("asset_currency")
    if not stated:
        raise Missing("no_currency", "it does not say what its asset is quoted in")
    currency, scale = major(stated)
    is_isin = _ISIN.fullmatch(asset) is not None
    found = row.security(
        asset, currency, AssetClass.STOCK if is_isin else AssetClass.CRYPTO,
        description=row.text("name"), isin=asset if is_isin else "",
    )  # fmt: skip
    row.desk.memory[asset] = found
    return found, scale
