"""What a size may lead to: drawdowns, ruin, recovery, the fan of equity (docs/learning.md).

Equity starts at 1 and is multiplied by 1 + fraction x R after every trade. Every path is of another system that would
have shown what was seen, so that few trades give wide answers. The loss of all that was risked is always possible,
seen or not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from learning.domain.figures import Figure, Reason, Unit
from learning.domain.resampling import predicted, sample_of
from learning.domain.sizing.kelly import LEAST_TRADES, has_enough, unseen_loss
from learning.domain.trades import Flags, Floats, Ints

DEPTHS = (0.10, 0.20, 0.30)
FAN = (0.05, 0.25, 0.50, 0.75, 0.95)


@dataclass(frozen=True, slots=True)
class Course:
    """What is assumed: `fraction` of equity at risk on each of `trades`, lived through `paths` times.

    `ruin` is the loss of the equity at the start that counts as such.
    """

    fraction: float
    trades: int = 100
    paths: int = 10_000
    ruin: float = 0.5


@dataclass(frozen=True, slots=True)
class Outlook:
    """`fan` has a row per trade, from none to the last, and a column per quantile of FAN: equity, today's being 1."""

    course: Course
    figures: dict[str, Figure]
    fan: Floats


def equity_paths(r: Floats, fraction: float) -> Floats:
    """Shape (paths, steps + 1), beginning with 1. Nothing is left after a loss of all, and nothing comes back."""
    # Trade by trade over all paths, which is how they lie in memory: several times faster than path by path.
    results = np.atleast_2d(r).T
    equity = np.ones((len(results) + 1, results.shape[1]))
    np.maximum(1 + fraction * results, 0.0, out=equity[1:])
    return np.multiply.accumulate(equity, axis=0, out=equity).T


def _peaks(equity: Floats) -> Floats:
    return np.maximum.accumulate(np.ascontiguousarray(equity.T), axis=0).T


def deepest(equity: Floats) -> Floats:
    """The maximum drawdown of every path, as a fraction of the peak before it."""
    peaks = _peaks(equity)
    return np.asarray(1 - (equity / peaks).min(axis=1))


def trades_to_recover(equity: Floats) -> Floats:
    """From the peak before the deepest point to the first equity as high; NaN where it is not reached in time."""
    peaks = _peaks(equity)
    bottom = (equity / peaks).argmin(axis=1)
    rows = np.arange(len(equity))
    is_above = equity >= peaks[rows, bottom][:, None]
    began = is_above.argmax(axis=1)
    # Between its peak and the deepest point nothing is as high: what comes after that is the way back.
    back = is_above & (np.arange(equity.shape[1]) > bottom[:, None])
    first = back.argmax(axis=1)
    told = np.where(back[rows, first], first - began, np.nan)
    return np.where(bottom == 0, 0.0, told)


def shown_drawdown(
    r: Floats, cluster: Ints, course: Course, rng: np.random.Generator, quantile: float = 0.95
) -> float:
    """The drawdown that `quantile` of the paths stay within. Asks for no minimum of trades."""
    sample = sample_of(r, cluster, [unseen_loss(r)])
    equity = equity_paths(predicted(sample, course.trades, course.paths, rng), course.fraction)
    return float(np.quantile(deepest(equity), quantile))


def _share(hits: Flags, n: int) -> Figure:
    return Figure(float(np.mean(hits)), n, Unit.PROBABILITY)


def _figures(equity: Floats, n: int, ruin: float) -> dict[str, Figure]:
    depth, recovery = deepest(equity), trades_to_recover(equity)
    typical, deep, deeper = np.quantile(depth, [0.5, 0.95, 0.99])
    recovered = recovery[np.isfinite(recovery)]
    figures = {
        "drawdown_median": Figure(float(typical), n, Unit.FRACTION),
        "drawdown_95": Figure(float(deep), n, Unit.FRACTION),
        "drawdown_99": Figure(float(deeper), n, Unit.FRACTION),
        "below_start": _share(equity[:, -1] < 1, n),
        "ruin": _share(equity.min(axis=1) <= 1 - ruin, n),
        "not_recovered": _share(np.isnan(recovery), n),
        "recovery_median": Figure(float(np.median(recovered)), n, Unit.COUNT)
        if len(recovered)
        else Figure.absent(Reason.NEVER, n, Unit.COUNT),
    }
    for limit in DEPTHS:
        figures[f"drawdown_over_{100 * limit:.0f}"] = _share(depth >= limit, n)
    return figures


def outlook(r: Floats, cluster: Ints, course: Course, rng: np.random.Generator) -> Outlook | Figure:
    """A Figure with its reason where 20 trades with 5 losers are not there: then `what_if` is what can be said."""
    results, weeks = r[np.isfinite(r)], cluster[np.isfinite(r)]
    n = len(results)
    if not has_enough(results):
        why = Reason.TOO_FEW if n else Reason.RISK_MISSING if len(r) else Reason.NO_TRADES
        return Figure.absent(why, n, Unit.PROBABILITY, least=LEAST_TRADES)
    sample = sample_of(results, weeks, [unseen_loss(results)])
    return outlook_on(predicted(sample, course.trades, course.paths, rng), n, course)


def outlook_on(drawn: Floats, n: int, course: Course) -> Outlook:
    """Of results to come that are drawn already, from `n` that were seen: a row for each path."""
    equity = equity_paths(drawn, course.fraction)
    fan = np.quantile(np.ascontiguousarray(equity.T), FAN, axis=1).T
    return Outlook(course, _figures(equity, n, course.ruin), fan)


def figures_on(drawn: Floats, n: int, course: Course) -> dict[str, Figure]:
    """The figures of the same without the fan."""
    return _figures(equity_paths(drawn, course.fraction), n, course.ruin)


def place_in_fan(
    r: Floats, cluster: Ints, since: Floats, course: Course, rng: np.random.Generator
) -> Figure:
    """The percentile of what came `since` among what the results before it, `r`, had led to expect (0 to 1)."""
    results, weeks = r[np.isfinite(r)], cluster[np.isfinite(r)]
    came = since[np.isfinite(since)]
    if not len(came):
        return Figure.absent(Reason.NO_TRADES, 0, Unit.PROBABILITY)
    if not has_enough(results):
        return Figure.absent(Reason.TOO_FEW, len(results), Unit.PROBABILITY, least=LEAST_TRADES)
    sample = sample_of(results, weeks, [unseen_loss(results)])
    ends = equity_paths(predicted(sample, len(came), course.paths, rng), course.fraction)[:, -1]
    end = float(equity_paths(came, course.fraction)[0, -1])
    return Figure(
        float(np.mean(ends < end) + np.mean(ends == end) / 2), len(results), Unit.PROBABILITY
    )
