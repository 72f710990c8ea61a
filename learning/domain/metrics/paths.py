"""Intervals of what depends on the order of weeks: for reports, as a thousand series are drawn for them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from learning.domain.figures import Reason
from learning.domain.intervals.blocks import block_intervals
from learning.domain.metrics.series import ReturnSums
from learning.domain.metrics.sharpe import Trials
from learning.domain.metrics.time_space import growth, time_metrics
from learning.domain.metrics.trade_space import Figures
from learning.domain.trades import Floats

REPETITIONS = 1_000
WITH_INTERVALS = ("cagr", "sortino", "max_drawdown", "ulcer", "calmar", "upi")


def weekly_metrics(
    returns: Floats,
    *,
    seed: int,
    per_year: float = 52,
    mar: float = 0.0,
    risk_free: float = 0.0,
    trials: Trials | None = None,
) -> Figures:
    """`time_metrics` of weekly returns, with 90 % intervals for growth, Sortino, drawdown, Ulcer, Calmar and UPI.

    Those come from whole stretches of weeks, drawn again (`block_intervals`); the same seed gives the same ones. A
    figure that is not defined has none. A drawdown is an extreme: that of another draw of the same weeks, not a bound.
    """
    figures = time_metrics(returns, per_year=per_year, mar=mar, risk_free=risk_free, trials=trials)

    def told(drawn: Floats) -> Floats:
        return _statistics(drawn, per_year, mar, risk_free)

    intervals = block_intervals(returns, told, seed=seed, repetitions=REPETITIONS)
    for name, interval in zip(WITH_INTERVALS, intervals, strict=True):
        if figures[name].value is not None:
            figures[name] = replace(figures[name], ci=interval)
    return figures


def _statistics(returns: Floats, per_year: float, mar: float, risk_free: float) -> Floats:
    """In the order of `WITH_INTERVALS`, NaN where one is not defined."""
    sums = ReturnSums.of(returns, mar)
    yearly = growth(sums, per_year)
    if not sums.n or isinstance(yearly, Reason):
        return np.full(len(WITH_INTERVALS), math.nan)
    deviation = math.sqrt(sums.below.square / sums.n)
    deepest = -math.expm1(-sums.path.deepest)
    ulcer = math.sqrt(sums.squared_falls / sums.n)
    return np.array(
        [
            yearly,
            _over((sums.moments.mean - mar) * math.sqrt(per_year), deviation),
            deepest,
            ulcer,
            _over(yearly, deepest),
            _over(yearly - risk_free, ulcer),
        ]
    )


def _over(above: float, below: float) -> float:
    return above / below if below > 0 else math.nan
