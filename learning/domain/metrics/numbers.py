"""From arithmetic to figures: nothing infinite, undefined or made up leaves here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from learning.domain.figures import Figure, Interval, Reason, Unit
from learning.domain.trades import Floats

EPSILON = float(np.finfo(float).eps)

Outcome = float | Reason
"""A value, or why there is none."""


def told(value: Outcome, n: int, unit: Unit, ci: Interval | None = None) -> Figure:
    """The figure of a value; absent with its reason, or as out of range where floats have given up."""
    if isinstance(value, Reason):
        return Figure.absent(value, n, unit)
    if not math.isfinite(value):
        return Figure.absent(Reason.OUT_OF_RANGE, n, unit)
    return Figure(float(value), n, unit, ci)


def too_few(n: int, least: int, unit: Unit) -> Figure:
    return Figure.absent(Reason.TOO_FEW, n, unit, least=least)


def ratio(above: float, below: float, reason: Reason) -> Outcome:
    return above / below if below > 0 else reason


def exponential(power: float) -> float:
    """e^power − 1, infinite where floats end."""
    return math.expm1(power) if power < 700 else math.inf


@dataclass(slots=True)
class Moments:
    """Mean and sums of powers of what lies around it, one value at a time (Welford 1962; Pébay 2008, eq. 1.6)."""

    n: int = 0
    mean: float = 0.0
    m2: float = 0.0
    m3: float = 0.0
    m4: float = 0.0
    largest: float = 0.0
    """The largest absolute value, against which differences are judged."""

    @classmethod
    def of(cls, values: Floats) -> Self:
        if not len(values):
            return cls()
        away = values - values.mean()
        squares = away * away
        return cls(
            len(values),
            float(values.mean()),
            float(squares.sum()),
            float((squares * away).sum()),
            float((squares * squares).sum()),
            float(np.abs(values).max()),
        )

    def add(self, value: float) -> None:
        before = self.n
        self.n = n = before + 1
        away = value - self.mean
        step = away / n
        square = step * step
        term = away * step * before
        self.mean += step
        self.m4 += term * square * (n * n - 3 * n + 3) + 6 * square * self.m2 - 4 * step * self.m3
        self.m3 += term * step * (n - 2) - 3 * step * self.m2
        self.m2 += term
        self.largest = max(self.largest, abs(value))

    @property
    def total(self) -> float:
        return self.mean * self.n

    @property
    def deviation(self) -> float:
        """Standard deviation with n − 1; ask `spread` whether there is one."""
        return math.sqrt(max(self.m2, 0.0) / (self.n - 1))

    @property
    def spread(self) -> Outcome:
        """The standard deviation, or why there is none.

        Equal values differ by roundings, and a ratio to those would be astronomic: what lies below 8·ε·max|x|·√n is
        taken for none.
        """
        if self.n < 2:
            return Reason.TOO_FEW
        if self.deviation <= 8 * EPSILON * self.largest * math.sqrt(self.n):
            return Reason.ZERO_VARIANCE
        return self.deviation

    @property
    def skewness(self) -> float:
        """γ₃ of the sample itself (moments over n)."""
        return self.m3 / self.n / math.pow(self.m2 / self.n, 1.5)

    @property
    def kurtosis(self) -> float:
        """γ₄ of the sample itself, 3 for a normal one."""
        return self.m4 / self.n / (self.m2 / self.n) ** 2
