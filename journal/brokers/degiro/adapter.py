"""Transactions of a DEGIRO account in the language of its owner: one fill a row, newest first, signed quantities."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from journal.brokers.base import ExecutionRow, Record
from journal.brokers.text.currencies import major
from journal.brokers.text.faults import Missing
from journal.brokers.text.layout import Layout
from journal.brokers.text.moments import When, read_when
from journal.brokers.text.records import check_direction, fill, price_of
from journal.brokers.text.row import Row
from journal.brokers.text.sheet import SheetParser
from journal.domain.values import ONE, ZERO, Side

# English, Spanish, Portuguese, French, Dutch, German. Some columns have the account's currency in their name.
_LAYOUT = Layout(
    needs={
        "date": ("Date", "Fecha", "Data", "Datum"),
        "time": ("Time", "Hora", "Heure", "Tijd", "Uhrzeit"),
        "product": ("Product", "Producto", "Produto", "Produit", "Produkt"),
        "isin": ("ISIN", "Code ISIN", "Código ISIN"),
        "quantity": ("Quantity", "Número", "Quantidade", "Quantité", "Aantal", "Anzahl"),
        "price": ("Price", "Precio", "Preços", "Cours", "Koers", "Kurs"),
        "local": (
            "Local value", "Valor local", "Montant devise locale", "Lokale waarde",
            "Wert in Lokalw*",
        ),
        "value": (
            "Value", "Value *", "Valor", "Valor EUR", "Montant EUR", "Montant", "Waarde", "Waarde *",
            "Wert", "Wert EUR",
        ),
        "total": ("Total*", "Montant négocié*", "Totaal*", "Gesamt*"),
    },
    may={
        "venue": (
            "Venue", "Execution Venue", "Centro de ejecución", "Bolsa", "Lieu d'exécution",
            "Uitvoeringsplaats", "Ausführungsort",
        ),
        "autofx": ("AutoFX*", "Comision AutoFX", "Taxa Autofx", "Frais conversion AutoFX"),
        "fee": (
            "Transaction and/or third*", "Transaction costs*", "Costes de transac*",
            "Custos de transação*", "Frais de courtage*", "Transactiekosten*", "Transaktionskost*",
        ),
        "order": ("Order ID", "ID Orden", "ID da Ordem", "ID Ordre", "Order-ID"),
    },
)  # fmt: skip
_CURRENCY = re.compile(r"[A-Za-z]{3}", re.ASCII)
_IN_NAME = re.compile(r"\s([A-Z]{3})$", re.ASCII)
_ORDER = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


class Degiro(SheetParser):
    slug = "degiro"
    broker = "degiro"
    label = "DEGIRO transactions (CSV)"
    default_zone = "Europe/Amsterdam"
    layouts = (_LAYOUT,)
    numbers = ("price", "local", "value", "total", "fee")
    day_first = True
    newest_first = True

    def base_currency(self, rows: Sequence[Row]) -> str:
        found = {_currency(row, "total") for row in rows} - {""}
        return found.pop() if len(found) == 1 else ""

    def moment(self, row: Row) -> When:
        stated = f"{row.word('date', 'no_date')} {row.text('time')}"
        return read_when(stated, day_first=row.desk.day_first)

    def read_row(self, row: Row) -> Iterable[Record]:
        return [_fill(row)]


def _fill(row: Row) -> ExecutionRow:
    quantity = row.needed("quantity", "no_quantity")
    quoted, scale = major(_currency(row, "price") or _currency(row, "local"))
    if not quoted:
        raise Missing("no_currency", "it names no currency")
    instrument = row.security(
        row.text("isin") or row.word("product", "no_symbol"), quoted,
        description=row.text("product"), isin=row.text("isin"),
    )  # fmt: skip
    local = row.decimal("local")
    proceeds = None if local is None else local * scale
    price = row.decimal("price")
    price = price_of(row, None if price is None else price * scale, quantity, proceeds)
    side = Side.BUY if quantity > 0 else Side.SELL
    check_direction(side, proceeds)
    return fill(row, instrument, side, quantity, price)._replace(
        order_id=_order_id(row),
        fee=_fee(row),
        fee_currency=_currency(row, "total") or quoted,
        fx_rate=_fx_rate(row, quoted, proceeds),
        proceeds=proceeds,
        exchange=row.text("venue"),
    )


def _fee(row: Row) -> Decimal | None:
    """Costs are stated as what they do to the balance; not at all where their column was taken out."""
    if "fee" not in row.desk.header.places:
        return None
    return -(row.money("fee") + row.money("autofx")) or ZERO


def _fx_rate(row: Row, quoted: str, proceeds: Decimal | None) -> Decimal | None:
    """Into the account's currency, as both amounts of the row say it, which is finer than the stated rate."""
    own = _currency(row, "value") or _currency(row, "total")
    if own == quoted:
        return ONE
    value = row.decimal("value")
    return (value / proceeds).copy_abs() if own and value and proceeds else None


def _order_id(row: Row) -> str:
    """Not an id of the fill: an order has one row for each of its fills. Some files have it one column further on."""
    for cell in (row.text("order"), row.beside("order")):
        if _ORDER.fullmatch(cell.lower()):
            return cell.lower()
    return row.text("order")


def _currency(row: Row, column: str) -> str:
    """In the column's own name ("Total EUR"), else in the column without a name beside it."""
    return row.currency_of(column, in_name=_IN_NAME, beside=_CURRENCY)
