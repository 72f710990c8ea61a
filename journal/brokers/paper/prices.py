"""Prices of a market that nobody made: a random walk that has a price at every second and remembers nothing.

Between two known points the walk is halved again and again, each middle moved by a number drawn from the seed, the
symbol and the place alone (Lévy's construction of Brownian motion). So any moment costs as many steps as there are
halvings, and the same seed gives the same prices on every machine: all of it is arithmetic of integers.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    and `spread` in ticks. At `since` the price is that of the start, None: where the walk begins."""

    symbol: str
    start: int = 10_000
    tick: Decimal = Decimal("0.01")
    per_second: int = 30
    spread: int = 2
    since: datetime | None = None


class Shock(NamedTuple):
    """From `at` on prices move by this part of themselves (-0.3: they fall by three tenths) within so many seconds, and
    stay there. `symbol` "" is the whole market."""

    at: datetime
    change: Decimal
    seconds: int = 0
    symbol: str = ""


def price_at(seed: int, market: Market, at: datetime, shocks: Sequence[Shock] = ()) -> Decimal:
    """The middle at that second, at least one tick."""
    walked = _place(seed, market, at) - (_place(seed, market, market.since) if market.since else 0)
    ticks = max(market.start + walked * market.per_second // _HUNDREDTHS, 1)
    for shock in shocks:
        if shock.symbol in ("", market.symbol) and at >= shock.at:
            ticks = max(int(ticks * (1 + shock.change * _done(shock, at))), 1)
    return ticks * market.tick


def bid_ask(
    seed: int, market: Market, at: datetime, shocks: Sequence[Shock] = ()
) -> tuple[Decimal, Decimal]:
    middle, half = price_at(seed, market, at, shocks), market.spread * market.tick / 2
    return max(middle - half, market.tick), middle + half


def _done(shock: Shock, at: datetime) -> Decimal:
    """How much of it has happened, from 0 to 1."""
    passed = int((at - shock.at).total_seconds())
    return Decimal(1) if passed >= shock.seconds else Decimal(passed) / shock.seconds


def _place(seed: int, market: Market, at: datetime) -> int:
    return _walk(seed, market.symbol, int((at - _EPOCH).total_seconds()))


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
