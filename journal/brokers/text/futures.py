"""Futures by the names that platforms give them, and the money per point of the common ones.

"ESZ6", "ESZ26", "ESZ2026", "/ESZ6", "ES 12-26", "ES DEC26" and "CON.F.US.EP.Z26" are one contract, here "ESZ26".

Source of the points: the contract specifications of CME Group (CME, CBOT, NYMEX, COMEX), Cboe Futures Exchange, Eurex,
ICE Futures U.S. and the Small Exchange. Prices in cents (grains, livestock, softs) have the money per cent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

_LETTERS = "FGHJKMNQUVXZ"
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_CODE = re.compile(
    rf"/?(?P<root>[A-Z0-9]{{1,5}}?)(?P<letter>[{_LETTERS}])(?P<year>20\d\d|\d{{1,2}})", re.ASCII
)
_NUMBERED = re.compile(r"(?P<root>[A-Z0-9]{1,5}) (?P<month>\d\d)-(?P<year>20\d\d|\d\d)", re.ASCII)
_WORDED = re.compile(r"(?P<root>[A-Z0-9]{1,5}) (?P<word>[A-Z]{3})-?(?P<year>20\d\d|\d\d)", re.ASCII)
_GATEWAY = re.compile(
    rf"CON\.F\.[A-Z]{{2}}\.(?P<root>[A-Z0-9]{{1,5}})\.(?P<letter>[{_LETTERS}])(?P<year>\d\d)",
    re.ASCII,
)
_POINTS = {
    "USD": """
        ES 50  MES 5  NQ 20  MNQ 2  RTY 50  M2K 5  YM 5  MYM 0.5  EMD 100  NKD 5  VX 1000  VXM 100
        CL 1000  MCL 100  QM 500  NG 10000  MNG 1000  QG 2500  RB 42000  HO 42000  BZ 1000
        GC 100  MGC 10  1OZ 1  QO 50  SI 5000  SIL 1000  QI 2500  HG 25000  MHG 2500  QC 12500  PL 50  PA 100
        ZT 2000  ZF 1000  ZN 1000  TN 1000  ZB 1000  UB 1000  GE 2500  SR3 2500  SR1 4167  ZQ 4167
        2YY 1000  5YY 1000  10Y 1000  30Y 1000
        6A 100000  6B 62500  6C 100000  6E 125000  6J 12500000  6S 125000  6N 100000  6M 500000
        E7 62500  J7 6250000  M6A 10000  M6B 6250  M6E 12500  MCD 10000  MSF 12500  MJY 1250000
        ZC 50  ZS 50  ZW 50  KE 50  ZL 600  ZM 100  XC 10  XK 10  XW 10  HE 400  LE 400  GF 500
        BTC 5  MBT 0.1  ETH 50  MET 0.1  BFF 0.02
        DX 1000  SB 1120  KC 375  CT 500  CC 10
        SM75 100  SMO 100  S2Y 100  S10Y 100  SFX 100  SPRE 100  SCCX 100
    """,
    "EUR": """
        FDAX 25  FDXM 5  FDXS 1  FESX 10  FSXE 1  FGBL 1000  FGBM 1000  FGBS 1000  FGBX 1000  FBTP 1000
        FOAT 1000
    """,
    "CHF": "FSMI 10",
    "JPY": "NIY 500",
}  # fmt: skip
# What the ProjectX gateway calls products by the names of its data vendor.
_GATEWAY_ROOTS = {
    "EP": "ES", "ENQ": "NQ", "GMET": "MET", "EEU": "E7",
    "CLE": "CL", "MCLE": "MCL", "NQM": "QM", "NGE": "NG", "NQG": "QG", "RBE": "RB", "HOE": "HO",
    "GCE": "GC", "SIE": "SI", "CPE": "HG", "PLE": "PL",
    "DA6": "6A", "BP6": "6B", "CA6": "6C", "EU6": "6E", "JY6": "6J", "SF6": "6S", "NE6": "6N", "MX6": "6M",
    "TUA": "ZT", "FVA": "ZF", "TYA": "ZN", "TNA": "TN", "USA": "ZB", "ULA": "UB",
    "ZCE": "ZC", "ZWA": "ZW", "ZSE": "ZS", "ZME": "ZM", "ZLE": "ZL", "GLE": "LE",
}  # fmt: skip


class Product(NamedTuple):
    point_value: Decimal
    currency: str


class FutureName(NamedTuple):
    """`symbol` is root, letter of the month and two digits of the year: "ESZ26"."""

    symbol: str
    root: str
    year: int
    month: int


def _products() -> Iterator[tuple[str, Product]]:
    for currency, listed in _POINTS.items():
        words = listed.split()
        for root, points in zip(words[::2], words[1::2], strict=True):
            yield root, Product(Decimal(points), currency)


PRODUCTS = dict(_products())


def point_value(root: str) -> Decimal | None:
    """Money per point of a product: "ES". None: not in the list."""
    product = PRODUCTS.get(root)
    return product.point_value if product else None


def read_future(text: str, near: date) -> FutureName | None:
    """`near` is a day on which it was traded. None where the text is not, as a whole, the name of a future."""
    name = text.strip().upper().rpartition(":")[2]
    for pattern in (_GATEWAY, _NUMBERED, _WORDED, _CODE):
        match = pattern.fullmatch(name)
        if match:
            return _named(match, near, is_gateway=pattern is _GATEWAY)
    return None


def full_year(digits: str, near: date) -> int:
    """One digit means the year that ends so, from the year before `near` on: contracts are listed that far ahead."""
    if len(digits) == 1:
        first = near.year - 1
        return first + (int(digits) - first) % 10
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def _named(match: re.Match[str], near: date, *, is_gateway: bool) -> FutureName | None:
    parts = match.groupdict()
    month = _month(parts)
    if not 1 <= month <= 12:
        return None
    root = parts["root"]
    if is_gateway:
        root = _GATEWAY_ROOTS.get(root, root)
    year = full_year(parts["year"], near)
    return FutureName(f"{root}{_LETTERS[month - 1]}{year % 100:02d}", root, year, month)


def _month(parts: dict[str, str]) -> int:
    if "letter" in parts:
        return _LETTERS.index(parts["letter"]) + 1
    if "month" in parts:
        return int(parts["month"])
    return _MONTHS.index(parts["word"]) + 1 if parts["word"] in _MONTHS else 0
