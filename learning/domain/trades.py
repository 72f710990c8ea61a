"""Closed trades as columns: what every estimator reads.

A row is one campaign of the book: rolls and adjustments belong to the trade they adjust. Floats are right here and
wrong in the book: sums of money that people see come from the book, statistics come from these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self, TypeVar

import numpy as np
import numpy.typing as npt

from learning.domain.seconds import DAY, WEEK

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Seconds = TypeVar("Seconds", int, Ints)

EPOCH_MONDAY = 4 * DAY
"""1970-01-05 in seconds: the first Monday, so that clusters are weeks from Monday to Sunday."""


@dataclass(frozen=True, slots=True)
class Trades:
    """`n` closed trades in the order of `known_at`, then of `key`.

    `opened`, `closed`, `known_at` are seconds since 1970 UTC; a statistic as of T reads rows with known_at <= T only.
    `pnl` is net of fees in one currency; `r` is pnl ÷ risk planned at entry, NaN where no risk was stated.
    `result` is 1 win, 0 scratch, -1 loss (docs/learning.md). `week` is the cluster of inference: the week of entry.
    `groups` names codes per row (symbol, strategy, close reason …) with their words in `words`; -1 is unknown.
    `features` holds numbers known at entry, NaN where unknown.
    """

    key: Ints
    opened: Ints
    closed: Ints
    known_at: Ints
    pnl: Floats
    r: Floats
    result: Ints
    week: Ints
    groups: Mapping[str, Ints] = field(default_factory=dict)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    features: Mapping[str, Floats] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.key)

    def where(self, rows: Flags | Ints) -> Self:
        """The same columns for the rows of a mask or of positions."""
        return type(self)(
            self.key[rows],
            self.opened[rows],
            self.closed[rows],
            self.known_at[rows],
            self.pnl[rows],
            self.r[rows],
            self.result[rows],
            self.week[rows],
            {name: codes[rows] for name, codes in self.groups.items()},
            self.words,
            {name: numbers[rows] for name, numbers in self.features.items()},
        )

    def known_by(self, as_of: int) -> Self:
        """What could be known at `as_of`, in seconds since 1970."""
        return self.where(self.known_at <= as_of)


_HELD = (
    (3_600, "up to an hour"),
    (DAY, "up to a day"),
    (WEEK, "up to a week"),
    (30 * DAY, "up to a month"),
)


def held_for(seconds: int) -> str:
    """How long a trade was held, in five words."""
    return next((words for most, words in _HELD if seconds <= most), "for longer")


def weeks_of(seconds: Seconds) -> Seconds:
    """The number of the week, from Monday, of a moment or of each of many, in seconds since 1970 UTC."""
    return (seconds - EPOCH_MONDAY) // WEEK
