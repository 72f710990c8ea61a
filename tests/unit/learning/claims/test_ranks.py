import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from learning.domain.claims import ranks
from learning.domain.claims.clustered import design_effect, mean_of, slope_of
from learning.domain.claims.shuffles import luck_of, whole_weeks


def sample(seed, n=60):
    rng = np.random.default_rng(seed)
    return rng, rng.normal(size=n), np.where(rng.random(n) < 0.6, 1, -1), np.arange(n)


def test_auc_is_u_over_the_pairs_of_the_example_in_scipy():
    males, females = [19, 22, 16, 29, 24], [20, 11, 17, 12]
    result = np.array([1] * 5 + [-1] * 4)
    assert ranks.auc(np.array(males + females, dtype=float), result) == 17 / 20
    assert stats.mannwhitneyu(males, females, method="exact").pvalue == pytest.approx(0.1111111111)
    weeks = np.arange(9)
    tested = ranks.winners_against_losers(np.array([males + females], float).T, result, weeks)
    assert tested.p[0] == pytest.approx(
        stats.mannwhitneyu(males, females, method="asymptotic", use_continuity=False).pvalue
    )


@pytest.mark.parametrize("seed", range(5))
def test_where_no_week_is_shared_it_is_mann_whitney_and_spearman(seed):
    """Nine weeks are too few to look for memory between them."""
    rng, x, _, weeks = sample(seed, 9)
    result = rng.permutation([1] * 5 + [-1] * 4)
    plain = stats.mannwhitneyu(
        x[result > 0], x[result < 0], use_continuity=False, method="asymptotic"
    )
    assert ranks.winners_against_losers(x[:, None], result, weeks).p[0] == pytest.approx(
        plain.pvalue
    )
    r = rng.normal(size=9)
    rho = stats.spearmanr(x, r).statistic
    assert ranks.with_outcome(x[:, None], r, weeks).z[0] == pytest.approx(rho * np.sqrt(8))


def test_weeks_with_memory_are_fewer_than_they_seem():
    rng = np.random.default_rng(6)
    false = {False: 0, True: 0}
    for _ in range(300):
        slow = np.repeat(rng.normal(size=(2, 10)), 8, axis=1) + 0.3 * rng.normal(size=(2, 80))
        weeks = np.arange(80)
        false[True] += ranks.with_outcome(slow[0][:, None], slow[1], weeks).p[0] < 0.05
        false[False] += stats.spearmanr(slow[0], slow[1]).pvalue < 0.05
    assert false[False] > 100
    assert false[True] < false[False] / 2


def test_moments_within_weeks_are_those_of_all_permutations():
    """One week, all permutations counted: what is left of the statistic is its exact permutation z."""
    rng = np.random.default_rng(5)
    x, r = rng.normal(size=6), rng.normal(size=6)
    weeks = np.zeros(6, dtype=int)
    z = ranks.with_outcome(x[:, None], r, weeks).z[0]
    rank_x, rank_r = stats.rankdata(x), stats.rankdata(r)
    drawn = np.array([rank_x @ rank_r[rng.permutation(6)] for _ in range(20000)])
    assert z == pytest.approx((rank_x @ rank_r - drawn.mean()) / drawn.std(), abs=0.05)


def test_a_week_that_was_lucky_as_a_whole_says_little_about_its_trades():
    """x is the same all week and outcomes are, too: a plain test is certain, weeks against weeks are not."""
    weeks = np.repeat(np.arange(8), 10)
    lucky = np.array([1, -1, 1, 1, -1, 1, -1, 1])[weeks]
    x = np.array([5.0, 1, 4, 2, 3, 6, 2.5, 3.5])[weeks]
    plain = stats.mannwhitneyu(x[lucky > 0], x[lucky < 0]).pvalue
    assert plain < 1e-6
    assert ranks.winners_against_losers(x[:, None], lucky, weeks).p[0] > 0.01


def test_nothing_that_varies_is_nothing_found():
    weeks, result = np.arange(10), np.array([1, -1] * 5)
    still = ranks.winners_against_losers(np.ones((10, 1)), result, weeks)
    assert (still.z[0], still.p[0]) == (0, 1)
    winners = ranks.winners_against_losers(np.arange(10.0)[:, None], np.ones(10, int), weeks)
    assert (winners.z[0], winners.p[0]) == (0, 1)
    assert (
        ranks.winners_against_losers(np.empty((0, 2)), np.empty(0, int), np.empty(0, int)).p[1] == 1
    )
    assert ranks.auc(np.arange(3.0), np.ones(3, int)) is None


@given(st.integers(0, 10_000))
def test_ranks_do_not_mind_scale_order_or_the_names_of_weeks(seed):
    _, x, result, _ = sample(seed, 40)
    weeks = np.arange(40) // 4
    plain = ranks.winners_against_losers(x[:, None], result, weeks)
    other = ranks.winners_against_losers(np.exp(x)[:, None], result, weeks * 7 - 900)
    assert other.z == pytest.approx(plain.z)
    mixed = np.concatenate([np.flatnonzero(weeks == week)[::-1] for week in range(10)])
    again = ranks.winners_against_losers(x[mixed][:, None], result[mixed], weeks[mixed])
    assert again.z == pytest.approx(plain.z)
    against = ranks.winners_against_losers(-x[:, None], result, weeks)
    assert against.z == pytest.approx(-plain.z)
    assert plain.one_sided(1) + plain.one_sided(-1) == pytest.approx(1)


def test_every_order_of_weeks_and_within_them_is_as_likely():
    orders = whole_weeks(np.array([7, 7, 9, 3]), 24_000, np.random.default_rng(2))
    _, counts = np.unique(orders, axis=0, return_counts=True)
    # Three weeks in six orders, and two of the pair of one of them.
    assert len(counts) == 12
    assert np.abs(counts / 24_000 - 1 / 12).max() < 0.008


def test_orders_of_whole_weeks_keep_weeks_together():
    weeks = np.repeat([3, 9, 4], [2, 5, 3])
    for order in whole_weeks(weeks, 50, np.random.default_rng(1)):
        assert sorted(order) == list(range(10))
        assert np.sum(np.diff(weeks[order]) != 0) == 2
    assert luck_of(0, 99) == 0.01


def test_weeks_as_clusters():
    rng = np.random.default_rng(1)
    single = rng.normal(0.2, 1, 50)
    estimate = mean_of(single, np.arange(50))
    plain = stats.ttest_1samp(single, 0)
    assert (estimate.t, estimate.p) == pytest.approx((plain.statistic, plain.pvalue))
    assert estimate.above_zero == pytest.approx(1 - plain.pvalue / 2)
    low, high = plain.confidence_interval(0.9)
    assert (estimate.interval().low, estimate.interval().high) == pytest.approx((low, high))
    doubled = mean_of(np.repeat(single, 2), np.repeat(np.arange(50), 2))
    assert (doubled.effect, doubled.error) == pytest.approx((estimate.effect, estimate.error))
    assert design_effect(np.repeat(single - single.mean(), 2), np.repeat(np.arange(50), 2)) == (
        pytest.approx(2)
    )
    assert mean_of(np.full(9, 0.1), np.arange(9)) is None
    assert mean_of(single, np.zeros(50, int)) is None


def test_an_arm_of_four_weeks_leaves_few_degrees_of_freedom():
    rng = np.random.default_rng(2)
    weeks = np.repeat(np.arange(40), 5)
    arm = (weeks < 4).astype(float)
    estimate = slope_of(rng.normal(0, 1, 200), arm, weeks)
    assert estimate.freedom < 6
    assert slope_of(np.ones(9), np.arange(9.0), np.arange(9)) is None
