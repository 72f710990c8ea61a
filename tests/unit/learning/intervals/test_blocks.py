import numpy as np
import pytest
from scipy import stats

from learning.domain.intervals.blocks import block_interval, block_length
from learning.domain.metrics.series import ReturnSums


def autoregressive(n, rho, seed):
    rng = np.random.default_rng(seed)
    values = np.zeros(n)
    for i in range(1, n):
        values[i] = rho * values[i - 1] + rng.normal()
    return values


def test_length_of_arch():
    # arch's own test: RandomState(0), 10,000 of an AR(1) of 0.3 after 100.
    noise = np.random.RandomState(0).standard_normal(10_100)
    values = np.zeros(10_100)
    values[0] = noise[0]
    for i in range(1, 10_100):
        values[i] = 0.3 * values[i - 1] + noise[i]
    assert block_length(values[100:]) == pytest.approx(13.635665, rel=1e-4)


def test_what_remembers_needs_longer_stretches():
    assert block_length(autoregressive(500, 0.8, 0)) > block_length(autoregressive(500, 0.0, 0))


def test_intervals_of_r_boot():
    # R's boot with a million repetitions, as scipy's tests carry them: the library that BCa comes from holds them.
    values = np.array([10, 12, 12.5, 12.5, 13.9, 15, 21, 22, 23, 34, 50, 81, 89, 121, 134, 213])
    for method, low, high in (
        ("basic", 23.77, 79.12),
        ("percentile", 28.86, 84.21),
        ("BCa", 32.31, 91.43),
    ):
        found = stats.bootstrap(
            (values,),
            np.mean,
            n_resamples=200_000,
            batch=50_000,
            method=method,
            rng=np.random.default_rng(0),
        ).confidence_interval
        assert (found.low, found.high) == (
            pytest.approx(low, rel=0.01),
            pytest.approx(high, rel=0.01),
        )


def test_where_weeks_forget_it_is_near_students():
    returns = np.random.default_rng(3).normal(0.01, 0.02, 150)
    interval = block_interval(returns, np.mean, seed=1, repetitions=1000)
    low, high = stats.t.interval(0.9, 149, returns.mean(), stats.sem(returns))
    width = high - low
    assert interval.low == pytest.approx(low, abs=0.2 * width)
    assert interval.high == pytest.approx(high, abs=0.2 * width)


def fall(returns):
    return ReturnSums.of(returns).path.deepest


def test_of_a_drawdown_and_again_the_same():
    returns = np.random.default_rng(4).normal(0.005, 0.02, 104)
    first, second = (block_interval(returns, fall, seed=5, repetitions=200) for _ in range(2))
    assert first == second
    assert 0 < first.low < first.high


def test_without_weeks_or_without_change_there_is_none():
    assert block_interval(np.random.default_rng(0).normal(size=25), np.mean, seed=1) is None
    assert block_interval(np.full(60, 0.01), np.mean, seed=1) is None
    assert (
        block_interval(np.random.default_rng(0).normal(size=60), lambda _: np.nan, seed=1) is None
    )
