"""What a model of the probability to win may learn from, and the folds that keep the future out of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from learning.domain.parameters.candidates import Candidates
from learning.domain.seconds import WEEK
from learning.domain.trades import Flags, Floats, Ints

FEATURES_MOST = 12
BLOCKS = 8
TRAIN_LEAST = 30
OF_EACH_LEAST = 5


@dataclass(frozen=True, slots=True)
class Matured:
    """Rows with an outcome, in the order of `opened`. Times are seconds since 1970 UTC.

    `won` is 1 or 0; `pop` the probability of profit that the scanner told, NaN where it told none; `strategy` a code;
    `x` holds a column per name, all known at entry, NaN where unknown. The outcome was known at `known_at`.
    """

    opened: Ints
    known_at: Ints
    week: Ints
    won: Floats
    strategy: Ints
    pop: Floats
    x: Floats
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.names) > FEATURES_MOST:
            raise ValueError(
                f"at most {FEATURES_MOST} features, named before, and these are {len(self.names)}"
            )
        if np.any(np.diff(self.opened) < 0):
            raise ValueError("rows are not in the order in which they were opened")

    def __len__(self) -> int:
        return len(self.won)

    def where(self, rows: Flags | Ints) -> Self:
        return type(self)(
            self.opened[rows], self.known_at[rows], self.week[rows], self.won[rows],
            self.strategy[rows], self.pop[rows], self.x[rows], self.names,
        )  # fmt: skip

    @property
    def is_mixed(self) -> bool:
        """Whether there are enough rows, and of wins and of losses, to fit anything."""
        wins = int(self.won.sum())
        return len(self) >= TRAIN_LEAST and OF_EACH_LEAST <= wins <= len(self) - OF_EACH_LEAST


def matured_of(
    candidates: Candidates, names: Sequence[str], *, pop: str = "pop", strategy: str = "strategy"
) -> Matured:
    """The recommendations with an outcome, executed or not, shadows too: otherwise it is the picking that is learned.

    `names` are the features, at most twelve; `pop` and `strategy` say under which name the scanner's own probability
    of profit (0 to 1) and the strategy are kept; without them the one is unknown and the other all one.
    """
    rows = candidates.where(np.flatnonzero(candidates.matured))
    rows = rows.where(np.argsort(rows.opened, kind="stable"))
    n = len(rows)
    columns = [rows.features.get(name, np.full(n, np.nan)) for name in names]
    return Matured(
        rows.opened, rows.known_at, rows.week, (rows.result > 0).astype(float),
        rows.groups.get(strategy, np.zeros(n, dtype=np.int64)),
        rows.features.get(pop, np.full(n, np.nan)),
        np.column_stack(columns) if columns else np.empty((n, 0)),
        tuple(names),
    )  # fmt: skip


def walk_forward(rows: Matured, blocks: int = BLOCKS) -> Iterator[tuple[Ints, Ints]]:
    """Positions to learn from and to be tested on, block after block of whole weeks.

    Learned from is only what had been known a week before the block's first trade was opened: trades whose [open,
    close] reaches into the block are purged, and one cluster is the embargo (López de Prado 2018, §7.4).
    """
    if not len(rows):
        return
    first = max(TRAIN_LEAST, len(rows) // 4)
    shares = np.arange(first, len(rows)) // max(1, -(-(len(rows) - first) // blocks))
    weeks, begins = np.unique(rows.week[first:], return_index=True)
    block_of_week = shares[begins]
    for block in np.unique(block_of_week):
        inside = np.isin(rows.week, weeks[block_of_week == block])
        inside[:first] = False
        test = np.flatnonzero(inside)
        train = np.flatnonzero(rows.known_at < rows.opened[test[0]] - WEEK)
        if rows.where(train).is_mixed:
            yield train, test
