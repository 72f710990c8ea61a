"""Which setting the data speak for: a posterior that is nearly sure, and luck that does not explain it as well.

A setting is chosen where P(better than now) >= 0.95 by the surface and the best of all settings does not look as good
by luck half of the time; from 0.80 it is watched (docs/learning.md).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from learning.domain.parameters.luck import DRAWS, luck_of_best
from learning.domain.parameters.paired import Paired
from learning.domain.parameters.surface import PRIOR, per_hundred, surface_of
from learning.domain.trades import Flags, Floats

SURE = 0.95
WATCHED = 0.80
LUCK = 0.50
LEAST = 50
"""Matured proposals before anything is said."""
LEAST_CHANGED = 15
"""Proposals that a setting must treat in another way than the current one."""
LEAST_ADMITTED = 30
"""Matured proposals, shadow ones mostly, that a looser setting must have among those it newly lets through."""


class Standing(StrEnum):
    MOVE = "move"
    WATCH = "watch"
    KEEP = "keep"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Curve:
    """What each threshold is worth against the current one, in R per 100 proposals; rows as in `thresholds`.

    `mean`, `deviation` and `better` (P(better than now)) are of the posterior that also chooses, and therefore look too
    good for the best of them; `luck` is the max-T adjusted p; `changed` and `admitted` count proposals treated
    otherwise and newly let through.
    """

    thresholds: tuple[float, ...]
    mean: Floats
    deviation: Floats
    better: Floats
    luck: Floats
    changed: Floats
    admitted: Floats
    allowed: Flags


@dataclass(frozen=True, slots=True)
class Choice:
    """`threshold` is what would be best to have; the current one unless `standing` is move or watch."""

    standing: Standing
    threshold: float
    curve: Curve
    at: int | None


def curve_of(
    paired: Paired, rng: np.random.Generator, *, prior: float = PRIOR, draws: int = DRAWS
) -> Curve:
    """The whole value curve of one parameter."""
    curve = _worth(paired, prior)
    return replace(curve, luck=luck_of_best(paired, curve.thresholds, rng, draws))


def _worth(paired: Paired, prior: float) -> Curve:
    """Without luck, which takes dice."""
    grid = paired.parameter.grid
    others = tuple(one for one in grid if one != paired.current)
    changes = paired.changes(others)
    counts = np.bincount(paired.cell, minlength=len(grid) + 1)
    changed, admitted = np.abs(changes) @ counts, np.maximum(changes, 0) @ counts
    mean, deviation, better = surface_of(paired, prior).value(per_hundred(paired, others))
    looser = np.array([paired.parameter.is_looser(paired.current, one) for one in others])
    return Curve(
        others,
        mean,
        deviation,
        np.where(changed > 0, better, 0.5),
        np.ones(len(others)),
        changed.astype(float),
        admitted.astype(float),
        (changed >= LEAST_CHANGED) & (~looser | (admitted >= LEAST_ADMITTED)),
    )


def chosen(
    paired: Paired, rng: np.random.Generator, *, prior: float = PRIOR, draws: int = DRAWS
) -> float | None:
    """What the rule would move to; None where it would not. Luck is asked only where all else is sure."""
    if len(paired) < LEAST:
        return None
    curve = _worth(paired, prior)
    sure = curve.allowed & (curve.better >= SURE)
    if not sure.any():
        return None
    passing = sure & (luck_of_best(paired, curve.thresholds, rng, draws) < LUCK)
    if not passing.any():
        return None
    return curve.thresholds[int(np.argmax(np.where(passing, curve.mean, -np.inf)))]


def choose(
    paired: Paired, rng: np.random.Generator, *, prior: float = PRIOR, draws: int = DRAWS
) -> Choice:
    """The setting that the rule chooses: the best of those it is sure of, else the best of those worth watching."""
    curve = curve_of(paired, rng, prior=prior, draws=draws)
    if len(paired) < LEAST or not curve.allowed.any():
        return Choice(Standing.CANNOT_TELL, paired.current, curve, None)
    unlucky = curve.allowed & (curve.luck < LUCK)
    for standing, bar in ((Standing.MOVE, SURE), (Standing.WATCH, WATCHED)):
        passing = unlucky & (curve.better >= bar)
        if passing.any():
            at = int(np.argmax(np.where(passing, curve.mean, -np.inf)))
            return Choice(standing, curve.thresholds[at], curve, at)
    return Choice(Standing.KEEP, paired.current, curve, None)
