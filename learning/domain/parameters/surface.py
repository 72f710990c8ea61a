"""What a cell of a grid is worth, by a Gaussian process over the cells: smooth, or with steps, as the data say.

Mean R of a cell ~ GP(0, c² + a²(0.85 exp(-d²/2ℓ²) + 0.15·1[d = 0])), a and ℓ averaged over a small grid by marginal
likelihood (Rasmussen & Williams 2006, §2.2 and §5.4; docs/learning.md). Closed form; no sampling.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import ndtr

from learning.domain.parameters.paired import Paired, design_effect, spread_of
from learning.domain.trades import Floats

HEIGHTS = (0.0, 0.03, 0.06, 0.12, 0.20)
"""a: how far, in R, cells may differ."""
LENGTHS = (8.0, 20.0, 50.0)
"""ℓ: how far apart cells are that have little to do with each other, in percent of the grid."""
SMOOTH = 0.85
PRIOR = 0.15
"""c: what the mean of all may be, in R: right for spreads, whose results are between -1 R and some +0.5 R."""


@dataclass(frozen=True, slots=True)
class Surface:
    """The posterior of the mean R of each of k cells: a mixture of h Gaussians.

    weights (h,); means (h, k); covariances (h, k, k).
    """

    weights: Floats
    means: Floats
    covariances: Floats

    def value(self, amounts: Floats) -> tuple[Floats, Floats, Floats]:
        """For rows of `amounts` (t, k), taken of each cell: posterior mean, deviation, P(value > 0), each (t,)."""
        centres = self.means @ amounts.T
        squares = ((amounts @ self.covariances) * amounts).sum(axis=2)
        spreads = np.sqrt(np.maximum(squares, 1e-18))
        mean = self.weights @ centres
        variance = self.weights @ (spreads**2 + centres**2) - mean**2
        above = self.weights @ ndtr(centres / spreads)
        return mean, np.sqrt(np.maximum(variance, 0.0)), above


@lru_cache(maxsize=64)
def kernels(cells: int, prior: float) -> Floats:
    """(h, k, k): prior covariance of the cells for each height and length."""
    place = np.arange(cells) * 100.0 / cells
    apart = np.square(place[:, None] - place[None, :])
    shapes = [
        height**2 * (SMOOTH * np.exp(-apart / (2 * length**2)) + (1 - SMOOTH) * np.eye(cells))
        for height in HEIGHTS
        for length in LENGTHS
    ]
    found: Floats = np.array(shapes) + prior**2
    found.flags.writeable = False
    return found


def surface_of(paired: Paired, prior: float = PRIOR) -> Surface:
    """The posterior of what each cell is worth, its noise widened by how far weeks move together."""
    cells = len(paired.parameter.grid) + 1
    counts = np.bincount(paired.cell, minlength=cells).astype(float)
    sums = np.bincount(paired.cell, paired.r, minlength=cells)
    noise = spread_of(paired.r) * design_effect(paired.r, paired.week)
    seen = counts > 0
    covariance = kernels(cells, prior)
    gain = covariance[:, :, seen]
    total = gain[:, seen, :] + np.diag(noise / counts[seen])
    means = np.where(seen, sums / np.maximum(counts, 1), 0.0)[seen]
    solved = np.linalg.solve(
        total,
        np.concatenate(
            [np.broadcast_to(means[:, None], (len(total), len(means), 1)), gain.transpose(0, 2, 1)],
            axis=2,
        ),
    )
    likelihood = -0.5 * (np.einsum("k,hk->h", means, solved[:, :, 0]) + np.linalg.slogdet(total)[1])
    weights = np.exp(likelihood - likelihood.max())
    return Surface(
        weights / weights.sum(),
        np.einsum("hks,hs->hk", gain, solved[:, :, 0]),
        covariance - gain @ solved[:, :, 1:],
    )


def per_hundred(paired: Paired, thresholds: tuple[float, ...]) -> Floats:
    """(thresholds, cells): how many of 100 proposals each threshold takes more (or less, below 0) of each cell."""
    shares = np.bincount(paired.cell, minlength=len(paired.parameter.grid) + 1) / max(paired.n, 1)
    amounts: Floats = 100.0 * paired.changes(thresholds) * shares
    return amounts
