"""What the plots of the overview are drawn from: made after closes and every night, so no page reads all trades."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from learning.domain.pictures import course, days, distribution, places, rolling, slices
from learning.models import LearningRun, RunKind
from learning.selectors.trials import opened_parts
from learning.services.context import Context, Reads
from learning.services.steps.base import Step

FORMULAS = "2"


def config(context: Context) -> Mapping[str, Any]:
    told: Mapping[str, Any] = context.once("overview", lambda: _config(context))
    return told


def _config(context: Context) -> Mapping[str, Any]:
    return {
        "formulas": FORMULAS,
        "zone": context.zone.key,
        "opened": opened_parts(context.workspace_id, context.as_of),
    }


def compute(context: Context, rng: np.random.Generator) -> dict[str, Any]:
    told = config(context)
    trades = context.trades
    return {
        "course": course(trades, rng),
        "distribution": distribution(trades),
        "rolling": rolling(trades),
        "days": days(trades, told["zone"]),
        "places": {part: places(trades, part) for part in ("strategy", "symbol")},
        "slices": slices(trades, rng, told["opened"]),
    }


def apply(_context: Context, run: LearningRun) -> None:
    """Of each day the latest is kept: there may be one after every close."""
    earlier = LearningRun.objects.filter(
        workspace_id=run.workspace_id,
        kind=RunKind.OVERVIEW,
        account__isnull=True,
        as_of__gte=run.as_of.replace(hour=0, minute=0, second=0),
        as_of__lt=run.as_of,
    )
    earlier.delete()


STEP = Step(compute, apply, reads=(Reads.TRADES,), config=config)
