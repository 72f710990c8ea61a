"""L16 and L17: a model of the probability to win that is used where it helps, and only there."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from benchmarks.learning.worlds import Effort, generator
from benchmarks.results import Result, at_least, at_most
from learning.domain.probability.ladder import Standing, climb
from learning.domain.probability.matured import Matured
from learning.domain.probability.reliability import brier_skill, calibration_error
from learning.domain.seconds import DAY
from learning.domain.trades import weeks_of

FEATURES = 12
RATE = 0.70
SKILL = 0.077
"""Brier skill of who knows the truth, in the world with a signal."""
FRESH = 30_000
NULL_SIZES = {50: 400, 100: 400, 200: 400, 500: 300, 1_000: 200, 5_000: 40}
SIGNAL_SIZES = {500: 300, 1_000: 300, 5_000: 40}


def features(rng: np.random.Generator, n: int) -> np.ndarray:
    """Correlated by 0.3, each with each."""
    common = rng.standard_normal((n, 1))
    return np.sqrt(0.3) * common + np.sqrt(0.7) * rng.standard_normal((n, FEATURES))


def direction(x: np.ndarray) -> np.ndarray:
    """Two features act in proportion; a third is good in the middle and bad at both ends, which no line can follow."""
    return x[:, 0] + 0.6 * x[:, 1] - 0.55 * (x[:, 2] ** 2 - 1)


@cache
def signal() -> tuple[float, float]:
    """Intercept and strength that win 70 % and leave the skill named to who knows them."""
    x = features(generator("L17", "calibration"), 200_000)
    along = direction(x)

    def intercept(strength: float) -> float:
        return float(brentq(lambda a: expit(a + strength * along).mean() - RATE, -3, 5))

    def beyond(strength: float) -> float:
        p = expit(intercept(strength) + strength * along)
        return float(p.var() / (RATE * (1 - RATE))) - SKILL

    strength = float(brentq(beyond, 0.01, 3))
    return intercept(strength), strength


def chances(x: np.ndarray, planted: bool) -> np.ndarray:
    if not planted:
        return np.full(len(x), RATE)
    intercept, strength = signal()
    return expit(intercept + strength * direction(x))


def trades(rng: np.random.Generator, n: int, planted: bool) -> Matured:
    """Five a week (25 where there are 5,000), each open for 3 to 45 days; the scanner's own POP knows nothing."""
    a_week = 25 if n >= 5_000 else 5
    x = features(rng, n)
    opened = 1_577_836_800 + (np.arange(n) * 7 * DAY) // a_week
    return Matured(
        opened, opened + rng.integers(3 * DAY, 45 * DAY, n), weeks_of(opened),
        (rng.random(n) < chances(x, planted)).astype(float), np.arange(n) % 3, rng.uniform(0.55, 0.85, n),
        x, tuple(f"feature {number}" for number in range(FEATURES)),
    )  # fmt: skip


def live(n: int, planted: bool, effort: Effort, full: int) -> tuple[float, np.ndarray, np.ndarray]:
    """Share deployed; Brier skill over the base rate on fresh trades; calibration error where deployed."""
    deployed, skills, errors = [], [], []
    for repetition in range(effort.repetitions(full, 10)):
        rng = generator("L17" if planted else "L16", n, repetition)
        rows = trades(rng, n, planted)
        standing = climb(rows, int(rows.known_at.max()), rng)
        assert isinstance(standing, Standing)
        deployed.append(standing.is_deployed)
        if not standing.is_deployed:
            skills.append(0.0)
            continue
        fresh = trades(rng, FRESH, planted)
        told = standing.model.predict(fresh)
        base = np.full(FRESH, rows.won.mean())
        skills.append(brier_skill(told, base, fresh.won) or 0.0)
        errors.append(calibration_error(told, fresh.won))
    return float(np.mean(deployed)), np.array(skills), np.array(errors)


def null_lines(effort: Effort) -> Iterable[Result]:
    for n, full in NULL_SIZES.items():
        deployed, skills, _ = live(n, False, effort, full)
        yield at_most(f"L16 nothing to know, n {n}: deployed", round(deployed, 4), 0.02)
        harmed = float(np.mean(skills < -0.01))
        yield at_most(
            f"L16 nothing to know, n {n}: Brier skill below -0.01", round(harmed, 4), 0.01
        )


def signal_lines(effort: Effort) -> Iterable[Result]:
    for n, full in SIGNAL_SIZES.items():
        deployed, skills, errors = live(n, True, effort, full)
        skill = float(skills.mean())
        what = f"L17 skill 0.077 to be had, n {n}"
        if n == 1_000:
            yield at_least(f"{what}: deployed", round(deployed, 4), 0.70)
            yield at_least(f"{what}: Brier skill", round(skill, 4), 0.03)
        else:
            yield Result(f"{what}: deployed", "", f"{deployed:.3f}", None)
            yield Result(f"{what}: Brier skill", "", f"{skill:.4f}", None)
        yield at_most(f"{what}: calibration error", round(float(errors.mean()), 4), 0.03)


BENCHES = {"L16": null_lines, "L17": signal_lines}
