"""How much to risk on a trade, and what that may lead to: nothing is said before 20 trades with 5 losers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from django.conf import settings

from learning.domain.figures import Figure, Reason, Unit
from learning.domain.resampling import predicted, sample_of
from learning.domain.sizing.assumed import Assumed, expected_drawdown_without_edge, what_if
from learning.domain.sizing.kelly import (
    LEAST_LOSERS,
    LEAST_TRADES,
    halves_of,
    has_enough,
    kelly,
    recommended_fraction,
    unseen_loss,
)
from learning.domain.sizing.outlook import FAN, Course, figures_on, outlook_on, place_in_fan
from learning.domain.sizing.surface import EDGES, SIZES, ruin_surface
from learning.domain.trades import Floats, Ints
from learning.models import LearningRun
from learning.services.context import Context, Reads
from learning.services.steps.base import Step

FORMULAS = 2
# Where nobody knows what share of the equity a trade usually risks.
CUSTOMARY = 0.01
_SIZES = (0.005, 0.01, 0.02, 0.05)
_PATHS = 1_000
_TRADES = 100
_SINCE = 20
_DIGITS = 6
_BINS = 24
_TABLE = 17
# A plain winner where none was seen yet.
_USUAL_WIN = 1.0


def config(_context: Context) -> Mapping[str, Any]:
    return {
        "formulas": FORMULAS,
        "cap": str(settings.LEARNING_RISK_CAP_PERCENT),
        "paths": _PATHS,
        "trades": _TRADES,
    }


def compute(context: Context, rng: np.random.Generator) -> dict[str, Any]:
    known = np.isfinite(context.trades.r)
    r, weeks = context.trades.r[known], context.trades.week[known]
    cap = float(settings.LEARNING_RISK_CAP_PERCENT) / 100
    usual = _usual(context.shares_risked)
    halves = halves_of(r, weeks, rng) if has_enough(r) else None
    advised = recommended_fraction(r, weeks, rng, cap=cap, halves=halves)
    told: dict[str, Any] = {
        "n": len(r),
        "without_risk": int(np.count_nonzero(~known)),
        "losers": int(np.count_nonzero(r < 0)),
        "needs": {"trades": LEAST_TRADES, "losers": LEAST_LOSERS},
        "cap": cap,
        "usual": usual.as_json(),
        "recommended": advised.as_json(),
        "course": {"trades": _TRADES, "paths": _PATHS, "ruin": 0.5},
        "what_if": [dict(one) for one in _what_if(_win(r))],
    }
    if halves is not None:
        told |= {"half_kelly": _histogram(halves), **_measured(r, weeks, rng, usual, advised)}
    return told


def _usual(shares: Floats) -> Figure:
    if not len(shares):
        return Figure.absent(Reason.NO_PATH, 0, Unit.FRACTION)
    return Figure(round(float(np.median(shares)), _DIGITS), len(shares), Unit.FRACTION)


def _win(r: Floats) -> float:
    """The mean winner, in hundredths of R: nothing of the table was measured, so it is one of few."""
    winners = r[r > 0]
    return max(0.01, round(float(winners.mean()), 2)) if len(winners) else _USUAL_WIN


@lru_cache(maxsize=512)
def _what_if(win: float) -> tuple[dict[str, Any], ...]:
    """Of its own dice, the same for everybody."""
    rows = what_if(win, Course(CUSTOMARY, _TRADES, _PATHS), np.random.default_rng(_TABLE))
    return tuple(_assumed(one) for one in rows)


def _assumed(one: Assumed) -> dict[str, Any]:
    return {
        "edge": one.edge,
        "win": one.win,
        "win_rate": one.win_rate,
        "kelly": one.kelly.as_json(),
        "drawdown_95": one.drawdown_95.as_json(),
        "below_start": one.below_start.as_json(),
    }


def _measured(
    r: Floats, weeks: Ints, rng: np.random.Generator, usual: Figure, advised: Figure
) -> dict[str, Any]:
    """The same paths for all sizes: more risk is never shown as safer by luck."""
    shown = usual.value or advised.value or CUSTOMARY
    course = Course(shown, _TRADES, _PATHS)
    drawn = predicted(sample_of(r, weeks, [unseen_loss(r)]), _TRADES, _PATHS, rng)
    found = outlook_on(drawn, len(r), course)
    sizes = sorted({*_SIZES, round(shown, _DIGITS), *([advised.value] if advised.value else [])})
    surface = ruin_surface(drawn, float(r.mean()), course.ruin)
    return {
        "shown_fraction": shown,
        "kelly": kelly(r).as_json(),
        "fan": {"quantiles": list(FAN), "equity": np.round(found.fan, _DIGITS).tolist()},
        "outlooks": [
            {"fraction": size, "figures": _figures(drawn, len(r), replace(course, fraction=size))}
            for size in sizes
        ],
        "surface": {
            "edges": list(EDGES),
            "sizes": list(SIZES),
            "ruin": np.round(surface, 4).tolist(),
        },
        "place": _place(r, weeks, course, rng).as_json(),
        "by_luck": expected_drawdown_without_edge(r, _TRADES).as_json(),
    }


def _figures(drawn: Floats, n: int, course: Course) -> dict[str, Any]:
    return {name: one.as_json() for name, one in figures_on(drawn, n, course).items()}


def _histogram(halves: Floats) -> dict[str, Any]:
    """The posterior of half of Kelly, and the quartile that the advice is."""
    counts, edges = np.histogram(halves, bins=_BINS, range=(0.0, max(float(halves.max()), 0.01)))
    return {
        "counts": counts.tolist(),
        "edges": np.round(edges, _DIGITS).tolist(),
        "quartile": round(float(np.quantile(halves, 0.25)), _DIGITS),
        "none": float(np.mean(halves <= 0)),
    }


def _place(r: Floats, weeks: Ints, course: Course, rng: np.random.Generator) -> Figure:
    """Where the newest trades stand among what those before them had led to expect."""
    if len(r) < LEAST_TRADES + _SINCE:
        return Figure.absent(Reason.TOO_FEW, len(r), Unit.PROBABILITY, least=LEAST_TRADES + _SINCE)
    return place_in_fan(r[:-_SINCE], weeks[:-_SINCE], r[-_SINCE:], course, rng)


def apply(_context: Context, _run: LearningRun) -> None:
    """The run itself is what pages and reports show."""


STEP = Step(compute, apply, reads=(Reads.TRADES, Reads.SIZES), config=config)
