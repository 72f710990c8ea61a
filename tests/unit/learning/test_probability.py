"""Probabilities to win: what may be learned from, what beats the base rate, and whether they came true."""

from __future__ import annotations

import json
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss

from benchmarks.learning.proposals import threshold_world
from benchmarks.learning.winning import trades
from learning.domain.figures import Figure, Reason
from learning.domain.parameters.candidates import NEVER
from learning.domain.probability.ladder import Standing, climb, gain_over, needed
from learning.domain.probability.logistic import fit_logistic
from learning.domain.probability.matured import Matured, matured_of, walk_forward
from learning.domain.probability.payoffs import Payoffs, payoffs_of
from learning.domain.probability.reliability import brier, reliability
from learning.domain.probability.rungs import (
    Blend,
    as_json,
    fit_base_rate,
    fit_boosted,
    fit_pop,
    fit_ridge,
    from_json,
    has_boosting,
)
from learning.domain.seconds import WEEK

LATE = 4_000_000_000


def rng(seed=3):
    return np.random.default_rng(seed)


def with_pop(rows, pop):
    return Matured(
        rows.opened, rows.known_at, rows.week, rows.won, rows.strategy, pop, rows.x, rows.names
    )


@pytest.mark.parametrize("c", [0.003, 0.1, 3.0])
def test_ridge_is_that_of_scikit_learn(c):
    x = rng().standard_normal((300, 6))
    won = (rng(1).random(300) < 1 / (1 + np.exp(-x[:, 0]))).astype(float)
    weights, intercept = fit_logistic(x, won, c)
    theirs = LogisticRegression(C=c, tol=1e-10, max_iter=1_000).fit(x, won)
    assert weights == pytest.approx(theirs.coef_[0], abs=1e-5)
    assert intercept == pytest.approx(theirs.intercept_[0], abs=1e-5)


def test_ridge_fits_what_is_perfectly_separated():
    x = np.concatenate([np.full(40, -1.0), np.full(40, 1.0)])[:, None]
    weights, intercept = fit_logistic(x, (x[:, 0] > 0).astype(float), 1e6)
    assert np.isfinite(weights).all()
    assert math.isfinite(intercept)


def test_brier_score_of_the_documentation():
    p, won = np.array([0.1, 0.9, 0.8, 0.3]), np.array([0.0, 1.0, 1.0, 0.0])
    assert brier(p, won) == pytest.approx(0.0375, abs=1e-12) == brier_score_loss(won, p)


def test_no_trade_is_learned_from_that_was_open_when_the_tested_were_opened():
    rows = trades(rng(), 400, planted=False)
    folds = list(walk_forward(rows))
    assert len(folds) >= 6
    for train, test in folds:
        assert rows.known_at[train].max() < rows.opened[test].min() - WEEK
    tested = np.concatenate([test for _, test in folds])
    assert len(tested) == len(set(tested.tolist()))
    assert all(
        not set(rows.week[one]) & set(rows.week[other]) for (_, one), (_, other) in pairwise(folds)
    )


def test_what_is_learned_at_a_moment_does_not_change_with_what_comes_later():
    rows = trades(rng(), 400, planted=True)
    as_of = int(rows.opened[300])
    later = with_pop(rows, rows.pop)
    later.won[rows.known_at > as_of] = 1 - later.won[rows.known_at > as_of]
    seen = rows.where(np.flatnonzero(rows.known_at <= as_of))
    one, other = climb(seen, as_of, rng()), climb(later, as_of, rng())
    assert one == other
    assert as_json(one.model) == as_json(other.model)


def test_base_rates_of_strategies_are_drawn_together():
    rows = trades(rng(), 300, planted=False)
    won = rows.won.copy()
    lucky = np.flatnonzero(rows.strategy == 0)[:3]
    strategy = np.where(np.isin(np.arange(300), lucky), 7, 1)
    won[lucky] = 1
    some = Matured(
        rows.opened, rows.known_at, rows.week, won, strategy, rows.pop, rows.x, rows.names
    )
    base = fit_base_rate(some)
    assert base.overall < base.by_strategy[7] < 0.9
    assert base.by_strategy[1] == pytest.approx(base.overall, abs=0.02)


def test_a_probability_told_too_high_is_brought_down():
    rows = trades(rng(), 3_000, planted=False)
    truth = rng(5).uniform(0.3, 0.8, 3_000)
    rows.won[:] = rng(6).random(3_000) < truth
    too_high = 1 / (1 + np.exp(-(np.log(truth / (1 - truth)) + 0.8)))
    model = fit_pop(with_pop(rows, too_high))
    assert model.b == pytest.approx(1, abs=0.2)
    assert model.a == pytest.approx(-0.8, abs=0.2)
    assert np.abs(model.predict(with_pop(rows, too_high)) - truth).max() < 0.05
    assert fit_pop(with_pop(rows, np.full(3_000, 0.7))) is None


def test_a_useful_pop_is_deployed():
    rows = trades(rng(), 800, planted=False)
    truth = rng(5).uniform(0.35, 0.98, 800)
    rows.won[:] = rng(6).random(800) < truth
    standing = climb(with_pop(rows, truth), LATE, rng())
    assert standing.is_deployed
    assert standing.candidate == "calibrated POP"


def test_few_trades_have_the_base_rate():
    rows = trades(rng(), 90, planted=True)
    standing = climb(rows, LATE, rng())
    assert isinstance(standing, Standing)
    assert not standing.is_deployed
    assert standing.t.reason is Reason.TOO_FEW
    assert standing.model.rung == "base_rate"
    none = rows.where(np.arange(0))
    assert isinstance(climb(none, LATE, rng()), Figure)


@pytest.mark.parametrize("won", [0.0, 1.0])
def test_one_kind_of_outcome_has_the_base_rate(won):
    rows = trades(rng(), 300, planted=True)
    rows.won[:] = won
    standing = climb(rows, LATE, rng())
    assert not standing.is_deployed
    assert 0 < standing.model.predict(rows).min() <= standing.model.predict(rows).max() < 1


def test_a_model_ends_after_its_days_and_at_an_alarm():
    rows = trades(rng(), 120, planted=False)
    standing = climb(rows, LATE, rng())
    day = 86_400
    assert standing.is_valid(LATE + 89 * day)
    assert not standing.is_valid(LATE + 90 * day)
    assert not standing.is_valid(LATE + day, alarm_at=LATE + 1)
    assert standing.is_valid(LATE + day, alarm_at=LATE - day)


def test_models_are_written_and_read_back_to_the_same_predictions():
    rows = trades(rng(), 1_000, planted=True)
    rows.pop[::3] = np.nan
    models = [fit_base_rate(rows), fit_pop(rows), fit_ridge(rows, 0.1)]
    if has_boosting():
        models.append(fit_boosted(rows, {"feature 0": 1}))
    models.append(Blend(tuple((1 / len(models), model) for model in models)))
    for model in models:
        again = from_json(json.loads(json.dumps(as_json(model), allow_nan=False)))
        assert again.predict(rows).tobytes() == model.predict(rows).tobytes()


@pytest.mark.skipif(not has_boosting(), reason="the optional extra is not installed")
def test_boosted_trees_keep_to_their_directions():
    rows = trades(rng(), 2_000, planted=True)
    model = fit_boosted(rows, {"feature 0": 1})
    ask = rows.where(np.zeros(50, dtype=int))
    ask.x[:, 0] = np.linspace(-3, 3, 50)
    assert (np.diff(model.predict(ask)) >= 0).all()


def test_unknown_features_are_average_ones():
    rows = trades(rng(), 400, planted=True)
    rows.x[::4, 0] = np.nan
    rows.x[:, 1] = np.nan
    rows.x[:, 2] = 7.0
    model = fit_ridge(rows, 0.1)
    assert np.isfinite(model.predict(rows)).all()
    assert model.weights[1] == model.weights[2] == 0


def test_shadow_and_ignored_proposals_are_learned_from_and_unknown_outcomes_are_not():
    candidates = threshold_world("mild", 200, rng())
    candidates.known_at[:20] = NEVER
    candidates.r_plan[:20] = np.nan
    rows = matured_of(candidates, ["iv_rank", "no such feature"])
    assert len(rows) == 180
    assert candidates.shadow[20:].any()
    assert np.isnan(rows.x[:, 1]).all()
    assert isinstance(climb(rows, LATE, rng()), Standing)


def test_more_than_twelve_features_are_refused():
    with pytest.raises(ValueError, match="at most 12"):
        matured_of(threshold_world("mild", 50, rng()), [f"f{k}" for k in range(13)])


def test_right_probabilities_are_within_the_bands():
    p = rng().uniform(0.4, 0.95, 2_000)
    within, errors = [], []
    for seed in range(20):
        won = (rng(seed).random(2_000) < p).astype(float)
        told = reliability(p, np.full(2_000, won.mean()), won, rng())
        within += [one.low <= one.observed <= one.high for one in told.bins]
        errors.append(
            told.figures["calibration_error"].value
            <= told.figures["calibration_error_by_luck"].value
        )
    assert np.mean(within) == pytest.approx(0.9, abs=0.06)
    assert np.mean(errors) >= 0.8
    assert told.figures["skill"].value > 0


def test_luck_alone_makes_an_error_of_calibration():
    """Ten bins and a base rate of 0.7: 0.12 at 100 rows, 0.04 at 1,000 (learning.md 3.7), less where bins are fewer."""
    p = np.full(1_000, 0.7)
    told = reliability(p, p, (rng().random(1_000) < p).astype(float), rng())
    assert told.figures["calibration_error_by_luck"].value == pytest.approx(0.05, abs=0.015)


def test_wrong_probabilities_are_outside_of_the_bands():
    p = rng().uniform(0.4, 0.95, 2_000)
    won = (rng(1).random(2_000) < p - 0.15).astype(float)
    told = reliability(p, np.full(2_000, won.mean()), won, rng())
    assert (
        told.figures["calibration_error"].value
        > 2 * told.figures["calibration_error_by_luck"].value
    )


def test_the_gain_counts_weeks_and_not_trades():
    week = np.repeat(np.arange(40), 5)
    won = np.repeat((rng().random(40) < 0.7).astype(float), 5)
    told = np.where(won > 0, 0.75, 0.68)
    base = np.full(200, 0.7)
    _, by_week = gain_over(base, told, won, week)
    _, by_trade = gain_over(base, told, won, np.arange(200))
    assert by_week.value * 2 < by_trade.value
    assert gain_over(base, base, won, week)[1].reason is Reason.ZERO_VARIANCE
    assert gain_over(base, told, won, np.zeros(200, int))[1].reason is Reason.TOO_SHORT


def test_few_weeks_need_a_larger_t():
    assert needed(15) == pytest.approx(2.2, abs=0.05)
    assert needed(1_000) == pytest.approx(2, abs=0.01)


class TestPayoffs:
    def test_the_r_to_be_expected(self):
        usual = Payoffs({-1: 0.325, 0: 0.4}, {-1: 0.6}, 100)
        assert usual.expected(0.7, 5) == pytest.approx(0.0475)
        assert usual.expected(0.7, 0) == pytest.approx(0.1)
        assert Payoffs.from_json(json.loads(json.dumps(usual.as_json()))) == usual

    def test_strategies_are_drawn_together_as_far_as_luck_explains(self):
        dice = np.random.default_rng(4)
        strategy = np.repeat([0, 1, 2], [200, 200, 6])
        won = np.arange(406) % 10 < 7
        size = np.where(strategy == 0, 0.3, 0.6) * dice.uniform(0.7, 1.3, 406)
        usual = payoffs_of(np.where(won, size, -2 * size), strategy, np.arange(406) // 10)
        assert usual.win[0] == pytest.approx(0.3, abs=0.03)
        assert usual.win[1] == pytest.approx(0.6, abs=0.04)
        assert usual.loss[1] == pytest.approx(1.2, abs=0.1)
        # Six trades of a third one do not stand for themselves alone.
        own = size[(strategy == 2) & won].mean()
        assert abs(usual.win[2] - usual.win[-1]) < abs(own - usual.win[-1])

    @pytest.mark.parametrize("r", [[], [0.3] * 50, [0.3] * 50 + [-1.0] * 4, [np.nan] * 60])
    def test_who_has_not_seen_losses_is_told_nothing(self, r):
        n = len(r)
        assert payoffs_of(np.array(r, float), np.zeros(n, int), np.arange(n)) is None

    def test_equal_sizes_are_what_they_are(self):
        r = np.array([0.5] * 10 + [-1.0] * 10)
        usual = payoffs_of(r, np.zeros(20, int), np.arange(20))
        assert (usual.expected(0.5, 0), usual.n) == (pytest.approx(-0.25), 20)


odd = st.lists(
    st.tuples(
        st.floats(-1e12, 1e12) | st.just(math.nan),
        st.floats(0, 1) | st.just(math.nan),
        st.booleans(),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=150,
)


@settings(max_examples=60, deadline=None)
@given(odd)
def test_no_rows_make_a_figure_that_is_none(rows):
    x, pop, won, strategy = (np.array(column) for column in zip(*rows, strict=True))
    n = len(rows)
    opened = np.arange(n) * 86_400
    matured = Matured(
        opened,
        opened + 5,
        opened // WEEK,
        won.astype(float),
        strategy,
        pop,
        x[:, None],
        ("x",),
    )
    standing = climb(matured, LATE, rng())
    for figure in (standing.gain, standing.t, standing.skill):
        json.dumps(figure.as_json(), allow_nan=False)
    json.dumps(as_json(standing.model), allow_nan=False)
    assert np.isfinite(standing.model.predict(matured)).all()
