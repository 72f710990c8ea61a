"""Many questions asked at once, and the same ones again next week.

Source: Benjamini & Hochberg 1995; Benjamini & Yekutieli 2001 (any dependence); spending by 6/(π²k²): Foster &
Stine 2008.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from scipy import stats

from learning.domain.trades import Flags, Floats

RATE = 0.10
"""Share of what is raised that may be false."""


def adjusted(
    p: Floats, method: Literal["bh", "by"] = "bh", *, weights: Floats | None = None
) -> Floats:
    """q-values: the rate at which each hypothesis of the family would just be raised.

    `weights` (of mean 1) say beforehand which tests are the likelier to find something: Genovese, Roeder & Wasserman
    2006.
    """
    if len(p) == 0:
        return np.empty(0)
    weighed = p if weights is None else np.minimum(p / weights, 1.0)
    return np.asarray(stats.false_discovery_control(weighed, method=method), dtype=np.float64)


def raised(p: Floats, rate: float = RATE, method: Literal["bh", "by"] = "bh") -> Flags:
    return np.asarray(adjusted(p, method) <= rate, dtype=np.bool_)


def spent(rate: float, look: int) -> float:
    """What the `look`-th look (from 1) may use of `rate` when nobody says how many there will be: sums to `rate`."""
    if look < 1:
        raise ValueError(f"looks are counted from 1, and this is {look}")
    return rate * 6 / (math.pi**2 * look**2)
