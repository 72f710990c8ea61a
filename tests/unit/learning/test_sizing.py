"""Fractions of equity, drawdowns to come, and when neither may be told."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning.domain.figures import Figure, Reason
from learning.domain.resampling import (
    cluster_weights,
    mean_interval,
    predicted,
    sample_of,
    total_interval,
)
from learning.domain.sizing.assumed import expected_drawdown_without_edge, gamblers_ruin, what_if
from learning.domain.sizing.kelly import (
    growth,
    kelly,
    not_yet_seen,
    optimal_f,
    posterior_kelly,
    recommended_fraction,
)
from learning.domain.sizing.outlook import (
    Course,
    Outlook,
    deepest,
    equity_paths,
    outlook,
    place_in_fan,
    trades_to_recover,
)

VINCE = np.array([9, 18, 7, 1, 10, -5, -3, -17, -7.0])


def rng():
    return np.random.default_rng(7)


def spreads(n, win_rate=0.7):
    generator = np.random.default_rng(n)
    wins = generator.random(n) < win_rate
    return np.where(wins, generator.uniform(0.15, 0.5, n), -generator.uniform(0.2, 1, n))


def weeks(r):
    return np.arange(len(r)) // 3


@pytest.mark.parametrize(
    ("outcomes", "probability", "fraction"),
    [([1, -1], [0.6, 0.4], 0.2), ([2, -1], [0.6, 0.4], 0.4), ([1, -1], [0.5, 0.5], 0.0)],
)
def test_kelly_of_known_games(outcomes, probability, fraction):
    assert kelly(np.array(outcomes, float), np.array(probability)).value == pytest.approx(fraction)


def test_kelly_of_a_game_in_percent_of_the_stake_is_leverage():
    """Wins of 2 %, losses of 1 %, won 60 of 100 times: 40 times the equity, which is 0.4 of it at risk."""
    at_risk = kelly(np.array([0.02, -0.01]) / 0.01, np.array([0.6, 0.4])).value
    assert at_risk / 0.01 == pytest.approx(40)


def test_vinces_trades():
    assert optimal_f(VINCE).value == pytest.approx(0.24, abs=0.005)
    at = growth(0.24, VINCE / 17)
    assert math.exp(9 * at) == pytest.approx(1.0957, abs=5e-5)
    assert math.exp(at) == pytest.approx(1.0102, abs=5e-5)


def test_gamblers_ruin():
    assert gamblers_ruin(0.55, 10) == pytest.approx(0.13443063274931186, rel=1e-9)
    assert gamblers_ruin(0.5, 10) == gamblers_ruin(0.3, 10) == 1


def test_ruin_by_simulation_agrees_with_the_closed_form():
    """Even money at a fixed stake of a tenth: ruin is ten losses more than wins."""
    steps = np.where(rng().random((4_000, 1_500)) < 0.55, 1, -1).cumsum(axis=1)
    assert np.mean(steps.min(axis=1) <= -10) == pytest.approx(gamblers_ruin(0.55, 10), abs=0.02)


def test_drawdown_of_luck_alone():
    steps = rng().standard_normal((1_000, 2_000))
    level = np.concatenate([np.zeros((1_000, 1)), steps.cumsum(axis=1)], axis=1)
    dug = float((np.maximum.accumulate(level, axis=1) - level).max(axis=1).mean())
    told = expected_drawdown_without_edge(steps[0], 2_000).value
    # Looked at in steps, the lowest point is missed a little: 1.232 for 1.2533 at 5,000 of them.
    assert dug / np.sqrt(2_000) == pytest.approx(1.2533, rel=0.05)
    assert told == pytest.approx(1.2533 * steps[0].std(ddof=1) * np.sqrt(2_000), rel=1e-4)


def test_no_spread_means_no_drawdown_of_luck():
    assert expected_drawdown_without_edge(np.full(30, 0.1), 100).reason is Reason.ZERO_VARIANCE
    assert expected_drawdown_without_edge(np.array([0.1]), 100).reason is Reason.TOO_FEW


def test_an_urn_is_weights_and_then_draws():
    """The j-th and the first draw are alike with probability 1 / (M + 1) more than two fresh draws are."""
    r = np.arange(8.0)
    paths = predicted(sample_of(r, np.arange(8)), 5, 60_000, rng())
    fresh, mass = 1 / 8, 8
    alike = 1 / (mass + 1) + mass / (mass + 1) * fresh
    for step in range(1, 5):
        assert np.mean(paths[:, step] == paths[:, 0]) == pytest.approx(alike, abs=0.006)
        assert np.bincount(paths[:, step].astype(int)) / 60_000 == pytest.approx(fresh, abs=0.006)


def test_weeks_are_drawn_as_a_whole():
    r = np.array([1.0, 10.0, 2.0, 20.0, 3.0, 30.0])
    paths = predicted(sample_of(r, np.array([0, 1, 0, 1, 2, 2])), 6, 500, rng())
    pairs = {tuple(path[start : start + 2]) for path in paths for start in (0, 2, 4)}
    assert pairs == {(1.0, 2.0), (10.0, 20.0), (3.0, 30.0)}


def test_weights_are_gammas_of_the_mass_of_each_cluster():
    sample = sample_of(np.arange(4.0), np.array([0, 0, 1, 1]), [(-1, 1), (0.5, 3)])
    weights = cluster_weights(sample, 20_000, rng())
    assert weights.shape == (20_000, 4)
    assert weights.mean(axis=0) == pytest.approx([1, 1, 1, 3], abs=0.05)
    assert weights.var(axis=0) == pytest.approx([1, 1, 1, 3], abs=0.15)


def test_pseudo_trades_are_drawn_by_their_weight():
    sample = sample_of(np.zeros(6), np.arange(6), [(-1.0, 1.0), (2.0, 3.0)])
    first = predicted(sample, 3, 40_000, rng())[:, 0]
    assert np.mean(first == -1) == pytest.approx(1 / 10, abs=0.006)
    assert np.mean(first == 2) == pytest.approx(3 / 10, abs=0.009)


def test_a_losing_system_is_given_no_size():
    r = spreads(300, 0.5)
    assert recommended_fraction(r, weeks(r), rng()).value == 0


def test_a_size_is_less_than_half_of_plain_kelly_and_at_most_the_cap():
    r = spreads(300, 0.75)
    told = recommended_fraction(r, weeks(r), rng())
    assert 0 < told.value < kelly(r).value / 2
    assert told.ci.low <= told.value <= told.ci.high
    assert recommended_fraction(r, weeks(r), rng(), cap=0.01).value == 0.01


def test_a_size_asks_for_an_edge_in_four_of_five_draws():
    """Between the quartile and the fifth there is an edge that is not sure enough: the size is none."""
    seen = set()
    for step in np.linspace(-0.12, 0.12, 80):
        r = spreads(120, 0.66) + step
        draws = posterior_kelly(sample_of(r, weeks(r), not_yet_seen(r)), rng())
        sure = float(np.mean(draws > 0))
        told = recommended_fraction(r, weeks(r), rng()).value
        assert (told > 0) == (sure >= 0.8)
        seen.add(0.75 < sure < 0.8)
    assert seen == {True, False}


def test_more_of_the_same_never_asks_for_less():
    r = spreads(60, 0.75)
    sizes = [
        recommended_fraction(np.tile(r, k), np.arange(60 * k), rng()).value for k in (1, 4, 16)
    ]
    assert sizes == sorted(sizes)


@pytest.mark.parametrize(
    ("r", "reason"),
    [
        ([], Reason.NO_TRADES),
        ([np.nan] * 30, Reason.RISK_MISSING),
        ([0.3, -1.0], Reason.TOO_FEW),
        ([0.3] * 40, Reason.NO_LOSERS),
        ([0.3] * 40 + [-1.0] * 4, Reason.TOO_FEW),
    ],
)
def test_few_trades_or_losers_are_told_no_size(r, reason):
    r = np.array(r, float)
    assert recommended_fraction(r, weeks(r), rng()).reason is reason
    told = outlook(r, weeks(r), Course(0.02), rng())
    assert isinstance(told, Figure)
    assert told.value is None


def test_a_table_of_edges_is_what_few_trades_get():
    rows = what_if(0.33, Course(0.02, paths=2_000), rng())
    assert [row.edge for row in rows] == [-0.05, 0.0, 0.05, 0.10, 0.20]
    assert all(row.win_rate * 0.33 - (1 - row.win_rate) == pytest.approx(row.edge) for row in rows)
    drawdowns = [row.drawdown_95.value for row in rows]
    assert drawdowns == sorted(drawdowns, reverse=True)


def test_a_loss_beyond_the_planned_risk_is_expected_again():
    assert not_yet_seen(np.array([0.3, -2.5])) == ((-2.5, 1.0), (1.25, 2.0))
    r = np.concatenate([spreads(40), [-2.5]])
    fractions = posterior_kelly(sample_of(r, weeks(r), not_yet_seen(r)), rng())
    assert fractions.max() < 1 / 2.5


def test_the_first_trade_can_be_a_drawdown():
    equity = equity_paths(np.array([[-0.5, 1.0, 1.0], [1.0, -1.0, 1.0]]), 0.5)
    assert deepest(equity) == pytest.approx([0.25, 0.5])
    assert trades_to_recover(equity)[0] == 2
    assert np.isnan(trades_to_recover(equity)[1])


def test_nothing_comes_back_after_a_loss_of_all():
    assert equity_paths(np.array([-3.0, 5.0]), 0.5)[0].tolist() == [1, 0, 0]


def test_an_outlook_holds_together():
    r = spreads(200)
    told = outlook(r, weeks(r), Course(0.03, paths=2_000), rng())
    assert isinstance(told, Outlook)
    figures = {name: figure.value for name, figure in told.figures.items()}
    assert figures["drawdown_over_10"] >= figures["drawdown_over_20"] >= figures["drawdown_over_30"]
    assert figures["drawdown_median"] <= figures["drawdown_95"] <= figures["drawdown_99"]
    assert told.fan.shape == (101, 5)
    assert (told.fan[0] == 1).all()
    assert (np.diff(told.fan, axis=1) >= 0).all()
    json.dumps({name: figure.as_json() for name, figure in told.figures.items()}, allow_nan=False)


def test_the_same_seed_gives_the_same_outlook():
    r = spreads(50)
    one, other = (outlook(r, weeks(r), Course(0.02, paths=500), rng()) for _ in range(2))
    assert one.figures == other.figures
    assert one.fan.tobytes() == other.fan.tobytes()


def test_what_came_is_placed_among_what_was_expected():
    r = spreads(200)
    best = place_in_fan(r, weeks(r), np.full(10, 0.5), Course(0.02, paths=2_000), rng())
    worst = place_in_fan(r, weeks(r), np.full(10, -1.0), Course(0.02, paths=2_000), rng())
    assert best.value > 0.98
    assert worst.value < 0.02
    assert place_in_fan(r, weeks(r), np.array([]), Course(0.02), rng()).reason is Reason.NO_TRADES


results = st.lists(
    st.floats(-1e12, 1e12, allow_nan=False) | st.sampled_from([0.0, -1.0, 0.3, math.nan]),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(results)
def test_no_ledger_makes_a_figure_that_is_none(ledger):
    r = np.array(ledger, float)
    told = [
        recommended_fraction(r, weeks(r), rng()),
        expected_drawdown_without_edge(r, 100),
    ]
    seen = outlook(r, weeks(r), Course(0.02, 20, 50), rng())
    told += list(seen.figures.values()) if isinstance(seen, Outlook) else [seen]
    for figure in told:
        json.dumps(figure.as_json(), allow_nan=False)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.floats(-1, 2, allow_subnormal=False), min_size=2, max_size=30), st.floats(0.1, 1e6)
)
def test_vinces_fraction_does_not_depend_on_the_currency(pnl, scale):
    pnl = np.array(pnl)
    one, other = optimal_f(pnl), optimal_f(pnl * scale)
    if one.value is None:
        assert one.reason is other.reason
    else:
        assert other.value == pytest.approx(one.value, abs=1e-6)


def test_intervals_over_weeks_are_wider_where_weeks_move_together():
    amounts = np.repeat(rng().standard_normal(30), 5)
    together = mean_interval(amounts, np.arange(150) // 5, rng())
    apart = mean_interval(amounts, np.arange(150), rng())
    assert together.high - together.low > 1.8 * (apart.high - apart.low)
    assert total_interval(amounts, np.zeros(150, int), rng()) is None
