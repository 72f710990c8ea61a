"""Intervals of a mean, for trades that come in weeks and whose results lean to one side."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import stdtrit

from learning.domain.figures import Interval
from learning.domain.intervals.clusters import Clusters


def mean_interval(clusters: Clusters, level: float = 0.90) -> Interval | None:
    """The interval that is shown: `hall` of weeks. None where it is not defined; ask `is_enough` before showing it."""
    return hall(clusters, level)


def standard_error(clusters: Clusters) -> float | None:
    """√(k/(k−1)·Σu²)/n over k clusters with residuals u (Liang, Zeger 1986, with the correction for few clusters).

    None with fewer than two clusters, and where the values do not differ beyond what floats can tell.
    """
    k = len(clusters)
    if k < 2:
        return None
    residuals = clusters.residuals
    spread = math.sqrt(k / (k - 1) * float(residuals @ residuals))
    largest = float((clusters.gains + clusters.losses).max())
    if not math.isfinite(spread) or spread <= 8 * np.finfo(float).eps * largest * k:
        return None
    return spread / clusters.total


def cluster_t(clusters: Clusters, level: float = 0.90) -> Interval | None:
    """mean ± t(k−1)·se, se robust to what the trades of one of the k weeks share."""
    error = standard_error(clusters)
    if error is None:
        return None
    half = float(stdtrit(len(clusters) - 1, 0.5 + level / 2)) * error
    return Interval(clusters.mean - half, clusters.mean + half, level)


def hall(clusters: Clusters, level: float = 0.90) -> Interval | None:
    """Student's interval, corrected for skewness by Hall's monotone cubic (Hall 1992, J. R. Statist. Soc. B 54).

    With T = (mean − μ)/se over k clusters of skewness γ, g(T) = T + γT²/(3√k) + γ²T³/(27k) + γ/(6√k) is nearer to
    Student's t than T is; the interval is mean − se·g⁻¹(±t).
    """
    error = standard_error(clusters)
    if error is None:
        return None
    k, residuals = len(clusters), clusters.residuals
    scaled = residuals / math.sqrt(float(residuals @ residuals) / k)
    skewness = float((scaled**3).mean())
    quantile = float(stdtrit(k - 1, 0.5 + level / 2))
    low, high = (_inverse(side * quantile, skewness, k) for side in (1, -1))
    return Interval(clusters.mean - error * low, clusters.mean - error * high, level)


def _inverse(quantile: float, skewness: float, k: int) -> float:
    """g⁻¹ of Hall's cubic: (3√k/γ)·((1 + γ(q/√k − γ/(6k)))^⅓ − 1)."""
    if abs(skewness) < 1e-6:
        return quantile
    root = math.sqrt(k)
    inner = 1 + skewness * (quantile / root - skewness / (6 * k))
    return 3 * root / skewness * (float(np.cbrt(inner)) - 1)
