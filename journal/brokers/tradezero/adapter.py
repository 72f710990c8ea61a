"""Trades (one fill a row, every levy in a column of its own) and the cash journal (locates, borrowing, software)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from journal.brokers.base import CashKind, CashRow, ExecutionRow, InstrumentRow, Record
from journal.brokers.text.contracts import read_option
from journal.brokers.text.faults import Missing
from journal.brokers.text.layout import Layout
from journal.brokers.text.moments import When, read_when
from journal.brokers.text.records import cash, check_direction, fill, price_of
from journal.brokers.text.remarks import LACKS
from journal.brokers.text.row import Row
from journal.brokers.text.sheet import SheetParser
from journal.domain.values import ZERO, PositionEffect, Side

_COMMISSIONS = {"commission": "Comm", "remove": "ECN Remove", "add": "ECN Add"}
_LEVIES = {"sec": "SEC", "taf": "TAF", "nscc": "NSCC", "nasdaq": "Nasdaq"}
_TRADES = Layout(
    needs={
        "account": "Account", "date": "T/D", "settled": "S/D", "currency": "Currency", "side": "Side",
        "symbol": "Symbol", "quantity": "Qty", "price": "Price", "time": "Exec Time",
        "gross": "Gross Proceeds", "net": "Net Proceeds", **_COMMISSIONS, **_LEVIES,
    },
    may={"type": "Type", "note": "Note", "venue": "Clr Broker"},
)  # fmt: skip
_CASH = Layout(
    needs={
        "account": "Account", "currency": "Currency", "date": "E/D", "deposit": "Deposit", "withdrawal": "Withdraw",
        "type": "Type", "note": "Note",
    },
)  # fmt: skip
_SIDES = {
    "B": (Side.BUY, PositionEffect.UNKNOWN),
    "S": (Side.SELL, PositionEffect.UNKNOWN),
    "SS": (Side.SELL, PositionEffect.OPEN),
    "BC": (Side.BUY, PositionEffect.CLOSE),
}
# "Locate 400 MIRL @ 0.02 per share", "REV: ONB 60 MIRL ($0.00417) for 08/15"
_ABOUT = re.compile(
    r"\b(?:Locate|Single-Use|Pre-Borrow|ONB)\b.*? \d+ ([A-Z][A-Z0-9.]*) [@(]", re.ASCII
)
_FEES = ("locate", "borrow", "software", "data")
_CENT = Decimal("0.01")


class TradeZero(SheetParser):
    slug = "tradezero"
    broker = "tradezero"
    label = "TradeZero trades or cash journal (CSV)"
    default_zone = "America/New_York"
    layouts = (_TRADES, _CASH)
    numbers = ("price", "gross", "net", "deposit", "withdrawal")
    day_first = False

    def account_of_row(self, row: Row) -> str:
        return row.text("account")

    def base_currency(self, rows: Sequence[Row]) -> str:
        found = {row.text("currency") for row in rows} - {""}
        return found.pop() if len(found) == 1 else ""

    def moment(self, row: Row) -> When:
        stated = f"{row.word('date', 'no_date')} {row.text('time')}"
        return read_when(stated, day_first=row.desk.day_first)

    def read_row(self, row: Row) -> Iterable[Record]:
        return [_trade(row) if row.desk.header.layout is _TRADES else _cash(row)]


def _trade(row: Row) -> ExecutionRow:
    said = row.text("side").upper()
    if said not in _SIDES:
        raise Missing("no_direction", f"its side “{said[:20]}” is none of B, S, SS and BC")
    side, effect = _SIDES[said]
    quantity = row.needed("quantity", "no_quantity").copy_abs()
    gross, net = row.decimal("gross"), row.decimal("net")
    check_direction(side, gross)
    instrument = _instrument(row)
    price = price_of(row, row.decimal("price"), quantity * instrument.multiplier, gross)
    fee, levies = _costs(row, gross, net)
    return fill(row, instrument, side, quantity, price)._replace(
        settled_on=row.day("settled"),
        fee=fee,
        tax=levies,
        effect=effect,
        proceeds=gross,
        net_cash=net,
        exchange=row.text("venue"),
    )


def _costs(row: Row, gross: Decimal | None, net: Decimal | None) -> tuple[Decimal, Decimal]:
    """Commission and levies. What the proceeds differ by is what was paid, where the columns say otherwise."""
    fee = sum((row.money(name) for name in _COMMISSIONS), ZERO)
    levies = sum((row.money(name) for name in _LEVIES), ZERO)
    if gross is not None and net is not None and abs(gross - net - fee - levies) > _CENT:
        fee = gross - net - levies
    return fee, levies


def _cash(row: Row) -> CashRow:
    amount = row.money("deposit").copy_abs() - row.money("withdrawal").copy_abs()
    if not amount:
        raise Missing("no_amount", LACKS["no_amount"])
    about = _ABOUT.search(row.text("note"))
    currency = row.word("currency", "no_currency")
    return cash(row, _kind(row), amount, currency)._replace(
        description=": ".join(filter(None, (row.text("type"), row.text("note")))),
        instrument=row.security(about[1], currency) if about else None,
    )


def _kind(row: Row) -> CashKind:
    kind, note = row.text("type").lower(), row.text("note").lower()
    if any(word in kind for word in _FEES) or ("banking" in kind and "fee" in note):
        return CashKind.FEE
    if "banking" in kind:
        return CashKind.DEPOSIT
    row.notice("unknown_cash_type", row.text("type"))
    return CashKind.OTHER


def _instrument(row: Row) -> InstrumentRow:
    symbol = row.word("symbol", "no_symbol")
    currency = row.word("currency", "no_currency")
    option = read_option(symbol)
    return row.option(symbol, option, currency) if option else row.security(symbol, currency)
