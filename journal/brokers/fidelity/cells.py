"""What the cells of a row say, wherever the file has them."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from journal.brokers.base import InstrumentRow
from journal.brokers.text.american import security_in_dollars
from journal.brokers.text.contracts import read_option
from journal.brokers.text.faults import BadValue
from journal.brokers.text.numbers import read_number
from journal.brokers.text.row import Row
from journal.domain.values import ZERO, AssetClass

_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
# "(100 SHS)" in the description of an option
_SIZE = re.compile(r"\((\d+) SHS\)", re.ASCII)


def figures(row: Row) -> tuple[Decimal, Decimal | None]:
    """Quantity and price. Some files have a currency below "Quantity": then price and quantity are the two cells
    behind it, whatever is written above them."""
    if not _CURRENCY.fullmatch(row.text("quantity")):
        return row.money("quantity"), row.decimal("price") or None
    place = row.desk.header.places["quantity"]
    price, quantity = (
        read_number(cell, row.desk.point) for cell in row.cells[place + 1 : place + 3]
    )
    return quantity or ZERO, price or None


def settled_on(row: Row) -> date | None:
    """ "Processing" of trades that are not settled yet."""
    try:
        return row.day("settled")
    except BadValue:
        return None


def instrument_of(
    row: Row,
    quantity: Decimal = ZERO,
    price: Decimal | None = None,
    money: Decimal | None = None,
) -> InstrumentRow:
    symbol = row.word("symbol", "no_symbol")
    option = read_option(symbol)
    if option is None:
        return security_in_dollars(row, symbol, row.text("description"), quantity, price, money)
    size = _SIZE.search(row.text("description")) or _SIZE.search(row.text("action"))
    return row.security(
        option.plain, "USD", AssetClass.OPTION, Decimal(size[1]) if size else Decimal(100),
        underlying_symbol=option.underlying, expiry_on=option.expiry_on, strike=option.strike,
        right=option.right,
    )  # fmt: skip


def phrase_of(row: Row) -> str:
    return " ".join(row.text("action").upper().split())


def start(phrase: str) -> str:
    return " ".join(phrase.split()[:4])
