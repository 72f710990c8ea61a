"""Trades summed up week by week: what intervals of means and of profit factors need, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from learning.domain.trades import Floats, Ints

LEAST_TRADES = 10
LEAST_OF_EACH = 5
LEAST_WEEKS = 4


def is_enough(winners: int, losers: int, weeks: int) -> bool:
    """May a mean or ratio carry an interval? Below this no method covers what it says (docs/learning.md).

    A seller of premium who has not yet seen five losses has not yet seen what losses cost: intervals that are built
    from such a sample lie above the truth, and no bootstrap cures it.
    """
    enough_of_each = min(winners, losers) >= LEAST_OF_EACH
    return enough_of_each and winners + losers >= LEAST_TRADES and weeks >= LEAST_WEEKS


@dataclass(frozen=True, slots=True)
class Clusters:
    """Per week: how many trades, what the gains came to and what the losses (both at least 0)."""

    n: Floats
    gains: Floats
    losses: Floats

    def __len__(self) -> int:
        return len(self.n)

    @classmethod
    def of(cls, values: Floats, labels: Ints | None = None) -> Self:
        """The sums of `values` over equal `labels`; without labels every value is a cluster of its own."""
        gains, losses = np.maximum(values, 0.0), np.maximum(-values, 0.0)
        if labels is None:
            return cls(np.ones(len(values)), gains, losses)
        _, codes = np.unique(labels, return_inverse=True)
        return cls(
            np.bincount(codes).astype(np.float64),
            np.bincount(codes, gains).astype(np.float64),
            np.bincount(codes, losses).astype(np.float64),
        )

    @property
    def total(self) -> float:
        """How many trades."""
        return float(self.n.sum())

    @property
    def mean(self) -> float:
        return float((self.gains - self.losses).sum()) / self.total

    @property
    def residuals(self) -> Floats:
        """Per cluster, the sum of its values less as many means; they add up to zero."""
        return self.gains - self.losses - self.mean * self.n
