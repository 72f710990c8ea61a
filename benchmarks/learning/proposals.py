"""Scanners whose proposals are invented: the win rate of a credit spread as a function of its IV rank."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from benchmarks.learning.worlds import premium_spreads
from learning.domain.parameters.candidates import NEVER, Candidates, Fate, Mark
from learning.domain.seconds import DAY
from learning.domain.trades import weeks_of

BEGINNING = 1_577_836_800
"""1 January 2020 in seconds since 1970."""
STATUS_QUO = 30.0
"""The floor under the IV rank that the scanner has."""
MEAN_WIN, MEAN_LOSS = 0.325, 0.60

Chance = Callable[[np.ndarray], np.ndarray]

THRESHOLD_WORLDS: Mapping[str, Chance] = {
    "flat": lambda x: np.full(x.shape, 0.70),
    "mild": lambda x: 0.66 + 0.08 * x / 100,
    "step": lambda x: np.where(x < 50, 0.60, 0.76),
    "strong": lambda x: 0.55 + 0.30 * x / 100,
}
"""P(win) by IV rank from 0 to 100. The floor of 30 costs 1.42, 0.65, 0.90 and 0.01 R per 100 proposals."""


def proposals(
    rng: np.random.Generator,
    iv_rank: np.ndarray,
    r: np.ndarray,
    *,
    a_week: int = 5,
    longest: int = 21,
) -> Candidates:
    """`a_week` proposals a week, open for 3 to `longest` days, all with an outcome; shadows are below the floor."""
    n = len(r)
    opened = (
        BEGINNING + 5 * DAY + (np.arange(n) // a_week) * 7 * DAY + (np.arange(n) % a_week) * DAY
    )
    closed = opened + rng.integers(3 * DAY, longest * DAY, n)
    shadow = iv_rank < STATUS_QUO
    return Candidates(
        key=np.arange(n),
        opened=opened,
        closed=closed,
        known_at=closed,
        week=weeks_of(opened),
        r_plan=r,
        result=np.sign(r).astype(np.int64),
        slippage=np.zeros(n),
        r_actual=np.where(shadow, np.nan, r),
        actual_at=np.where(shadow, NEVER, closed),
        fate=np.where(shadow, Fate.EXPIRED, Fate.EXECUTED),
        decided_at=opened,
        shadow=shadow,
        mark=np.full(n, Mark.QUOTE),
        features={"iv_rank": iv_rank},
    )


def threshold_world(name: str, n: int, rng: np.random.Generator) -> Candidates:
    iv_rank = rng.uniform(0, 100, n)
    r = premium_spreads(rng, rng.random(n) < THRESHOLD_WORLDS[name](iv_rank))
    return proposals(rng, iv_rank, r)


def true_values(name: str, floors: np.ndarray) -> np.ndarray:
    """R per 100 proposals that each floor is worth in the world of that name."""
    x = (np.arange(20_000) + 0.5) / 200
    r = (MEAN_WIN + MEAN_LOSS) * THRESHOLD_WORLDS[name](x) - MEAN_LOSS
    return np.array([100 * np.mean(r * (x >= floor)) for floor in floors])


def best_value(name: str) -> float:
    """R per 100 proposals of taking exactly what is worth it."""
    x = (np.arange(20_000) + 0.5) / 200
    r = (MEAN_WIN + MEAN_LOSS) * THRESHOLD_WORLDS[name](x) - MEAN_LOSS
    return float(max(100 * np.mean(r * (x >= floor)) for floor in np.arange(0, 100, 0.5)))
