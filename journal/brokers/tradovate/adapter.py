"""Reports of a Tradovate account: single fills, orders, or pairs of a purchase and a sale."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from journal.brokers.base import ORDER_AUTHORITY, ExecutionRow, Record
from journal.brokers.text.faults import Missing
from journal.brokers.text.layout import Header
from journal.brokers.text.moments import When
from journal.brokers.text.records import fill
from journal.brokers.text.row import Row
from journal.brokers.text.sheet import SheetParser
from journal.brokers.text.traded import contract, learn, quoted
from journal.brokers.tradovate.layouts import FILLS, ORDERS, PAIRS, PERFORMANCE, POSITIONS
from journal.brokers.tradovate.pairs import ended, fact, read_pair
from journal.domain.values import LotMethod, Side

_SIDES = {"buy": Side.BUY, "sell": Side.SELL}


class Tradovate(SheetParser):
    slug = "tradovate"
    broker = "tradovate"
    label = "Tradovate fills, orders, performance or position history (CSV)"
    default_zone = "America/Chicago"
    layouts = (FILLS, PERFORMANCE, POSITIONS, ORDERS)
    numbers = ("price", "sell_price", "profit", "fee")
    day_first = False

    def base_currency(self, rows: Sequence[Row]) -> str:
        found = {row.text("currency") for row in rows} - {""}
        return found.pop() if len(found) == 1 else "USD"

    def account_of_row(self, row: Row) -> str:
        return row.text("account")

    def lot_method(self, header: Header) -> LotMethod | None:
        """Its pairs are its own matches."""
        return LotMethod.BROKER if header.layout in PAIRS else None

    def moment(self, row: Row) -> When:
        layout = row.desk.header.layout
        if layout in PAIRS:
            return ended(row)
        if layout is FILLS:
            return row.when("utc" if row.text("utc") else "date")
        return row.when("date" if row.text("date") else "placed")

    def study(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if row.desk.header.layout in PAIRS:
                learn(row, "symbol", fact)

    def read_row(self, row: Row) -> Iterable[Record]:
        layout = row.desk.header.layout
        if layout in PAIRS:
            return read_pair(row)
        if layout is FILLS:
            if row.text("active").lower() == "false":
                # Taken back by the exchange.
                return [row.kept("Fills: not active")]
            return [_fill(row)]
        if not row.decimal("quantity") and not row.decimal("quantity_again"):
            return [row.kept(f"Orders: {row.text('status') or 'not filled'}")]
        return [_order(row)]


def _fill(row: Row) -> ExecutionRow:
    quantity = row.needed("quantity", "no_quantity")
    instrument = contract(row, "symbol", row.text("currency"))
    fee = row.decimal("fee")
    return fill(row, instrument, _side(row), quantity, quoted(row, "price"))._replace(
        broker_id=row.text("id"),
        order_id=row.text("order"),
        fee=None if fee is None else abs(fee),
        reported_on=row.day("traded_on"),
    )


def _order(row: Row) -> ExecutionRow:
    """At the average price of what was filled, also where the rest was cancelled."""
    quantity = row.decimal("quantity") or row.needed("quantity_again", "no_quantity")
    number = row.text("order")
    row.notice("order_rows_booked")
    price = quoted(row, "price" if row.text("price") else "price_again")
    instrument = contract(row, "symbol", row.text("currency"))
    return fill(row, instrument, _side(row), quantity, price)._replace(
        broker_id=f"order:{number}" if number else "",
        order_id=number,
        fee=None,
        order_type=row.text("order_type"),
        ordered_at=row.when("placed").instant(row.zone) if row.text("placed") else None,
        notes=("ORDER",),
        authority=ORDER_AUTHORITY,
    )


def _side(row: Row) -> Side:
    said = row.text("side").lower()
    if said not in _SIDES:
        raise Missing("no_direction", f"its B/S “{said[:20]}” is neither Buy nor Sell")
    return _SIDES[said]
