"""What was decided and what that came to: habits, kept and broken rules, and what fills cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from learning.domain.adherence import INSTRUCTIONS, Rule, adherence, mistake_costs
from learning.domain.claims.behaviour import Answers, behaviour
from learning.domain.execution import by_group, execution_figures, shortfall, spread_bands
from learning.domain.insights.process import Check
from learning.domain.parameters.candidates import Candidates, Fate
from learning.domain.plain import plain
from learning.domain.seconds import day_of
from learning.domain.trades import Flags, Floats, Ints, Trades
from learning.domain.words.behaviour import tell_contrast, tell_rule
from learning.models import LearningRun
from learning.selectors.adherence import Decided, Filled, version_of
from learning.services.context import Context, Reads
from learning.services.steps.base import Step

FORMULAS = "3"
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_BANDS = ("Narrow", "Middling", "Wide")
# Of each drawing so many points at the most.
_POINTS = 400


def compute(context: Context, rng: np.random.Generator) -> dict[str, Any]:
    trades = with_bins(context.trades)
    contrasts = behaviour(
        trades,
        context.moment,
        rng,
        days=local_days(trades.opened, context.zone),
        discretionary=_by_hand(trades),
        answers=answers_of(context.candidates),
    )
    return {
        "n": len(trades),
        "contrasts": [{**plain(one), "sentence": tell_contrast(one)} for one in contrasts],
        "decisions": _decisions(context, trades, context.decided, rng),
        "execution": _execution(context.filled, rng),
    }


def with_bins(trades: Trades) -> Trades:
    """With weekday and hour as groups, and the risk at entry as size."""
    groups, words = dict(trades.groups), dict(trades.words)
    for name, known in (
        ("weekday", _WEEKDAYS),
        ("hour", tuple(f"{hour:02}" for hour in range(24))),
    ):
        numbers = trades.features.get(name)
        if numbers is not None:
            groups[name] = np.where(np.isnan(numbers), -1, np.nan_to_num(numbers)).astype(np.int64)
            words[name] = known
    told = ~np.isnan(trades.r) & (np.abs(trades.r) > 0)
    size = np.where(told, np.abs(trades.pnl / np.where(told, trades.r, 1.0)), np.nan)
    features = {**trades.features, "size": size}
    return replace(trades, groups=groups, words=words, features=features)


def local_days(moments: Ints, zone: ZoneInfo) -> Ints:
    """The day of each moment where the workspace is, counted from any day."""
    days = [day_of(int(one), zone).toordinal() for one in moments]
    return np.array(days, dtype=np.int64)


def _by_hand(trades: Trades) -> Flags | None:
    """Exits that no plan asked for; None where none is known to be one."""
    words = trades.words.get("close_reason", ())
    if "manual" not in words:
        return None
    return np.asarray(trades.groups["close_reason"] == words.index("manual"), dtype=np.bool_)


def answers_of(candidates: Candidates) -> Answers | None:
    """Of what was shown and is settled."""
    settled = ~candidates.shadow & (candidates.fate != Fate.PENDING)
    if not settled.any():
        return None
    own = candidates.where(settled)
    return Answers(own.opened, own.executed, own.week)


def _decisions(
    context: Context, trades: Trades, decided: Sequence[Decided], rng: np.random.Generator
) -> dict[str, Any]:
    """Adherence, what each rule's breaches came to against the plan, and decisions beside outcomes."""
    place = {int(key): at for at, key in enumerate(trades.key)}
    own = [one for one in decided if one.id in place]
    rows = np.array([place[one.id] for one in own], dtype=np.int64)
    actual, weeks = trades.r[rows], trades.week[rows]
    plan = _planned(context, own)
    broken = {
        rule: np.array([one.checks.get(rule) is False for one in own], dtype=np.bool_)
        for rule in sorted(
            {rule for one in own for rule, kept in one.checks.items() if kept is False}
        )
    }
    checks = [[Check(rule, kept, "") for rule, kept in one.checks.items()] for one in own]
    costs = mistake_costs(actual, plan, broken, weeks, rng)
    kept = Counter(rule for one in own for rule, was in one.checks.items() if was)
    lines = [
        {
            "rule": rule,
            "instruction": INSTRUCTIONS.get(Rule(rule), "") if rule in set(Rule) else "",
            "kept": kept[rule],
            "broken": costs.breaches.get(rule, 0),
            "cost": plain(costs.by_rule[rule]) if rule in costs.by_rule else None,
            "sentence": tell_rule(
                rule, kept[rule], costs.breaches.get(rule, 0), costs.by_rule.get(rule)
            ),
        }
        for rule in sorted({*kept, *broken})
    ]
    return {
        "n": len(own),
        "planned": sum(1 for one in own if one.checks),
        "adherence": plain(adherence(checks, weeks, rng)),
        "cost": plain(costs.total),
        "lucky": costs.lucky,
        "unknown": costs.unknown,
        "rules": sorted(lines, key=lambda line: (-line["broken"], line["rule"])),
        "quadrants": dict(sorted(Counter(one.quadrant for one in own if one.quadrant).items())),
        "points": _points(own, actual),
        "grades": dict(sorted(Counter(one.grade for one in own).items())),
    }


def _planned(context: Context, own: Sequence[Decided]) -> Floats:
    """What the plan of each would have made, in R; NaN where nobody knows."""
    candidates = context.candidates
    by_key = dict(zip(candidates.key.tolist(), candidates.r_told.tolist(), strict=True))
    followed = context.followed
    return np.array(
        [by_key.get(followed.get(one.id, -1), float("nan")) for one in own], dtype=np.float64
    )


def _points(own: Sequence[Decided], actual: Floats) -> list[list[Any]]:
    """[trade, share of rules kept, R] of the newest that had a rule and R."""
    found = []
    for one, r in zip(own, actual.tolist(), strict=True):
        known = [kept for kept in one.checks.values() if kept is not None]
        if known and np.isfinite(r):
            found.append([one.id, sum(known) / len(known), r])
    return found[-_POINTS:]


def _execution(filled: Filled, rng: np.random.Generator) -> dict[str, Any]:
    fills = filled.fills
    told = shortfall(fills)
    quoted = np.sort(told.r[np.isfinite(told.r)])
    step = max(1, -(-len(quoted) // _POINTS))
    return {
        "n": len(fills),
        "figures": {name: plain(one) for name, one in execution_figures(fills, rng).items()},
        "limits": int(np.count_nonzero(np.isfinite(told.against_limit))),
        "by_symbol": _groups(fills, filled.symbol, filled.symbols, rng),
        "by_spread": _groups(fills, spread_bands(fills), _BANDS, rng),
        "by_order": _groups(fills, filled.order_type, filled.order_types, rng),
        "by_hour": _groups(fills, filled.hour, tuple(f"{hour:02}" for hour in range(24)), rng),
        "steps": [round(float(one), 5) for one in quoted[::step]],
    }


def _groups(
    fills: Any, codes: Ints, words: Sequence[str], rng: np.random.Generator
) -> list[dict[str, Any]]:
    return [
        {"word": words[one.code], "raw": plain(one.raw), "shrunk": plain(one.shrunk)}
        for one in by_group(fills, codes, rng)
    ]


def apply(_context: Context, _run: LearningRun) -> None:
    """Nothing follows but what is shown."""


def config(context: Context) -> Mapping[str, Any]:
    return {
        "formulas": FORMULAS,
        "zone": str(context.zone),
        "decided": version_of(context.decided, context.filled),
    }


STEP = Step(compute, apply, (Reads.TRADES, Reads.CANDIDATES), config)
