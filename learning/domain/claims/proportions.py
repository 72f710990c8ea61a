"""Win rates of many groups, drawn towards each other: beta-binomial on a grid.

Model: k_j ~ Bin(n_j, π_j), π_j ~ Beta(mκ, (1-m)κ), m uniform, κ log-uniform from 2 to 2000 (a uniform weight on the
logarithm keeps the posterior proper on the grid). Source: Bayesian Data Analysis §5.3; Efron & Morris 1975 for why.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from learning.domain.trades import Floats, Ints

CENTRES = (np.arange(31) + 0.5) / 31
STRENGTHS = np.geomspace(2, 2000, 15)
NEGLIGIBLE = 1e-5
"""Cells of the grid with less than this share of the best one change no digit that is shown."""


@dataclass(frozen=True, slots=True)
class Rates:
    """A mixture of betas: cells of the grid with their weights (T), wins and trades per group (J)."""

    weights: Floats
    alphas: Floats
    betas: Floats
    wins: Ints
    counts: Ints

    @property
    def mean(self) -> Floats:
        a = self.alphas[:, None] + self.wins
        return np.asarray(self.weights @ (a / (self._total)), dtype=np.float64)

    @property
    def _total(self) -> Floats:
        return np.asarray((self.alphas + self.betas)[:, None] + self.counts, dtype=np.float64)

    @property
    def sd(self) -> Floats:
        a, total = self.alphas[:, None] + self.wins, self._total
        second = self.weights @ (a * (a + 1) / (total * (total + 1)))
        return np.asarray(np.sqrt(np.maximum(second - self.mean**2, 0.0)), dtype=np.float64)

    def below(self, bound: float) -> Floats:
        """P(π_j < bound) per group."""
        a = self.alphas[:, None] + self.wins
        return np.asarray(
            self.weights @ special.betainc(a, self._total - a, bound), dtype=np.float64
        )

    def interval(self, level: float = 0.90) -> tuple[Floats, Floats]:
        """Equal tails of the beta with the mixture's mean and variance."""
        mean, variance = self.mean, self.sd**2
        strength = mean * (1 - mean) / variance - 1
        a, b = mean * strength, (1 - mean) * strength
        return special.betaincinv(a, b, (1 - level) / 2), special.betaincinv(a, b, (1 + level) / 2)


def pool_rates(wins: Ints, counts: Ints) -> Rates:
    """Wins out of counts per group (J), counts of at least one."""
    centre, strength = np.meshgrid(CENTRES, STRENGTHS, indexing="ij")
    alphas, betas = (centre * strength).ravel(), ((1 - centre) * strength).ravel()
    a, b = alphas[:, None] + wins, betas[:, None] + counts - wins
    logs = np.sum(special.betaln(a, b) - special.betaln(alphas, betas)[:, None], axis=1)
    weights = np.exp(logs - logs.max())
    kept = weights > NEGLIGIBLE
    weights = weights[kept] / weights[kept].sum()
    return Rates(weights, alphas[kept], betas[kept], wins, counts)
