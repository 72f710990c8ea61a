"""Closed trades made up for tests."""

from __future__ import annotations

import numpy as np

from learning.domain.trades import Trades, weeks_of

DAY = 86_400
BEGIN = 1_767_600_000  # a Monday


def ledger(r, *, risk=100.0, result=None, days=None, per_week=5) -> Trades:
    """Trades with these R (NaN: no risk was stated, and the pnl is 1), `per_week` opened in each week."""
    r = np.asarray(r, dtype=np.float64)
    n = len(r)
    opened = BEGIN + (np.arange(n) // per_week) * 7 * DAY + (np.arange(n) % per_week) * DAY
    held = np.full(n, 3.0) if days is None else np.asarray(days, dtype=np.float64)
    closed = (opened + held * DAY).astype(np.int64)
    pnl = np.where(np.isnan(r), 1.0, r * risk)
    return Trades(
        key=np.arange(n),
        opened=opened.astype(np.int64),
        closed=closed,
        known_at=closed,
        pnl=pnl,
        r=r,
        result=np.sign(pnl).astype(np.int64) if result is None else np.asarray(result),
        week=weeks_of(opened.astype(np.int64)),
    )
