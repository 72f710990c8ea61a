"""Whether other exits would have been better: every rule replayed over the whole path of all trades."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np

from journal.domain.chain.close_reason import CloseReason
from learning.domain.exits.choice import LEAST, LEAST_WEEKS, ExitChoice, choose_exit
from learning.domain.exits.left_open import counted_days
from learning.domain.exits.paths import Resolution
from learning.domain.exits.replay import Rule, Watch, at_next_quote, audit, decisions
from learning.domain.figures import Figure, Unit
from learning.domain.metrics.disposition import disposition
from learning.domain.metrics.excursions import excursion_metrics
from learning.domain.parameters.selection import clustered_mean
from learning.domain.seconds import DAY
from learning.models import LearningRun
from learning.selectors.paths import Observed
from learning.services.context import Context, Reads
from learning.services.steps.base import Step

FORMULAS = 2
STOPS = (None, 0.5, 1.0, 1.5)
TARGETS = (None, 0.5, 1.0, 1.5, 2.0, 3.0)
DAYS = (None, 1, 3, 5, 10, 21)
_POINTS = 400
_DIGITS = 6
_RULES_SHOWN = 12


def rules_for(resolution: Resolution) -> tuple[Rule, ...]:
    """The grid, but for the rule that never acts."""
    watch = Watch.ALWAYS if resolution is Resolution.INTRADAY else Watch.CLOSE
    return tuple(
        Rule(stop, target, None if days is None else days * DAY, watch)
        for stop, target, days in product(STOPS, TARGETS, DAYS)
        if (stop, target, days) != (None, None, None)
    )


def config(_context: Context) -> Mapping[str, Any]:
    return {"formulas": FORMULAS, "stops": STOPS, "targets": TARGETS, "days": DAYS}


def compute(context: Context, rng: np.random.Generator) -> dict[str, Any]:
    found = context.paths
    return {
        "without": dict(found.without),
        "needs": {"trades": LEAST, "weeks": LEAST_WEEKS},
        "groups": [
            _group(resolution, one, _sooner(context, one), rng)
            for resolution, one in sorted(found.observed.items())
        ],
    }


def _sooner(context: Context, one: Observed) -> Figure:
    """Whether winners are closed sooner than losers, by hand."""
    ends = dict(zip(context.trades.key.tolist(), context.trades.closed.tolist(), strict=True))
    closed = np.array([ends[id_] for id_ in one.trade_ids.tolist()], dtype=np.int64)
    by_hand = np.array([reason == CloseReason.MANUAL for reason in one.reasons], dtype=np.bool_)
    return disposition(counted_days(one.paths, closed, one.made, by_hand))


def _group(
    resolution: Resolution, one: Observed, sooner: Figure, rng: np.random.Generator
) -> dict[str, Any]:
    rules = rules_for(resolution)
    choice = choose_exit(one.paths, rules, one.made, rng)
    return {
        "resolution": resolution.value,
        "n": len(one.paths),
        "weeks": len(np.unique(one.paths.week)),
        "made": clustered_mean(one.made, one.paths.week).as_json(),
        "figures": {
            name: figure.as_json()
            for name, figure in excursion_metrics(one.mfe, one.mae, one.made).items()
        }
        | {"disposition": sooner.as_json()},
        "rules": list(_ranked(choice, len(one.paths))),
        "tried": len(choice.rules),
        "frontier": _frontier(choice, one.made),
        "best": None if choice.best is None else as_json(choice.best),
        "recommended": None if choice.rule is None else as_json(choice.rule),
        "shown": choice.shown.as_json(),
        "audit": _audited(one, choice),
        "points": list(_points(one)),
    }


def as_json(rule: Rule) -> dict[str, Any]:
    days = None if rule.seconds is None else rule.seconds // DAY
    return {"stop": rule.stop, "target": rule.target, "days": days, "watch": rule.watch.value}


def _ranked(choice: ExitChoice, n: int) -> Iterator[dict[str, Any]]:
    """The rules that look best in hindsight, with how often luck alone makes the best of all look so good."""
    if choice.best is None:
        return
    for place in np.argsort(-choice.gains, kind="stable")[:_RULES_SHOWN]:
        yield {
            **as_json(choice.rules[place]),
            "gain": Figure(float(choice.gains[place]), n, Unit.R).as_json(),
            "luck": float(choice.luck[place]),
        }


def _frontier(choice: ExitChoice, made: Any) -> list[dict[str, Any]]:
    """By stop and target alone: the mean R that each would have made in hindsight."""
    if choice.best is None:
        return []
    mean = float(made.mean())
    return [
        {"stop": rule.stop, "target": rule.target, "r": round(mean + float(gain), _DIGITS)}
        for rule, gain in zip(choice.rules, choice.gains, strict=True)
        if rule.seconds is None
    ]


def _audited(one: Observed, choice: ExitChoice) -> dict[str, Any]:
    """Fills of the rule that looks best, held against what was observed."""
    if choice.best is None:
        return {"fills": 0, "refused": None}
    fills = at_next_quote(one.paths, choice.best, decisions(one.paths, choice.best))
    return {
        "fills": len(one.paths) * len(choice.rules),
        "refused": audit(one.paths, choice.best, fills),
    }


def _points(one: Observed) -> Iterator[dict[str, Any]]:
    """The newest trades, for the drawing."""
    newest = np.argsort(one.paths.ended, kind="stable")[-_POINTS:]
    for place in newest:
        yield {
            "trade": int(one.trade_ids[place]),
            "mae": round(float(one.mae[place]), _DIGITS),
            "mfe": round(float(one.mfe[place]), _DIGITS),
            "r": round(float(one.made[place]), _DIGITS),
            "reason": one.reasons[place],
        }


def apply(_context: Context, _run: LearningRun) -> None:
    """The run itself is what pages and reports show."""


STEP = Step(compute, apply, reads=(Reads.TRADES, Reads.PATHS), config=config)
