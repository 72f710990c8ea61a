"""Greeks, stress, correlated bets and concentration of what is open."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from learning.domain.exposure.bets import (
    Correlations,
    correlations,
    effective_bets,
    portfolio_deviation,
)
from learning.domain.exposure.options import Greeks, Kind, Option, greeks, implied_volatility
from learning.domain.exposure.portfolio import Holding, by_bucket, portfolio_greeks
from learning.domain.exposure.stress import Scenario, change_of, concentration, stress
from learning.domain.figures import Figure, Reason

CALL = Option(Kind.CALL, 40.0, 0.5, 0.2, rate=0.1)
PUT = replace(CALL, kind=Kind.PUT)
options = st.builds(
    Option, st.sampled_from(Kind), st.floats(50, 200), st.floats(0.02, 2), st.floats(0.05, 1.5), st.floats(-0.02, 0.1),
    st.floats(0, 0.05), st.booleans(),
)  # fmt: skip


def test_the_options_of_hulls_textbook():
    """Spot 42, strike 40, 10 %, 20 %, six months: 4.76 and 0.81 (Hull, Options, Futures and Other Derivatives)."""
    assert greeks(CALL, 42.0).value == pytest.approx(4.76, abs=0.005)
    assert greeks(PUT, 42.0).value == pytest.approx(0.81, abs=0.005)


def test_greeks_of_hulls_textbook():
    """Spot 49, strike 50, 5 %, 20 %, 20 weeks: delta .522, gamma .066, theta -4.31 a year, vega 12.1, rho 8.91."""
    told = greeks(Option(Kind.CALL, 50.0, 0.3846, 0.2, rate=0.05), 49.0)
    assert told.delta == pytest.approx(0.522, abs=5e-4)
    assert told.gamma == pytest.approx(0.066, abs=5e-4)
    assert told.theta * 365 == pytest.approx(-4.31, abs=5e-3)
    assert told.vega * 100 == pytest.approx(12.1, abs=5e-2)
    assert told.rho * 100 == pytest.approx(8.91, abs=5e-3)


def test_black_76_is_its_formula():
    """A put on a future: forward 20, strike 20, 9 %, 25 %, four months is worth 1.12 (Hull)."""
    told = greeks(Option(Kind.PUT, 20.0, 4 / 12, 0.25, rate=0.09, is_on_future=True), 20.0)
    assert told.value == pytest.approx(1.12, abs=0.005)
    d1 = 0.25 * np.sqrt(4 / 12) / 2
    assert told.delta == pytest.approx(-np.exp(-0.03) * norm.cdf(-d1), rel=1e-9)


@settings(max_examples=150, deadline=None)
@given(options, st.floats(60, 180))
def test_greeks_are_what_prices_change_by(option, price):
    told = greeks(option, price)
    step = price * 1e-3
    up, down = greeks(option, price + step).value, greeks(option, price - step).value
    assert told.delta == pytest.approx((up - down) / (2 * step), abs=2e-3)
    assert told.gamma == pytest.approx(
        (up - 2 * told.value + down) / step**2, abs=2e-3 + 0.02 * told.gamma
    )
    more = greeks(replace(option, volatility=option.volatility + 1e-4), price).value
    assert told.vega == pytest.approx((more - told.value) * 100, abs=2e-3)
    hour = 1 / 365 / 24
    later = greeks(replace(option, years=option.years - hour), price).value
    assert told.theta == pytest.approx((later - told.value) * 24, abs=2e-3 + 0.01 * abs(told.theta))
    dearer = greeks(replace(option, rate=option.rate + 1e-5), price).value
    assert told.rho == pytest.approx((dearer - told.value) * 1000, abs=2e-3 + 0.01 * abs(told.rho))


@settings(max_examples=100, deadline=None)
@given(options, st.floats(60, 180))
def test_calls_less_puts_are_the_forward(option, price):
    call, put = (greeks(replace(option, kind=kind), price) for kind in Kind)
    worth = option.discount * (option.forward(price) - option.strike)
    assert call.value - put.value == pytest.approx(worth, abs=1e-8 * price)


@settings(max_examples=100, deadline=None)
@given(options, st.floats(60, 180))
def test_implied_volatility_gives_the_price_back(option, price):
    worth = greeks(option, price).value
    told = implied_volatility(option, price, worth)
    if isinstance(told, Reason):
        floor = greeks(replace(option, volatility=0.0), price).value
        assert worth - floor < 1e-6 * price  # all but no time value
    else:
        assert greeks(replace(option, volatility=told), price).value == pytest.approx(
            worth, abs=1e-5 * price
        )


@pytest.mark.parametrize("paid", [-1.0, 0.0, 2.0, 42.0, 1e9, float("nan"), float("inf")])
def test_prices_that_arbitrage_forbids_have_no_volatility(paid):
    assert implied_volatility(CALL, 42.0, paid) is Reason.NO_QUOTE


@pytest.mark.parametrize(
    ("option", "price"),
    [
        (replace(CALL, volatility=None), 42.0),
        (replace(CALL, volatility=float("nan")), 42.0),
        (replace(CALL, volatility=-0.1), 42.0),
        (replace(CALL, strike=0.0), 42.0),
        (CALL, 0.0),
        (CALL, float("nan")),
    ],
)
def test_without_a_quote_there_are_no_greeks(option, price):
    assert greeks(option, price) is Reason.NO_QUOTE


def test_an_option_that_ends_is_what_exercise_brings():
    assert greeks(replace(CALL, years=0.0), 45.0) == Greeks(5.0, 1.0, 0.0, 0.0, 0.0, 0.0)
    assert greeks(replace(PUT, years=-1.0), 35.0) == Greeks(5.0, -1.0, 0.0, 0.0, 0.0, 0.0)
    assert greeks(replace(PUT, years=0.0), 45.0).value == 0


def test_a_portfolio_is_the_sum_of_its_parts_in_one_currency():
    shares = Holding("SPY", 100, 500.0, beta=1.0)
    short = Holding(
        "QQQ", -2, 400.0, 100, Option(Kind.CALL, 400, 0.1, 0.25), beta=1.2, currency_rate=0.5
    )
    told = portfolio_greeks([shares, short], index_price=500.0)
    one = greeks(short.option, 400.0)
    assert told["delta"].value == pytest.approx(500 - 100 * one.delta * 4)
    assert told["vega"].value == pytest.approx(-100 * one.vega)
    assert told["theta"].value > 0
    assert told["beta_delta"].value == pytest.approx(500 - 1.2 * 100 * one.delta * 4)
    assert told["beta_units"].value == pytest.approx(told["beta_delta"].value * 100 / 500)


def test_what_has_no_quote_or_beta_is_counted_and_not_zero():
    unquoted = Holding("AMD", -1, None, 100, CALL, beta=2.0)
    told = portfolio_greeks([unquoted])
    assert told["delta"].reason is told["beta_delta"].reason is Reason.NO_QUOTE
    told = portfolio_greeks([unquoted, Holding("SPY", 1, 500.0)])
    assert (told["unquoted"].value, told["delta"].n, told["without_beta"].value) == (1, 1, 1)
    assert told["beta_delta"].reason is Reason.NO_QUOTE
    # The share has no gamma, and what the option's is nobody knows.
    assert {told[name].reason for name in ("gamma", "vega", "theta", "rho")} == {Reason.NO_QUOTE}
    assert portfolio_greeks([Holding("SPY", 1, 500.0)])["gamma"].value == 0
    assert portfolio_greeks([])["delta"].value == 0


def test_buckets_make_the_whole():
    holdings = [
        Holding("A", 1, 10.0, sector="x"),
        Holding("B", 2, 10.0, sector="y"),
        Holding("C", 3, 10.0),
    ]
    parts = by_bucket(holdings, lambda one: one.sector)
    assert set(parts) == {"x", "y", None}
    assert sum(part["delta"].value for part in parts.values()) == pytest.approx(
        portfolio_greeks(holdings)["delta"].value
    )


def test_stress_revalues_and_does_not_extend():
    """A short straddle loses on both sides, where its delta says that it loses nothing."""
    option = Option(Kind.CALL, 100, 0.1, 0.2)
    legs = [Holding("X", -1, 100.0, 100, replace(option, kind=kind)) for kind in Kind]
    told = {(one.scenario.sigmas, one.scenario.points): one.change.value for one in stress(legs)}
    assert told[0.0, 0.0] == pytest.approx(0)
    assert told[-2.0, 0.0] < 0 > told[2.0, 0.0]
    assert told[0.0, 10.0] < 0 < told[0.0, -10.0]
    assert told[2.0, 10.0] < told[2.0, 0.0]


def test_defined_risk_loses_no_more_than_its_width():
    option = Option(Kind.PUT, 100, 0.05, 0.2)
    spread = [
        Holding("X", -1, 105.0, 100, option),
        Holding("X", 1, 105.0, 100, replace(option, strike=95)),
    ]
    worst = sum(change_of(leg, Scenario(-20.0, 10.0)) for leg in spread)
    assert -500 < worst < -400


def test_stress_without_a_volatility_is_unknown():
    told = stress([Holding("X", 1, 100.0)], [Scenario(-2, 0), Scenario(0, 10)])
    assert told[0].change.reason is Reason.NO_QUOTE
    assert told[0].unknown == 1
    assert told[1].change.value == 0


@pytest.mark.parametrize(("rho", "bets"), [(0.0, 10), (1.0, 1), (0.5, 10 / 5.5)])
def test_effective_bets_of_equal_positions(rho, bets):
    matrix = np.full((10, 10), rho) + (1 - rho) * np.eye(10)
    assert effective_bets(np.full(10, 7.0), matrix).value == pytest.approx(bets)


def test_effective_bets_of_unequal_positions_are_those_of_their_shares():
    risks = np.array([5.0, 3.0, 2.0])
    assert effective_bets(risks, np.eye(3)).value == pytest.approx(1 / (0.25 + 0.09 + 0.04))
    assert portfolio_deviation(np.array([3.0, 4.0]), np.eye(2)).value == 5


def test_a_hedge_is_no_further_bet():
    matrix = np.array([[1.0, 0.99], [0.99, 1.0]])
    assert effective_bets(np.array([1.0, -1.0]), matrix).value == 2
    assert effective_bets(np.array([1.0, -1.0]), np.ones((2, 2))).reason is Reason.ZERO_VARIANCE
    assert effective_bets(np.zeros(2), matrix).reason is Reason.NO_TRADES


def test_correlations_of_few_days_are_drawn_to_none():
    rng = np.random.default_rng(1)
    factor = rng.standard_normal((400, 1))
    returns = 0.01 * (factor + rng.standard_normal((400, 5)))
    many, few = correlations(returns), correlations(returns[:25])
    assert isinstance(many, Correlations)
    assert isinstance(few, Correlations)
    assert few.shrinkage > many.shrinkage
    assert many.matrix[0, 1] == pytest.approx(0.5, abs=0.1)
    assert np.diag(many.matrix).tolist() == [1] * 5
    returns[3, 0] = np.nan
    assert correlations(returns).n == 399


def test_correlations_that_cannot_be_known_say_why():
    assert correlations(np.ones((10, 2))).reason is Reason.TOO_FEW
    assert correlations(np.ones((30, 2))).reason is Reason.ZERO_VARIANCE
    assert correlations(np.empty((0, 0))).reason is Reason.TOO_FEW


def test_concentration_names_the_largest():
    holdings = [
        Holding("A", 3, 100.0, expiry="2026-01-16"),
        Holding("B", -1, 100.0, expiry="2026-02-20"),
    ]
    told = concentration(holdings, lambda one: one.expiry)
    assert told.bucket == "2026-01-16"
    assert told.share.value == pytest.approx(0.75)
    assert told.equal_to.value == pytest.approx(1 / (0.75**2 + 0.25**2))
    assert concentration([], lambda one: one.sector).reason is Reason.NO_TRADES
    assert concentration([Holding("A", 1, None)], lambda one: one.sector).reason is Reason.NO_QUOTE


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.builds(
            Holding, st.just("X"), st.floats(-1e6, 1e6), st.none() | st.sampled_from([-1.0, 0.0, 1e-9, 1.0, 42.0, 1e6]), st.just(100.0),
            st.none() | options | st.just(replace(CALL, volatility=None)), st.none() | st.floats(-3, 3),
            st.none() | st.floats(0, 3),
        ),
        max_size=6,
    )
)  # fmt: skip
def test_no_portfolio_makes_a_figure_that_is_none(holdings):
    figures = [
        *portfolio_greeks(holdings, 500.0).values(),
        *(one.change for one in stress(holdings)),
    ]
    told = concentration(holdings, lambda one: one.sector)
    figures.append(told if isinstance(told, Figure) else told.share)
    for figure in figures:
        json.dumps(figure.as_json(), allow_nan=False)
