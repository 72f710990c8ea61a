"""A terse language for the legs of structures.

`-2P95@1.20` sold two puts of strike 95 at 1.20; `+1C105@0.40/60f1.30` bought a call that expires 60 days after the
first day, with a fee of 1.30 (expiry is day 30 where none is told); `+100S@50` bought 100 shares at 50; `-1F30@5000` sold a
future of multiplier 50 that expires on day 30. Options are of multiplier 100. One contract, one number.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from journal.domain.structures.values import StructureLeg, Terms
from journal.domain.values import AssetClass, Right

FIRST = date(2026, 3, 2)
LEG = re.compile(r"([+-][\d.]+)([PCSF])(-?[\d.]*)@(-?[\d.]+|\?)(?:/(\d+))?(?:f(-?[\d.]+))?")
RIGHTS = {"P": Right.PUT, "C": Right.CALL}
_NUMBERS: dict[tuple, int] = {}


def number_of(*contract) -> int:
    return _NUMBERS.setdefault(contract, len(_NUMBERS) + 1)


def leg(text: str, **changes) -> StructureLeg:
    found = LEG.fullmatch(text)
    assert found is not None, f"not a leg: {text}"
    quantity, what, number, price, expiry, fee = found.groups()
    terms = _option(what, number, int(expiry or 30)) if what in RIGHTS else _line(what, number)
    return StructureLeg(
        replace(terms, **changes),
        Decimal(quantity),
        None if price == "?" else Decimal(price),
        Decimal(fee or 0),
    )


def _option(what: str, strike: str, days: int) -> Terms:
    return Terms(
        number_of(what, Decimal(strike), days),
        AssetClass.OPTION,
        "USD",
        Decimal(100),
        RIGHTS[what],
        Decimal(strike),
        FIRST + timedelta(days=days),
    )


def _line(what: str, days: str) -> Terms:
    if what == "S":
        return Terms(number_of("S"), AssetClass.STOCK, "USD")
    expiry = FIRST + timedelta(days=int(days or 30))
    return Terms(number_of("F", days), AssetClass.FUTURE, "USD", Decimal(50), expiry_on=expiry)


def legs(text: str) -> list[StructureLeg]:
    return [leg(word) for word in text.split()]
