"""Whose skill it was: the scanner's, the one's who picked, the manager's of the trade.

Four estimands of docs/learning.md: (a) E[R_plan] over all proposals; (b) E[R_plan | executed] - E[R_plan | ignored] in
the same week; (c) E[R_actual - R_plan | executed]; (e) the value of another setting, paired. (a) and (e) need no causal
assumption because the ignored have outcomes too; on executed ones alone they are confounded by picking, and say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import stats

from learning.domain.figures import Figure, Interval, Reason, Unit
from learning.domain.parameters.candidates import Candidates, Fate
from learning.domain.parameters.paired import Paired, pair
from learning.domain.parameters.settings import Parameter
from learning.domain.trades import Floats, Ints

LEVEL = 0.90
LEAST_WEEKS = 4


class Basis(StrEnum):
    """On which proposals a figure stands, which is said with it always."""

    ALL = "all_recommendations"
    EXECUTED = "executed_only"
    """Confounded by picking: what was left out was left out for a reason."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A figure and what it stands on."""

    figure: Figure
    basis: Basis

    @property
    def confounded(self) -> bool:
        return self.basis is Basis.EXECUTED


def clustered_mean(numbers: Floats, week: Ints, level: float = LEVEL, scale: float = 1.0) -> Figure:
    """Mean in R with the t-interval that is robust to weeks (CR1); no interval under four weeks."""
    n = len(numbers)
    if n == 0:
        return Figure.absent(Reason.NOT_MATURED, 0, Unit.R)
    value = float(numbers.mean())
    cluster = np.unique(week, return_inverse=True)[1]
    weeks = int(cluster.max()) + 1
    if weeks < LEAST_WEEKS:
        return Figure(scale * value, n, Unit.R)
    sums = np.bincount(cluster, numbers - value)
    error = float(np.sqrt(np.square(sums).sum() * weeks / (weeks - 1))) / n
    half = float(stats.t.ppf((1 + level) / 2, weeks - 1)) * error * scale
    return Figure(
        scale * value, n, Unit.R, Interval(scale * value - half, scale * value + half, level)
    )


def scanner_quality(candidates: Candidates) -> Figure:
    """(a): mean R by plan of everything that was proposed and shown."""
    rows = candidates.matured & ~candidates.shadow
    return clustered_mean(candidates.r_plan[rows], candidates.week[rows])


def picking(candidates: Candidates) -> Figure:
    """(b): how much better, in R by plan, the executed were than the ignored of the same week. What only a trade is
    known of is left out: it is of the hands on it, too.

    Weeks with both count, each by n₁·n₀ / (n₁ + n₀): the weights of least variance.
    """
    told = candidates.r_told
    rows = (
        candidates.matured
        & np.isfinite(told)
        & ~candidates.shadow
        & np.isin(candidates.fate, (Fate.EXECUTED, Fate.IGNORED))
    )
    if not rows.any():
        return Figure.absent(Reason.NOT_MATURED, 0, Unit.R)
    r, taken = told[rows], candidates.executed[rows]
    cluster = np.unique(candidates.week[rows], return_inverse=True)[1]
    ones, zeros = np.bincount(cluster, taken), np.bincount(cluster, ~taken)
    both = (ones > 0) & (zeros > 0)
    n, weeks = int((ones + zeros)[both].sum()), int(both.sum())
    if weeks < LEAST_WEEKS:
        return Figure.absent(Reason.TOO_FEW, n, Unit.R, least=LEAST_WEEKS)
    gaps = (
        np.bincount(cluster, r * taken)[both] / ones[both]
        - np.bincount(cluster, r * ~taken)[both] / zeros[both]
    )
    weights = (ones * zeros)[both] / (ones + zeros)[both]
    value = float(weights @ gaps / weights.sum())
    error = float(
        np.sqrt(np.square(weights * (gaps - value)).sum() * weeks / (weeks - 1)) / weights.sum()
    )
    half = float(stats.t.ppf((1 + LEVEL) / 2, weeks - 1)) * error
    return Figure(value, n, Unit.R, Interval(value - half, value + half, LEVEL))


def management(candidates: Candidates) -> Figure:
    """(c): what was made beyond the mechanical plan, mean R of the executed with both outcomes."""
    beyond = candidates.r_actual - candidates.r_told
    rows = candidates.matured & candidates.executed & np.isfinite(beyond)
    return clustered_mean(beyond[rows], candidates.week[rows])


def policy_value(paired: Paired, threshold: float, basis: Basis = Basis.ALL) -> Judged:
    """(e): R per 100 proposals of a setting fixed beforehand, against the current one, on the same proposals."""
    scale = 100.0 * len(paired) / max(paired.n, 1)
    return Judged(clustered_mean(paired.differences(threshold), paired.week, scale=scale), basis)


def both_values(
    candidates: Candidates, parameter: Parameter, current: float, threshold: float
) -> tuple[Judged, Judged]:
    """(e) on all proposals, and on the executed alone, which is only ever shown with its label."""
    alone, settings = {parameter.name: parameter}, {parameter.name: current}
    everything = pair(candidates, parameter, settings, alone)
    executed = pair(candidates.where(candidates.executed), parameter, settings, alone)
    return (
        policy_value(everything, threshold),
        policy_value(executed, threshold, Basis.EXECUTED),
    )
