"""R by the day on which trades were closed."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from learning.domain.seconds import day_of
from learning.domain.trades import Trades


def days(trades: Trades, zone: str) -> dict[str, Any]:
    """Per day in `zone` with a close: [sum of R or None, trades]. A day on which no closed trade had R has no sum."""
    local = ZoneInfo(zone)
    sums: dict[str, float] = defaultdict(float)
    counts: dict[str, int] = defaultdict(int)
    for closed, r in zip(trades.closed, trades.r, strict=True):
        day = day_of(int(closed), local).isoformat()
        counts[day] += 1
        if np.isfinite(r):
            sums[day] += float(r)
    return {day: [_or_none(sums, day), counts[day]] for day in sorted(counts)}


def _or_none(sums: dict[str, float], day: str) -> float | None:
    return round(sums[day], 4) if day in sums else None
