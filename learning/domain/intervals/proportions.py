"""Intervals of a rate: how many of how many.

Wilson is the one that is shown; Jeffreys is the posterior of a single group; Clopper–Pearson never covers less than
it says.
"""

from __future__ import annotations

import math

from scipy.special import betaincinv, ndtri

from learning.domain.figures import Interval


def wilson(count: int, n: int, level: float = 0.90) -> Interval:
    """(p̂ + z²/2n ± z√(p̂(1−p̂)/n + z²/4n²)) / (1 + z²/n) of `count` in `n`, n ≥ 1 (Newcombe 1998, method 3)."""
    z = float(ndtri(0.5 + level / 2))
    rate, extra = count / n, z * z / n
    middle = rate + extra / 2
    half = z * math.sqrt(rate * (1 - rate) / n + extra / (4 * n))
    return _within(count, n, (middle - half) / (1 + extra), (middle + half) / (1 + extra), level)


def jeffreys(count: int, n: int, level: float = 0.90) -> Interval:
    """Equal-tailed posterior interval of `count` in `n` under Beta(½, ½) (Brown, Cai, DasGupta 2001, §4.3)."""
    tail, a, b = (1 - level) / 2, count + 0.5, n - count + 0.5
    return _within(count, n, betaincinv(a, b, tail), betaincinv(a, b, 1 - tail), level)


def clopper_pearson(count: int, n: int, level: float = 0.90) -> Interval:
    """Exact interval of `count` in `n`: each tail of the binomial holds at most half of what is left out."""
    tail = (1 - level) / 2
    low = betaincinv(count, n - count + 1, tail) if count else 0.0
    high = betaincinv(count + 1, n - count, 1 - tail) if count < n else 1.0
    return _within(count, n, low, high, level)


def _within(count: int, n: int, low: float, high: float, level: float) -> Interval:
    """None of all goes down to exactly 0, and all of all up to exactly 1, which arithmetic misses by a rounding."""
    return Interval(
        0.0 if count == 0 else max(0.0, float(low)),
        1.0 if count == n else min(1.0, float(high)),
        level,
    )
