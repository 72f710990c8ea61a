"""How good the best of many settings looks by luck alone: max-T over signs of whole weeks.

Self-normalised sums of paired differences over the whole grid, weeks multiplied by signs that are drawn (Romano & Wolf
2005; docs/learning.md). One-sided: only better than now counts. The sums are not centred first: under no difference
signs are as good as any other (an exact test where weeks are symmetric), while a scale of what is left around the mean
is far too small for a setting that has changed few proposals and none of them for the worse yet.
"""

from __future__ import annotations

import numpy as np

from learning.domain.parameters.paired import Paired
from learning.domain.trades import Floats

DRAWS = 400


def luck_of_best(
    paired: Paired, thresholds: tuple[float, ...], rng: np.random.Generator, draws: int = DRAWS
) -> Floats:
    """For each threshold, how often the best of all of them would look at least this good if none were better.

    1 where a threshold changes nothing, or only proposals of one week.
    """
    cells, weeks = len(paired.parameter.grid) + 1, int(paired.week.max(initial=-1)) + 1
    place = paired.week * cells + paired.cell
    sums = np.bincount(place, paired.r, minlength=weeks * cells).reshape(weeks, cells)
    return adjusted(sums @ paired.changes(thresholds).T, rng, draws)


def adjusted(totals: Floats, rng: np.random.Generator, draws: int = DRAWS) -> Floats:
    """Max-T adjusted p of each column of `totals` (weeks, settings), sums of differences by week."""
    scale = np.sqrt(np.square(totals).sum(axis=0))
    judged = ((totals != 0).sum(axis=0) >= 2) & (scale > 1e-12)
    p = np.ones(totals.shape[1])
    if not judged.any():
        return p
    shares = totals[:, judged] / scale[judged]
    signs = 1.0 - 2.0 * rng.integers(0, 2, (draws, len(totals)), dtype=np.int8)
    best = (signs @ shares).max(axis=1)
    p[judged] = (1 + (best[:, None] >= shares.sum(axis=0)).sum(axis=0)) / (draws + 1)
    return p
