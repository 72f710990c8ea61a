"""How likely it is that the best of many settings was best by luck: PBO by combinatorially symmetric cross-validation.

Bailey, Borwein, López de Prado, Zhu 2017, "The Probability of Backtest Overfitting", J. of Computational Finance 20:4.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from learning.domain.figures import Figure, Unit
from learning.domain.metrics.numbers import too_few
from learning.domain.trades import Floats

LEAST_WEEKS = 8


def backtest_overfitting(weekly: Floats, blocks: int = 10) -> Figure:
    """PBO of a table of weekly results, a row per week and a column per setting; `blocks` is even, 10 to 16.

    The weeks are cut into consecutive blocks. For every way to take half of them: which setting has the best Sharpe
    ratio there, and where does it rank in the other half? PBO is the share in which it is no better than the median.
    A rank shared with others counts as their middle, so that settings that do the same are neither good nor bad.
    """
    weeks, settings = weekly.shape
    if blocks % 2 or blocks < 2:
        raise ValueError(f"blocks are split into halves, and {blocks} is odd")
    if settings < 2:
        return too_few(settings, 2, Unit.PROBABILITY)
    blocks = min(blocks, weeks // 2 * 2)
    if weeks < LEAST_WEEKS:
        return too_few(weeks, LEAST_WEEKS, Unit.PROBABILITY)
    halves = _halves(blocks)
    inside, outside = _ratios(weekly, halves), _ratios(weekly, 1 - halves)
    best = inside.argmax(1)[:, None]
    chosen = np.take_along_axis(outside, best, 1)
    below = (outside < chosen).sum(1)
    level = (outside == chosen).sum(1) - 1
    rank = (below + level / 2 + 1) / (settings + 1)
    return Figure(float((rank <= 0.5).mean()), weeks, Unit.PROBABILITY)


def _halves(blocks: int) -> Floats:
    """A row per way to choose half of the blocks: 1 for those in it."""
    chosen = np.array(list(combinations(range(blocks), blocks // 2)))
    halves = np.zeros((len(chosen), blocks))
    np.put_along_axis(halves, chosen, 1.0, 1)
    return halves


def _ratios(weekly: Floats, halves: Floats) -> Floats:
    """The Sharpe ratio of every setting in every half. What does not vary comes first or last, by its sign."""
    blocks = halves.shape[1]
    starts = np.linspace(0, len(weekly), blocks + 1).astype(int)[:-1]
    centred = weekly - weekly.mean(0)
    n = halves @ np.diff(np.append(starts, len(weekly)))[:, None]
    sums = halves @ np.add.reduceat(centred, starts, axis=0)
    squares = halves @ np.add.reduceat(centred**2, starts, axis=0)
    variance = np.maximum(squares / n - (sums / n) ** 2, 0.0)
    means = sums / n + weekly.mean(0)
    flat = np.sqrt(variance) <= 1e-12 * np.maximum(np.abs(weekly).max(), 1e-300)
    ratios = means / np.sqrt(np.where(flat, 1.0, variance))
    told: Floats = np.where(flat, np.sign(means) * 1e9, ratios)
    return told
