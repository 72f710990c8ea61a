"""Falls from the peak, of a sum (money, R) or of compounded returns. The start is always a peak."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from learning.domain.trades import Floats

ROUNDING = 1e-12
"""Part of a peak by which a sum may miss it and still be back: floats do not add up to the cent."""


@dataclass(slots=True)
class Path:
    """A running sum and its falls, one step at a time. Of returns it is the logarithm of equity that is summed."""

    total: float = 0.0
    peak: float = 0.0
    deepest: float = 0.0
    """The largest fall from a peak, in the unit of the sum, at least 0."""
    below: int = 0
    """Steps since the last peak; above 0 the fall is still open."""
    longest: int = 0
    """Most steps from a peak until it was reached again, or until now where it was not."""

    @classmethod
    def of(cls, steps: Floats) -> Self:
        if not len(steps):
            return cls()
        totals = np.concatenate([[0.0], np.cumsum(steps)])
        peaks = np.maximum.accumulate(totals)
        tops = np.flatnonzero(peaks - totals <= ROUNDING * peaks)
        between = np.diff(tops)
        below = len(totals) - 1 - int(tops[-1])
        recovered = int(between[between > 1].max(initial=0))
        return cls(
            float(totals[-1]),
            float(peaks[-1]),
            float((peaks - totals).max()),
            below,
            max(recovered, below),
        )

    def add(self, step: float) -> None:
        self.total += step
        self.peak = max(self.peak, self.total)
        self.deepest = max(self.deepest, self.peak - self.total)
        if self.peak - self.total > ROUNDING * self.peak:
            self.below += 1
            self.longest = max(self.longest, self.below)
        elif self.below:
            self.longest = max(self.longest, self.below + 1)
            self.below = 0

    @property
    def now(self) -> float:
        """The fall from the last peak, at least 0."""
        return self.peak - self.total


@dataclass(frozen=True, slots=True)
class Fall:
    """A fall of equity from a peak to the low after it: `amount` of money, `fraction` of the peak."""

    amount: float
    fraction: float


def falls_of_equity(start: float, pnl: Floats) -> tuple[Fall, Fall]:
    """The largest fall by amount and the largest by fraction of its peak, which need not be the same one.

    `start` is the equity before the first result, above 0.
    """
    equity = np.concatenate([[start], start + np.cumsum(pnl)])
    peaks = np.maximum.accumulate(equity)
    amounts = peaks - equity
    fractions = amounts / peaks
    largest, steepest = int(amounts.argmax()), int(fractions.argmax())
    return (
        Fall(float(amounts[largest]), float(fractions[largest])),
        Fall(float(amounts[steepest]), float(fractions[steepest])),
    )


def growth_a_year(start: float, end: float, days: float) -> float:
    """CAGR between two amounts above 0: (end/start)^(365/days) − 1."""
    return float((end / start) ** (365 / days) - 1)
