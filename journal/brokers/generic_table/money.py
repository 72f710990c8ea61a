"""Money in a cell: which currency or coin it states beside the number."""

from __future__ import annotations

import re

from journal.brokers.text.currencies import FIAT

STABLE_COINS = frozenset({"USDT", "USDC", "BUSD", "FDUSD", "DAI"})
_SIGNS = {"€": "EUR", "£": "GBP", "₹": "INR", "zł": "PLN"}
# Dollars of other countries are written with the same sign.
_DOLLAR = "$"
_DOLLARS = frozenset(
    {"USD", "CAD", "AUD", "NZD", "HKD", "SGD", "TWD", "MXN", "ARS", "CLP", "COP", "BRL"}
)
_CODE = re.compile(r"(?<![A-Za-z])([A-Z]{3,5})(?![A-Za-z])", re.ASCII)
_UNIT = re.compile(
    r"^\s*([A-Z][A-Z0-9]{1,9})\s+[-+(]?[\d.]|[\d.,)]\s*([A-Z][A-Z0-9]{1,9})\s*$", re.ASCII
)


def currency_in(cell: str, usual: str = "USD") -> str:
    """The currency that a cell states by a code or a sign, "" where it states none. A dollar is `usual` where that is
    one."""
    code = next((one for one in _CODE.findall(cell) if one in FIAT | STABLE_COINS), "")
    if code:
        return code
    if _DOLLAR in cell:
        return usual if usual in _DOLLARS else "USD"
    return next((code for sign, code in _SIGNS.items() if sign in cell), "")


def unit_in(cell: str) -> str:
    """As `currency_in`, and any other code beside the number: 0.00075 BNB is in BNB."""
    match = _UNIT.search(cell)
    return (match[1] or match[2]) if match else currency_in(cell, "")
