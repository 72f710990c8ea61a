"""How results in R are spread: a histogram with edges at 0 and at −1 R, and the share of trades at most so good."""

from __future__ import annotations

from typing import Any

import numpy as np

from learning.domain.pictures.numbers import rounded
from learning.domain.trades import Floats, Trades

WIDTHS = (0.05, 0.1, 0.25, 0.5, 1.0)
SIDE_MAX = 24
QUANTILES = 101


def distribution(trades: Trades) -> dict[str, Any]:
    """`edges` has one more than `counts`; what lies beyond them is in the first and the last.

    `beyond` counts losses larger than 1 R: more than was planned to be at risk.
    """
    r = trades.r[np.isfinite(trades.r)]
    if not len(r):
        return {"n": 0, "edges": [], "counts": [], "low": [], "quantiles": [], "beyond": 0}
    width = _width(r)
    low = max(np.floor(round(float(r.min()) / width, 6)), -SIDE_MAX)
    high = min(np.floor(round(float(r.max()) / width, 6)) + 1, SIDE_MAX)
    edges = np.arange(low, max(high, low + 1) + 1) * width
    # Just below an edge by the rounding of floats is on it.
    placed = np.clip(r + 1e-9, edges[0], edges[-1] - 1e-9)
    counts, _ = np.histogram(placed, edges)
    return {
        "n": len(r),
        "edges": rounded(edges),
        "counts": [int(one) for one in counts],
        "quantiles": rounded(np.quantile(r, np.linspace(0, 1, QUANTILES))),
        "mean": round(float(r.mean()), 4),
        "median": round(float(np.median(r)), 4),
        "beyond": int(np.sum(r < -1 - 1e-9)),
        "worst": round(float(r.min()), 4),
    }


def _width(r: Floats) -> float:
    """The first of WIDTHS that is no narrower than the rule of Freedman and Diaconis (1981) asks for."""
    q25, q75 = np.quantile(r, [0.25, 0.75])
    wanted = 2 * float(q75 - q25) / len(r) ** (1 / 3)
    return next((one for one in WIDTHS if one >= wanted * 0.75), WIDTHS[-1])
