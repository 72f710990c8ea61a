"""Trades in another order, weeks kept together: what the same luck would have shown elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from learning.domain.claims.clustered import places
from learning.domain.trades import Ints

FIRST_DRAWS, ENOUGH = 50, 5
"""Five of the first fifty orders as extreme (p near .1) will not become a find."""
UInts = npt.NDArray[np.uint64]
# Bits of 64: so many trades, and as many weeks, can be put in order.
_PLACE, _DICE = 20, 24


def whole_weeks(weeks: Ints, times: int, rng: np.random.Generator) -> Ints:
    """Positions (times × n): weeks in random order and the trades of each in random order.

    Where every trade has a week of its own it is a plain permutation.
    """
    at, clusters = places(weeks)
    order = _shuffled(np.zeros((times, 1), dtype=np.uint64), clusters, rng)
    if clusters == len(weeks):
        return order
    return _shuffled(order.astype(np.uint64)[:, at], len(weeks), rng)


def _shuffled(first: UInts, count: int, rng: np.random.Generator) -> Ints:
    """Positions 0 … count - 1 in each row, those of lower `first` first, else in random order.

    Key, dice and position are packed into one number: numbers are sorted several times faster than positions are by
    them. Of dice that are the same (one pair in 16 million) the lower position comes first.
    """
    dice = rng.integers(0, 1 << _DICE, (len(first), count), dtype=np.uint32).astype(np.uint64)
    keys = (first << np.uint64(_DICE + _PLACE)) | (dice << np.uint64(_PLACE))
    keys = np.sort(keys | np.arange(count, dtype=np.uint64), axis=1)
    return (keys & np.uint64((1 << _PLACE) - 1)).astype(np.int64)


def luck_by_weeks(
    weeks: Ints, as_extreme: Callable[[Ints], int], draws: int, rng: np.random.Generator
) -> float:
    """p of a permutation test. `as_extreme` counts among orders those that show as much as was seen.

    Where the first orders already show it often, the rest need not be drawn (Besag & Clifford 1991).
    """
    found = drawn = 0
    for some in (min(FIRST_DRAWS, draws), max(0, draws - FIRST_DRAWS)):
        if not some or found >= ENOUGH:
            break
        found += as_extreme(whole_weeks(weeks, some, rng))
        drawn += some
    return luck_of(found, drawn)


def luck_of(drawn_as_extreme: int, draws: int) -> float:
    """p of a permutation test, the observed order counted among the draws: never 0 (Phipson & Smyth 2010)."""
    return (drawn_as_extreme + 1) / (draws + 1)
