"""Which rung is used: the one that walking forward would have been better than the base rate, or the base rate.

There is one test, of one sequence of predictions: those of a Bayesian mixture of the candidates, whose weights come
from the log-loss of the blocks before (Dawid 1984; Vovk 1990) and begin with caution: each step to less shrinkage is
half as credible at first. Many shrinkages therefore cost nothing in false finds, and little power for weak signals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.stats import norm
from scipy.stats import t as student

from learning.domain.figures import Figure, Interval, Reason, Unit
from learning.domain.probability.matured import Matured, walk_forward
from learning.domain.probability.reliability import (
    Reliability,
    brier_skill,
    log_losses,
    reliability,
)
from learning.domain.probability.rungs import (
    BOOSTED_FROM,
    CAUTION,
    Blend,
    Model,
    Ridges,
    fit_base_rate,
    fit_boosted,
    fit_pop,
    has_boosting,
)
from learning.domain.seconds import DAY
from learning.domain.trades import Floats, Ints

LEAST = 100
BEYOND = 2.0
"""The t of the mean gain in log-loss that a model must exceed over many weeks; over few it is more."""
CLUSTERS_LEAST = 8
LASTS_DAYS = 90

Fit = Callable[[Matured], Model | None]


class Candidate(NamedTuple):
    """`fit` gives None where there is too little; `doubt` is how often its credibility was halved before any trade."""

    name: str
    fit: Fit
    doubt: int


class Walk(NamedTuple):
    """What was told block after block, for the rows `tested`: by the base rate, and by the mixture of the moment.

    `weights` are those of the candidates after the last block.
    """

    tested: Ints
    base: Floats
    told: Floats
    weights: Floats


@dataclass(frozen=True, slots=True)
class Standing:
    """`model` is what to predict with: the base rate where `is_deployed` is false. It lasts until `expires`.

    `gain` is in nats of log-loss per trade over the base rate, `skill` the same in Brier scores, both out of sample.
    """

    model: Model
    is_deployed: bool
    candidate: str | None
    n: int
    gain: Figure
    t: Figure
    skill: Figure
    reliability: Reliability | Figure
    as_of: int
    expires: int

    def is_valid(self, at: int, alarm_at: int | None = None) -> bool:
        """Not after its days, nor after a change of regime that was found since."""
        return at < self.expires and (alarm_at is None or alarm_at <= self.as_of)


def candidates_for(rows: Matured, monotone: Mapping[str, int]) -> list[Candidate]:
    found: list[Candidate] = []
    if rows.names:
        ridges = Ridges()
        found += [
            Candidate(f"ridge {c:g}", partial(ridges.fit, c=c), doubt)
            for doubt, c in enumerate(CAUTION)
        ]
    if np.isfinite(rows.pop).any():
        found.append(Candidate("calibrated POP", fit_pop, 1))
    if rows.names and len(rows) >= BOOSTED_FROM and has_boosting():
        found.append(Candidate("boosted", partial(_boosted, monotone=monotone), 1))
    return found


def _boosted(rows: Matured, monotone: Mapping[str, int]) -> Model | None:
    return fit_boosted(rows, monotone) if len(rows) >= BOOSTED_FROM // 2 else None


def _credible(losses: Floats) -> Floats:
    weights = np.exp(losses.min() - losses)
    return np.asarray(weights / weights.sum())


def walk(rows: Matured, candidates: Sequence[Candidate]) -> Walk:
    losses = np.array([one.doubt * np.log(2) for one in candidates])
    tested, base, told = [], [], []
    for train, test in walk_forward(rows):
        known, asked = rows.where(train), rows.where(test)
        models = [one.fit(known) for one in candidates]
        ready = np.array([model is not None for model in models])
        if not ready.any():
            continue
        predicted = np.array([model.predict(asked) for model in models if model is not None])
        mixed = _credible(losses[ready]) @ predicted
        # What could not be fitted yet counts as what was told without it.
        here = np.full(len(losses), log_losses(mixed, asked.won).sum())
        here[ready] = [log_losses(p, asked.won).sum() for p in predicted]
        losses = losses + here
        tested.append(test)
        base.append(fit_base_rate(known).predict(asked))
        told.append(mixed)
    if not tested:
        return Walk(np.empty(0, dtype=np.int64), np.empty(0), np.empty(0), _credible(losses))
    return Walk(
        np.concatenate(tested), np.concatenate(base), np.concatenate(told), _credible(losses)
    )


def _blend(rows: Matured, candidates: Sequence[Candidate], weights: Floats) -> Model | None:
    """All that weigh at least a hundredth, fitted to all rows."""
    parts = [
        (float(weight), model)
        for one, weight in zip(candidates, weights, strict=True)
        if weight >= 0.01 and (model := one.fit(rows)) is not None
    ]
    total = sum(weight for weight, _ in parts)
    return Blend(tuple((weight / total, model) for weight, model in parts)) if parts else None


def gain_over(base: Floats, told: Floats, won: Floats, week: Ints) -> tuple[Figure, Figure]:
    """The mean gain in log-loss with its 90 % interval, and its t; the weeks are what is independent."""
    n = len(won)
    weeks, place = np.unique(week, return_inverse=True)
    if len(weeks) < CLUSTERS_LEAST:
        absent = Figure.absent(Reason.TOO_SHORT, n, Unit.RATIO, least=CLUSTERS_LEAST)
        return absent, absent
    gains = log_losses(base, won) - log_losses(told, won)
    mean = float(gains.mean())
    sums = np.bincount(place, weights=gains - mean)
    error = float(np.sqrt(len(weeks) / (len(weeks) - 1) * np.sum(sums**2)) / n)
    if error <= 1e-12:
        absent = Figure.absent(Reason.ZERO_VARIANCE, n, Unit.RATIO)
        return absent, absent
    half = float(student.ppf(0.95, len(weeks) - 1)) * error
    return (
        Figure(mean, n, Unit.RATIO, Interval(mean - half, mean + half)),
        Figure(mean / error, n, Unit.RATIO),
    )


def needed(weeks: int) -> float:
    """The t that chance exceeds as often over so many weeks as it does 2 over many: Student's, not the normal's."""
    return float(student.isf(norm.sf(BEYOND), weeks - 1))


def climb(
    rows: Matured, as_of: int, rng: np.random.Generator, monotone: Mapping[str, int] | None = None
) -> Standing | Figure:
    """What to predict with at `as_of`, from `rows` that were known then. A Figure where there is no row at all.

    A model is deployed from 100 matured rows on, where t exceeds what is `needed`; it is then fitted to all rows.
    `monotone` says in which direction features may act (1 or -1), of boosted trees.
    """
    rows = rows.where(np.flatnonzero(rows.known_at <= as_of))
    n = len(rows)
    if n == 0:
        return Figure.absent(Reason.NO_TRADES, 0, Unit.PROBABILITY)
    base, expires = fit_base_rate(rows), as_of + LASTS_DAYS * DAY
    candidates = candidates_for(rows, monotone or {})
    if n < LEAST or not rows.is_mixed or not candidates:
        few = Figure.absent(Reason.TOO_FEW, n, Unit.RATIO, least=LEAST)
        return Standing(base, False, None, n, few, few, few, few, as_of, expires)
    path = walk(rows, candidates)
    won, week = rows.won[path.tested], rows.week[path.tested]
    gain, t = gain_over(path.base, path.told, won, week)
    is_better = t.value is not None and t.value > needed(len(np.unique(week)))
    model = _blend(rows, candidates, path.weights) if is_better else None
    told = reliability(path.told, path.base, won, rng)
    return Standing(
        model or base, model is not None, candidates[int(np.argmax(path.weights))].name,
        n, gain, t, _skill(path, won), told, as_of, expires,
    )  # fmt: skip


def _skill(path: Walk, won: Floats) -> Figure:
    skill = brier_skill(path.told, path.base, won) if len(won) else None
    if skill is None:
        return Figure.absent(Reason.ZERO_VARIANCE, len(won), Unit.RATIO)
    return Figure(skill, len(won), Unit.RATIO)
