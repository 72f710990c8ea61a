"""What the figures of account returns are made of: sums that one more day or week changes in no time."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from learning.domain.metrics.drawdowns import Path
from learning.domain.metrics.numbers import Moments
from learning.domain.trades import Floats

LARGEST = 1e12


@dataclass(slots=True)
class Trend:
    """Least squares of a series on 1, 2, …, n, one value at a time."""

    n: int = 0
    mean: float = 0.0
    squares: float = 0.0
    """Σ(y − ȳ)²."""
    products: float = 0.0
    """Σ(t − t̄)(y − ȳ)."""

    @classmethod
    def of(cls, values: Floats) -> Self:
        n = len(values)
        if not n:
            return cls()
        away = values - values.mean()
        times = np.arange(n) - (n - 1) / 2
        return cls(n, float(values.mean()), float(away @ away), float(times @ away))

    def add(self, value: float) -> None:
        self.n += 1
        away = value - self.mean
        self.mean += away / self.n
        self.squares += away * (value - self.mean)
        # t − t̄ before this one is n/2.
        self.products += self.n / 2 * (value - self.mean)

    @property
    def times(self) -> float:
        """Σ(t − t̄)² = n(n² − 1)/12."""
        return self.n * (self.n**2 - 1) / 12

    @property
    def slope(self) -> float:
        return self.products / self.times

    @property
    def explained(self) -> float:
        """R², at most 1."""
        return min(self.products**2 / (self.times * self.squares), 1.0)


@dataclass(slots=True)
class Beyond:
    """What lies beyond a threshold on one side: how often, how far together, and squared."""

    n: int = 0
    distance: float = 0.0
    square: float = 0.0

    @classmethod
    def of(cls, distances: Floats) -> Self:
        far = np.maximum(distances, 0.0)
        return cls(int((distances > 0).sum()), float(far.sum()), float(far @ far))

    def add(self, distance: float) -> None:
        if distance > 0:
            self.n += 1
            self.distance += distance
            self.square += distance * distance


@dataclass(slots=True)
class ReturnSums:
    """Everything that most figures of time space need, in the same size whatever the number of periods.

    Returns are fractions of equity per period, idle ones included as 0. `mar` is the least return per period that is
    acceptable (Sortino's); `path` sums logarithms of equity, which ends where a return is −1 or less (`is_ruined`).
    """

    mar: float = 0.0
    moments: Moments = field(default_factory=Moments)
    path: Path = field(default_factory=Path)
    trend: Trend = field(default_factory=Trend)
    below: Beyond = field(default_factory=Beyond)
    above: Beyond = field(default_factory=Beyond)
    losing: Beyond = field(default_factory=Beyond)
    winning: Beyond = field(default_factory=Beyond)
    falls: float = 0.0
    """Σ of drawdown as a fraction of the peak, over all periods."""
    squared_falls: float = 0.0
    best: float = -math.inf
    worst: float = math.inf
    is_ruined: bool = False

    @property
    def n(self) -> int:
        return self.moments.n

    @classmethod
    def of(cls, returns: Floats, mar: float = 0.0) -> Self:
        _checked(returns)
        if not len(returns):
            return cls(mar)
        ruined = np.flatnonzero(returns <= -1)
        lived = returns[: ruined[0]] if len(ruined) else returns
        steps = np.log1p(lived)
        equity = np.cumsum(steps)
        falls = -np.expm1(equity - np.maximum(np.maximum.accumulate(equity), 0.0))
        return cls(
            mar,
            Moments.of(returns),
            Path.of(steps),
            Trend.of(equity),
            Beyond.of(mar - returns),
            Beyond.of(returns - mar),
            Beyond.of(-returns),
            Beyond.of(returns),
            float(falls.sum()),
            float(falls @ falls),
            float(returns.max()),
            float(returns.min()),
            bool(len(ruined)),
        )

    def add(self, one: float) -> None:
        """One more period. ValueError where the return is not finite or absurd; then nothing is added."""
        _checked(np.array([one], dtype=np.float64))
        self.moments.add(one)
        self.below.add(self.mar - one)
        self.above.add(one - self.mar)
        self.losing.add(-one)
        self.winning.add(one)
        self.best, self.worst = max(self.best, one), min(self.worst, one)
        self.is_ruined = self.is_ruined or one <= -1
        if self.is_ruined:
            return
        self.path.add(math.log1p(one))
        self.trend.add(self.path.total)
        fall = -math.expm1(-self.path.now)
        self.falls += fall
        self.squared_falls += fall * fall


def _checked(returns: Floats) -> None:
    if not (np.abs(returns) <= LARGEST).all():
        raise ValueError(
            "returns are finite fractions: 0.01 is one per cent; leave out what is not known"
        )
