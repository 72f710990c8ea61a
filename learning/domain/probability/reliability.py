"""Whether probabilities came true: Brier score and skill, reliability by bins, calibration error with its null band."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from learning.domain.figures import Figure, Reason, Unit
from learning.domain.trades import Floats

BINS = 10
A_BIN_LEAST = 20
LEAST = 40
DRAWS = 500


@dataclass(frozen=True, slots=True)
class Bin:
    """`low` to `high` is where 90 % of the observed shares would be were they right (Bröcker, Smith 2007)."""

    n: int
    told: float
    observed: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """Figures: brier, skill, log_loss, sharpness, calibration_error, and calibration_error_by_luck.

    The last is what 95 of 100 perfectly calibrated models with these very probabilities would stay within.
    """

    bins: tuple[Bin, ...]
    figures: dict[str, Figure]


def brier(p: Floats, won: Floats) -> float:
    return float(np.mean((p - won) ** 2))


def log_losses(p: Floats, won: Floats) -> Floats:
    """In nats, per row."""
    return np.asarray(-np.where(won > 0, np.log(p), np.log1p(-p)))


def brier_skill(p: Floats, base: Floats, won: Floats) -> float | None:
    """1 - Brier / Brier of the base rate; None where the base rate made no error."""
    reference = brier(base, won)
    return 1 - brier(p, won) / reference if reference > 0 else None


def _edges(n: int) -> list[slice]:
    count = max(2, min(BINS, n // A_BIN_LEAST))
    ends = np.linspace(0, n, count + 1).round().astype(int)
    return [slice(low, high) for low, high in pairwise(ends)]


def calibration_error(p: Floats, won: Floats) -> float:
    """Mean over bins of equal mass of |observed - told|, weighted by their size."""
    order = np.argsort(p, kind="stable")
    p, won = p[order], won[order]
    return float(
        sum(abs(won[part].mean() - p[part].mean()) * len(p[part]) for part in _edges(len(p)))
        / len(p)
    )


def reliability(
    p: Floats, base: Floats, won: Floats, rng: np.random.Generator
) -> Reliability | Figure:
    """`p` told, `base` the base rate told at the same moment, `won` 0 or 1. A Figure with its reason below 40 rows."""
    n = len(p)
    if n < LEAST:
        reason = Reason.TOO_FEW if n else Reason.NO_TRADES
        return Figure.absent(reason, n, Unit.PROBABILITY, least=LEAST)
    order = np.argsort(p, kind="stable")
    p, base, won = p[order], base[order], won[order]
    might = rng.random((DRAWS, n)) < p
    bins, errors = [], np.zeros(DRAWS)
    for part in _edges(n):
        told, size = float(p[part].mean()), len(p[part])
        shares = might[:, part].mean(axis=1)
        errors += np.abs(shares - told) * size / n
        low, high = np.quantile(shares, [0.05, 0.95])
        bins.append(Bin(size, told, float(won[part].mean()), float(low), float(high)))
    error = sum(one.n * abs(one.observed - one.told) for one in bins) / n
    skill = brier_skill(p, base, won)
    figures = {
        "brier": Figure(brier(p, won), n, Unit.RATIO),
        "skill": Figure.absent(Reason.ZERO_VARIANCE, n, Unit.RATIO)
        if skill is None
        else Figure(skill, n, Unit.RATIO),
        "log_loss": Figure(float(log_losses(p, won).mean()), n, Unit.RATIO),
        "sharpness": Figure(float(p.std()), n, Unit.PROBABILITY),
        "calibration_error": Figure(error, n, Unit.PROBABILITY),
        "calibration_error_by_luck": Figure(float(np.quantile(errors, 0.95)), n, Unit.PROBABILITY),
    }
    return Reliability(tuple(bins), figures)
