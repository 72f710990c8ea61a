"""Prices of a market that nobody made: a random walk that has a price at every second and remembers nothing.

Between two known points the walk is halved again and again, each middle moved by a number drawn from the seed, the
symbol and the place alone (Lévy's construction of Brownian motion). So any moment costs as many steps as there are
halvings, and the same seed gives the same prices on every machine: all of it is arithmetic of integers.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
# About 34 years of seconds.
_HALVINGS = 30
_HUNDREDTHS = 100
# A draw is the sum of four bytes: nearly normal, with a standard deviation of about 148.
_DRAWN, _SPREAD_OF_DRAW = 4, 148


class Market(NamedTuple):
    """`start` in ticks, `tick` in money; `per_second` is the standard deviation of one second in hundredths of a tick,
    and `spread` in ticks."""

    symbol: str
    start: int = 10_000
    tick: Decimal = Decimal("0.01")
    per_second: int = 30
    spread: int = 2


def price_at(seed: int, market: Market, at: datetime) -> Decimal:
    """The middle at that second, at least one tick."""
    second = int((at - _EPOCH).total_seconds())
    ticks = market.start + _walk(seed, market.symbol, second) * market.per_second // _HUNDREDTHS
    return max(ticks, 1) * market.tick


def bid_ask(seed: int, market: Market, at: datetime) -> tuple[Decimal, Decimal]:
    middle, half = price_at(seed, market, at), market.spread * market.tick / 2
    return max(middle - half, market.tick), middle + half


@lru_cache(maxsize=4_096)
def _walk(seed: int, symbol: str, second: int) -> int:
    """The place of the walk at that second, in standard deviations of one second."""
    first, last = 0, 2**_HALVINGS
    low, high = 0, 0
    second = min(max(second, first), last)
    while last - first > 1:
        middle = (first + last) // 2
        # The middle of a stretch of Brownian motion: halfway between its ends, give or take half the root of its
        # length.
        moved = _draw(seed, symbol, middle) * _root(last - first) // (2 * _SPREAD_OF_DRAW)
        place = (low + high) // 2 + moved
        if second >= middle:
            first, low = middle, place
        else:
            last, high = middle, place
    return low if second == first else high


def _draw(seed: int, symbol: str, place: int) -> int:
    drawn = blake2b(f"{seed}:{symbol}:{place}".encode(), digest_size=_DRAWN).digest()
    return sum(drawn) - 510


def _root(of: int) -> int:
    """The integer square root of a power of two, rounded."""
    half, is_odd = divmod(of.bit_length() - 1, 2)
    return (1 << half) * 1414 // 1000 if is_odd else 1 << half
