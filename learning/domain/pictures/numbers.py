"""Columns as lists for JSON, no longer than a drawing needs."""

from __future__ import annotations

import numpy as np

from learning.domain.trades import Floats, Ints

DIGITS = 4
POINTS_MAX = 400


def rounded(values: Floats) -> list[float | None]:
    """What is not finite is not known."""
    told: list[float | None] = np.round(values, DIGITS).tolist()
    for place in np.flatnonzero(~np.isfinite(values)):
        told[place] = None
    return told


def thinned(n: int, most: int = POINTS_MAX) -> Ints:
    """Positions of at most `most` of `n` rows, evenly, the first and the last among them."""
    if n <= most:
        return np.arange(n, dtype=np.int64)
    return np.unique(np.linspace(0, n - 1, most).round().astype(np.int64))
