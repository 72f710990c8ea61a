"""Which rows of a day are one trade: BUX may state units and money in two rows, and the fee in a third."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from journal.brokers.text.faults import BadNumber
from journal.brokers.text.row import Row

# "Order Partial Id: 59009fc3-f72c-451f-9007-28e86adfb5fd - 1"
_PARTIAL = re.compile(r"Order Partial Id: ([0-9a-f-]{36}) - (\d+)", re.ASCII)
_ORDER = re.compile(r"Order Id: ([0-9a-f-]{36})", re.ASCII)
_NEAR = timedelta(seconds=2)
_UNITS = "ASSET_"


@dataclass(slots=True)
class Trade:
    """`row` states the money, or alone what there is; `units` is the row of the asset, where there is one."""

    row: Row
    units: Row | None = None
    fees: list[Row] = field(default_factory=list)

    @property
    def fill_id(self) -> str:
        match = _PARTIAL.search(self.row.text("description"))
        return f"{match[1]}-{match[2]}" if match else ""

    @property
    def order_id(self) -> str:
        match = _PARTIAL.search(self.row.text("description"))
        return match[1] if match else ""


@dataclass(slots=True)
class Day:
    """Trades by the number of the row that they are told with, and the rows that are told with another one."""

    trades: dict[int, Trade]
    told: dict[int, str]


def find_trades(rows: Sequence[Row]) -> Day:
    day = Day({}, {})
    stated = [row for row in rows if row.text("category") == "trades"]
    for row in stated:
        if not states_units(row):
            day.trades[row.number] = Trade(row)
    for row in filter(states_units, stated):
        trade = _of_units(row, day.trades.values())
        if trade is None:
            day.trades[row.number] = Trade(row)
        else:
            trade.units = row
            day.told[row.number] = "Units of a trade"
    for row in filter(_is_trading_fee, rows):
        trade = _of_fee(row, day.trades.values())
        if trade is not None:
            trade.fees.append(row)
            day.told[row.number] = "Fee of a trade"
    return day


def states_units(row: Row) -> bool:
    return row.text("move").startswith(_UNITS)


def _of_units(row: Row, trades: Iterable[Trade]) -> Trade | None:
    alike = [one for one in trades if one.units is None and _is_alike(one.row, row)]
    partial = _PARTIAL.search(row.text("description"))
    if partial is not None:
        fill_id = f"{partial[1]}-{partial[2]}"
        return next((one for one in alike if one.fill_id == fill_id), None)
    return next((one for one in alike if _is_near(one.row, row)), None)


def _is_alike(one: Row, other: Row) -> bool:
    quantities = (row.text("quantity").lstrip("-") for row in (one, other))
    return one.text("asset") == other.text("asset") and len(set(quantities)) == 1


def _is_trading_fee(row: Row) -> bool:
    if row.text("category") != "fees" or not row.text("asset"):
        return False
    try:
        return row.decimal("amount") is not None and row.moment_or_none is not None
    except BadNumber:
        return False


def _of_fee(row: Row, trades: Iterable[Trade]) -> Trade | None:
    """By the order's id, else the trade of that asset at that moment."""
    match = _ORDER.search(row.text("description"))
    if match is not None:
        return next((one for one in trades if one.order_id == match[1]), None)
    same = (one for one in trades if one.row.text("asset") == row.text("asset"))
    return next((one for one in same if _is_near(one.row, row)), None)


def _is_near(one: Row, other: Row) -> bool:
    if one.moment_or_none is None or other.moment_or_none is None:
        return False
    return abs(one.at - other.at) <= _NEAR
