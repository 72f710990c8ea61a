"""What was made in R, trade by trade, what is missing to its peak, and the fan of what was to be expected."""

from __future__ import annotations

from typing import Any

import numpy as np

from learning.domain.figures import Figure, Reason, Unit
from learning.domain.pictures.numbers import rounded, thinned
from learning.domain.resampling import predicted, sample_of
from learning.domain.seconds import day_of
from learning.domain.sizing.kelly import LEAST_TRADES, has_enough, unseen_loss
from learning.domain.trades import Trades

FAN = (0.05, 0.25, 0.50, 0.75, 0.95)
LOOK_BACK = 100
LOOK_BACK_LEAST = 10
PATHS = 1_000


def course(trades: Trades, rng: np.random.Generator) -> dict[str, Any]:
    """Of the trades with R, in the order in which they became known. The first point is the start, before any trade."""
    own = trades.where(np.isfinite(trades.r))
    total = np.concatenate([[0.0], np.cumsum(own.r)])
    under = total - np.maximum.accumulate(total)
    shown = thinned(len(total))
    return {
        "n": len(own),
        "without_r": len(trades) - len(own),
        "at": [int(one) for one in shown],
        "total": rounded(total[shown]),
        "under": rounded(under[shown]),
        "closed": [day_of(own.closed[max(0, one - 1)]).isoformat() for one in shown]
        if len(own)
        else [],
        **_fan(own, rng),
    }


def _fan(own: Trades, rng: np.random.Generator) -> dict[str, Any]:
    """Cast from where the newest hundred (of few trades a quarter) began, from what was known by then alone.

    `place` is where the total is now among all paths, ties counted half.
    """
    ahead = min(LOOK_BACK, len(own) // 4)
    before = own.where(np.arange(len(own)) < len(own) - ahead)
    if ahead < LOOK_BACK_LEAST or not has_enough(before.r):
        why = Reason.TOO_FEW if len(own) else Reason.NO_TRADES
        return {
            "fan": None,
            "place": Figure.absent(
                why, len(before), Unit.PROBABILITY, least=LEAST_TRADES
            ).as_json(),
        }
    sample = sample_of(before.r, before.week, [unseen_loss(before.r)])
    start = float(before.r.sum())
    paths = start + np.cumsum(predicted(sample, ahead, PATHS, rng), axis=1)
    now = float(own.r.sum())
    ends = paths[:, -1]
    place = float(np.mean(ends < now - 1e-9) + np.mean(np.abs(ends - now) <= 1e-9) / 2)
    lines = np.quantile(np.ascontiguousarray(paths.T), FAN, axis=1)
    return {
        "fan": {
            "from": len(before),
            "levels": list(FAN),
            "at": [len(before) + step for step in range(ahead + 1)],
            "lines": [rounded(np.concatenate([[start], line])) for line in lines],
        },
        "place": Figure(place, len(before), Unit.PROBABILITY).as_json(),
    }
