"""How likely ruin is for every pair of a size and an edge (docs/learning.md): the results as they were, moved as a
whole until their mean is the edge that is assumed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from learning.domain.sizing.outlook import equity_paths
from learning.domain.trades import Flags, Floats

SIZES = (0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.10)
EDGES = (-0.10, -0.05, 0.0, 0.05, 0.10, 0.20)
_ROUNDING = 1e-9


def ruin_surface(
    drawn: Floats,
    mean: float,
    ruin: float,
    *,
    sizes: Sequence[float] = SIZES,
    edges: Sequence[float] = EDGES,
) -> Floats:
    """Shape (edges, sizes): of ever losing `ruin` of the equity within the trades of `drawn`, a row for each path.

    They were drawn from results whose mean was `mean`. The same paths are used for all, so that more risk is never
    shown as safer by luck.
    """
    return np.array(
        [
            [float(np.mean(one)) for one in _ruined(drawn + (edge - mean), sizes, ruin)]
            for edge in edges
        ]
    )


def _ruined(r: Floats, sizes: Sequence[float], ruin: float) -> Iterator[Flags]:
    """Which paths are, at each size. x - x² ≤ log(1 + x) ≤ x for x from -1/2 on: what that settles is not multiplied
    out, and that is nearly all of it."""
    deepest = np.minimum(np.cumsum(r, axis=1).min(axis=1), 0.0)
    squares = np.sum(r * r, axis=1)
    worst = -r.min(axis=1, initial=0.0)
    bound = np.log(1 - ruin) if ruin < 1 else -np.inf
    for size in sizes:
        ruined = size * deepest < bound - _ROUNDING
        safe = (size * worst <= 0.5) & (size * deepest - size**2 * squares > bound + _ROUNDING)
        open_ = np.flatnonzero(~ruined & ~safe)
        ruined[open_] = equity_paths(r[open_], size).min(axis=1, initial=1.0) <= 1 - ruin
        yield ruined
