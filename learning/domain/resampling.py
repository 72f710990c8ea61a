"""Bayesian bootstrap over clusters: what the results of few weeks leave open (Rubin 1981; docs/learning.md).

A cluster is drawn, or weighted, as a whole: trades of one week are not independent of each other. Pseudo-trades are
results that were not seen but cannot be ruled out, each with the weight of that many clusters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from learning.domain.figures import Interval
from learning.domain.trades import Floats, Ints

DRAWS = 1_000
"""Of an interval: what another thousand would change is a tenth of a standard error."""
Pseudo = tuple[float, float]
"""A result in R and its weight in clusters."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Results sorted by cluster, pseudo-trades last, each a cluster of its own.

    `start` and `length` are of each cluster in `r`; `weight` is its prior mass: 1, or the pseudo-trade's.
    """

    r: Floats
    start: Ints
    length: Ints
    weight: Floats
    seen: int

    @property
    def worst(self) -> float:
        """The largest loss, as a positive number; 0 where there is none."""
        return max(0.0, -float(self.r.min())) if len(self.r) else 0.0


def sample_of(r: Floats, cluster: Ints, pseudo: Sequence[Pseudo] = ()) -> Sample:
    """Rows without a result (NaN) are left out."""
    known = np.isfinite(r)
    order = np.argsort(cluster[known], kind="stable")
    results, members = r[known][order], cluster[known][order]
    _, start, length = np.unique(members, return_index=True, return_counts=True)
    seen = len(results)
    return Sample(
        np.concatenate([results, [result for result, _ in pseudo]]),
        np.concatenate([start, seen + np.arange(len(pseudo))]).astype(np.int64),
        np.concatenate([length, np.ones(len(pseudo))]).astype(np.int64),
        np.concatenate([np.ones(len(start)), [weight for _, weight in pseudo]]),
        seen,
    )


def cluster_weights(sample: Sample, draws: int, rng: np.random.Generator) -> Floats:
    """Shape (draws, clusters): a gamma draw of each, not yet brought to a sum of one."""
    weights = rng.standard_exponential((draws, len(sample.weight)))
    for place in np.flatnonzero(sample.weight != 1):
        weights[:, place] = rng.standard_gamma(sample.weight[place], draws)
    return weights


def predicted(sample: Sample, steps: int, paths: int, rng: np.random.Generator) -> Floats:
    """Shape (paths, steps): results to come, each path of another system that would have shown what was seen.

    To draw weights for a path and then clusters by them is, in law, an urn: the j-th cluster is new with probability
    M / (M + j), else one of the j drawn before (Blackwell and MacQueen 1973), M being the mass of what was seen.
    """
    mean_length = float(sample.weight @ sample.length) / float(sample.weight.sum())
    draws = min(steps, int(1.2 * steps / mean_length) + 4)
    drawn = _from_urn(sample.weight, np.empty((paths, 0), dtype=np.int64), draws, rng)
    while (ends := np.cumsum(sample.length[drawn], axis=1))[:, -1].min() < steps:
        drawn = _from_urn(sample.weight, drawn, max(1, draws // 4), rng)
    return np.asarray(sample.r[_laid_out(sample, drawn, ends, steps)])


def _from_urn(weight: Floats, drawn: Ints, more: int, rng: np.random.Generator) -> Ints:
    """So many more clusters of each path (row) after those `drawn`."""
    paths, known = drawn.shape
    mass = float(weight.sum())
    before = np.arange(known, known + more)
    balls = rng.random((paths, more)) * (mass + before)
    # Above the mass of what was seen a ball is a copy of one drawn before, which may itself be a copy.
    found = np.concatenate([drawn, _cluster_at(np.minimum(balls, mass), weight)], axis=1)
    copied = balls >= mass
    source = np.where(copied, balls - mass, 0).astype(np.int64)
    for at in range(more):
        rows = np.flatnonzero(copied[:, at])
        found[rows, known + at] = found[rows, np.minimum(source[rows, at], known + at - 1)]
    return found


def _cluster_at(mass: Floats, weight: Floats) -> Ints:
    """The cluster that a point of the cumulated mass is in; nearly all weigh 1."""
    same = int(np.argmax(weight != 1)) if (weight != 1).any() else len(weight)
    found = np.minimum(mass.astype(np.int64), len(weight) - 1)
    if same < len(weight):
        beyond = mass >= same
        rest = np.searchsorted(np.cumsum(weight[same:]), mass[beyond] - same, side="right")
        found[beyond] = np.minimum(same + rest, len(weight) - 1)
    return found


def _laid_out(sample: Sample, drawn: Ints, ends: Ints, steps: int) -> Ints:
    """Rows of `sample.r` that the drawn clusters are, one after the other, `steps` of each path."""
    begins = np.minimum(ends - sample.length[drawn], steps)
    taken = np.minimum(ends, steps) - begins
    offset = (sample.start[drawn] - begins).ravel()
    rows = np.repeat(offset, taken.ravel()).reshape(len(drawn), steps)
    return np.asarray(rows + np.arange(steps))


def total_interval(
    amounts: Floats, cluster: Ints, rng: np.random.Generator, *, level: float = 0.90
) -> Interval | None:
    """Of the sum of `amounts`, by weights over clusters; None with fewer than two clusters."""
    groups, place = np.unique(cluster, return_inverse=True)
    if len(groups) < 2:
        return None
    sums = np.bincount(place, weights=amounts)
    weights = rng.standard_exponential((DRAWS, len(groups)))
    weights *= len(groups) / weights.sum(axis=1, keepdims=True)
    low, high = np.quantile(weights @ sums, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), level)


def mean_interval(
    amounts: Floats, cluster: Ints, rng: np.random.Generator, *, level: float = 0.90
) -> Interval | None:
    """Of the mean of `amounts`, by weights over clusters; None with fewer than two clusters."""
    groups, place = np.unique(cluster, return_inverse=True)
    if len(groups) < 2:
        return None
    sums, sizes = np.bincount(place, weights=amounts), np.bincount(place)
    weights = rng.standard_exponential((DRAWS, len(groups)))
    means = (weights @ sums) / (weights @ sizes)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), level)
