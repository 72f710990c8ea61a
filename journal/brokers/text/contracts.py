"""Options by the names that brokers give them."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from journal.domain.values import Right

# "AAPL250117C00150000", also with blanks in front of the date
_OCC = re.compile(r"([A-Z]{1,6}\d?)\s*(\d\d)(\d\d)(\d\d)([CP])(\d{8})", re.ASCII)
# "AAPL 01/17/2025 150.00 C"
_STRIKE_RIGHT = re.compile(
    r"([A-Z][A-Z0-9./]{0,6}) (\d\d?)/(\d\d?)/(\d{4}) \$?([\d,]+(?:\.\d+)?) ([CP])", re.ASCII
)
# "AAPL 1/17/2025 Call $150.00"
_RIGHT_STRIKE = re.compile(
    r"([A-Z][A-Z0-9./]{0,6}) (\d\d?)/(\d\d?)/(\d{4}) (Call|Put) \$([\d,]+(?:\.\d+)?)", re.ASCII
)
# "-AAPL250117C150.5"
_DASHED = re.compile(r"-([A-Z]{1,6}\d?)(\d\d)(\d\d)(\d\d)([CP])(\d+(?:\.\d+)?)", re.ASCII)
# "CALL AAPL   01/17/25   150.500"
_RIGHT_FIRST = re.compile(
    r"(CALL|PUT)\s+([A-Z][A-Z0-9./]{0,6})\s+(\d\d?)/(\d\d?)/(\d\d)\s+(\d+(?:\.\d+)?)", re.ASCII
)
# "AAPL Jan 17 '25 $150.50 Call"
_WORDED = re.compile(
    r"([A-Z][A-Z0-9./]{0,6}) ([A-Z][a-z]{2}) (\d\d?) '(\d\d) \$([\d,]+(?:\.\d+)?) (Call|Put)",
    re.ASCII,
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_RIGHTS = {"C": Right.CALL, "P": Right.PUT}


class OptionName(NamedTuple):
    underlying: str
    expiry_on: date
    strike: Decimal
    right: Right

    @property
    def plain(self) -> str:
        """A name for contracts that one broker's files call by several: "AAPL 01/17/2025 150.5 C"."""
        strike = f"{self.strike.normalize():f}"
        return f"{self.underlying} {self.expiry_on:%m/%d/%Y} {strike} {self.right[0].upper()}"


def read_option(text: str) -> OptionName | None:
    """None where the text is not, as a whole, the name of an option."""
    if match := _OCC.fullmatch(text):
        root, year, month, day, right, strike = match.groups()
        return _named(root, (f"20{year}", month, day), Decimal(strike).scaleb(-3), right)
    if match := _DASHED.fullmatch(text):
        root, year, month, day, right, strike = match.groups()
        return _named(root, (f"20{year}", month, day), Decimal(strike), right)
    if match := _STRIKE_RIGHT.fullmatch(text):
        root, month, day, year, strike, right = match.groups()
    elif match := _RIGHT_STRIKE.fullmatch(text):
        root, month, day, year, right, strike = match.groups()
    elif match := _RIGHT_FIRST.fullmatch(text):
        right, root, month, day, year, strike = match.groups()
        year = f"20{year}"
    else:
        return _read_worded(text)
    return _named(root, (year, month, day), Decimal(strike.replace(",", "")), right[0])


def _read_worded(text: str) -> OptionName | None:
    match = _WORDED.fullmatch(text)
    if match is None or match[2] not in _MONTHS:
        return None
    root, name, day, year, strike, right = match.groups()
    month = str(_MONTHS.index(name) + 1)
    return _named(root, (f"20{year}", month, day), Decimal(strike.replace(",", "")), right[0])


def _named(root: str, day: tuple[str, str, str], strike: Decimal, right: str) -> OptionName | None:
    try:
        expiry_on = date(*map(int, day))
    except ValueError:
        return None
    return OptionName(root, expiry_on, strike, _RIGHTS[right])
