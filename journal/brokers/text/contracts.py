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
_RIGHTS = {"C": Right.CALL, "P": Right.PUT}


class OptionName(NamedTuple):
    underlying: str
    expiry_on: date
    strike: Decimal
    right: Right


def read_option(text: str) -> OptionName | None:
    """None where the text is not, as a whole, the name of an option."""
    if match := _OCC.fullmatch(text):
        root, year, month, day, right, strike = match.groups()
        return _named(root, (f"20{year}", month, day), Decimal(strike).scaleb(-3), right)
    if match := _STRIKE_RIGHT.fullmatch(text):
        root, month, day, year, strike, right = match.groups()
    elif match := _RIGHT_STRIKE.fullmatch(text):
        root, month, day, year, right, strike = match.groups()
    else:
        return None
    return _named(root, (year, month, day), Decimal(strike.replace(",", "")), right[0])


def _named(root: str, day: tuple[str, str, str], strike: Decimal, right: str) -> OptionName | None:
    try:
        expiry_on = date(*map(int, day))
    except ValueError:
        return None
    return OptionName(root, expiry_on, strike, _RIGHTS[right])
