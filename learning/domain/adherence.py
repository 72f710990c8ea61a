"""Which rules of its plan a trade kept, and what breaking them came to (docs/learning.md).

The checks read what was decided, never what came of it. The costs read both, and may be positive: a breach that was
lucky is a breach.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from learning.domain.figures import Figure, Interval, Reason, Unit
from learning.domain.insights.process import Check
from learning.domain.intervals.betting import betting_interval
from learning.domain.resampling import mean_interval, total_interval
from learning.domain.trades import Flags, Floats, Ints

INTERVAL_FROM = 10
STRICT_UP_TO = 5_000
"""Trades up to which the strict interval is asked, too: beyond that the weeks say all there is to say."""


class Rule(StrEnum):
    """What a machine can check; the first seven names are those of the book's comparison with the plan."""

    SIDE = "side"
    WRITTEN_FIRST = "written_first"
    IN_TIME = "in_time"
    SIZE = "size"
    STOP_NOT_WIDENED = "stop_not_widened"
    EXIT_AT_STOP = "exit_at_stop"
    EXIT_AS_PLANNED = "exit_as_planned"
    IV_RANK_FLOOR = "iv_rank_floor"
    DTE_WINDOW = "dte_window"
    DAY_LIMIT = "day_limit"
    NO_UNPLANNED_ADD = "no_unplanned_add"


INSTRUCTIONS: Mapping[Rule, str] = {
    Rule.SIDE: "Trade only in the direction of the plan.",
    Rule.WRITTEN_FIRST: "Write the plan before the order.",
    Rule.IN_TIME: "Enter only while the plan is valid.",
    Rule.SIZE: "No trade larger than its plan says.",
    Rule.STOP_NOT_WIDENED: "Never move a stop away from the price.",
    Rule.EXIT_AT_STOP: "Close at the stop, not beyond it.",
    Rule.EXIT_AS_PLANNED: "Close for a reason that the plan names.",
    Rule.IV_RANK_FLOOR: "Open nothing below the floor of the IV rank.",
    Rule.DTE_WINDOW: "Open only within the planned days to expiry.",
    Rule.DAY_LIMIT: "Close by the planned day.",
    Rule.NO_UNPLANNED_ADD: "Add nothing that the plan does not say.",
}
"""What can be checked next week, in words."""


@dataclass(frozen=True, slots=True)
class OptionPlan:
    """What a plan or a scanner's parameters say beyond prices and sizes; None where they do not."""

    iv_rank_least: float | None = None
    dte_least: float | None = None
    dte_most: float | None = None
    days_most: float | None = None
    adds_most: int | None = None


@dataclass(frozen=True, slots=True)
class OptionFacts:
    """What was done. `days_held` counts to now while it is open; None where not known."""

    iv_rank: float | None = None
    dte: float | None = None
    days_held: float | None = None
    adds: int | None = None


def option_checks(plan: OptionPlan, done: OptionFacts) -> tuple[Check, ...]:
    """A check per rule that the plan has; kept is None where what was done is not known."""
    found = []
    if plan.iv_rank_least is not None:
        words = f"IV rank {_told(done.iv_rank)} at entry, floor {plan.iv_rank_least:g}"
        found.append(_check(Rule.IV_RANK_FLOOR, done.iv_rank, plan.iv_rank_least, None, words))
    if plan.dte_least is not None or plan.dte_most is not None:
        words = f"{_told(done.dte)} days to expiry at entry, planned {_range(plan.dte_least, plan.dte_most)}"
        found.append(_check(Rule.DTE_WINDOW, done.dte, plan.dte_least, plan.dte_most, words))
    if plan.days_most is not None:
        words = f"Day {_told(done.days_held)} of at most {plan.days_most:g}"
        found.append(_check(Rule.DAY_LIMIT, done.days_held, None, plan.days_most, words))
    if plan.adds_most is not None:
        words = f"Added {_told(done.adds)} times, planned at most {plan.adds_most}"
        found.append(_check(Rule.NO_UNPLANNED_ADD, done.adds, None, plan.adds_most, words))
    return tuple(found)


def _check(
    rule: Rule, done: float | None, least: float | None, most: float | None, words: str
) -> Check:
    if done is None:
        return Check(rule, None, words)
    kept = (least is None or done >= least) and (most is None or done <= most)
    return Check(rule, kept, words)


def _told(number: float | None) -> str:
    return "unknown" if number is None else f"{number:g}"


def _range(least: float | None, most: float | None) -> str:
    if least is None or most is None:
        return f"at most {most:g}" if least is None else f"at least {least:g}"
    return f"{least:g} to {most:g}"


def adherence(trades: Iterable[Sequence[Check]], week: Ints, rng: np.random.Generator) -> Figure:
    """The share of known, controllable rules that were kept, over trades; n is the trades that had any."""
    shares, weeks = [], []
    for checks, of in zip(trades, week, strict=True):
        known = [check.kept for check in checks if check.controllable and check.kept is not None]
        if known:
            shares.append(sum(known) / len(known))
            weeks.append(of)
    n = len(shares)
    if not n:
        return Figure.absent(Reason.NO_TRADES, 0, Unit.FRACTION)
    amounts = np.array(shares)
    ci = share_interval(amounts, np.array(weeks), rng)
    return Figure(float(amounts.mean()), n, Unit.FRACTION, ci)


def share_interval(shares: Floats, week: Ints, rng: np.random.Generator) -> Interval | None:
    """Of the mean of shares between 0 and 1: as wide as weeks make it and as the strict interval of what has bounds.

    Whoever kept every rule of twelve trades has no weeks that differ, and is not sure to keep all of the next ones.
    """
    if len(shares) < INTERVAL_FROM:
        return None
    told = [mean_interval(shares, week, rng)]
    if len(shares) <= STRICT_UP_TO:
        told.append(betting_interval(shares, 0.0, 1.0))
    known = [one for one in told if one is not None]
    if not known:
        return None
    return Interval(min(one.low for one in known), max(one.high for one in known), known[0].level)


@dataclass(frozen=True, slots=True)
class Costs:
    """Σ(R actual - R by plan) over trades that broke a rule: negative where it cost.

    `by_rule` shares a trade that broke several equally among them, so that the parts make the total. `unknown` trades
    broke a rule, and what the plan would have made of them is not known. `lucky` brought more than the plan would have.
    """

    total: Figure
    by_rule: Mapping[str, Figure]
    breaches: Mapping[str, int]
    lucky: int
    unknown: int


def mistake_costs(
    actual: Floats, plan: Floats, broken: Mapping[str, Flags], week: Ints, rng: np.random.Generator
) -> Costs:
    """`actual` and `plan` in R, NaN where not known; `broken` a mask per rule."""
    masks = {rule: np.asarray(mask, dtype=bool) for rule, mask in broken.items()}
    count = np.sum(list(masks.values()), axis=0) if masks else np.zeros(len(actual), dtype=int)
    difference = actual - plan
    known = (count > 0) & np.isfinite(difference)
    each = np.where(known, difference, 0.0) / np.maximum(count, 1)
    return Costs(
        _sum(difference, count > 0, known, week, rng),
        {rule: _sum(each, mask, known, week, rng) for rule, mask in masks.items()},
        {rule: int(mask.sum()) for rule, mask in masks.items()},
        int(np.count_nonzero(known & (each > 0))),
        int(np.count_nonzero((count > 0) & ~known)),
    )


def _sum(
    amounts: Floats, broken: Flags, known: Flags, week: Ints, rng: np.random.Generator
) -> Figure:
    rows = broken & known
    n = int(np.count_nonzero(rows))
    if not n:
        why = Reason.NOT_MATURED if np.any(broken) else Reason.NO_TRADES
        return Figure.absent(why, 0, Unit.R)
    ci = total_interval(amounts[rows], week[rows], rng) if n >= INTERVAL_FROM else None
    return Figure(float(amounts[rows].sum()), n, Unit.R, ci)
