"""The grids Executions (fills) and Trades (round trips) of NinjaTrader 8, in whatever notation the computer uses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from journal.brokers.base import ExecutionRow, Record
from journal.brokers.text.faults import Missing
from journal.brokers.text.layout import Layout
from journal.brokers.text.points import Fact
from journal.brokers.text.records import fill
from journal.brokers.text.round_trips import End, round_trip
from journal.brokers.text.row import Row
from journal.brokers.text.sheet import SheetParser
from journal.brokers.text.traded import contract, learn, quoted
from journal.domain.values import ZERO, PositionEffect, Side

# People choose the columns of a grid, and may hide the ids.
_EXECUTIONS = Layout(
    needs={
        "symbol": "Instrument", "action": "Action", "quantity": "Quantity", "price": "Price",
        "date": "Time", "end": "E/X",
    },
    may={
        "id": "ID", "position": "Position", "order": "Order ID", "name": "Name",
        "fee": "Commission", "account": ("Account", "Account name", "Account display name"),
    },
)  # fmt: skip
_TRADES = Layout(
    needs={
        "symbol": "Instrument", "direction": "Market pos.", "quantity": "Qty",
        "entry": "Entry price", "price": "Exit price", "entered": "Entry time",
        "date": "Exit time", "profit": "Profit",
    },
    may={
        "account": ("Account", "Account name", "Account display name"), "fee": "Commission",
        "clearing": "Clearing Fee", "exchange": "Exchange Fee", "ip": "IP Fee", "nfa": "NFA Fee",
    },
)  # fmt: skip
_COSTS = ("fee", "clearing", "exchange", "ip", "nfa")
_SIDES = {
    "buy": Side.BUY, "sell": Side.SELL, "buytocover": Side.BUY, "sellshort": Side.SELL,
}  # fmt: skip
_IS_LONG = {"long": True, "short": False}
_CURRENCY_SIGN = re.compile("[$€£¥]|[A-Z]{3}")
# After a fill: "4 L" is four long, "-" flat.
_AFTER = {Side.BUY: "L", Side.SELL: "S"}


class NinjaTrader(SheetParser):
    slug = "ninjatrader"
    broker = "ninjatrader"
    label = "NinjaTrader executions or trades (CSV)"
    default_zone = "America/Chicago"
    layouts = (_EXECUTIONS, _TRADES)
    numbers = ("price", "entry", "profit", *_COSTS)
    newest_first = True

    def base_currency(self, rows: Sequence[Row]) -> str:
        return "USD"

    def account_of_row(self, row: Row) -> str:
        return row.text("account")

    def study(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if row.desk.header.layout is _TRADES and _is_money(row):
                learn(row, "symbol", _fact)

    def read_row(self, row: Row) -> Iterable[Record]:
        return _trade(row) if row.desk.header.layout is _TRADES else [_execution(row)]


def _execution(row: Row) -> ExecutionRow:
    said = "".join(row.text("action").lower().split())
    if said not in _SIDES:
        raise Missing("no_direction", f"its action “{said[:20]}” is neither Buy nor Sell")
    side, fee = _SIDES[said], row.decimal("fee")
    quantity = row.needed("quantity", "no_quantity")
    return fill(row, contract(row, "symbol"), side, quantity, quoted(row, "price"))._replace(
        broker_id=row.text("id"),
        order_id=row.text("order"),
        order_reference=row.text("name"),
        fee=None if fee is None else abs(fee),
        effect=_effect(row, side),
    )


def _effect(row: Row, side: Side) -> PositionEffect:
    """An exit closes, unless it went through zero: then the position after it is on its own side."""
    after = row.text("position").upper()
    if row.text("end").lower() != "exit" or not after or after.endswith(_AFTER[side]):
        return PositionEffect.UNKNOWN
    return PositionEffect.CLOSE


def _fact(row: Row) -> Fact:
    """The stated profit is after commissions, or before them, as the platform is set."""
    profit = row.decimal("profit")
    if profit is None:
        raise Missing("no_amount", "it states no profit")
    move = quoted(row, "price") - quoted(row, "entry")
    units = (move if _is_long(row) else -move) * _quantity(row)
    return Fact(profit, units, _costs(row) or ZERO)


def _is_money(row: Row) -> bool:
    """The platform may be set to state profits in points, ticks or percent: "4" where it would write "$200.00"."""
    return bool(_CURRENCY_SIGN.search(row.text("profit")))


def _trade(row: Row) -> list[Record]:
    instrument, costs = contract(row, "symbol"), _costs(row)
    half = None if costs is None else costs / 2
    ends = (
        End(quoted(row, "entry"), row.when("entered").instant(row.zone), fee=half),
        End(quoted(row, "price"), row.at, fee=half),
    )
    fact = _fact(row)
    net = fact.net(instrument.multiplier)
    if net is None:
        row.notice("profit_without_price")
        net = fact.profit - fact.costs if _is_money(row) else None
    trip = round_trip(row, instrument, _quantity(row), ends, is_long=_is_long(row), net_profit=net)
    return trip.records()


def _is_long(row: Row) -> bool:
    said = row.text("direction").lower()
    if said not in _IS_LONG:
        raise Missing(
            "no_direction", f"its market position “{said[:20]}” is neither Long nor Short"
        )
    return _IS_LONG[said]


def _quantity(row: Row) -> Decimal:
    return row.needed("quantity", "no_quantity").copy_abs()


def _costs(row: Row) -> Decimal | None:
    """Of the whole round trip; None where no column states any."""
    known = [abs(one) for one in map(row.decimal, _COSTS) if one is not None]
    return sum(known, ZERO) if known else None
