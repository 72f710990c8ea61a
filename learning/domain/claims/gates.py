"""How much there must be before something is said at all (docs/learning.md, Gates)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from learning.domain.trades import Floats, Ints


@dataclass(frozen=True, slots=True)
class Sample:
    """What there is: trades, the smaller of two arms, winners, losers, different weeks."""

    n: int
    smaller_arm: int = 0
    winners: int = 0
    losers: int = 0
    weeks: int = 0

    @classmethod
    def of(cls, result: Ints, weeks: Ints, arm: Ints | None = None) -> Sample:
        """Counts of closed trades; `arm` is 0 or 1 per trade where two arms are compared."""
        smaller = 0 if arm is None else int(min(np.sum(arm == 0), np.sum(arm == 1)))
        return cls(
            len(result),
            smaller,
            int(np.sum(result > 0)),
            int(np.sum(result < 0)),
            len(np.unique(weeks)),
        )


@dataclass(frozen=True, slots=True)
class Gate:
    """The least that a statement asks of a sample."""

    n: int = 0
    smaller_arm: int = 0
    winners: int = 0
    losers: int = 0
    weeks: int = 0

    def lacking(self, sample: Sample) -> dict[str, int]:
        """What is missing and how much of it, by name; empty where the gate is open."""
        names = ("n", "smaller_arm", "winners", "losers", "weeks")
        gaps = {name: getattr(self, name) - getattr(sample, name) for name in names}
        return {name: gap for name, gap in gaps.items() if gap > 0}

    def is_open(self, sample: Sample) -> bool:
        return not self.lacking(sample)


RATIO = Gate(n=2)
INTERVAL = Gate(n=10)
RANKED = Gate(n=5)
INSIGHT = Gate(n=40, smaller_arm=8, winners=5, losers=5, weeks=4)
SYMBOL = Gate(n=8, weeks=3)
PARAMETER = Gate(n=50, smaller_arm=15)
MODEL = Gate(n=100)
SIZING = Gate(n=20, losers=5)
BEHAVIOUR = Gate(smaller_arm=20)
ANNUAL = Gate(weeks=26)


def upper_half(values: Floats) -> Ints:
    """The two arms of a number: 1 above its median, 0 at or below (by rank where ties would empty an arm)."""
    arm = (values > np.median(values)).astype(np.int64)
    return arm if arm.any() else (values >= np.median(values)).astype(np.int64)
