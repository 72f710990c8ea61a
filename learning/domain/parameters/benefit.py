"""What a choice is worth on proposals that did not make it: folds in time, purged by interval, with an embargo.

The setting is chosen again without each fold and without what was open while the fold was, and judged on the fold alone
(López de Prado 2018, ch. 7, but by [open, close] and not by row; docs/learning.md).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from learning.domain.figures import Figure, Interval, Reason, Unit
from learning.domain.parameters.choice import chosen
from learning.domain.parameters.paired import Paired
from learning.domain.parameters.surface import PRIOR
from learning.domain.seconds import WEEK
from learning.domain.trades import Flags, Floats, Ints

FOLDS = 8
EMBARGO = WEEK
"""How long after a fold nothing is learned from: a week, the cluster of inference."""
LEVEL = 0.90


@dataclass(frozen=True, slots=True)
class Fold:
    """Masks of rows: `judged` is the fold, `taught` what may choose for it."""

    judged: Flags
    taught: Flags


def folds_in_time(opened: Ints, closed: Ints, week: Ints, folds: int = FOLDS) -> list[Fold]:
    """Blocks of whole weeks of about equal size; taught rows share no moment with their block or the week after."""
    weeks = np.unique(week)
    block_of_week = np.minimum(
        np.searchsorted(np.sort(week), weeks) * folds // max(len(week), 1), folds - 1
    )
    block = block_of_week[np.searchsorted(weeks, week)]
    found = []
    for one in np.unique(block):
        judged = block == one
        begins, ends = opened[judged].min(), closed[judged].max()
        apart = (closed < begins) | (opened > ends + EMBARGO)
        found.append(Fold(judged, apart & ~judged))
    return found


def cross_fitted(
    paired: Paired,
    rng: np.random.Generator,
    *,
    prior: float = PRIOR,
    folds: int = FOLDS,
    draws: int = 200,
) -> Floats:
    """The difference in R that each row would have made under what was chosen without it; 0 where nothing would be."""
    made = np.zeros(len(paired))
    for fold in folds_in_time(paired.opened, paired.closed, paired.week, folds):
        if not fold.taught.any():
            continue
        threshold = chosen(paired.where(fold.taught), rng, prior=prior, draws=draws)
        if threshold is not None:
            made[fold.judged] = paired.differences(threshold)[fold.judged]
    return made


def benefit(paired: Paired, made: Floats, *, level: float = LEVEL) -> Figure:
    """R per 100 proposals of `made`, with an interval by weeks (cluster-robust t, CR1)."""
    if len(made) == 0:
        return Figure.absent(Reason.NOT_MATURED, 0, Unit.R)
    per_row = 100.0 / max(paired.n, 1)
    value = float(made.sum() * per_row)
    weeks = int(paired.week.max()) + 1
    if weeks < 4:
        return Figure(value, len(made), Unit.R)
    totals = np.bincount(paired.week, made) - made.mean() * np.bincount(paired.week)
    error = float(np.sqrt(np.square(totals).sum() * weeks / (weeks - 1)) * per_row)
    half = float(special.stdtrit(weeks - 1, (1 + level) / 2)) * error
    return Figure(value, len(made), Unit.R, Interval(value - half, value + half, level))
