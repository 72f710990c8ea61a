"""The contract of a row on a futures platform, by its name and what a point of it is worth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from journal.brokers.base import InstrumentRow
from journal.brokers.text.faults import BadValue, Missing
from journal.brokers.text.futures import PRODUCTS, read_future
from journal.brokers.text.points import Fact, Points
from journal.brokers.text.row import Row
from journal.domain.values import ONE, AssetClass

_USUAL_CURRENCY = "USD"


def points_of(row: Row) -> Points:
    """What the row's file has told so far."""
    points: Points = row.desk.memory.setdefault("points", Points())
    return points


def learn(row: Row, column: str, read: Callable[[Row], Fact]) -> None:
    """What the row tells of its product; nothing where it cannot be read, which reading it tells."""
    try:
        fact = read(row)
        name, day = row.text(column), row.moment.day
    except (BadValue, Missing, ArithmeticError):
        return
    points_of(row).learn(root_of(name, day), fact)


def root_of(name: str, near: date) -> str:
    future = read_future(name, near)
    return future.root if future else name.strip().upper()


def contract(row: Row, column: str, currency: str = "") -> InstrumentRow:
    """Raises Missing where nobody knows what a point is worth. `currency` as stated, else that of the exchange.

    A name without a month is what the platform trades beside futures, if the file's own profits say that its points are
    money: a share. A product's name alone is that product.
    """
    name = row.word(column, "no_symbol")
    future = read_future(name, row.moment.day)
    root = root_of(name, row.moment.day)
    product = PRODUCTS.get(root)
    listed = product.point_value if product else None
    value = points_of(row).value(root, listed)
    if value is None:
        raise Missing(
            "no_multiplier", f"it is not known here what a point of {root[:20]} is worth, and the file does not tell"
        )  # fmt: skip
    if value != listed:
        row.notice("multiplier_of_profits", f"{root} ({value.normalize():f})")
    is_share = future is None and product is None and value == ONE
    return row.security(
        future.symbol if future else root,
        currency or (product.currency if product else _USUAL_CURRENCY),
        AssetClass.STOCK if is_share else AssetClass.FUTURE,
        value,
        underlying_symbol="" if is_share else root,
    )


def net_profit(row: Row, instrument: InstrumentRow, fact: Fact) -> Decimal:
    """The stated profit after costs. One that does not follow from the prices is told, and taken as it is stated."""
    net = fact.net(instrument.multiplier)
    if net is None:
        row.notice("profit_without_price")
        return fact.profit
    return net


def quoted(row: Row, column: str) -> Decimal:
    """A price. One in 32nds ("110'165") is no decimal number, whatever a thousands separator looks like."""
    if "'" in row.text(column):
        raise BadValue(row.text(column), "a price in decimals")
    price = row.decimal(column)
    if price is None:
        raise Missing("no_price", "it states no price")
    return price
