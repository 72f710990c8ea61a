"""Daily returns of underlyings on common days, their volatility, and their beta to an index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from learning.domain.exposure.bets import LEAST
from learning.domain.figures import Figure, Interval, Reason, Unit
from learning.domain.trades import Floats

SESSIONS = 252.0


@dataclass(frozen=True, slots=True)
class Daily:
    """`returns` has a row per day and a column per name, NaN where a day or the one before it is not known."""

    names: tuple[str, ...]
    returns: Floats

    def of(self, name: str) -> Floats:
        return np.asarray(self.returns[:, self.names.index(name)])


def daily_returns(closes: Mapping[str, Mapping[date, float]], most: int = 252) -> Daily:
    """From the closes of each name by day, on all days that any of them has; the newest `most`."""
    names = tuple(sorted(closes))
    days = sorted({day for found in closes.values() for day in found})[-most - 1 :]
    prices = np.array(
        [[closes[name].get(day, np.nan) for name in names] for day in days], dtype=np.float64
    ).reshape(len(days), len(names))
    prices[~(prices > 0)] = np.nan
    return Daily(names, prices[1:] / prices[:-1] - 1 if len(days) else prices)


def volatility(returns: Floats) -> Figure:
    """Per year: the deviation of daily returns times √252."""
    known = returns[np.isfinite(returns)]
    if len(known) < LEAST:
        return Figure.absent(Reason.TOO_FEW, len(known), Unit.FRACTION, least=LEAST)
    spread = float(known.std(ddof=1))
    return Figure(spread * float(np.sqrt(SESSIONS)), len(known), Unit.FRACTION)


def beta(returns: Floats, index: Floats) -> Figure:
    """cov / var over common days, with the 90 % interval of least squares."""
    known = np.isfinite(returns) & np.isfinite(index)
    n = int(np.count_nonzero(known))
    if n < LEAST:
        return Figure.absent(Reason.TOO_FEW, n, Unit.RATIO, least=LEAST)
    x, y = index[known] - index[known].mean(), returns[known] - returns[known].mean()
    spread = float(x @ x)
    if spread <= n * (8 * np.finfo(float).eps) ** 2:
        return Figure.absent(Reason.ZERO_VARIANCE, n, Unit.RATIO)
    slope = float(x @ y) / spread
    left = y - slope * x
    half = 1.645 * float(np.sqrt(left @ left / (n - 2) / spread))
    return Figure(slope, n, Unit.RATIO, Interval(slope - half, slope + half))


def columns(daily: Daily, names: Sequence[str]) -> Floats:
    """The returns of these names, in that order."""
    return np.asarray(daily.returns[:, [daily.names.index(name) for name in names]])
