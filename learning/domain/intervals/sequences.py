"""Intervals that may be looked at after every trade, for ever: confidence sequences.

An interval that holds 95 % of the time when it is computed once fails 41 % of the time somewhere between the 20th and
the 500th look. A confidence sequence holds at all times at once, and pays for it with half as much width again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from learning.domain.figures import Interval
from learning.domain.intervals.clusters import LEAST_OF_EACH
from learning.domain.trades import Floats

TUNED_FOR = 100
LEAST = 20


@dataclass(frozen=True, slots=True)
class Band:
    """For the first `n`, n + 1, … trades: the interval at that time, as columns."""

    n: Floats
    low: Floats
    high: Floats


def half_width(
    n: Floats, variance: Floats, level: float = 0.95, tuned_for: int = TUNED_FOR
) -> Floats:
    """√(v·(nρ²+1)/(n²ρ²)·ln((nρ²+1)/α²)), narrowest near `tuned_for` trades.

    The asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas (2024), Theorem 2.2; ρ² by their
    appendix B.2: (−2 ln α + ln(−2 ln α) + 1)/n₀.
    """
    alpha = 1 - level
    rho = (-2 * math.log(alpha) + math.log(-2 * math.log(alpha)) + 1) / tuned_for
    inner = n * rho + 1
    return np.sqrt(variance * inner / (n**2 * rho) * np.log(inner / alpha**2))


def confidence_sequence(values: Floats, level: float = 0.95, least: int = LEAST) -> Band:
    """The band of the running mean of `values` in their order, from the `least`-th on; empty before that."""
    n = np.arange(1, len(values) + 1, dtype=np.float64)
    # Around the first value, so that squares of large numbers do not swallow their differences.
    shift = values[0] if len(values) else 0.0
    moved = values - shift
    means = np.cumsum(moved) / n
    squares = np.maximum(np.cumsum(moved**2) - n * means**2, 0.0)
    variances = squares / np.maximum(n - 1, 1)
    half = half_width(n, variances, level)
    late = slice(least - 1, None)
    return Band(n[late], (shift + means - half)[late], (shift + means + half)[late])


def interval_now(n: int, mean: float, variance: float, level: float = 0.95) -> Interval | None:
    """The interval after `n` values with this mean and variance (over n − 1); None before the first `LEAST`."""
    if n < LEAST:
        return None
    half = float(half_width(np.array([float(n)]), np.array([variance]), level)[0])
    return Interval(mean - half, mean + half, level)


def edge_seen(values: Floats, level: float = 0.95, least: int = LEAST) -> int | None:
    """After how many trades the band of the mean first lay above zero, None where it never did.

    Looks begin with the fifth winner and the fifth loser: until then a seller of premium has no variance to speak of,
    and the band follows what was not yet lost.
    """
    band = confidence_sequence(values, level, least)
    fewer = np.minimum(np.cumsum(values > 0), np.cumsum(values < 0))[least - 1 :]
    above = np.flatnonzero((band.low > 0) & (fewer >= LEAST_OF_EACH))
    return int(band.n[above[0]]) if len(above) else None
