"""Rows of Performance and Position History: some of a purchase and some of a sale, and what both made together."""

from __future__ import annotations

from journal.brokers.base import Record
from journal.brokers.text.faults import Missing
from journal.brokers.text.moments import When
from journal.brokers.text.points import Fact
from journal.brokers.text.round_trips import End, round_trip
from journal.brokers.text.row import Row
from journal.brokers.text.traded import contract, net_profit, quoted
from journal.domain.values import ZERO

# Ids grow, so the lower one was first where both are of one second.
_LENGTH = 24


def fact(row: Row) -> Fact:
    """The stated profit is before commissions, of which these reports say nothing."""
    profit = row.decimal("profit")
    if profit is None:
        raise Missing("no_amount", "it states no profit")
    move = quoted(row, "sell_price") - quoted(row, "price")
    return Fact(profit, move * row.needed("quantity", "no_quantity").copy_abs(), ZERO)


def ended(row: Row) -> When:
    bought, sold = row.when("date"), row.when("sold_at")
    return max(bought, sold, key=lambda one: one.instant(row.zone))


def read_pair(row: Row) -> list[Record]:
    instrument = contract(row, "symbol", row.text("currency"))
    net = net_profit(row, instrument, fact(row))
    quantity = row.needed("quantity", "no_quantity").copy_abs()
    bought = End(
        quoted(row, "price"), row.when("date").instant(row.zone), _part(row, "buy"),
        row.text("bought"),
    )  # fmt: skip
    sold = End(
        quoted(row, "sell_price"), row.when("sold_at").instant(row.zone), _part(row, "sell"),
        row.text("sold"),
    )  # fmt: skip
    is_long = _order(bought) <= _order(sold)
    ends = (bought, sold) if is_long else (sold, bought)
    trip = round_trip(row, instrument, quantity, ends, is_long=is_long, net_profit=net)
    return trip.records()


def _part(row: Row, side: str) -> str:
    """One purchase may be paired with several sales, and the other way round: a part is of both."""
    ids = row.text("bought"), row.text("sold")
    return f"{ids[0]}:{ids[1]}:{side}" if all(ids) else ""


def _order(end: End) -> tuple[object, ...]:
    return end.at, end.whole.rjust(_LENGTH, "0")
