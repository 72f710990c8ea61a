"""Closed trades for tests: five a week, in the order they became known."""

import numpy as np

from learning.domain.seconds import DAY, WEEK
from learning.domain.trades import EPOCH_MONDAY, Trades


def closed_trades(r, *, result=None, groups=None, words=None, features=None, pnl=None) -> Trades:
    r = np.asarray(r, dtype=float)
    n = np.arange(len(r))
    weeks = n // 5
    at = EPOCH_MONDAY + weeks * WEEK + n % 5 * DAY
    return Trades(
        key=n,
        opened=at,
        closed=at + 3600,
        known_at=at + 3600,
        pnl=r * 100 if pnl is None else np.asarray(pnl, dtype=float),
        r=r,
        result=np.sign(r).astype(int) if result is None else np.asarray(result),
        week=weeks,
        groups=groups or {},
        words=words or {},
        features=features or {},
    )


def spreads(rng, n, rate=0.7):
    """R of credit spreads that win at `rate`."""
    return np.where(rng.random(n) < rate, rng.uniform(0.15, 0.5, n), -rng.uniform(0.2, 1, n))
