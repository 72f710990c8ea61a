"""Contracts by the symbols of any table."""

from __future__ import annotations

import re
from datetime import date

from journal.brokers.text.futures import PRODUCTS, FutureName, read_future

# "NASDAQ:AAPL", as charting programs write it.
_WITH_EXCHANGE = re.compile(r"([A-Z][A-Z0-9_]{1,15}):(\S.*)", re.ASCII)
# For who only asks what it is a future of.
_SOME_DAY = date(2026, 1, 1)


def without_exchange(symbol: str) -> tuple[str, str]:
    """The symbol and the exchange that stands before it, "" where none does."""
    match = _WITH_EXCHANGE.fullmatch(symbol)
    return (match[2], match[1]) if match else (symbol, "")


def future_root(symbol: str) -> str:
    """ "ES" of ESZ5; "" for what is not the name of a future."""
    found = future_of(symbol, _SOME_DAY)
    if found is None or not any(map(str.isalpha, found.root)):
        return ""
    # A short ticker with digits reads like one too: QX12 is no future of Q.
    return found.root if found.root in PRODUCTS or len(found.root) > 1 else ""


def future_of(symbol: str, near: date) -> FutureName | None:
    """`near` is a day on which it was traded."""
    return read_future(without_exchange(symbol)[0], near)
