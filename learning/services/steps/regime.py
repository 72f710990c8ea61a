"""Whether results have got worse at some point: one look for every forty trades."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import numpy as np

from learning.domain.claims.clustered import is_flat
from learning.domain.claims.groups import STRATUM
from learning.domain.claims.regime import (
    EVERY,
    LEAST_SIDE,
    LOOKS_A_YEAR,
    NEWEST,
    YEARLY,
    steepest_fall,
)
from learning.domain.plain import plain
from learning.domain.seconds import day_of, moment_of
from learning.domain.trades import Floats, Trades
from learning.models import LearningRun
from learning.services.claims import weaken_all
from learning.services.context import Context, Reads
from learning.services.running import read
from learning.services.steps.base import Step

FORMULAS = "2"


def compute(context: Context, _rng: np.random.Generator) -> dict[str, Any]:
    """The steepest fall as of the last look. Its dice are those of the look, not of the run: the same forty trades are
    not thrown for again every night."""
    trades = context.trades
    n = len(trades) // EVERY * EVERY
    looked = trades.where(np.arange(len(trades)) < n)
    values, unit = _values(looked)
    least = 2 * LEAST_SIDE
    told: dict[str, Any] = {
        "n": len(trades), "looked_at": n, "next_look": n + EVERY, "least": least, "newest": NEWEST, "unit": unit,
        "level": YEARLY / LOOKS_A_YEAR, "change": None, "is_alarm": False, "since": None, "since_trade": None,
        "counts_from": None, "series": [],
    }  # fmt: skip
    if n < least or is_flat(values):
        return told
    dice = np.random.default_rng(
        int.from_bytes(blake2b(looked.key.tobytes(), digest_size=8).digest())
    )
    split = steepest_fall(values, looked.week, dice, strata=looked.groups.get(STRATUM))
    told["series"] = _rolling(looked, values)
    if split is None:
        return told
    first = int(looked.opened[split.first])
    return told | {
        "change": plain(split),
        "is_alarm": split.is_alarm(),
        "since": day_of(first).isoformat(),
        "since_trade": int(looked.key[split.first]),
        "known_at": int(looked.known_at[-1]),
        "counts_from": int(looked.known_at[split.first]),
    }


def _values(trades: Trades) -> tuple[Floats, str]:
    """R where every trade has one, else wins."""
    if np.isnan(trades.r).any():
        return (trades.result > 0).astype(np.float64), "fraction"
    return trades.r, "R"


def _rolling(trades: Trades, values: Floats) -> list[list[Any]]:
    """[day, mean of the forty trades up to it], of the newest that a look sees."""
    first = max(0, len(values) - NEWEST)
    sums = np.concatenate([[0.0], np.cumsum(values)])
    return [
        [
            day_of(int(trades.closed[at])).isoformat(),
            float((sums[at + 1] - sums[at + 1 - EVERY]) / EVERY),
        ]
        for at in range(max(first, EVERY - 1), len(values))
    ]


def apply(context: Context, run: LearningRun) -> None:
    """After an alarm what was confirmed before the look that raised it has to hold again."""
    told = read(run)
    if told["is_alarm"]:
        weaken_all(context.workspace_id, context.as_of, before=moment_of(told["known_at"]))


def config(_context: Context) -> Mapping[str, Any]:
    return {"formulas": FORMULAS}


STEP = Step(compute, apply, (Reads.TRADES,), config)
