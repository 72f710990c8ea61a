"""Transactions of a customer's accounts at Avanza: days alone, decimal commas, money in the account's currency."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from journal.brokers.base import (
    CashKind,
    CashRow,
    CorporateActionRow,
    ExecutionRow,
    InstrumentRow,
    Record,
)
from journal.brokers.text.layout import Layout
from journal.brokers.text.records import action, cash, check_direction, fill, price_of
from journal.brokers.text.row import Row
from journal.brokers.text.sheet import SheetParser
from journal.domain.corporate import ActionKind
from journal.domain.values import ONE, Side

_LAYOUT = Layout(
    needs={
        "date": "Datum", "account": "Konto", "type": "Typ av transaktion",
        "name": "Värdepapper/beskrivning", "quantity": "Antal", "price": "Kurs",
        "amount": "Belopp", "money": "Transaktionsvaluta", "fee": "Courtage (SEK)",
        "rate": "Valutakurs", "currency": "Instrumentvaluta", "isin": "ISIN",
    },
    may={"result": "Resultat"},
)  # fmt: skip
_SIDES = {"Köp": Side.BUY, "Sälj": Side.SELL}
_CASH = {
    "Insättning": CashKind.DEPOSIT,
    "Uttag": CashKind.WITHDRAWAL,
    "Utdelning": CashKind.DIVIDEND,
    "Ränta": CashKind.INTEREST_RECEIVED,
    "Utländsk källskatt": CashKind.WITHHOLDING_TAX,
    "Preliminärskatt": CashKind.WITHHOLDING_TAX,
    "Övrigt": CashKind.OTHER,
}
_FEES_IN = "SEK"
_TAX = "avkastningsskatt"


class Avanza(SheetParser):
    slug = "avanza"
    broker = "avanza"
    label = "Avanza transactions (CSV)"
    default_zone = "Europe/Stockholm"
    layouts = (_LAYOUT,)
    decimal_point = ","
    newest_first = True

    def account_of_row(self, row: Row) -> str:
        return row.text("account")

    def base_currency(self, rows: Sequence[Row]) -> str:
        found = {row.text("money") for row in rows} - {""}
        return found.pop() if len(found) == 1 else ""

    def read_row(self, row: Row) -> Iterable[Record]:
        name = row.text("type")
        if name in _SIDES:
            return [_trade(row, _SIDES[name])]
        if name == "Övrigt" and row.decimal("quantity"):
            return [_exchange(row)]
        if name in _CASH:
            return [_cash(row, _CASH[name])]
        return [row.unknown(name)]


def _trade(row: Row, side: Side) -> ExecutionRow:
    instrument = _instrument(row)
    quantity = row.needed("quantity", "no_quantity").copy_abs()
    amount, fee, rate = row.decimal("amount"), row.money("fee").copy_abs(), _rate(row, instrument)
    proceeds = None if amount is None or rate is None else (amount + fee) / rate
    check_direction(side, None if amount is None else amount + fee)
    is_own = instrument.currency == row.text("money")
    return fill(
        row, instrument, side, quantity, price_of(row, row.decimal("price"), quantity, proceeds)
    )._replace(
        fee=fee,
        fee_currency=_FEES_IN,
        fx_rate=rate,
        net_cash=amount if is_own else None,
        stated_pnl=row.decimal("result") if is_own else None,
    )


def _rate(row: Row, instrument: InstrumentRow) -> Decimal | None:
    return ONE if instrument.currency == row.text("money") else row.decimal("rate") or None


def _exchange(row: Row) -> CorporateActionRow:
    """Units of one fund for as many of another, in two rows of one day."""
    signed = row.needed("quantity", "no_quantity")
    return action(row, ActionKind.SYMBOL_CHANGE, _instrument(row), signed)._replace(
        action_id=f"{row.moment.day}:{signed.copy_abs():f}", description=row.text("name")
    )


def _cash(row: Row, kind: CashKind) -> CashRow:
    if kind is CashKind.OTHER and row.text("name").lower().startswith(_TAX):
        kind = CashKind.TAX
    amount = row.needed("amount", "no_amount")
    return cash(row, kind, amount, row.word("money", "no_currency"))._replace(
        description=f"{row.text('type')}: {row.text('name')}",
        instrument=_instrument(row) if row.text("isin") else None,
    )


def _instrument(row: Row) -> InstrumentRow:
    symbol = row.text("isin") or row.word("name", "no_symbol")
    currency = row.text("currency") or row.text("money") or _FEES_IN
    return row.security(symbol, currency, isin=row.text("isin"))
