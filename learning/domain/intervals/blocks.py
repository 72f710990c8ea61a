"""Intervals of what depends on the order of returns: drawdowns, Calmar, UPI. Whole stretches of weeks are redrawn."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from arch.bootstrap import StationaryBootstrap, optimal_block_length

from learning.domain.figures import Interval
from learning.domain.trades import Floats

Statistics = Callable[[Floats], Floats]

LEAST = 26


def block_length(returns: Floats) -> float:
    """Mean length of a stretch for the stationary bootstrap (Politis, White 2004; Patton, Politis, White 2009).

    At least 1, at most a third of the series.
    """
    best = float(optimal_block_length(returns)["stationary"].iloc[0])
    return min(max(best, 1.0), max(len(returns) / 3, 1.0)) if math.isfinite(best) else 1.0


def block_intervals(
    returns: Floats,
    statistics: Statistics,
    *,
    seed: int,
    level: float = 0.90,
    repetitions: int = 1_000,
) -> list[Interval | None]:
    """BCa intervals of statistics of a series of weekly returns by the stationary bootstrap (Politis, Romano 1994).

    `statistics` gives a column of numbers, NaN where one is not defined. None for all below 26 weeks and where the
    returns do not differ; None for one that is not defined for the series or for one of its re-drawn versions.
    """
    found: list[Interval | None] = [None] * len(statistics(returns))
    flat = len(returns) and np.ptp(returns) <= 8 * np.finfo(float).eps * np.abs(returns).max()
    if len(returns) < LEAST or flat:
        return found
    length = math.ceil(block_length(returns))

    def bootstrap() -> Any:
        return StationaryBootstrap(length, returns, seed=np.random.default_rng(seed))

    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        drawn = np.vstack([statistics(returns), bootstrap().apply(statistics, repetitions)])
        # One that is undefined or always the same would undo the others too.
        usable = np.flatnonzero(np.isfinite(drawn).all(0) & (np.ptp(drawn, axis=0) > 0))
        if not len(usable):
            return found
        try:
            ends = bootstrap().conf_int(
                lambda one: statistics(one)[usable], repetitions, method="bca", size=level
            )
        except (FloatingPointError, RuntimeError, ValueError):
            return found
    for column, pair in zip(usable, ends.T, strict=True):
        if np.isfinite(pair).all():
            found[column] = Interval(float(min(pair)), float(max(pair)), level)
    return found


def block_interval(
    returns: Floats,
    statistic: Callable[[Floats], float],
    *,
    seed: int,
    level: float = 0.90,
    repetitions: int = 1_000,
) -> Interval | None:
    """The interval of one statistic: see `block_intervals`."""
    (one,) = block_intervals(
        returns,
        lambda drawn: np.array([statistic(drawn)]),
        seed=seed,
        level=level,
        repetitions=repetitions,
    )
    return one
