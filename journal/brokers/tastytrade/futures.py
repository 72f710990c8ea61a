"""Money per point of futures, by product. The exports state none, and the API's transactions neither.

Source: the contract specifications of CME Group, Cboe Futures Exchange and the Small Exchange.
"""

from __future__ import annotations

from decimal import Decimal

_POINTS = """
    ES 50  MES 5  NQ 20  MNQ 2  RTY 50  M2K 5  YM 5  MYM 0.5  EMD 100  NKD 5  VX 1000  VXM 100
    CL 1000  MCL 100  QM 500  NG 10000  MNG 1000  QG 2500  RB 42000  HO 42000  BZ 1000
    GC 100  MGC 10  1OZ 1  SI 5000  SIL 1000  HG 25000  MHG 2500  PL 50  PA 100
    ZT 2000  ZF 1000  ZN 1000  TN 1000  ZB 1000  UB 1000  GE 2500  SR3 2500  SR1 4167  ZQ 4167
    2YY 1000  5YY 1000  10Y 1000  30Y 1000
    6A 100000  6B 62500  6C 100000  6E 125000  6J 12500000  6S 125000  6N 100000  6M 500000
    M6A 10000  M6B 6250  M6E 12500  MCD 10000  MSF 12500
    ZC 50  ZS 50  ZW 50  KE 50  ZL 600  ZM 100  XC 10  XK 10  XW 10  HE 400  LE 400  GF 500
    BTC 5  MBT 0.1  ETH 50  MET 0.1  BFF 0.02
    SM75 100  SMO 100  S2Y 100  S10Y 100  SFX 100  SPRE 100  SCCX 100
"""
_WORDS = _POINTS.split()
POINT_VALUES = dict(zip(_WORDS[::2], map(Decimal, _WORDS[1::2]), strict=True))


def point_value(product: str) -> Decimal | None:
    """`product` is the symbol without slash, month and year: "ES". None: not in the list."""
    return POINT_VALUES.get(product)
