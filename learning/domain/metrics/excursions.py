"""How far trades went for and against us while they were open, and how much of it was kept."""

from __future__ import annotations

import numpy as np

from learning.domain.figures import Figure, Reason, Unit
from learning.domain.metrics.numbers import ratio, told, too_few
from learning.domain.trades import Flags, Floats


def excursion_metrics(mfe: Floats, mae: Floats, realised: Floats) -> dict[str, Figure]:
    """Of trades with a path: mean MFE and MAE, edge ratio and exit efficiency.

    Columns in R: the most that was unrealised while open (`mfe`, at least 0), the least (`mae`, at most 0) and what was
    realised. NaN where there was no path; such a trade is left out of all four.

    edge_ratio = mean MFE/mean |MAE|; exit_efficiency = Σ realised/Σ MFE over trades that ever were ahead, which no
    single trade that was ahead by a cent can blow up (as a mean of ratios would be).
    """
    known = ~(np.isnan(mfe) | np.isnan(mae) | np.isnan(realised))
    n = int(known.sum())
    units = {"mfe": Unit.R, "mae": Unit.R, "edge_ratio": Unit.RATIO, "exit_efficiency": Unit.RATIO}
    if not n:
        return {name: Figure.absent(Reason.NO_PATH, 0, unit) for name, unit in units.items()}
    best, worst = np.maximum(mfe[known], 0.0), np.minimum(mae[known], 0.0)
    figures = {
        "mfe": told(float(best.mean()), n, Unit.R),
        "mae": told(float(worst.mean()), n, Unit.R),
        "edge_ratio": told(
            ratio(float(best.sum()), -float(worst.sum()), Reason.NO_DRAWDOWN), n, Unit.RATIO
        ),
        "exit_efficiency": _efficiency(best, realised[known]),
    }
    if n == 1:
        figures["edge_ratio"] = figures["exit_efficiency"] = too_few(1, 2, Unit.RATIO)
    return figures


def _efficiency(best: Floats, realised: Floats) -> Figure:
    ahead: Flags = best > 0
    value = ratio(float(realised[ahead].sum()), float(best.sum()), Reason.NO_WINNERS)
    return told(value, int(ahead.sum()), Unit.RATIO)
