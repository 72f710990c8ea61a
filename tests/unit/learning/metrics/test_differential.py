"""Our figures of a thousand random series against empyrical-reloaded, where definitions agree.

They do not agree on: `stability` of series that lose all; `tail_ratio`, value at risk and shortfall of fewer than 20
and 40 returns (we refuse); any ratio a year of less than half a year (we refuse); Calmar and Omega of series that never
fall (they say NaN or infinite, we give the reason). empyrical has no Ulcer index, K-ratio, PSR or MinTRL.
"""

import warnings

import numpy as np
import pytest
from arch.bootstrap import optimal_block_length
from scipy import stats

from learning.domain.intervals.blocks import block_length
from learning.domain.metrics import time_metrics
from learning.domain.metrics.numbers import Moments

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import empyrical

THEIRS = {
    "sharpe": empyrical.sharpe_ratio,
    "sortino": empyrical.sortino_ratio,
    "volatility": empyrical.annual_volatility,
    "cagr": empyrical.cagr,
    "total_return": empyrical.cum_returns_final,
    "max_drawdown": lambda r: -empyrical.max_drawdown(r),
    "calmar": empyrical.calmar_ratio,
    "omega": empyrical.omega_ratio,
    "stability": empyrical.stability_of_timeseries,
    "tail_ratio": empyrical.tail_ratio,
    "var_95": empyrical.value_at_risk,
}


def series(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(126, 400))
    kind = seed % 3
    if kind == 0:
        return rng.normal(rng.normal(0, 0.002), rng.uniform(0.001, 0.03), n)
    if kind == 1:
        return np.clip(rng.standard_t(3, n) * 0.01, -0.5, 0.5)
    return np.where(rng.random(n) < 0.6, 0.0, rng.normal(0.001, 0.02, n))


@pytest.mark.parametrize(
    "hundred", [0, *(pytest.param(n, marks=pytest.mark.exhaustive) for n in range(1, 10))]
)
def test_empyrical_agrees_on_a_thousand_series(hundred):
    for seed in range(hundred * 100, hundred * 100 + 100):
        returns = series(seed)
        ours = time_metrics(returns, per_year=252)
        for name, theirs in THEIRS.items():
            assert ours[name].value == pytest.approx(theirs(returns), rel=1e-9, abs=1e-12), (
                seed,
                name,
            )


def test_shape_is_that_of_scipy():
    for seed in range(50):
        returns = series(seed)
        moments = Moments.of(returns)
        assert moments.skewness == pytest.approx(stats.skew(returns), rel=1e-9)
        assert moments.kurtosis == pytest.approx(stats.kurtosis(returns, fisher=False), rel=1e-9)


def test_block_length_is_that_of_arch():
    for seed in range(20):
        returns = series(seed)
        theirs = float(optimal_block_length(returns)["stationary"].iloc[0])
        assert block_length(returns) == pytest.approx(max(theirs, 1.0), rel=1e-9)
