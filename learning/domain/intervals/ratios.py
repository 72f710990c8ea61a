"""The interval of a profit factor."""

from __future__ import annotations

import math

from scipy.special import stdtrit

from learning.domain.figures import Interval
from learning.domain.intervals.clusters import Clusters


def profit_factor_interval(clusters: Clusters, level: float = 0.90) -> Interval | None:
    """exp(ln((G + a/2)/(L + a/2)) ± t(k−1)·se) of gains G and losses L over k weeks, a the mean size of a result.

    se² = k/(k−1)·Σψ² with ψ = gains/(G + a/2) − losses/(L + a/2) of each week, less its mean: the delta method on the
    logarithm. Half a result on either side keeps a lucky sample from an endless ratio.
    """
    k = len(clusters)
    gains, losses = float(clusters.gains.sum()), float(clusters.losses.sum())
    if k < 2 or gains <= 0 or losses <= 0:
        return None
    half_result = (gains + losses) / clusters.total / 2
    gains, losses = gains + half_result, losses + half_result
    influence = clusters.gains / gains - clusters.losses / losses
    influence = influence - influence.mean()
    error = math.sqrt(k / (k - 1) * float(influence @ influence))
    half = float(stdtrit(k - 1, 0.5 + level / 2)) * error
    middle = math.log(gains / losses)
    if not half <= 300:
        return None
    return Interval(math.exp(middle - half), math.exp(middle + half), level)
