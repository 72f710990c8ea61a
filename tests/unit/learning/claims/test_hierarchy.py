import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from learning.domain.claims.hierarchy import crossed_means, flat, group_means, half_normal, pool
from learning.domain.claims.proportions import pool_rates

SCHOOLS = np.array([28.0, 8, -3, 7, -1, 1, 18, 12]), np.array([15.0, 10, 16, 11, 9, 11, 10, 18])
"""Rubin 1981; Bayesian Data Analysis, table 5.2."""

BATTING = np.array(
    [
        "18",
        "17",
        "16",
        "15",
        "14",
        "14",
        "13",
        "12",
        "11",
        "11",
        "10",
        "10",
        "10",
        "10",
        "10",
        "9",
        "8",
        "7",
    ],
    dtype=np.int64,
)
"""Hits in the first 45 at bats of 18 players, 1970 (Efron & Morris 1975)."""
SEASON = np.array(
    [
        ".346",
        ".298",
        ".276",
        ".222",
        ".273",
        ".27",
        ".263",
        ".21",
        ".269",
        ".23",
        ".264",
        ".256",
        ".303",
        ".264",
        ".226",
        ".285",
        ".316",
        ".2",
    ],
    dtype=float,
)


def test_eight_schools_as_published():
    posterior = pool(*SCHOOLS, flat(60, 601))
    assert np.abs(posterior.quantile(0.5) - [10, 8, 7, 8, 5, 6, 10, 8]).max() < 1
    assert posterior.quantile(0.5) == pytest.approx(
        [10.3, 7.9, 6.6, 7.7, 5.6, 6.5, 10.1, 8.2], abs=0.3
    )
    assert posterior.mean == pytest.approx(
        [11.4, 7.89, 6.13, 7.64, 5.13, 6.14, 10.67, 8.46], abs=0.35
    )
    assert posterior.quantile(0.025)[0] == pytest.approx(-2, abs=1.5)
    assert posterior.quantile(0.975)[0] == pytest.approx(31, abs=1.5)


def test_batting_averages_are_drawn_together_as_by_efron_and_morris():
    angle = np.sqrt(45) * np.arcsin(2 * BATTING / 45 - 1)
    truth = np.sqrt(45) * np.arcsin(2 * SEASON - 1)
    raw = np.sum((angle - truth) ** 2)
    centred = angle - angle.mean()
    kept = 1 - 15 / (centred @ centred)  # James–Stein, k - 3
    stein = np.sum((angle.mean() + kept * centred - truth) ** 2)
    assert (kept, raw, stein) == pytest.approx((0.209, 17.56, 5.01), abs=0.03)
    ours = pool(angle, np.ones(18), flat(3)).mean
    assert np.sum((ours - truth) ** 2) < 5.6
    rates = pool_rates(BATTING, np.full(18, 45))
    ratio = np.sum((BATTING / 45 - SEASON) ** 2) / np.sum((rates.mean - SEASON) ** 2)
    assert ratio == pytest.approx(3.5, abs=0.3)
    low, high = rates.interval()
    assert 0.7 < np.mean((low < SEASON) & (high > SEASON)) <= 1


def test_without_a_prior_for_difference_all_groups_are_one():
    means, errors = np.array([0.4, -0.2, 0.1]), np.array([0.1, 0.2, 0.1])
    posterior = pool(means, errors, flat(0, 1))
    weights = errors**-2 / np.sum(errors**-2)
    assert posterior.mean == pytest.approx(np.full(3, weights @ means))
    assert posterior.above_centre() == pytest.approx(np.full(3, 0.5))


def test_a_fixed_centre_draws_to_it():
    posterior = pool(np.array([0.5, -0.5]), np.array([0.1, 0.1]), half_normal(), centre=0.0)
    assert posterior.centre == 0
    assert 0 < posterior.mean[0] < 0.5
    assert posterior.mean[0] == pytest.approx(-posterior.mean[1])


@given(
    arrays.arrays(float, 6, elements=st.floats(-1, 1)),
    arrays.arrays(float, 6, elements=st.floats(0.02, 2)),
)
def test_shrunken_means_lie_between_raw_and_centre_and_quantiles_agree_with_tails(means, errors):
    posterior = pool(means, errors, half_normal())
    low = np.minimum(means, posterior.centres.min()) - 1e-9
    high = np.maximum(means, posterior.centres.max()) + 1e-9
    assert ((low <= posterior.mean) & (posterior.mean <= high)).all()
    for level in (0.05, 0.5, 0.95):
        bounds = posterior.quantile(level)
        tails = [posterior.below(bound)[at] for at, bound in enumerate(bounds)]
        assert tails == pytest.approx(np.full(6, level), abs=1e-6)


def test_two_wins_out_of_two_are_not_certain():
    rng = np.random.default_rng(1)
    r = np.append(rng.normal(0, 0.5, 200), [0.4, 0.41])
    codes = np.append(np.arange(200) % 10, [10, 10])
    groups = group_means(r, codes, np.arange(202))
    assert groups.raw[10] == pytest.approx(0.405)
    assert groups.posterior.mean[10] < 0.2
    assert groups.posterior.below(0)[10] > 0.05


def test_weeks_that_share_their_luck_widen_what_is_known():
    rng = np.random.default_rng(2)
    weeks = np.repeat(np.arange(60), 5)
    r = rng.normal(0, 0.3, 60)[weeks] + rng.normal(0, 0.3, 300)
    codes = rng.integers(0, 5, 300)
    apart, together = group_means(r, codes, np.arange(300)), group_means(r, codes, weeks)
    assert (together.errors > 1.3 * apart.errors).all()


def test_a_power_prior_lets_old_trades_count_for_less():
    r = np.append(np.full(50, -0.2), np.full(50, 0.3)) + np.tile([-0.1, 0.1], 50)
    weights = np.where(np.arange(100) < 50, 0.3, 1.0)
    codes, weeks = np.zeros(100, dtype=np.int64), np.arange(100)
    groups = group_means(r, codes, weeks, weights=weights)
    assert groups.raw[0] == pytest.approx((0.3 * -0.2 + 0.3) / 1.3)
    assert groups.errors[0] > group_means(r, codes, weeks).errors[0]


def test_nothing_is_made_of_nothing():
    none = np.array([], dtype=np.int64)
    assert group_means(np.array([]), none, none) is None
    assert group_means(np.full(9, 0.1), np.arange(9) % 2, np.arange(9)) is None
    assert group_means(np.array([0.1, 0.2]), np.array([-1, -1]), np.arange(2)) is None


def test_crossed_groups_tell_a_symbol_from_the_strategy_it_was_traded_with():
    """Symbol 0 was traded with the good strategy nearly always; on its own it is like the others."""
    rng = np.random.default_rng(3)
    symbols = rng.integers(0, 4, 2000)
    strategies = np.where(rng.random(2000) < np.where(symbols == 0, 0.9, 0.3), 1, 0)
    r = 0.3 * strategies + rng.normal(0, 0.3, 2000)
    weeks = np.arange(2000)
    alone = group_means(r, symbols, weeks).posterior.mean
    crossed = crossed_means(r, symbols, strategies, weeks)
    means = crossed.first.posterior.mean
    assert alone[0] - alone[1:].mean() > 0.15
    assert abs(means[0] - means[1:].mean()) < 0.04
    assert np.diff(crossed.second.posterior.mean)[0] == pytest.approx(0.3, abs=0.05)
    assert crossed.rounds < 50


def test_relabelling_groups_permutes_their_estimates():
    rng = np.random.default_rng(4)
    r, codes, weeks = rng.normal(0, 1, 90), rng.integers(0, 6, 90), np.arange(90) // 5
    order = rng.permutation(6)
    plain, other = group_means(r, codes, weeks), group_means(r, order[codes], weeks)
    assert other.posterior.mean[order] == pytest.approx(plain.posterior.mean)
