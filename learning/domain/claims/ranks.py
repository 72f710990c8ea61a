"""Do winners differ from losers in a number known at entry? Rank tests whose null distribution keeps weeks together.

Two statistics, both linear in ranks: Mann–Whitney (rank of x against won or lost) and Spearman (rank of x against rank
of R). Each is split into what happens within weeks (ranks permuted within the week) and between weeks (whole weeks
permuted), both with their exact permutation mean and variance. What weeks say counts for less the more the trades of a
week share their luck, and its variance is widened where weeks resemble their neighbours.
Sources: Hájek & Šidák 1967 (moments of linear rank statistics); van Elteren 1960 (within blocks); Bartlett 1935 (two
series with a memory of their own).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from learning.domain.trades import Floats, Ints

MOST_LAGS, WEEKS_A_LAG = 8, 10


@dataclass(frozen=True, slots=True)
class Tested:
    """Per column: z (positive: outcomes are better where x is higher) and the two-sided p."""

    z: Floats
    p: Floats

    def one_sided(self, direction: int) -> Floats:
        """p against the alternative that the effect has this sign."""
        return np.asarray(special.ndtr(-direction * self.z), dtype=np.float64)


def winners_against_losers(x: Floats, result: Ints, weeks: Ints) -> Tested:
    """Mann–Whitney of `x` (n × F) between winners (1) and losers (-1); scratches do not vote."""
    voting = result != 0
    scores = stats.rankdata(x[voting], axis=0)
    return _tested(scores, (result[voting] > 0).astype(np.float64), weeks[voting])


def with_outcome(x: Floats, r: Floats, weeks: Ints) -> Tested:
    """Spearman of `x` (n × F) with `r` (n): neither may hold NaN."""
    return _tested(stats.rankdata(x, axis=0), stats.rankdata(r), weeks)


def levels(members: Floats, outcome: Floats, weeks: Ints) -> Tested:
    """The same tests for groups: `members` (n × J) is 1 where the trade is of the group; its ranks are its own values.

    `outcome` is 0 and 1 (Mann–Whitney of the group against the rest) or R, which is ranked here.
    """
    return _tested(members, stats.rankdata(outcome), weeks)


def auc(x: Floats, result: Ints) -> float | None:
    """P(x of a winner > x of a loser), ties as half: the Mann–Whitney U over the pairs. None without both kinds."""
    won, lost = x[result > 0], np.sort(x[result < 0])
    if not len(won) or not len(lost):
        return None
    beaten = np.searchsorted(lost, won, "left") + np.searchsorted(lost, won, "right")
    return float(beaten.sum()) / (2 * len(won) * len(lost))


def _tested(scores: Floats, outcome: Floats, weeks: Ints) -> Tested:
    """z and p of Σ score · outcome under permutations that keep weeks together; z 0 where nothing varies."""
    if len(outcome) < 2:
        return _untold(scores.shape[1])
    order = np.argsort(weeks, kind="stable")
    starts = np.flatnonzero(np.diff(weeks[order], prepend=weeks[order][0] - 1))
    sizes = np.diff(starts, append=len(order)).astype(np.float64)
    a = scores[order] - scores.mean(axis=0)
    b = outcome[order] - outcome.mean()
    a_week = np.add.reduceat(a, starts, axis=0) / np.sqrt(sizes)[:, None]
    b_week = np.add.reduceat(b, starts) / np.sqrt(sizes)
    a_inside = np.add.reduceat(a**2, starts, axis=0) - a_week**2
    b_inside = np.add.reduceat(b**2, starts) - b_week**2
    paired = np.where(sizes > 1, b_inside / np.maximum(sizes - 1, 1), 0.0)
    between = b_week @ a_week
    within = b @ a - between
    within_variance = paired @ a_inside
    weight, between_variance = _between(a_week, b_week, float(b_inside.sum()), len(order))
    spread = np.sqrt(np.maximum(within_variance + weight**2 * between_variance, 0.0))
    is_told = spread > 1e-9 * np.sqrt(np.sum(a**2, axis=0) * (b @ b) + 1e-300)
    z = np.where(is_told, (within + weight * between) / np.where(is_told, spread, 1.0), 0.0)
    return Tested(z, 2 * special.ndtr(-np.abs(z)))


def _between(
    a_week: Floats, b_week: Floats, inside: float, rows: int
) -> tuple[Floats | float, Floats]:
    """What the weeks' part of the statistic weighs against the part within them, and its variance, per column.

    Weight = variance of an outcome within weeks ÷ variance that a week's mean shows (1 at most): the weights of
    generalised least squares for outcomes that share a shock.
    """
    count = len(b_week)
    if count < 2:
        return 0.0, np.zeros(a_week.shape[1])
    of_weeks = float(b_week @ b_week) / (count - 1)
    variance = np.sum(a_week**2, axis=0) * of_weeks * _memory(a_week, b_week)
    if rows == count:
        return 1.0, variance
    if of_weeks <= 0:
        return 1.0, variance
    return min(1.0, inside / (rows - count) / of_weeks), variance


def _memory(a_week: Floats, b_week: Floats) -> Floats:
    """1 + 2 Σ_k ρ_a(k) ρ_b(k), tapered, and 1 at the least: how much wider two series with memory scatter together."""
    factor = np.ones(a_week.shape[1])
    lags = min(MOST_LAGS, len(b_week) // WEEKS_A_LAG)
    own, others = b_week @ b_week, np.sum(a_week**2, axis=0)
    for lag in range(1, lags + 1):
        rho_b = (b_week[lag:] @ b_week[:-lag]) / (own or 1.0)
        rho_a = np.sum(a_week[lag:] * a_week[:-lag], axis=0) / np.where(others > 0, others, 1.0)
        factor += 2 * (1 - lag / (lags + 1)) * rho_a * rho_b
    return np.maximum(factor, 1.0)


def _untold(columns: int) -> Tested:
    return Tested(np.zeros(columns), np.ones(columns))
