"""Daily returns, volatility and beta of underlyings, and what is read of a book of them."""

from __future__ import annotations

import json
from datetime import date, timedelta

import numpy as np
import pytest

from learning.domain.exposure.daily import beta, daily_returns, volatility
from learning.domain.exposure.options import Kind, Option
from learning.domain.exposure.portfolio import Holding
from learning.domain.exposure.reading import read_exposure
from learning.domain.figures import Reason

FIRST = date(2026, 1, 1)


def closes(moves, start=100.0):
    prices = start * np.cumprod([1, *(1 + np.asarray(moves))])
    return {FIRST + timedelta(days=number): float(price) for number, price in enumerate(prices)}


@pytest.fixture
def moves():
    return np.random.default_rng(1).normal(0, 0.01, 120)


def test_returns_are_of_common_days_and_unknown_beside_a_hole(moves):
    told = {"A": closes(moves), "B": closes(moves)}
    del told["B"][FIRST + timedelta(days=5)]
    daily = daily_returns(told)
    assert daily.names == ("A", "B")
    assert daily.of("A") == pytest.approx(moves)
    assert np.flatnonzero(np.isnan(daily.of("B"))).tolist() == [4, 5]


def test_a_price_of_nothing_is_no_price(moves):
    told = {"A": {**closes(moves), FIRST: 0.0}}
    assert np.isnan(daily_returns(told).of("A")[0])


def test_nothing_known_has_no_returns():
    assert daily_returns({}).returns.shape == (0, 0)


def test_beta_is_that_of_least_squares(moves):
    index = np.random.default_rng(2).normal(0, 0.01, 120)
    told = beta(1.4 * index + 0.1 * moves, index)
    assert told.value == pytest.approx(np.polyfit(index, 1.4 * index + 0.1 * moves, 1)[0])
    assert told.ci.low < 1.4 < told.ci.high
    assert beta(index, index).value == pytest.approx(1)


def test_few_days_tell_nothing(moves):
    assert beta(moves[:19], moves[:19]).reason is Reason.TOO_FEW
    assert volatility(moves[:19]).reason is Reason.TOO_FEW
    assert beta(moves, np.full(120, 0.01)).reason is Reason.ZERO_VARIANCE


def test_volatility_is_of_a_year(moves):
    assert volatility(moves).value == pytest.approx(moves.std(ddof=1) * np.sqrt(252))


def test_a_book_is_read_whole_and_as_json(moves):
    other = np.random.default_rng(3).normal(0, 0.01, 120)
    daily = daily_returns({"A": closes(moves), "B": closes(other)})
    option = Option(Kind.CALL, 110, 0.25, 0.3)
    holdings = [
        Holding("A", 10, 100.0, beta=1.0, volatility=0.16, sector="x", expiry=None),
        Holding("B", 10, 100.0, beta=1.2, volatility=0.16, sector="y"),
        Holding("A", -1, 100.0, 100.0, option, 1.0, 0.16, "x", "2026-09-18"),
        Holding("C", 5, None),
    ]
    told = read_exposure(holdings, daily, 500.0)
    json.dumps(told, allow_nan=False)
    assert told["figures"]["unquoted"]["value"] == 1
    assert told["bets"]["missing"] == ["C"]
    assert 1 < told["bets"]["effective"]["value"] <= 2
    assert {one["name"] for one in told["buckets"]["sector"]} == {"x", "y", None}
    assert len(told["stress"]) == 15


def test_a_hedge_takes_all_risk_from_the_bets(moves):
    daily = daily_returns({"A": closes(moves)})
    told = read_exposure(
        [Holding("A", 10, 100.0, volatility=0.16), Holding("A", -10, 100.0, volatility=0.16)], daily, None
    )  # fmt: skip
    assert told["bets"]["effective"]["value"] is None


def test_an_empty_book_says_so():
    told = read_exposure([], daily_returns({}), None)
    assert told["bets"]["why"]["reason"] == "no_trades"
    assert told["figures"]["delta"]["value"] == 0
