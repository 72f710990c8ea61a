"""What a Sharpe ratio is worth: how sure, how long it would take to know, and how many were tried before.

All ratios here are per period, kurtosis is not in excess (3 for a normal sample), skewness and kurtosis are moments of
the sample. Bailey, López de Prado 2012 ("The Sharpe Ratio Efficient Frontier", J. of Risk 15:2) and 2014 ("The Deflated
Sharpe Ratio", J. of Portfolio Management 40:5); Bailey, Borwein, López de Prado, Zhu 2014 ("Pseudo-Mathematics and
Financial Charlatanism", Notices of the AMS 61:5).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import ndtr, ndtri

from learning.domain.figures import Interval

EULER = 0.5772156649015329
LEAST = 10


@dataclass(frozen=True, slots=True)
class Trials:
    """What was tried before this was found: `n` series, whose Sharpe ratios per period have this variance."""

    n: int
    variance: float


def worthless(tried: int, periods: int) -> Trials | None:
    """As many worthless ones as were tried, each as far from nothing as luck goes over so many periods."""
    return Trials(tried, 1 / (periods - 1)) if tried >= 2 and periods > 1 else None


@dataclass(frozen=True, slots=True)
class Sample:
    """A Sharpe ratio per period of `n` periods, with the shape of their returns."""

    ratio: float
    n: int
    skewness: float = 0.0
    kurtosis: float = 3.0

    @property
    def variance(self) -> float:
        """1 − γ₃·SR + (γ₄ − 1)/4·SR²: (n − 1) times the variance of the ratio (Mertens 2002). Never below 0."""
        return max(0.0, 1 - self.skewness * self.ratio + (self.kurtosis - 1) / 4 * self.ratio**2)

    @property
    def standard_error(self) -> float:
        return math.sqrt(self.variance / (self.n - 1))


def probabilistic(sample: Sample, against: float = 0.0) -> float | None:
    """PSR: Φ((SR − SR*)/se), the probability that the true ratio lies above `against`; None where se is 0."""
    error = sample.standard_error
    return float(ndtr((sample.ratio - against) / error)) if error > 1e-12 else None


def minimum_length(
    sample: Sample, against: float = 0.0, confidence: float = 0.95, power: float = 0.5
) -> float | None:
    """MinTRL: 1 + V·((z_confidence + z_power)/(SR − SR*))² periods until PSR reaches `confidence`; None: never.

    Of a track record exactly that long, half would reach it; a `power` above ½ asks for more.
    """
    if sample.ratio <= against:
        return None
    reach = float(ndtri(confidence) + ndtri(power))
    return 1 + sample.variance * (reach / (sample.ratio - against)) ** 2


def expected_best(trials: Trials) -> float:
    """SR₀ = √V·((1 − γ)Φ⁻¹(1 − 1/N) + γΦ⁻¹(1 − 1/(N·e))): the best of N ratios that are all worth nothing."""
    return math.sqrt(trials.variance) * _best_of(trials.n)


def deflated(sample: Sample, trials: Trials | None) -> float | None:
    """DSR: PSR against the best that as many worthless trials would have shown. With fewer than 2 trials it is PSR."""
    against = expected_best(trials) if trials is not None and trials.n >= 2 else 0.0
    return probabilistic(sample, against)


def minimum_backtest_years(trials: int, best: float = 1.0) -> float:
    """MinBTL: years below which the best of N worthless trials is expected to show a yearly ratio of `best`."""
    return (_best_of(trials) / best) ** 2


def standard_error_if_normal(ratio: float, n: int) -> float:
    """√((1 + SR²/2)/n) (Lo 2002, "The Statistics of Sharpe Ratios", eq. 9): for returns that are iid and normal."""
    return math.sqrt((1 + ratio**2 / 2) / n)


def interval(sample: Sample, level: float = 0.90) -> Interval | None:
    """SR ± z·se per period; None below 10 periods."""
    if sample.n < LEAST:
        return None
    half = float(ndtri(0.5 + level / 2)) * sample.standard_error
    return Interval(sample.ratio - half, sample.ratio + half, level)


def _best_of(n: int) -> float:
    return float((1 - EULER) * ndtri(1 - 1 / n) + EULER * ndtri(1 - 1 / (n * math.e)))
