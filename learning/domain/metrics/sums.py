"""What the figures of closed trades are made of: sums that one more trade changes in no time."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from learning.domain.intervals.clusters import Clusters
from learning.domain.metrics.drawdowns import Path
from learning.domain.metrics.numbers import Moments
from learning.domain.seconds import DAY
from learning.domain.trades import Flags, Floats, Ints, Trades

LARGEST = 1e50
"""Larger results than this are refused: their fourth powers would leave the floats."""

_NONSENSE = "results of trades are finite numbers below 1e50"

Week = list[float]
"""How many trades, what the gains came to, what the losses."""


@dataclass(slots=True)
class Side:
    """The results of trades in one unit, money or R, in the order in which they became known."""

    moments: Moments = field(default_factory=Moments)
    path: Path = field(default_factory=Path)
    weeks: dict[int, Week] = field(default_factory=dict)
    gains: float = 0.0
    losses: float = 0.0
    winners: int = 0
    losers: int = 0
    won: float = 0.0
    """Sum over the winners: scratches above zero are gains and not won."""
    lost: float = 0.0
    best: float = -math.inf
    worst: float = math.inf

    @classmethod
    def of(cls, values: Floats, result: Ints, week: Ints) -> Self:
        if not len(values):
            return cls()
        _checked(values)
        is_winner, is_loser = result > 0, result < 0
        numbers, codes = np.unique(week, return_inverse=True)
        gains, losses = np.maximum(values, 0.0), np.maximum(-values, 0.0)
        table = np.stack(
            [np.bincount(codes), np.bincount(codes, gains), np.bincount(codes, losses)], 1
        )
        return cls(
            Moments.of(values),
            Path.of(values),
            dict(zip(numbers.tolist(), table.tolist(), strict=True)),
            float(gains.sum()),
            float(losses.sum()),
            int(is_winner.sum()),
            int(is_loser.sum()),
            float(values[is_winner].sum()),
            float(values[is_loser].sum()),
            float(values.max()),
            float(values.min()),
        )

    def add(self, value: float, result: int, week: int) -> None:
        gain, loss = max(value, 0.0), max(-value, 0.0)
        self.moments.add(value)
        self.path.add(value)
        sums = self.weeks.setdefault(week, [0.0, 0.0, 0.0])
        sums[0] += 1
        sums[1] += gain
        sums[2] += loss
        self.gains += gain
        self.losses += loss
        if result > 0:
            self.winners += 1
            self.won += value
        elif result < 0:
            self.losers += 1
            self.lost += value
        self.best, self.worst = max(self.best, value), min(self.worst, value)

    @property
    def clusters(self) -> Clusters:
        table = np.array([self.weeks[week] for week in sorted(self.weeks)]).reshape(-1, 3)
        return Clusters(table[:, 0], table[:, 1], table[:, 2])


@dataclass(slots=True)
class Run:
    """Trades of one kind after each other: how many now, and the most there were."""

    now: int = 0
    longest: int = 0

    @classmethod
    def of(cls, flags: Flags) -> Self:
        if not len(flags):
            return cls()
        index = np.arange(1, len(flags) + 1)
        lengths = index - np.maximum.accumulate(np.where(flags, 0, index))
        return cls(int(lengths[-1]), int(lengths.max()))

    def add(self, flag: bool) -> None:
        self.now = self.now + 1 if flag else 0
        self.longest = max(self.longest, self.now)


@dataclass(slots=True)
class TradeSums:
    """Everything that the figures of trade space need: its size grows with the weeks and not with the trades."""

    winners: int = 0
    scratches: int = 0
    losers: int = 0
    money: Side = field(default_factory=Side)
    r: Side = field(default_factory=Side)
    winning: Run = field(default_factory=Run)
    losing: Run = field(default_factory=Run)
    held_winning: float = 0.0
    """Days that winners were held, together."""
    held_losing: float = 0.0
    held: float = 0.0

    @property
    def n(self) -> int:
        return self.winners + self.scratches + self.losers

    @classmethod
    def of(cls, trades: Trades) -> Self:
        result = trades.result
        is_winner, is_loser = result > 0, result < 0
        stated = ~np.isnan(trades.r)
        days = (trades.closed - trades.opened) / DAY
        return cls(
            int(is_winner.sum()),
            int((result == 0).sum()),
            int(is_loser.sum()),
            Side.of(trades.pnl, result, trades.week),
            Side.of(trades.r[stated], result[stated], trades.week[stated]),
            Run.of(is_winner),
            Run.of(is_loser),
            float(days[is_winner].sum()),
            float(days[is_loser].sum()),
            float(days.sum()),
        )

    def add(self, *, pnl: float, r: float | None, result: int, week: int, days: float) -> None:
        """One more trade: net result, R where risk was stated, 1 | 0 | -1, week of entry, days held.

        Trades are added in the order of `known_at`, then of `key`. One that is corrected or comes late means
        beginning again with `of`. ValueError where a number is not finite or absurd; then nothing is added.
        """
        stated = r is not None and not math.isnan(r)
        if not (_is_sane(pnl) and _is_sane(days) and (r is None or not stated or _is_sane(r))):
            raise ValueError(_NONSENSE)
        self.winners += result > 0
        self.losers += result < 0
        self.scratches += result == 0
        self.money.add(pnl, result, week)
        if r is not None and stated:
            self.r.add(r, result, week)
        self.winning.add(result > 0)
        self.losing.add(result < 0)
        self.held += days
        self.held_winning += days if result > 0 else 0.0
        self.held_losing += days if result < 0 else 0.0


def _is_sane(value: float) -> bool:
    return abs(value) <= LARGEST


def _checked(values: Floats) -> None:
    if not (np.abs(values) <= LARGEST).all():
        raise ValueError(_NONSENSE)
