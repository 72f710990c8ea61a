"""Sessions and prices of the demo: the same for the same seed, whoever trades how often.

A price is a function of product, session and time of day. The trader may therefore look ahead, which is how a
modest edge is given to him, and what he pays is what everybody pays.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple

from journal.services.demo.catalogue import PRODUCTS, SPLIT_RATIO, SPLIT_SYMBOL, Product

SESSIONS_A_YEAR = 252
AHEAD = 70  # sessions after the last one: exits and expiries may lie there
_HOLIDAYS = {(1, 1), (7, 4), (12, 25)}


def is_session(day: date) -> bool:
    is_thanksgiving = day.month == 11 and day.weekday() == 3 and 22 <= day.day <= 28
    return day.weekday() < 5 and (day.month, day.day) not in _HOLIDAYS and not is_thanksgiving


def list_sessions(until: date, count: int) -> list[date]:
    """So many sessions up to `until`, and AHEAD more."""
    before: list[date] = []
    day = until
    while len(before) < count:
        if is_session(day):
            before.append(day)
        day -= timedelta(days=1)
    after: list[date] = []
    day = until
    while len(after) < AHEAD:
        day += timedelta(days=1)
        if is_session(day):
            after.append(day)
    return before[::-1] + after


class Session(NamedTuple):
    opens: float
    closes: float
    swing: float
    phase: float
    waves: int


class Market:
    def __init__(
        self,
        dice: Random,
        until: date,
        sessions: int,
        products: Mapping[str, Product] = PRODUCTS,
    ) -> None:
        self.count = sessions
        self.days = list_sessions(until, sessions)
        self.split_session = sessions * 11 // 20
        self._paths = {symbol: self._path(product, dice) for symbol, product in products.items()}

    def _path(self, product: Product, dice: Random) -> list[Session]:
        """A random walk with drifts of its own that last for weeks, split where the product is."""
        level, daily = product.price, product.volatility / math.sqrt(SESSIONS_A_YEAR)
        drift, path = 0.0, []
        for index in range(len(self.days)):
            if dice.random() < 0.04:
                drift = dice.uniform(-0.10, 0.12) * daily
            if product.symbol == SPLIT_SYMBOL and index == self.split_session:
                level /= SPLIT_RATIO
            # Prices come back from far away, so that five years do not make a penny stock or a giant.
            pull = 0.01 * daily * math.log(product.price / level) if level else 0.0
            opens = level * (1 + 0.3 * daily * noise(dice))
            level = opens * (1 + daily * noise(dice) + drift + pull)
            swing = opens * daily * dice.uniform(0.1, 0.7)
            path.append(Session(opens, level, swing, dice.uniform(0, math.tau), dice.randint(1, 4)))
        return path

    def price(self, product: Product, index: int, part: float) -> float:
        """`part` runs from 0 at the open to 1 at the close."""
        opens, closes, swing, phase, waves = self._paths[product.symbol][index]
        wave = math.sin(phase + math.tau * waves * part) * 4 * part * (1 - part)
        return opens + (closes - opens) * part + swing * wave

    def close(self, product: Product, index: int) -> float:
        return self._paths[product.symbol][index].closes

    def moment(self, product: Product, index: int, part: float) -> datetime:
        """New York's wall clock."""
        minutes = product.opens + (product.closes - product.opens) * part
        start = datetime.combine(self.days[index], datetime.min.time())
        return start + timedelta(seconds=int(minutes * 60))

    def rate(self, source: str, target: str, index: int) -> Decimal:
        """Units of `target` for one of `source`."""
        if source == target:
            return Decimal(1)
        return Decimal(f"{self._in_dollars(source, index) / self._in_dollars(target, index):.6f}")

    def _in_dollars(self, currency: str, index: int) -> float:
        if currency == "USD":
            return 1.0
        if currency == "JPY":
            return 1 / self.close(PRODUCTS["USD.JPY"], index)
        return self.close(PRODUCTS[f"{currency}.USD"], index)

    def session_of(self, day: date) -> int:
        """The last session up to `day`."""
        index = bisect_left(self.days, day)
        return index if index < len(self.days) and self.days[index] == day else index - 1


def noise(dice: Random) -> float:
    """About normal, and of sums only: the same on every machine."""
    return (dice.random() + dice.random() + dice.random() + dice.random() - 2.0) * 1.732


def option_value(
    *, spot: float, strike: float, is_call: bool, years: float, volatility: float
) -> float:
    """Intrinsic value and a time value that is largest at the money: close enough to look right."""
    intrinsic = max(0.0, spot - strike if is_call else strike - spot)
    spread = spot * volatility * math.sqrt(max(years, 0.0))
    if not spread:
        return intrinsic
    return intrinsic + 0.4 * spread * math.exp(-1.3 * abs(spot - strike) / spread)
