"""Symbols as tastytrade writes them: what they say of the contract, and one way of writing each.

- options: root padded to six places, day, right, strike in thousandths: "SPY   240119C00480000";
- futures: "/ESZ9" has one digit of the year, so the day of the row says which decade; written here as "/ESZ29";
- options on futures: "./ESM1 ESM1  210618P3900", padded to fixed places, written here with single blanks.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from journal.brokers.text.futures import full_year
from journal.domain.values import Right

_OPTION = re.compile(r"([A-Z0-9./]{1,6}) *(\d\d)(\d\d)(\d\d)([CP])(\d{8})", re.ASCII)
_FUTURE = re.compile(r"/?([A-Z0-9]{1,5}?)([FGHJKMNQUVXZ])(\d{1,2})", re.ASCII)
_FUTURE_OPTION = re.compile(
    r"\./?([A-Z0-9]{1,4}?[FGHJKMNQUVXZ]\d{1,2}) *([A-Z0-9]{2,8}) +(\d\d)(\d\d)(\d\d)([CP])(\d+(?:\.\d+)?)",
    re.ASCII,
)
_THOUSAND = Decimal(1000)
RIGHTS = {"C": Right.CALL, "CALL": Right.CALL, "P": Right.PUT, "PUT": Right.PUT}


class OptionSymbol(NamedTuple):
    symbol: str
    underlying: str
    product: str  # of options on futures, "" of others
    expiry_on: date
    strike: Decimal
    right: Right


class FutureSymbol(NamedTuple):
    symbol: str
    product: str


def read_option(symbol: str) -> OptionSymbol | None:
    """None where it is no option's symbol, or one of a day that does not exist."""
    if match := _OPTION.fullmatch(symbol):
        root, year, month, day, right, digits = match.groups()
        on = _day(year, month, day)
        if on is None:
            return None
        strike = Decimal(digits) / _THOUSAND
        return OptionSymbol(
            option_symbol(root, on, RIGHTS[right], strike), root, "", on, strike, RIGHTS[right]
        )
    if match := _FUTURE_OPTION.fullmatch(symbol):
        future, root, year, month, day, right, digits = match.groups()
        on = _day(year, month, day)
        underlying = read_future(future, on) if on else None
        if on is None or underlying is None:
            return None
        text = f"./{future} {root} {year}{month}{day}{right}{digits}"
        return OptionSymbol(
            text, underlying.symbol, underlying.product, on, Decimal(digits), RIGHTS[right]
        )
    return None


def option_symbol(root: str, on: date, right: Right, strike: Decimal) -> str:
    """As the Options Clearing Corporation writes it."""
    letter = "C" if right is Right.CALL else "P"
    return f"{root:<6}{on:%y%m%d}{letter}{int(strike * _THOUSAND):08d}"


def read_future(symbol: str, near: date) -> FutureSymbol | None:
    """`near` is a day on which it was traded."""
    match = _FUTURE.fullmatch(symbol)
    if match is None:
        return None
    product, month, digits = match.groups()
    return FutureSymbol(f"/{product}{month}{full_year(digits, near) % 100:02d}", product)


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(2000 + int(year), int(month), int(day))
    except ValueError:
        return None
