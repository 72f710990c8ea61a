"""A rule of exit over the whole path of every trade, filled at the next observed quote, and an audit of those fills.

Whoever fills at the trigger's own price invents an edge: on walks without drift it looks like 0.03 to 0.05 R and passes
any test of significance (docs/learning.md). So fills are checked against what was observed, and others are refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from learning.domain.exits.paths import Paths, Resolution
from learning.domain.seconds import DAY
from learning.domain.trades import Flags, Floats, Ints

HAIR = 1e-9
"""R by which a fill may differ from a quote: rounding."""


class Watch(StrEnum):
    ALWAYS = "always"
    """The moment a price is touched: needs what happened within the day."""
    CLOSE = "close"
    """Once a day, at its last price."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Close at a loss of `stop` R, a gain of `target` R, or `seconds` after entry; None for without.

    All three are positive numbers.
    """

    stop: float | None = None
    target: float | None = None
    seconds: int | None = None
    watch: Watch = Watch.ALWAYS

    def __post_init__(self) -> None:
        if any(one is not None and one <= 0 for one in (self.stop, self.target, self.seconds)):
            raise ValueError(f"limits of an exit are above 0: {self}")

    def is_decidable(self, resolution: Resolution) -> bool:
        """Whether paths of that resolution can say when it would have acted."""
        prices = self.stop is not None or self.target is not None
        return resolution is Resolution.INTRADAY or self.watch is Watch.CLOSE or not prices


@dataclass(frozen=True, slots=True)
class Fills:
    """For each trade: the observation at which the rule decided, the one at which it was filled, and the R it made."""

    decided: Ints
    filled: Ints
    r: Floats


Fill = Callable[[Paths, Rule, Ints], Fills]
"""How what was decided at an observation is filled."""


class NotReplayable(ValueError):
    """The replay refuses: its fills could not have been had, or the paths cannot say when the rule would have acted."""


def decisions(paths: Paths, rule: Rule) -> Ints:
    """The first observation at which a rule acts, after entry; the last one where it never does. (n,)"""
    last = paths.count - 1
    acts = np.zeros(paths.marks.shape, np.bool_)
    if rule.stop is not None:
        acts |= paths.marks <= -rule.stop
    if rule.target is not None:
        acts |= paths.marks >= rule.target
    if rule.watch is Watch.CLOSE and paths.resolution is Resolution.INTRADAY:
        acts &= closes_of_days(paths)
    if rule.seconds is not None:
        acts |= (paths.at - paths.at[:, :1] >= rule.seconds) & np.isfinite(paths.marks)
    first = np.where(acts.any(axis=1), acts.argmax(axis=1), last)
    return np.minimum(first, last).astype(np.int64)


def closes_of_days(paths: Paths) -> Flags:
    """Which observations are the last of their UTC day."""
    day = paths.at // DAY
    following = np.full(day.shape, -1)
    following[:, :-1] = day[:, 1:]
    following[np.arange(len(paths)), paths.count - 1] = -1
    closes: Flags = day != following
    return closes


def at_next_quote(paths: Paths, rule: Rule, decided: Ints) -> Fills:
    """Filled at the observation after the decision, at its quote; at the last one nothing is left to wait for."""
    del rule
    filled = np.minimum(decided + 1, paths.count - 1)
    return Fills(decided, filled, paths.marks[np.arange(len(paths)), filled])


def audit(paths: Paths, rule: Rule, fills: Fills) -> str | None:
    """What is wrong with fills, in words; None where all could have been had.

    They come after a decision the path supports, at an observation that exists, at no other price than was quoted.
    """
    rows = np.arange(len(paths))
    if not np.array_equal(fills.decided, decisions(paths, rule)):
        return "decisions that the path does not support"
    if (fills.filled < 0).any() or (fills.filled >= paths.count).any():
        return "fills at moments that nobody observed"
    early = (fills.filled <= fills.decided) & (fills.decided < paths.count - 1)
    if early.any():
        return f"{int(early.sum())} fills at the moment of their decision or before it"
    if len(paths) and not np.isfinite(fills.r).all():
        return "fills without a price"
    wrong = np.abs(fills.r - paths.marks[rows, fills.filled]) > HAIR
    if wrong.any():
        return f"{int(wrong.sum())} fills at prices that were not quoted then"
    return None


def replay(paths: Paths, rule: Rule, fill: Fill = at_next_quote) -> Floats:
    """R that each trade would have made under a rule. NotReplayable where that cannot be known, or was made up."""
    if not rule.is_decidable(paths.resolution):
        raise NotReplayable("one price a day does not say whether a limit was touched within it")
    fills = fill(paths, rule, decisions(paths, rule))
    if (wrong := audit(paths, rule, fills)) is not None:
        raise NotReplayable(wrong)
    return fills.r
