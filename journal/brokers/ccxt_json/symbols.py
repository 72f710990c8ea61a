"""Names of markets: ccxt's own, which hold all that a contract is, and those of exchanges, turned into ccxt's.

BTC/USDT                        a pair: coins against coins
BTC/USDT:USDT                   a perpetual contract, settled in what stands behind the colon
BTC/USD:BTC                     settled in the coin itself: an inverse contract
BTC/USDT:USDT-261225            one that ends on that day
BTC/USDC:USDC-261225-100000-C   an option
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from journal.brokers.text.currencies import FIAT
from journal.brokers.text.faults import BadValue
from journal.domain.values import Right

_UNIFIED = re.compile(
    r"(?P<base>[^/:\s]{1,32})/(?P<quote>[^/:\s]{1,12})"
    r"(?::(?P<settle>[^/:\s-]{1,12})"
    r"(?:-(?P<expiry>\d{6})(?:-(?P<strike>\d+(?:\.\d+)?)-(?P<right>[CP]))?)?)?"
)
_QUOTES = sorted(
    {
        "USDT", "USDC", "FDUSD", "TUSD", "BUSD", "USDP", "USDD", "USDE", "USD1", "DAI", "BTC", "ETH", "BNB",
        "XBT", "EURI", *FIAT,
    },
    key=lambda one: (-len(one), one),
)  # fmt: skip
# DOTUSD is DOT in dollars, though there is a coin TUSD.
_QUOTES_OF_CONTRACTS = ("USDT", "USDC", "USD", "BTC", "ETH")
_MONTHS = {
    "JAN": 1, "FEB": 2, "MAR": 3, "APR": 4, "MAY": 5, "JUN": 6, "JUL": 7, "AUG": 8, "SEP": 9, "OCT": 10,
    "NOV": 11, "DEC": 12,
}  # fmt: skip
_DATED = re.compile(
    r"(?P<pair>[A-Z0-9]+)-(?P<day>\d{1,2})(?P<month>[A-Z]{3})(?P<year>\d\d)"
    r"(?:-(?P<strike>\d+(?:\.\d+)?)-(?P<right>[CP])(?:-(?P<settle>[A-Z]+))?)?"
)
_UNDERSCORED = re.compile(r"(?P<pair>[A-Z0-9]+)_(?P<end>PERP|\d{6})")
_OKX_END = re.compile(r"SWAP|(?P<expiry>\d{6})(?:-(?P<strike>\d+(?:\.\d+)?)-(?P<right>[CP]))?")


class Market(NamedTuple):
    """`settle` is "" for a pair. A contract that settles in its base coin is inverse, unless it is an option: these
    are quoted in that coin."""

    symbol: str
    base: str
    quote: str
    settle: str = ""
    expiry_on: date | None = None
    strike: Decimal | None = None
    right: Right | None = None

    @property
    def is_contract(self) -> bool:
        return bool(self.settle)

    @property
    def is_inverse(self) -> bool:
        return self.is_contract and self.settle == self.base and self.right is None

    @property
    def currency(self) -> str:
        """What money of it is in."""
        return self.settle or self.quote


def read_symbol(text: str) -> Market:
    """Of ccxt's name. Raises BadValue."""
    match = _UNIFIED.fullmatch(text.strip())
    if match is None:
        raise BadValue(text, "a symbol in ccxt's way of writing, such as BTC/USDT or BTC/USDT:USDT")
    expiry, right = match["expiry"], match["right"]
    return Market(
        symbol=match[0],
        base=match["base"],
        quote=match["quote"],
        settle=match["settle"] or "",
        expiry_on=_day(expiry) if expiry else None,
        strike=Decimal(match["strike"]) if right else None,
        right={"C": Right.CALL, "P": Right.PUT}[right] if right else None,
    )


def _day(text: str) -> date:
    """261225: year, month, day. Raises BadValue."""
    try:
        return date(2000 + int(text[:2]), int(text[2:4]), int(text[4:]))
    except ValueError:
        raise BadValue(text, "a day") from None


def split_pair(text: str, quotes: Sequence[str] = _QUOTES) -> tuple[str, str] | None:
    """Base and quote; None where it ends in nothing that pairs are quoted in."""
    for quote in quotes:
        if text.endswith(quote) and len(text) > len(quote):
            return text[: -len(quote)], quote
    return None


def from_bybit(text: str, category: str) -> str:
    """Raises BadValue. `category` as in its answers: spot, linear, inverse, option."""
    if match := _DATED.fullmatch(text):
        month = _MONTHS.get(match["month"])
        if month is None:
            raise BadValue(text, "a market of Bybit")
        expiry = f"{match['year']}{month:02}{int(match['day']):02}"
        pair = match["pair"]
        base, quote = split_pair(pair, _QUOTES_OF_CONTRACTS) or (pair, match["settle"] or "USDC")
        end = f"-{match['strike']}-{match['right']}" if match["right"] else ""
        return f"{base}/{quote}:{quote}-{expiry}{end}"
    if category == "linear" and text.endswith("PERP"):
        return f"{text[:-4]}/USDC:USDC"
    is_contract = category != "spot"
    base, quote = _needed(text, "Bybit", is_contract=is_contract)
    if not is_contract:
        return f"{base}/{quote}"
    return f"{base}/{quote}:{base if quote == 'USD' else quote}"


def from_binance(text: str, *, is_contract: bool) -> str:
    """Raises BadValue."""
    if match := _UNDERSCORED.fullmatch(text):
        base, quote = _needed(match["pair"], "Binance", is_contract=True)
        settle = base if quote == "USD" else quote
        end = "" if match["end"] == "PERP" else f"-{match['end']}"
        return f"{base}/{quote}:{settle}{end}"
    base, quote = _needed(text, "Binance", is_contract=is_contract)
    return f"{base}/{quote}:{quote}" if is_contract else f"{base}/{quote}"


def from_okx(text: str) -> str:
    """Raises BadValue. BTC-USDT, BTC-USDT-SWAP, BTC-USD-261225, BTC-USD-261225-100000-C."""
    base, _, rest = text.partition("-")
    quote, _, end = rest.partition("-")
    if not base or not quote:
        raise BadValue(text, "a market of OKX")
    if not end:
        return f"{base}/{quote}"
    match = _OKX_END.fullmatch(end)
    if match is None:
        raise BadValue(text, "a market of OKX")
    settle = base if quote == "USD" else quote
    option = f"-{match['strike']}-{match['right']}" if match["right"] else ""
    expiry = f"-{match['expiry']}" if match["expiry"] else ""
    return f"{base}/{quote}:{settle}{expiry}{option}"


def _needed(text: str, whose: str, *, is_contract: bool) -> tuple[str, str]:
    found = split_pair(text, _QUOTES_OF_CONTRACTS if is_contract else _QUOTES)
    if found is None:
        raise BadValue(text, f"a market of {whose}")
    return found
