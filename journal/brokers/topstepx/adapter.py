"""Trades (round trips) and orders of a TopstepX account. Times carry their offset."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from journal.brokers.base import ORDER_AUTHORITY, ExecutionRow, Record
from journal.brokers.text.faults import Missing
from journal.brokers.text.layout import Header, Layout
from journal.brokers.text.moments import When
from journal.brokers.text.points import Fact
from journal.brokers.text.records import fill
from journal.brokers.text.round_trips import End, round_trip
from journal.brokers.text.row import Row
from journal.brokers.text.sheet import SheetParser
from journal.brokers.text.traded import contract, learn, net_profit, quoted
from journal.domain.values import ZERO, LotMethod, PositionEffect, Side

_TRADES = Layout(
    needs={
        "id": "Id", "symbol": "ContractName", "entered": "EnteredAt", "date": "ExitedAt",
        "entry": "EntryPrice", "price": "ExitPrice", "profit": "PnL", "quantity": "Size",
        "type": "Type",
    },
    may={"fee": "Fees", "commission": "Commissions"},
)  # fmt: skip
_ORDERS = Layout(
    needs={
        "id": "Id", "account": "AccountName", "symbol": "ContractName", "status": "Status",
        "order_type": "Type", "quantity": "Size", "side": "Side", "placed": "CreatedAt",
        "date": "FilledAt", "price": "ExecutePrice",
    },
    may={"effect": "PositionDisposition"},
)  # fmt: skip
_UNTOLD = "it is {status} and states a price, but not how much of it was filled"
_IS_LONG = {"long": True, "short": False}
_SIDES = {"bid": Side.BUY, "ask": Side.SELL}
_EFFECTS = {"opening": PositionEffect.OPEN, "closing": PositionEffect.CLOSE}


class TopstepX(SheetParser):
    slug = "topstepx"
    broker = "topstepx"
    label = "TopstepX trades or orders (CSV)"
    default_zone = "America/Chicago"
    layouts = (_TRADES, _ORDERS)
    numbers = ("entry", "price", "profit", "fee", "commission")
    day_first = False

    def base_currency(self, rows: Sequence[Row]) -> str:
        return "USD"

    def account_of_row(self, row: Row) -> str:
        return row.text("account")

    def lot_method(self, header: Header) -> LotMethod | None:
        """Its trades are its own matches."""
        return LotMethod.BROKER if header.layout is _TRADES else None

    def moment(self, row: Row) -> When:
        """Of the fill, else of the order, which is all that a row without a fill has."""
        if row.desk.header.layout is _ORDERS and not row.text("date"):
            return row.when("placed")
        return row.when("date")

    def study(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if row.desk.header.layout is _TRADES:
                learn(row, "symbol", _fact)

    def read_row(self, row: Row) -> Iterable[Record]:
        if row.desk.header.layout is _TRADES:
            return _trade(row)
        status = row.text("status")
        if status.lower() == "filled":
            return [_order(row)]
        if row.text("price"):
            raise Missing("no_quantity", _UNTOLD.format(status=status[:20] or "without a status"))
        return [row.kept(f"Orders: {status or 'not filled'}")]


def _fact(row: Row) -> Fact:
    """The stated profit is before fees and commissions."""
    size = row.needed("quantity", "no_quantity").copy_abs()
    move = quoted(row, "price") - quoted(row, "entry")
    units = (move if _is_long(row) else -move) * size
    profit = row.decimal("profit")
    if profit is None:
        raise Missing("no_amount", "it states no profit")
    return Fact(profit, units, ZERO)


def _is_long(row: Row) -> bool:
    said = row.text("type").lower()
    if said not in _IS_LONG:
        raise Missing("no_direction", f"its type “{said[:20]}” is neither Long nor Short")
    return _IS_LONG[said]


def _trade(row: Row) -> list[Record]:
    fact, instrument = _fact(row), contract(row, "symbol")
    costs = _costs(row)
    number = row.text("id")
    net = net_profit(row, instrument, fact) - (costs or ZERO)
    half = None if costs is None else costs / 2
    ends = (
        End(quoted(row, "entry"), _at(row, "entered"), number and f"{number}:entry", fee=half),
        End(quoted(row, "price"), row.at, number and f"{number}:exit", fee=half),
    )
    size = row.needed("quantity", "no_quantity").copy_abs()
    trip = round_trip(row, instrument, size, ends, is_long=_is_long(row), net_profit=net)
    return trip.records()


def _costs(row: Row) -> Decimal | None:
    """Of the whole round trip; None where the file states none."""
    stated = [row.decimal(name) for name in ("fee", "commission")]
    known = [abs(one) for one in stated if one is not None]
    return sum(known, ZERO) if known else None


def _at(row: Row, column: str) -> datetime:
    return row.when(column).instant(row.zone)


def _order(row: Row) -> ExecutionRow:
    said = row.text("side").lower()
    if said not in _SIDES:
        raise Missing("no_direction", f"its side “{said[:20]}” is neither Bid nor Ask")
    size = row.needed("quantity", "no_quantity")
    number = row.text("id")
    row.notice("order_rows_booked")
    return fill(row, contract(row, "symbol"), _SIDES[said], size, quoted(row, "price"))._replace(
        broker_id=f"order:{number}" if number else "",
        order_id=number,
        fee=None,
        effect=_EFFECTS.get(row.text("effect").lower(), PositionEffect.UNKNOWN),
        order_type=row.text("order_type"),
        ordered_at=_at(row, "placed") if row.text("placed") else None,
        notes=("ORDER",),
        authority=ORDER_AUTHORITY,
    )
