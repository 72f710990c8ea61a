"""A fast share of L13, L15, L22 and L26, with what a plain estimator would fail."""

import numpy as np
import pytest

from benchmarks.learning import metrics
from benchmarks.learning.worlds import Effort, generator
from learning.domain.intervals.clusters import Clusters
from learning.domain.intervals.means import cluster_t, mean_interval
from learning.domain.intervals.ratios import profit_factor_interval

FEW = Effort(0.1)


@pytest.mark.parametrize(
    ("world", "n", "per_week"),
    [("spreads", 20, 5), ("spreads", 50, 1), ("long premium", 50, 5), ("strangles", 100, 5)],
)
def test_intervals_of_means_hold(world, n, per_week):
    held, above, _ = metrics.coverage(
        world, n, per_week, FEW, mean_interval, metrics.mean_of(world)
    )
    assert held >= 0.93
    assert above <= 0.05


def test_student_would_be_found_out():
    held, _, _ = metrics.coverage(
        "long premium", 50, 1, FEW, cluster_t, metrics.mean_of("long premium")
    )
    assert held < 0.93
    truth = metrics.mean_of("strangles")
    _, by_student, _ = metrics.coverage("strangles", 200, 1, FEW, cluster_t, truth)
    _, by_hall, _ = metrics.coverage("strangles", 200, 1, FEW, mean_interval, truth)
    assert by_student > 2 * by_hall


def test_without_refusals_strangles_would_be_found_out():
    truth, held, above = metrics.mean_of("strangles"), 0, 0
    for i in range(400):
        rng = generator("no losses yet", i)
        values = metrics.short_strangles(rng, rng.random(20) < 0.92)
        interval = cluster_t(Clusters.of(values), 0.95)
        held += interval.low <= truth <= interval.high
        above += interval.low > truth
    assert held / 400 < 0.85
    assert above / 400 > 0.15


def test_sellers_of_premium_who_saw_no_losses_are_refused():
    _, _, refused = metrics.coverage("strangles", 50, 1, FEW, mean_interval, 0.0)
    assert 0.55 < refused < 0.7


def test_intervals_of_profit_factors_hold():
    held, above, _ = metrics.coverage(
        "spreads", 100, 5, FEW, profit_factor_interval, metrics.factor_of("spreads")
    )
    assert held >= 0.93
    assert above <= 0.05


@pytest.mark.parametrize("world", list(metrics.WORTHLESS))
def test_looking_after_every_trade_announces_no_edge(world):
    assert metrics.false_edges(world, FEW) <= 0.07


def test_testing_after_every_trade_would_be_found_out():
    assert metrics.false_edges_by_t("normal", FEW) > 0.3


def test_the_best_of_many_is_deflated():
    dsr, psr = metrics.best_of(20, FEW, skewed=True)
    assert dsr <= 0.05
    assert psr > 0.5


def test_overfitting_is_told_from_what_is_better():
    noise, _ = metrics.overfitting(FEW, planted=0.0)
    better, _ = metrics.overfitting(FEW, planted=1.0)
    assert 0.4 <= noise <= 0.6
    assert better <= 0.05


def test_a_close_is_told_at_once():
    assert np.quantile(metrics.close_seconds(5_000, 20), 0.95) < 0.05


def test_it_is_ten_times_as_fast_as_quantstats():
    every = metrics.series(8, 500)
    metrics.our_seconds(every)
    metrics.quantstats_seconds(every[:1])
    assert metrics.quantstats_seconds(every) > 10 * metrics.our_seconds(every)
