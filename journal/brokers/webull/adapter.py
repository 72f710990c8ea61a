"""Orders of a Webull account in the USA: stocks, or options with a row of the strategy above those of its legs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from journal.brokers.base import ORDER_AUTHORITY, ExecutionRow, InstrumentRow, Record
from journal.brokers.text.contracts import read_option
from journal.brokers.text.faults import BadValue, Missing
from journal.brokers.text.layout import Layout
from journal.brokers.text.moments import When, read_when
from journal.brokers.text.records import fill
from journal.brokers.text.row import Row
from journal.brokers.text.sheet import SheetParser
from journal.domain.values import PositionEffect, Side

_LAYOUT = Layout(
    needs={
        "name": "Name", "symbol": "Symbol", "side": "Side", "status": "Status", "quantity": "Filled",
        "ordered": "Total Qty", "price": "Avg Price", "placed": "Placed Time", "date": "Filled Time",
    },
    may={"limit": "Price", "validity": "Time-in-Force"},
)  # fmt: skip
_SIDES = {
    "buy": (Side.BUY, PositionEffect.UNKNOWN),
    "sell": (Side.SELL, PositionEffect.UNKNOWN),
    "short": (Side.SELL, PositionEffect.OPEN),
}
_NEW_YORK = ZoneInfo("America/New_York")
_EASTERN = re.compile(r"(.+?)\s+E[SD]?T", re.ASCII)


class Webull(SheetParser):
    slug = "webull"
    broker = "webull"
    label = "Webull orders (CSV)"
    default_zone = "America/New_York"
    layouts = (_LAYOUT,)
    numbers = ("quantity", "price")
    day_first = False
    newest_first = True

    def base_currency(self, rows: Sequence[Row]) -> str:
        return "USD"

    def moment(self, row: Row) -> When:
        """Of the fill, else of the order, which is all that a row without a fill has."""
        return _moment(row, row.text("date") or row.word("placed", "no_date"))

    def read_row(self, row: Row) -> Iterable[Record]:
        if not row.text("symbol"):
            # "IWM Vertical": the legs follow, each with its own row.
            return [row.kept("Strategies")]
        if not row.decimal("quantity"):
            return [row.kept(f"Orders: {row.text('status') or 'not filled'}")]
        return [_order(row)]


def _moment(row: Row, stated: str) -> When:
    match = _EASTERN.fullmatch(stated)
    when = read_when(match[1] if match else stated, day_first=row.desk.day_first)
    if match is None or when.at is None:
        return when
    # EST and EDT both: the clock of New York, whatever zone the account's statements have.
    local = when.instant(_NEW_YORK).astimezone(_NEW_YORK)
    return when._replace(offset=local.utcoffset())


def _order(row: Row) -> ExecutionRow:
    said = row.text("side")
    if said.lower() not in _SIDES:
        raise Missing("no_direction", f"its side “{said[:20]}” is neither Buy, Sell nor Short")
    side, effect = _SIDES[said.lower()]
    price = row.decimal("price")
    if price is None:
        raise Missing("no_price", "it states no average price")
    if price < 0:
        raise BadValue(row.text("price"), "a price")
    row.notice("order_rows_booked")
    placed = row.text("placed")
    return fill(row, _instrument(row), side, row.needed("quantity", "no_quantity"), price)._replace(
        fee=None,
        effect=effect,
        ordered_at=_moment(row, placed).instant(row.zone) if placed else None,
        notes=("ORDER",),
        authority=ORDER_AUTHORITY,
    )


def _instrument(row: Row) -> InstrumentRow:
    symbol = row.word("symbol", "no_symbol")
    option = read_option(symbol)
    if option is not None:
        return row.option(symbol, option, "USD")
    return row.security(symbol, "USD", description=row.text("name"))
