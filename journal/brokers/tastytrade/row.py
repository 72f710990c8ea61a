"""One transaction, whichever layout it was written in: texts as numbers and instants, costs positive."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from journal.brokers.text.numbers import read_number
from journal.domain.values import ONE, ZERO, Right

_NOISE = Decimal("1e-11")
_PLACES = Decimal("1e-9")
_LONGEST = -10
_DESCRIBED_PRICE = re.compile(r"@\s*\$?(-?[\d,]+(?:\.\d+)?)\s*$", re.ASCII)


class Transaction(NamedTuple):
    """`kind`, `sub_kind` and `action` are words in lower case with single blanks, "" where the layout lacks them.

    `value` is signed (positive reaches the account), `cost` is commission and fees, positive where they cost.
    `price` is per unit as stated, None where the layout has none; `average` is money per contract.
    """

    row: int
    raw: dict[str, str]
    account_id: str
    at: datetime
    day: date  # of `at`, in the zone
    zone: str
    kind: str
    sub_kind: str
    action: str
    symbol: str
    instrument_type: str
    description: str
    quantity: Decimal | None
    value: Decimal | None
    cost: Decimal
    currency: str
    price: Decimal | None = None
    average: Decimal | None = None
    multiplier: Decimal | None = None
    underlying: str = ""
    expiry_on: date | None = None
    strike: Decimal | None = None
    right: Right | None = None
    id: str = ""
    exec_id: str = ""
    trade_id: str = ""
    order_id: str = ""
    exchange: str = ""
    reverses_id: str = ""

    @property
    def money(self) -> Decimal:
        """What reached the account: the value less what it cost."""
        return (self.value or ZERO) - self.cost

    @property
    def described_price(self) -> Decimal | None:
        """The price at the end of "Sold 1 /CLJ4 @ 79.53", None where there is none."""
        found = _DESCRIBED_PRICE.search(self.description)
        return read_number(found[1]) if found else None


def words(text: str) -> str:
    """SELL_TO_OPEN and "Sell to Open" are the same."""
    return " ".join(text.replace("_", " ").lower().split())


def read_money(text: str) -> Decimal | None:
    """A number without the noise of binary fractions, which exports of 2018 to 2021 have: 0.1399999999999999 is 0.14.

    Raises BadNumber.
    """
    number = read_number(text)
    return None if number is None else without_noise(number)


def per_unit(money: Decimal, units: Decimal) -> Decimal:
    """Without a sign, and never as 2E+1: a database writes 20, and one number must not have two writings."""
    price = (money / units).copy_abs()
    return price.quantize(ONE) if int(price.as_tuple().exponent) > 0 else price


def without_noise(number: Decimal) -> Decimal:
    if int(number.as_tuple().exponent) > _LONGEST:
        return number
    rounded = number.quantize(_PLACES)
    if abs(number - rounded) >= _NOISE:
        return number
    return Decimal(f"{rounded:f}".rstrip("0").rstrip(".")) or ZERO
