import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from learning.domain.intervals.betting import betting_interval
from learning.domain.intervals.clusters import Clusters, is_enough
from learning.domain.intervals.means import cluster_t, hall, standard_error
from learning.domain.intervals.ratios import profit_factor_interval


def test_where_every_trade_is_alone_it_is_students_interval():
    values = np.random.default_rng(0).normal(0.2, 1, 30)
    interval = cluster_t(Clusters.of(values), 0.95)
    low, high = stats.t.interval(0.95, 29, values.mean(), stats.sem(values))
    assert (interval.low, interval.high) == (pytest.approx(low), pytest.approx(high))


def test_weeks_are_those_of_statsmodels():
    rng = np.random.default_rng(1)
    weeks = np.sort(rng.integers(0, 12, 80))
    values = rng.normal(0, 1, 80) + rng.normal(0, 1, 12)[weeks]
    model = sm.OLS(values, np.ones(80)).fit(
        cov_type="cluster", cov_kwds={"groups": weeks}, use_t=True
    )
    # They correct by (n − 1)/(n − k) too, which is 1 for a mean.
    assert standard_error(Clusters.of(values, weeks)) == pytest.approx(model.bse[0])
    interval = cluster_t(Clusters.of(values, weeks), 0.95)
    assert (interval.low, interval.high) == pytest.approx(tuple(model.conf_int(0.05)[0]))


def test_shared_weeks_widen():
    rng = np.random.default_rng(2)
    weeks = np.repeat(np.arange(30), 5)
    values = rng.normal(0, 1, 150) + 2 * rng.normal(0, 1, 30)[weeks]
    alone, shared = cluster_t(Clusters.of(values)), cluster_t(Clusters.of(values, weeks))
    assert shared.high - shared.low > 1.5 * (alone.high - alone.low)


def test_hall_is_students_where_nothing_leans():
    values = np.concatenate([np.arange(-20, 21), [0]]) / 10.0
    one, other = hall(Clusters.of(values)), cluster_t(Clusters.of(values))
    assert (one.low, one.high) == pytest.approx((other.low, other.high), abs=1e-9)


def test_hall_reaches_down_where_losses_are_rare_and_large():
    values = np.array([0.2] * 45 + [-2.0] * 5) + np.linspace(-0.01, 0.01, 50)
    one, other = hall(Clusters.of(values)), cluster_t(Clusters.of(values))
    assert one.low < other.low
    assert one.low < values.mean() < one.high


def test_hall_undoes_its_own_cubic():
    values = np.random.default_rng(3).exponential(1, 40)
    clusters = Clusters.of(values)
    interval = hall(clusters, 0.95)
    error, k = standard_error(clusters), 40
    skewness = stats.skew(values)
    for end, side in ((interval.low, 1), (interval.high, -1)):
        t = (values.mean() - end) / error
        g = (
            t
            + skewness * t**2 / (3 * k**0.5)
            + skewness**2 * t**3 / (27 * k)
            + skewness / (6 * k**0.5)
        )
        assert g == pytest.approx(side * stats.t.ppf(0.975, k - 1))


@pytest.mark.parametrize("values", [[], [1.0], [0.1] * 20, [1e12] * 7])
def test_what_does_not_vary_has_no_interval(values):
    clusters = Clusters.of(np.array(values))
    assert cluster_t(clusters) is None
    assert hall(clusters) is None


def test_one_week_has_no_interval():
    assert hall(Clusters.of(np.array([1.0, -1, 2]), np.zeros(3, dtype=int))) is None


def test_enough_asks_for_five_of_each():
    assert is_enough(winners=5, losers=5, weeks=4)
    assert not is_enough(winners=100, losers=4, weeks=20)
    assert not is_enough(winners=4, losers=100, weeks=20)
    assert not is_enough(winners=50, losers=50, weeks=3)


def test_profit_factor_interval_holds_its_value_and_needs_both_sides():
    values = np.random.default_rng(5).normal(0.2, 1, 100)
    clusters = Clusters.of(values, np.repeat(np.arange(20), 5))
    interval = profit_factor_interval(clusters)
    factor = values[values > 0].sum() / -values[values < 0].sum()
    assert 0 < interval.low < factor < interval.high
    other_scale = profit_factor_interval(Clusters.of(values * 100, np.repeat(np.arange(20), 5)))
    assert (other_scale.low, other_scale.high) == pytest.approx((interval.low, interval.high))
    assert profit_factor_interval(Clusters.of(np.abs(values))) is None
    assert profit_factor_interval(Clusters.of(-np.abs(values))) is None


def test_the_strict_interval_is_wider_and_stays_within_bounds():
    values = np.where(np.random.default_rng(6).random(200) < 0.7, 0.3, -0.6)
    strict = betting_interval(values, -1.0, 0.5, 0.95)
    student = cluster_t(Clusters.of(values), 0.95)
    assert -1 <= strict.low < values.mean() < strict.high <= 0.5
    assert strict.high - strict.low > student.high - student.low
    assert strict.high - strict.low < 2 * (student.high - student.low)
    assert betting_interval(np.array([]), -1, 1) is None
    with pytest.raises(ValueError, match="beyond"):
        betting_interval(np.array([2.0]), -1, 1)
