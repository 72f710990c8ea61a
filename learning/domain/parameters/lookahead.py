"""Whether anything was known before its time: the same moment seen from then and from now must be the same.

Three checks (docs/learning.md, L23; the idea of running again on truncated history is freqtrade's): `reads_ahead` holds
a result as of a moment against the same on data cut off there; `changed_features` holds a feature as it was first seen
against what it says later; what was written back before anyone looked only `suspects` catches, for being too good.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import special, stats

from learning.domain.parameters.candidates import Candidates
from learning.domain.trades import Flags, Floats, Ints

TOO_GOOD = 0.85
"""AUC, either way, that no honest feature of an open bet has: those that are real are at 0.6 to 0.7."""
HONEST = 0.80
"""AUC that a feature must surely exceed to be accused."""
LEAST = 30
LEAST_OF_EACH = 5
CONFIDENCE = 0.995


class Leak(StrEnum):
    CHANGED = "changed"
    """It said something else when its bet was open than it says now."""
    TOO_GOOD = "too_good"
    """It tells winners from losers better than anything known at entry could."""
    TELLS_BY_ABSENCE = "tells_by_absence"
    """Whether it is known at all tells winners from losers."""


@dataclass(frozen=True, slots=True)
class Suspect:
    feature: str
    leak: Leak
    strength: float
    """AUC away from one half, folded to 0.5 … 1; for a changed one, the share of rows that changed."""
    n: int


def reads_ahead(
    result: Callable[[Candidates, int], bytes], everything: Candidates, moments: Sequence[int]
) -> list[int]:
    """The moments at which `result(data, moment)` changes when all that came later is taken out of the data first."""
    return [
        moment
        for moment in moments
        if result(everything, moment) != result(everything.known_by(moment), moment)
    ]


def changed_features(observe: Callable[[int], Candidates], moments: Sequence[int]) -> list[Suspect]:
    """Features that say something else of the same row at a later moment than when it was first seen.

    `observe(moment)` gives the columns as they are, or would be computed, with nothing of later; rows go by their key.
    """
    first: dict[str, dict[int, float]] = {}
    changed: dict[str, set[int]] = {}
    for moment in sorted(moments):
        seen = observe(moment)
        for name, numbers in seen.features.items():
            known = first.setdefault(name, {})
            for key, number in zip(seen.key.tolist(), numbers.tolist(), strict=True):
                if not same(known.setdefault(key, number), number):
                    changed.setdefault(name, set()).add(key)
    return [
        Suspect(name, Leak.CHANGED, len(keys) / len(first[name]), len(first[name]))
        for name, keys in sorted(changed.items())
    ]


def same(one: float, other: float) -> bool:
    """Equal, unknown being equal to unknown."""
    return one == other or (math.isnan(one) and math.isnan(other))


def suspects(features: Mapping[str, Floats], result: Ints) -> list[Suspect]:
    """Features that know the outcome: by what they say, or by whether they say anything. `result` is 1, 0 or -1.

    Flagged when the AUC is above TOO_GOOD and surely above what honest ones reach (one-sided, Hanley & McNeil 1982).
    """
    found = []
    for name, numbers in sorted(features.items()):
        known = np.isfinite(numbers)
        by_value = separation(numbers[known], result[known] > 0)
        by_absence = None if known.all() else separation(known.astype(float), result > 0)
        if by_value is not None and by_value >= TOO_GOOD:
            found.append(Suspect(name, Leak.TOO_GOOD, by_value, int(known.sum())))
        elif by_absence is not None and by_absence >= TOO_GOOD:
            found.append(Suspect(name, Leak.TELLS_BY_ABSENCE, by_absence, len(numbers)))
    return found


def separation(numbers: Floats, won: Flags) -> float | None:
    """AUC of winners against the rest, folded to 0.5 … 1; None for few rows, or where it may be honest after all."""
    winners, others = numbers[won], numbers[~won]
    if len(numbers) < LEAST or min(len(winners), len(others)) < LEAST_OF_EACH:
        return None
    ranks = stats.rankdata(numbers)
    area = (ranks[won].sum() - len(winners) * (len(winners) + 1) / 2) / (len(winners) * len(others))
    folded = float(max(area, 1 - area))
    error = standard_error(folded, len(winners), len(others))
    surely = folded - float(special.ndtri(CONFIDENCE)) * error
    return folded if surely > HONEST else None


def standard_error(area: float, winners: int, others: int) -> float:
    """Of an AUC (Hanley & McNeil 1982, eq. 1)."""
    both_above, both_below = area / (2 - area), 2 * area**2 / (1 + area)
    variance = (
        area * (1 - area)
        + (winners - 1) * (both_above - area**2)
        + (others - 1) * (both_below - area**2)
    ) / (winners * others)
    return float(np.sqrt(max(variance, 0.0)))
