"""What closing would have made at every moment that was observed, from entry to the end of the plan or to expiry.

A path goes on after the trade was closed: a rule cannot be judged on what the rule itself cut off (docs/learning.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import numpy as np

from learning.domain.trades import Flags, Floats, Ints


class Resolution(StrEnum):
    INTRADAY = "intraday"
    DAILY = "daily"
    """A price a day: whether a stop was touched within a day cannot be known."""


@dataclass(frozen=True, slots=True)
class Paths:
    """`n` trades with up to `length` observations each.

    `marks` (n, length) is R if closed at that observation, at the side of the quote that closing pays, NaN after the
    end. `at` (n, length) is the moment of each in seconds since 1970, unused after the end. `count` (n,) is how many
    there are, at least 1. `week` is the cluster of inference.
    """

    marks: Floats
    at: Ints
    count: Ints
    week: Ints
    resolution: Resolution = Resolution.INTRADAY

    def __post_init__(self) -> None:
        n, length = self.marks.shape
        if self.at.shape != (n, length) or self.count.shape != (n,) or self.week.shape != (n,):
            raise ValueError("columns of paths are of different lengths")
        there = np.arange(length) < self.count[:, None]
        if n and (self.count.min() < 1 or not np.array_equal(np.isfinite(self.marks), there)):
            raise ValueError("a path is observed from its first to its last moment, without gaps")

    def __len__(self) -> int:
        return len(self.marks)

    @classmethod
    def of(
        cls,
        marks: Sequence[Floats],
        at: Sequence[Ints],
        week: Ints,
        resolution: Resolution = Resolution.INTRADAY,
    ) -> Self:
        """From one array of marks and one of moments for each trade."""
        count = np.array([len(one) for one in marks], np.int64)
        length = int(count.max(initial=1))
        wide, moments = (
            np.full((len(marks), length), np.nan),
            np.zeros((len(marks), length), np.int64),
        )
        for row, (values, times) in enumerate(zip(marks, at, strict=True)):
            wide[row, : len(values)], moments[row, : len(times)] = values, times
        return cls(wide, moments, count, week, resolution)

    def where(self, rows: Flags | Ints) -> Self:
        return type(self)(
            self.marks[rows], self.at[rows], self.count[rows], self.week[rows], self.resolution
        )

    @property
    def opened(self) -> Ints:
        return self.at[:, 0]

    @property
    def ended(self) -> Ints:
        ends: Ints = self.at[np.arange(len(self)), self.count - 1]
        return ends
