"""The strict interval: what no gambler could have grown rich by betting against."""

from __future__ import annotations

import math

import numpy as np

from learning.domain.figures import Interval
from learning.domain.trades import Floats

GRID = 400


def betting_interval(
    values: Floats, least: float, most: float, level: float = 0.90
) -> Interval | None:
    """For values known to lie in [`least`, `most`]: holds at every sample size, whatever their distribution.

    The hedged capital of Waudby-Smith, Ramdas (2023), §4.2: for every mean m on a grid a gambler bets λ on the values
    being above m and another on below; an m whose capital has ever reached 2/α is left out. λ is the predictable
    plug-in √(2 ln(2/α)/(σ̂²·n)), held below ½/m and ½/(1−m). Finer than the grid of 400 means it is not.
    """
    if not len(values):
        return None
    if not (least < most and values.min() >= least and values.max() <= most):
        raise ValueError(f"values reach beyond {least} to {most}")
    scaled = (values - least) / (most - least)
    bets = _bets(scaled, 1 - level)
    grid = (np.arange(GRID) + 0.5) / GRID
    up = np.minimum(bets[:, None], 0.5 / grid[None])
    down = np.minimum(bets[:, None], 0.5 / (1 - grid[None]))
    away = scaled[:, None] - grid[None]
    bound = math.log(2 / (1 - level))
    above = np.cumsum(np.log1p(up * away), axis=0)
    below = np.cumsum(np.log1p(-down * away), axis=0)
    kept = np.flatnonzero((np.maximum(above, below) < bound).all(axis=0))
    if not len(kept):
        return None
    half = 0.5 / GRID
    low, high = grid[kept[0]] - half, grid[kept[-1]] + half
    return Interval(
        least + float(low) * (most - least), least + float(high) * (most - least), level
    )


def _bets(scaled: Floats, alpha: float) -> Floats:
    """Before each value, how much to bet, from the values before it alone."""
    n = len(scaled)
    counts = np.arange(1, n + 1)
    means = (0.5 + np.cumsum(scaled)) / (counts + 1)
    squares = 0.25 + np.cumsum((scaled - means) ** 2)
    variances = np.concatenate([[0.25], (squares / (counts + 1))[:-1]])
    return np.sqrt(2 * math.log(2 / alpha) / (n * variances))
