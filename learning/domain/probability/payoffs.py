"""What a winner and a loser usually come to: with the chance to win, the R that is to be expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from learning.domain.claims.hierarchy import group_means
from learning.domain.trades import Floats, Ints

LEAST_OF_EACH = 5
_ANY = -1


@dataclass(frozen=True, slots=True)
class Payoffs:
    """Mean winner and mean loser in R, the loser as a positive number, by code of strategy; -1 is any other one. From
    `n` results."""

    win: Mapping[int, float]
    loss: Mapping[int, float]
    n: int

    def expected(self, p: float, strategy: int) -> float:
        """E[R] = p x mean winner - (1 - p) x mean loser."""
        win = self.win.get(strategy, self.win[_ANY])
        loss = self.loss.get(strategy, self.loss[_ANY])
        return p * win - (1 - p) * loss

    def as_json(self) -> dict[str, Any]:
        sides = {"win": self.win, "loss": self.loss}
        told = {name: [[code, one] for code, one in sorted(own.items())] for name, own in sides.items()}  # fmt: skip
        return {**told, "n": self.n}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        win, loss = (
            {int(code): float(one) for code, one in told[name]} for name in ("win", "loss")
        )
        return cls(win, loss, int(told["n"]))


def payoffs_of(r: Floats, strategy: Ints, week: Ints) -> Payoffs | None:
    """Means of strategies are drawn together as far as luck explains how they differ. None before five winners and
    five losers: who has not seen losses does not know what they cost."""
    known = np.isfinite(r)
    r, strategy, week = r[known], strategy[known], week[known]
    won, lost = r > 0, r < 0
    if min(np.count_nonzero(won), np.count_nonzero(lost)) < LEAST_OF_EACH:
        return None
    return Payoffs(
        _means(r[won], strategy[won], week[won]), _means(-r[lost], strategy[lost], week[lost]), len(r)
    )  # fmt: skip


def _means(sizes: Floats, strategy: Ints, week: Ints) -> dict[int, float]:
    """Never below the smallest that was seen: a size is no gain or loss of nothing."""
    found = group_means(sizes, strategy, week)
    if found is None:
        return {_ANY: float(sizes.mean())}
    least = float(sizes.min())
    means = dict(zip(found.codes.tolist(), found.posterior.mean.tolist(), strict=True))
    told = {int(code): max(least, float(one)) for code, one in means.items()}
    return {**told, _ANY: max(least, found.posterior.centre)}
