"""What a row is about: by the columns of the trade history, or by the words of a movement of cash."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from journal.brokers.base import InstrumentRow
from journal.brokers.text.contracts import OptionName
from journal.brokers.text.faults import BadDate, Missing
from journal.brokers.text.futures import read_future
from journal.brokers.text.moments import read_when
from journal.brokers.text.row import Row
from journal.brokers.text.traded import contract
from journal.domain.values import ONE, AssetClass, Right

_RIGHTS = {"CALL": Right.CALL, "PUT": Right.PUT}
_SECURITIES = {
    "STOCK": AssetClass.STOCK,
    "ETF": AssetClass.STOCK,
    "": AssetClass.STOCK,
    "FUND": AssetClass.FUND,
    "BOND": AssetClass.BOND,
}
# "8 JAN 27", "16 APR 27 [AM]", "(Weeklys) 8 JAN 27"
_EXPIRY = re.compile(r"(?:\([^)]*\) )*(\d\d?) ([A-Z]{3}) (\d\d)(?: [\[(].*)?", re.ASCII)
# "/NGK27 1/10000 27 APR 27 (Financial) (MAY 27)"
_ON_FUTURE = re.compile(r"(/\S+) 1/(\d+) (?:(\d\d?) )?([A-Z]{3}) (\d\d)\b", re.ASCII)
# "QXA 100 (Weeklys) 8 JAN 27 355 PUT"
_DESCRIBED = re.compile(
    r"(?P<symbol>[A-Z$][A-Z0-9./]*) (?P<size>\d+) (?P<expiry>(?:\([^)]*\) )*\d\d? [A-Z]{3} \d\d(?: \[[^\]]*\])?) "
    r"(?P<strike>[\d.]+) (?P<right>CALL|PUT)",
    re.ASCII,
)
# ".QXA271231P580"
_DOTTED = re.compile(r"\.([A-Z]{1,6}\d?)(\d\d)(\d\d)(\d\d)([CP])(\d+(?:\.\d+)?)", re.ASCII)


class Described(NamedTuple):
    """An option on `size` units."""

    name: OptionName
    size: Decimal


def root(symbol: str) -> str:
    """Under which descriptions speak of it: "/MGCJ27" of "/MGCJ27:XCEC" and of "/MGCJ27 1/10 27 APR 27"."""
    return symbol.partition(" ")[0].partition(":")[0]


def instrument_of(row: Row) -> InstrumentRow:
    """Of a row of the trade history."""
    symbol, kind = row.word("symbol", "no_symbol"), row.text("type").upper()
    if kind in _RIGHTS:
        if symbol.startswith("/"):
            return _option_on_future(row, symbol, _RIGHTS[kind])
        expiry_on, strike = _expiry(row.text("expiry")), row.decimal("strike")
        if expiry_on is None or strike is None:
            raise Missing("no_symbol", "it names an option without its expiry and strike")
        name = OptionName(symbol, expiry_on, strike, _RIGHTS[kind])
        return row.option(name.plain, name, "USD")
    if kind == "FUTURE" or symbol.startswith("/"):
        return future(row)
    if kind not in _SECURITIES:
        raise Missing("no_symbol", f"it is of the type “{kind[:20]}”, which is not known here")
    return row.security(symbol, "USD", _SECURITIES[kind])


def future(row: Row) -> InstrumentRow:
    """Raises Missing where nobody knows what a point is worth."""
    return contract(row, "symbol")


def option(row: Row, described: Described) -> InstrumentRow:
    name = described.name
    return row.security(
        name.plain, "USD", AssetClass.OPTION, described.size, underlying_symbol=name.underlying,
        expiry_on=name.expiry_on, strike=name.strike, right=name.right,
    )  # fmt: skip


def stock(row: Row, symbol: str) -> InstrumentRow:
    return row.security(symbol, "USD")


def read_described(text: str) -> Described | None:
    """The first single option that the words name."""
    if match := _DESCRIBED.search(text):
        expiry_on = _expiry(match["expiry"])
        if expiry_on is None:
            return None
        strike = Decimal(match["strike"])
        name = OptionName(match["symbol"], expiry_on, strike, _RIGHTS[match["right"]])
        return Described(name, Decimal(match["size"]))
    if match := _DOTTED.search(text):
        root_, year, month, day, right, strike_ = match.groups()
        try:
            expiry_on = date(2000 + int(year), int(month), int(day))
        except ValueError:
            return None
        name = OptionName(
            root_, expiry_on, Decimal(strike_), Right.CALL if right == "C" else Right.PUT
        )
        return Described(name, Decimal(100))
    return None


def _option_on_future(row: Row, symbol: str, right: Right) -> InstrumentRow:
    match, strike = _ON_FUTURE.match(symbol), row.decimal("strike")
    if match is None or strike is None:
        raise Missing("no_symbol", "it does not say which option on a future it is about")
    underlying = read_future(root(match[1]), row.moment.day)
    name = row.text("expiry").lstrip("/") or root(match[1]).lstrip("/")
    expiry_on = _expiry(f"{match[3]} {match[4]} {match[5]}") if match[3] else None
    return row.security(
        f"{name} {strike.normalize():f} {right[0].upper()}", "USD", AssetClass.FUTURE_OPTION,
        Decimal(match[2]) or ONE, underlying_symbol=underlying.symbol if underlying else "",
        expiry_on=expiry_on, strike=strike, right=right,
    )  # fmt: skip


def _expiry(text: str) -> date | None:
    match = _EXPIRY.fullmatch(text.strip().upper())
    if match is None:
        return None
    try:
        return read_when(f"{match[1]} {match[2]} {match[3]}").day
    except BadDate:
        return None
