"""The mean of the newest fifty trades, beside what may be said of the mean of all of them at any time."""

from __future__ import annotations

from typing import Any

import numpy as np

from learning.domain.intervals.clusters import LEAST_OF_EACH
from learning.domain.intervals.sequences import confidence_sequence
from learning.domain.pictures.numbers import rounded, thinned
from learning.domain.seconds import day_of
from learning.domain.trades import Trades

WINDOW = 50
LEVEL = 0.95


def rolling(trades: Trades) -> dict[str, Any]:
    """`low`, `high`: the confidence sequence of the running mean, from its 20th trade with 5 of each kind on.

    It holds at all times at once, so looking at it after every trade finds nothing that is not there. None before that.
    """
    own = trades.where(np.isfinite(trades.r))
    n = len(own)
    sums = np.concatenate([[0.0], np.cumsum(own.r)])
    count = np.arange(1, n + 1)
    newest = np.full(n, np.nan)
    newest[WINDOW - 1 :] = (sums[WINDOW:] - sums[:-WINDOW]) / WINDOW if n >= WINDOW else np.nan
    low, high = np.full(n, np.nan), np.full(n, np.nan)
    band = confidence_sequence(own.r, LEVEL)
    if len(band.n):
        low[int(band.n[0]) - 1 :], high[int(band.n[0]) - 1 :] = band.low, band.high
    fewer = np.minimum(np.cumsum(own.r > 0), np.cumsum(own.r < 0))
    low[fewer < LEAST_OF_EACH], high[fewer < LEAST_OF_EACH] = np.nan, np.nan
    shown = thinned(n)
    mean = sums[1:] / count if n else np.array([])
    return {
        "n": n,
        "window": WINDOW,
        "level": LEVEL,
        "at": [int(one) + 1 for one in shown],
        "closed": [day_of(one).isoformat() for one in own.closed[shown]],
        "newest": rounded(newest[shown]),
        "mean": rounded(mean[shown]),
        "low": rounded(low[shown]),
        "high": rounded(high[shown]),
    }
