"""Which cell of a row is what: by the names of the columns where they are the English ones, else by place and content.

Interactive Brokers translates the names of columns and never their order. Which of the optional columns a table has
(account, exchange, closing price, …) shows in its width and in what its cells hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from journal.brokers.text.faults import BadNumber
from journal.brokers.text.numbers import read_number

Layout = Mapping[str, int]

_DAY = re.compile(r"\d{4}-?\d\d-?\d\d", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_CENT = Decimal("0.01")
_ROUNDING = Decimal("0.005")
_MONEY_TOLERANCE = Decimal("0.02")

_TRADES = {
    "datadiscriminator": "level", "asset category": "category", "currency": "currency", "account": "account",
    "symbol": "symbol", "date/time": "at", "exchange": "exchange", "quantity": "quantity", "t. price": "price",
    "c. price": "close", "proceeds": "proceeds", "notional value": "notional", "comm/fee": "fee",
    "basis": "basis", "realized p/l": "pnl", "code": "code",
}  # fmt: skip
_POSITIONS = {
    "datadiscriminator": "level", "asset category": "category", "currency": "currency", "account": "account",
    "symbol": "symbol", "open": "open", "quantity": "quantity", "mult": "multiplier",
    "cost price": "cost_price", "cost basis": "cost", "close price": "mark", "value": "value",
    "unrealized p/l": "pnl", "code": "code",
}  # fmt: skip
_INSTRUMENTS = {
    "asset category": "category", "symbol": "symbol", "description": "description", "conid": "conid",
    "security id": "security_id", "isin": "security_id", "underlying": "underlying",
    "listing exch": "exchange", "multiplier": "multiplier", "expiry": "expiry", "maturity": "expiry",
    "type": "type", "strike": "strike", "código": "code", "code": "code",
}  # fmt: skip
# Behind the symbol and the instant, without an exchange, by how many columns are left.
_TRADE_TAILS = {
    7: ("quantity", "price", "proceeds", "fee", "basis", "pnl", "code"),
    8: ("quantity", "price", "close", "proceeds", "fee", "basis", "pnl", "code"),
    9: ("quantity", "price", "close", "proceeds", "fee", "basis", "pnl", "mtm", "code"),
    10: ("quantity", "price", "close", "proceeds", "fee", "basis", "pnl", "percent", "mtm", "code"),
}
_POSITION_TAIL = ("quantity", "multiplier", "cost_price", "cost", "mark", "value", "pnl")
# Codes of trades whose profit is proceeds, fee and basis added up. An assignment's holds the premium too.
_PLAIN_CODES = frozenset({"O", "C", "P", ""})


def by_names(header: Sequence[str], names: Mapping[str, str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, name in enumerate(header):
        field = names.get(name.casefold())
        if field is not None:
            found.setdefault(field, place)
    return found


def trade_layout(header: Sequence[str], cells: Sequence[str]) -> Layout | None:
    """None where it cannot be told. `cells` are those of an order or a trade; closed lots leave too much out."""
    found = by_names(header, _TRADES)
    if {"symbol", "at", "quantity", "price"} <= found.keys():
        if "fee" not in found:
            _add_forex_fee(header, found)
        return found
    at = next((place for place in (4, 5) if _is_day(cells, place)), None)
    if at is None:
        return None
    quantity = at + 1 if number_in(cells, at + 1) is not None else at + 2
    tail = _TRADE_TAILS.get(len(header) - quantity)
    if tail is None:
        return None
    layout = {"level": 0, "category": 1, "currency": 2, "symbol": at - 1, "at": at}
    if at == 5:
        layout["account"] = 3
    if quantity == at + 2:
        layout["exchange"] = at + 1
    layout |= {name: quantity + place for place, name in enumerate(tail)}
    return layout if _adds_up(layout, cells) else None


def _add_forex_fee(header: Sequence[str], found: dict[str, int]) -> None:
    """ "Comm in USD": the currency of the costs is the base currency, and the name says which."""
    for place, name in enumerate(header):
        if name.casefold().startswith("comm in "):
            found["fee"] = place


def fee_currency(name: str) -> str:
    """The currency that the name of the column of costs ends with, in any language; "" where it names none."""
    last = name.rsplit(maxsplit=1)[-1] if " " in name else ""
    return last if _CURRENCY.fullmatch(last) else ""


def _adds_up(layout: Layout, cells: Sequence[str]) -> bool:
    """Proceeds, costs and basis make the profit. What is not stated cannot contradict."""
    if not set(cell(cells, layout, "code").split(";")) <= _PLAIN_CODES:
        return True
    stated = [number_in(cells, layout[name]) for name in ("proceeds", "fee", "basis", "pnl")]
    money = [number for number in stated if number is not None]
    if len(money) < 4:
        return True
    return abs(money[0] + money[1] + money[2] - money[3]) <= _MONEY_TOLERANCE


def position_layout(header: Sequence[str], cells: Sequence[str]) -> Layout | None:
    """None where it cannot be told. `cells` are those of a summary row; rows of lots leave too much out."""
    found = by_names(header, _POSITIONS)
    if {"symbol", "quantity"} <= found.keys():
        return found
    for quantity in (4, 5, 6):
        if _is_position(cells, quantity):
            has_open = not cells[quantity - 1] or cells[quantity - 1] == "-"
            symbol = quantity - 2 if has_open else quantity - 1
            layout = {"level": 0, "category": 1, "currency": 2, "symbol": symbol}
            if symbol == 4:
                layout["account"] = 3
            if has_open:
                layout["open"] = quantity - 1
            return layout | {name: quantity + place for place, name in enumerate(_POSITION_TAIL)}
    return None


def _is_position(cells: Sequence[str], quantity: int) -> bool:
    """Whether quantity x multiplier x cost is the cost basis that stands behind them, and the value likewise."""
    numbers = [number_in(cells, quantity + place) for place in range(6)]
    known = [number for number in numbers if number is not None]
    if len(known) < 6 or not known[0]:
        return False
    units = known[0] * known[1]
    return _is_about(units * known[2], known[3]) and _is_about(units * known[4], known[5])


def _is_about(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= max(_CENT, abs(other) * _ROUNDING)


def cash_layout(header: Sequence[str], cells: Sequence[str]) -> Layout | None:
    """[Subtitle], currency, [account], day, description, amount, [code]. None for totals, which have no day."""
    currency = next(
        (place for place in (0, 1) if place < len(cells) and _CURRENCY.fullmatch(cells[place])),
        None,
    )
    if currency is None:
        return None
    day = next(
        (place for place in range(currency + 1, currency + 3) if _is_day(cells, place)), None
    )
    if day is None or day + 2 >= len(cells):
        return None
    layout = {"currency": currency, "at": day, "description": day + 1, "amount": day + 2}
    if currency == 1:
        layout["subtitle"] = 0
    if day == currency + 2:
        layout["account"] = currency + 1
    if len(header) > day + 3:
        layout["code"] = day + 3
    return layout


def corporate_layout(header: Sequence[str], cells: Sequence[str]) -> Layout | None:
    """Category, currency, [account], day of report, [instant], text, quantity, proceeds, value, profit, code."""
    day = next((place for place in (2, 3) if _is_day(cells, place)), None)
    if day is None:
        return None
    at = day + 1 if _is_day(cells, day + 1) else day
    layout = {"category": 0, "currency": 1, "reported": day, "at": at}
    if day == 3:
        layout["account"] = 2
    tail = ("description", "quantity", "proceeds", "value", "pnl", "code")
    return layout | {name: at + 1 + place for place, name in enumerate(tail)}


def instrument_layout(header: Sequence[str], cells: Sequence[str]) -> Layout:
    """By names; in other languages only what its look gives away (`instruments.read_fact`)."""
    found = by_names(header, _INSTRUMENTS)
    if {"symbol", "multiplier"} <= found.keys():
        return found
    return {"category": 0, "symbol": 1, "description": 2, "conid": 3}


LayoutOf = Callable[[Sequence[str], Sequence[str]], Layout | None]


def cell(cells: Sequence[str], layout: Layout, name: str) -> str:
    place = layout.get(name)
    return cells[place] if place is not None and place < len(cells) else ""


def number_in(cells: Sequence[str], place: int) -> Decimal | None:
    try:
        return read_number(cells[place]) if place < len(cells) else None
    except BadNumber:
        return None


def _is_day(cells: Sequence[str], place: int) -> bool:
    return place < len(cells) and _DAY.match(cells[place]) is not None
