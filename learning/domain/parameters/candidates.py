"""Recommendations as columns: what a scanner proposed, what was done about it, and what came of it either way.

A threshold cannot be judged by the trades that were taken: what was ignored, and what was only logged in the shadow,
has an outcome too, by the same mechanical plan (docs/learning.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Self

import numpy as np

from learning.domain.trades import Flags, Floats, Ints

NEVER = int(np.iinfo(np.int64).max)
"""The moment of what has not happened, or is not known to have."""


class Fate(IntEnum):
    """What became of a recommendation."""

    PENDING = 0
    EXECUTED = 1
    IGNORED = 2
    EXPIRED = 3


class Mark(IntEnum):
    """What the outcome of the plan was read from, best first. ITS_TRADE: nobody told what the plan came to, and the
    trade that followed it stands for it; it says nothing of trade against plan."""

    UNKNOWN = 0
    BROKER_FILL = 1
    QUOTE = 2
    CLOSE_MID = 3
    THEORETICAL = 4
    ITS_TRADE = 5


@dataclass(frozen=True, slots=True)
class Candidates:
    """`n` recommendations in the order of `opened`, then of `key`. Times are seconds since 1970 UTC.

    `opened` is when it was proposed and its features were known; `closed` is when the plan (50 % take, stop, day limit,
    expiry) would have ended it, NEVER while it has not: [opened, closed] is what two rows must not share to be
    independent. `known_at` is when that outcome could first be known, NEVER where it cannot.
    `r_plan` is that outcome in R at the fills one would have had, NaN where unknown, `result` its sign as in Trades
    (0 also where unknown); `slippage` is the R that was taken off for those fills, 0 where a broker filled it.
    `r_actual` is what the trade made, NaN unless executed and closed; it was known at `actual_at`.
    `fate` (Fate) was settled at `decided_at`. `shadow` marks near misses that were logged but not shown. `mark` is a
    Mark. `week` is the cluster of inference. `groups`, `words`, `features` are as in Trades.
    """

    key: Ints
    opened: Ints
    closed: Ints
    known_at: Ints
    week: Ints
    r_plan: Floats
    result: Ints
    slippage: Floats
    r_actual: Floats
    actual_at: Ints
    fate: Ints
    decided_at: Ints
    shadow: Flags
    mark: Ints
    groups: Mapping[str, Ints] = field(default_factory=dict)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    features: Mapping[str, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        columns = [getattr(self, name) for name in COLUMNS]
        columns += [*self.groups.values(), *self.features.values()]
        if any(column.shape != self.key.shape for column in columns):
            raise ValueError("columns of candidates are of different lengths")

    def __len__(self) -> int:
        return len(self.key)

    @property
    def r_told(self) -> Floats:
        """`r_plan` where it is known apart from the trade: what trades are held against."""
        return np.where(self.mark == Mark.ITS_TRADE, np.nan, self.r_plan)

    @property
    def matured(self) -> Flags:
        """The rows whose plan has an outcome."""
        ended: Flags = np.isfinite(self.r_plan) & (self.known_at != NEVER)
        return ended

    @property
    def executed(self) -> Flags:
        executed: Flags = self.fate == Fate.EXECUTED
        return executed

    def where(self, rows: Flags | Ints) -> Self:
        """The same columns for the rows of a mask or of positions."""
        return replace(
            self,
            **{name: getattr(self, name)[rows] for name in COLUMNS},
            groups={name: codes[rows] for name, codes in self.groups.items()},
            features={name: numbers[rows] for name, numbers in self.features.items()},
        )

    def known_by(self, as_of: int) -> Self:
        """What could be known at `as_of`: what was proposed by then, without outcomes and decisions of later."""
        seen = self.where(self.opened <= as_of)
        ended, traded = seen.known_at <= as_of, seen.actual_at <= as_of
        decided = seen.decided_at <= as_of
        return replace(
            seen,
            closed=np.where(ended, seen.closed, NEVER),
            known_at=np.where(ended, seen.known_at, NEVER),
            r_plan=np.where(ended, seen.r_plan, np.nan),
            result=np.where(ended, seen.result, 0),
            slippage=np.where(ended, seen.slippage, 0.0),
            mark=np.where(ended, seen.mark, Mark.UNKNOWN),
            r_actual=np.where(traded, seen.r_actual, np.nan),
            actual_at=np.where(traded, seen.actual_at, NEVER),
            fate=np.where(decided, seen.fate, Fate.PENDING),
            decided_at=np.where(decided, seen.decided_at, NEVER),
        )

    def at_slippage(self, times: float) -> Self:
        """The same with `times` the slippage that was assumed: 0 at mid, 1 as it is, 2 for twice as bad."""
        return replace(
            self, r_plan=self.r_plan + (1.0 - times) * self.slippage, slippage=times * self.slippage
        )


COLUMNS = tuple(
    name for name in Candidates.__dataclass_fields__ if name not in {"groups", "words", "features"}
)


def in_order(candidates: Candidates) -> Candidates:
    """Sorted by `opened`, then by `key`: the order that every function here expects."""
    return candidates.where(np.lexsort((candidates.key, candidates.opened)))
