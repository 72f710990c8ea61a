"""Means of many groups, each drawn towards what they have in common as far as its own trades do not speak.

Model: y_j ~ N(θ_j, s_j²), θ_j ~ N(μ, τ²), μ flat, τ on a grid; given τ everything is in closed form.
Source: Rubin 1981; Gelman et al., Bayesian Data Analysis, §5.4–5.5; the half-normal prior: Gelman 2006.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import special

from learning.domain.claims.clustered import design_effect, is_flat
from learning.domain.trades import Floats, Ints

SPREAD = 0.15
"""R: how far groups of one trader are thought to differ, as the scale of the half-normal prior on τ."""
LEAST_OF_A_STRATUM = 20
_HALVINGS = 60
_ROOT = float(np.sqrt(2 * np.pi))
"""Below this a strategy has no variance of its own and takes that of all trades."""


class Prior(NamedTuple):
    """Values of τ and the logarithm of their weights."""

    spreads: Floats
    logs: Floats


def half_normal(scale: float = SPREAD, points: int = 41) -> Prior:
    """Half-normal on τ, from a fifth of its scale on.

    That groups do not differ at all is never believed: at τ = 0 a mixture stops listening to its groups (boundary
    avoidance: Chung, Rabe-Hesketh, Dorie, Gelman & Liu 2013).
    """
    spreads = np.linspace(scale / 5, 4 * scale, points)
    return Prior(spreads, -0.5 * (spreads / scale) ** 2)


def flat(top: float, points: int = 401) -> Prior:
    return Prior(np.linspace(0, top, points), np.zeros(points))


@dataclass(frozen=True, slots=True)
class Posterior:
    """A mixture over the grid of τ: `weights` (T), and per group `means` and `sds` (T × J)."""

    weights: Floats
    spreads: Floats
    centres: Floats
    centre_sds: Floats
    means: Floats
    sds: Floats
    gaps: Floats
    gap_sds: Floats
    """θ_j - μ, both drawn: what a group is beside the typical one."""

    @property
    def mean(self) -> Floats:
        return np.asarray(self.weights @ self.means, dtype=np.float64)

    @property
    def sd(self) -> Floats:
        second = self.weights @ (self.sds**2 + self.means**2)
        return np.asarray(np.sqrt(np.maximum(second - self.mean**2, 0.0)), dtype=np.float64)

    @property
    def centre(self) -> float:
        """μ: what a group is expected to be before it has traded."""
        return float(self.weights @ self.centres)

    @property
    def spread(self) -> float:
        return float(self.weights @ self.spreads)

    def below(self, bound: float) -> Floats:
        """P(θ_j < bound) per group."""
        return np.asarray(self.weights @ _normal(bound - self.means, self.sds), dtype=np.float64)

    def above_centre(self) -> Floats:
        """P(θ_j > μ) per group; where groups do not differ (τ = 0) it is a half."""
        return np.asarray(self.weights @ _normal(self.gaps, self.gap_sds), dtype=np.float64)

    @property
    def gap(self) -> Floats:
        """θ_j - μ as it is expected: its sign is that of `above_centre` less a half."""
        return np.asarray(self.weights @ self.gaps, dtype=np.float64)

    def quantile(self, level: float) -> Floats:
        """θ_j at a level between 0 and 1."""
        return _quantile(self.weights, self.means, self.sds, level)

    def gap_quantile(self, level: float) -> Floats:
        """θ_j - μ at a level between 0 and 1."""
        return _quantile(self.weights, self.gaps, self.gap_sds, level)


def _normal(gap: Floats, sd: Floats) -> Floats:
    """P(N(0, sd²) < gap), where sd may be 0: then 0, a half or 1."""
    certain = np.where(gap > 0, 1.0, np.where(gap < 0, 0.0, 0.5))
    safe = np.where(sd > 0, sd, 1.0)
    return np.where(sd > 0, special.ndtr(gap / safe), certain)


def _quantile(weights: Floats, means: Floats, sds: Floats, level: float) -> Floats:
    """Of mixtures, a column each: Newton's steps, and a halving of what is left where one leads out of it."""
    kept = weights > 1e-8 * weights.max()
    weights, means, sds = weights[kept], means[kept], sds[kept]
    low, high = (means - 9 * sds).min(axis=0), (means + 9 * sds).max(axis=0)
    width = high - low
    middle = weights @ means
    spread = np.sqrt(np.maximum(weights @ (sds**2 + means**2) - middle**2, 0.0))
    at = np.clip(middle + float(special.ndtri(level)) * spread, low, high)
    safe = np.where(sds > 0, sds, 1.0)
    for _ in range(_HALVINGS):
        gap = (at - means) / safe
        over = weights @ _normal(at - means, sds) - level
        low, high = np.where(over < 0, at, low), np.where(over < 0, high, at)
        density = weights @ np.where(sds > 0, np.exp(-0.5 * gap * gap) / safe, 0.0) / _ROOT
        steps = at - over / np.where(density > 0, density, 1.0)
        is_out = (density <= 0) | (steps <= low) | (steps >= high)
        after = np.where(is_out, (low + high) / 2, steps)
        moved, at = np.abs(after - at), after
        if np.all(moved <= 1e-11 * width):
            break
    return np.asarray(at, dtype=np.float64)


def pool(means: Floats, errors: Floats, prior: Prior, *, centre: float | None = None) -> Posterior:
    """Raw means (J) and their standard errors (J, above zero) into what they say together.

    `centre` fixes μ: effects whose sign is a convention are drawn to 0, not to each other.
    """
    tau2 = prior.spreads[:, None] ** 2
    total = errors**2 + tau2
    precision = np.sum(1 / total, axis=1)
    centres = np.sum(means / total, axis=1) / precision
    doubt = 1 / precision
    logs = prior.logs - 0.5 * np.log(total).sum(axis=1)
    if centre is None:
        logs -= 0.5 * np.log(precision)
    else:
        centres, doubt = np.full_like(centres, centre), np.zeros_like(doubt)
    misfit = np.sum((means - centres[:, None]) ** 2 / total, axis=1)
    logs = logs - 0.5 * misfit
    weights = np.exp(logs - logs.max())
    drawn = errors**2 / total
    return Posterior(
        weights=weights / weights.sum(),
        spreads=prior.spreads,
        centres=centres,
        centre_sds=np.sqrt(doubt),
        means=(1 - drawn) * means + drawn * centres[:, None],
        sds=np.sqrt((1 - drawn) * errors**2 + drawn**2 * doubt[:, None]),
        gaps=(1 - drawn) * (means - centres[:, None]),
        gap_sds=np.sqrt((1 - drawn) * errors**2 + (1 - drawn) ** 2 * doubt[:, None]),
    )


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups that have traded: their codes, sample sizes, raw means, errors and the posterior, in the same order."""

    codes: Ints
    counts: Ints
    raw: Floats
    errors: Floats
    posterior: Posterior


def group_means(
    values: Floats,
    codes: Ints,
    weeks: Ints,
    *,
    strata: Ints | None = None,
    weights: Floats | None = None,
    prior: Prior | None = None,
) -> Groups | None:
    """Shrunken means of `values` by `codes`; rows with a code below zero belong to no group and are left out.

    The variance within is pooled per stratum (strategy), so that two wins out of two cannot look certain, and stretched
    by the weeks. `weights` below 1 are a power prior: a trade before a change of regime counts for less.
    None where there is no row or where nothing varies.
    """
    known = codes >= 0
    values, codes, weeks = values[known], codes[known], weeks[known]
    if len(values) < 2 or is_flat(values):
        return None
    weight = np.ones(len(values)) if weights is None else weights[known]
    variance = _variances(values, None if strata is None else strata[known])
    found, at = np.unique(codes, return_inverse=True)
    mass = np.bincount(at, weight)
    raw = np.bincount(at, weight * values) / mass
    stretch = design_effect(values - raw[at], weeks)
    errors = np.sqrt(stretch * np.bincount(at, weight * variance)) / mass
    posterior = pool(raw, errors, prior or half_normal())
    return Groups(found, np.bincount(at).astype(np.int64), raw, errors, posterior)


def _variances(values: Floats, strata: Ints | None) -> Floats:
    """Each row's variance: that of its stratum, or of all rows where the stratum is small or does not vary."""
    everywhere = float(np.var(values, ddof=1))
    spread = np.full(len(values), everywhere)
    if strata is None:
        return spread
    for stratum in np.unique(strata):
        rows = strata == stratum
        if rows.sum() >= LEAST_OF_A_STRATUM and not is_flat(values[rows]):
            spread[rows] = np.var(values[rows], ddof=1)
    return spread


@dataclass(frozen=True, slots=True)
class Crossed:
    """Two groupings at once: what each row's symbol is worth beside its strategy, and the other way round."""

    first: Groups
    second: Groups
    rounds: int


def crossed_means(
    values: Floats,
    first: Ints,
    second: Ints,
    weeks: Ints,
    *,
    weights: Floats | None = None,
    most_rounds: int = 50,
) -> Crossed | None:
    """Additive effects of two groupings by backfitting (Hastie & Tibshirani 1990) of shrunken means.

    Each side is estimated on what the other leaves over, until no effect moves by a millionth. The values come back
    at the level of `values`: a group's posterior is its mean in the mix of the other side that all trades have.
    """
    known = (first >= 0) & (second >= 0)
    values, first, second, weeks = values[known], first[known], second[known], weeks[known]
    heavy = None if weights is None else weights[known]
    beside, last = np.zeros(len(values)), np.full(len(values), np.inf)
    found: Crossed | None = None
    for rounds in range(1, most_rounds + 1):
        one = group_means(values - beside, first, weeks, weights=heavy)
        of_first = None if one is None else _centred(one, first)
        other = (
            None
            if of_first is None
            else group_means(values - of_first, second, weeks, weights=heavy)
        )
        if one is None or of_first is None or other is None:
            return None
        beside = _centred(other, second)
        found = Crossed(one, other, rounds)
        if np.max(np.abs(beside + of_first - last)) < 1e-6:
            break
        last = beside + of_first
    return found


def _centred(groups: Groups, codes: Ints) -> Floats:
    """Each row's shrunken effect, less the mean over rows: the level stays with the values."""
    effect = groups.posterior.mean[np.searchsorted(groups.codes, codes)]
    return np.asarray(effect - effect.mean(), dtype=np.float64)
