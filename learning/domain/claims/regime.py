"""Has it got worse at some point? A sup-t test over split points, its level by permutation.

Every forty matured trades the newest 300 are split at every point that leaves 20 on each side; the largest fall, as a
t, is held against what the same trades show in other orders. Source: Andrews 1993 (sup tests); permutation: Antoch &
Hušková 2001. A CUSUM of the textbook raises a false alarm within 900 trades nearly always.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from learning.domain.claims.clustered import is_flat
from learning.domain.claims.shuffles import luck_by_weeks
from learning.domain.trades import Floats, Ints

EVERY = 40
NEWEST = 300
LEAST_SIDE = 20
PERMUTATIONS = 400
YEARLY = 0.05
LOOKS_A_YEAR = 12
BEFORE_COUNTS = 0.3
"""What a trade before a change still counts for (power prior, Ibrahim & Chen 2000): a choice, not a measurement."""


@dataclass(frozen=True, slots=True)
class Split:
    """The likeliest fall: `first` is the position of the first value after it; means before and after, t and p."""

    first: int
    before: float
    after: float
    fall: float
    p: float

    def is_alarm(self, level: float = YEARLY / LOOKS_A_YEAR) -> bool:
        return self.p <= level


def steepest_fall(
    values: Floats,
    weeks: Ints,
    rng: np.random.Generator,
    *,
    strata: Ints | None = None,
    permutations: int = PERMUTATIONS,
) -> Split | None:
    """The fall that stands out most among the newest values, in the order they became known.

    `strata` (strategies) are centred first: trading more of the weaker strategy is no change of regime. None where
    there are too few values, or none that vary.
    """
    skipped = max(0, len(values) - NEWEST)
    newest = values[skipped:]
    if len(newest) < 2 * LEAST_SIDE or is_flat(newest):
        return None
    centred = _within(newest, None if strata is None else strata[skipped:])
    if is_flat(centred):
        return None
    observed = _falls(centred[None, :])[0]
    at = int(np.argmax(observed))
    split = at + LEAST_SIDE
    return Split(
        first=skipped + split,
        before=float(newest[:split].mean()),
        after=float(newest[split:].mean()),
        fall=float(observed[at]),
        p=luck_by_weeks(
            weeks[skipped:],
            lambda orders: int(np.sum(_falls(centred[orders]).max(axis=1) >= observed[at] - 1e-12)),
            permutations,
            rng,
        ),
    )


def _within(values: Floats, strata: Ints | None) -> Floats:
    if strata is None:
        return np.asarray(values - values.mean(), dtype=np.float64)
    _, at = np.unique(strata, return_inverse=True)
    means = np.bincount(at, values) / np.bincount(at)
    return np.asarray(values - means[at], dtype=np.float64)


def _falls(rows: Floats) -> Floats:
    """t of a fall at every admissible split of every row (mean before less mean after, one standard deviation)."""
    length = rows.shape[1]
    before = np.arange(LEAST_SIDE, length - LEAST_SIDE + 1, dtype=np.float64)
    after = length - before
    sums = np.cumsum(rows, axis=1)
    until = sums[:, LEAST_SIDE - 1 : length - LEAST_SIDE]
    rest = sums[:, -1:] - until
    deviation = float(rows[0].std(ddof=1))
    return np.asarray(
        (until / before - rest / after) / (deviation * np.sqrt(1 / before + 1 / after)),
        dtype=np.float64,
    )


def weights_since(known_at: Ints, changed_at: int | None) -> Floats | None:
    """What each trade counts for after an alarm: those known from `changed_at` on fully, earlier ones for less.

    None, for all alike, where nothing changed.
    """
    if changed_at is None:
        return None
    weights: Floats = np.where(known_at >= changed_at, 1.0, BEFORE_COUNTS)
    return weights
