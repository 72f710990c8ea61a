"""What would hold if the edge were known: the table for accounts with too few trades, and closed forms as checks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from learning.domain.figures import Figure, Reason, Unit
from learning.domain.sizing.kelly import kelly
from learning.domain.sizing.outlook import Course, deepest, equity_paths
from learning.domain.trades import Floats

EDGES = (-0.05, 0.0, 0.05, 0.10, 0.20)


@dataclass(frozen=True, slots=True)
class Assumed:
    """One row: were the expectancy `edge` R with wins of `win` R and losses of 1 R, this would follow."""

    edge: float
    win: float
    win_rate: float
    kelly: Figure
    drawdown_95: Figure
    below_start: Figure


def what_if(
    win: float, course: Course, rng: np.random.Generator, edges: tuple[float, ...] = EDGES
) -> tuple[Assumed, ...]:
    """`win` is the mean winner in R. Edges that no win rate below 1 reaches are left out. Nothing here was measured.

    All edges have the same luck, so that a better one never looks worse by it.
    """
    rows = []
    chance = rng.random((course.paths, course.trades))
    for edge in edges:
        rate = (edge + 1) / (win + 1)
        if not 0 < rate < 1:
            continue
        outcomes = np.array([win, -1.0])
        results = np.where(chance < rate, win, -1.0)
        equity = equity_paths(results, course.fraction)
        rows.append(
            Assumed(
                edge,
                win,
                rate,
                kelly(outcomes, np.array([rate, 1 - rate])),
                Figure(float(np.quantile(deepest(equity), 0.95)), 0, Unit.FRACTION),
                Figure(float(np.mean(equity[:, -1] < 1)), 0, Unit.PROBABILITY),
            )
        )
    return tuple(rows)


def gamblers_ruin(win_rate: float, units: int) -> float:
    """Of ever losing `units` at even money: (q/p)^units, and 1 without an edge (Feller 1968, XIV.2)."""
    if win_rate <= 0.5:
        return 1.0
    return float(((1 - win_rate) / win_rate) ** units)


def expected_drawdown_without_edge(results: Floats, horizon: int) -> Figure:
    """√(π/2) σ √T: what luck alone digs, in units of `results` (Magdon-Ismail et al. 2004, zero drift)."""
    known = results[np.isfinite(results)]
    n = len(known)
    if n < 2:
        return Figure.absent(Reason.TOO_FEW, n, Unit.R, least=2)
    spread = float(known.std(ddof=1))
    if spread <= 8 * np.finfo(float).eps * float(np.abs(known).max()) * np.sqrt(n):
        return Figure.absent(Reason.ZERO_VARIANCE, n, Unit.R)
    return Figure(float(np.sqrt(np.pi / 2) * spread * np.sqrt(horizon)), n, Unit.R)
