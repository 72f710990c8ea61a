import json
import math
from dataclasses import fields, is_dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning.domain.claims.gates import Sample
from learning.domain.claims.grades import Grade
from learning.domain.claims.groups import Outcomes, break_even, win_rate
from learning.domain.claims.what_works import mean_figure, what_works
from learning.domain.figures import Figure, Reason
from learning.domain.metrics import trade_metrics

from .worlds import closed_trades, spreads

LATER = 10**12


def told(trades, as_of=LATER):
    return what_works(trades, as_of, np.random.default_rng(1))


def figures(thing):
    """Every Figure within."""
    if isinstance(thing, Figure):
        yield thing
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from figures(getattr(thing, field.name))
    elif isinstance(thing, tuple | list):
        for one in thing:
            yield from figures(one)


def history(n=300, seed=1):
    """IV rank goes with winning, days to expiry do not; symbol 4 loses."""
    rng = np.random.default_rng(seed)
    symbol = rng.integers(0, 6, n)
    iv_rank = rng.uniform(10, 90, n)
    rate = np.clip(0.45 + 0.006 * (iv_rank - 10), 0, 1) - 0.35 * (symbol == 4)
    r = np.where(rng.random(n) < rate, rng.uniform(0.15, 0.5, n), -rng.uniform(0.2, 1, n))
    features = {"iv_rank": iv_rank, "dte": rng.integers(20, 60, n).astype(float)}
    words = {"symbol": ("SPY", "QQQ", "IWM", "TLT", "AMD", "GLD")}
    return closed_trades(r, groups={"symbol": symbol}, words=words, features=features)


def test_what_goes_with_winning_is_raised_and_what_does_not_is_not():
    found = {one.name: one for one in told(history()).features}
    assert found["iv_rank"].grade is Grade.B
    assert found["iv_rank"].signal.is_raised
    assert found["iv_rank"].signal.direction == 1
    assert found["iv_rank"].auc.value > 0.6
    assert found["iv_rank"].effect.ci.low > 0
    assert found["iv_rank"].winners.value > found["iv_rank"].losers.value
    assert not found["dte"].signal.is_raised
    assert found["dte"].grade in {Grade.C, Grade.D}


def test_symbols_are_drawn_together_and_the_loser_comes_last():
    (symbols,) = told(history()).breakdowns
    worst = symbols.groups[-1]
    assert worst.word == "AMD"
    assert worst.mean.value < worst.shrunk.value
    assert worst.shrunk.ci.low < worst.shrunk.value < worst.shrunk.ci.high
    assert worst.better.value < 0.1
    assert worst.luck.value < 0.05
    assert symbols.luck_line.p_worst < 0.05
    assert sum(one.sample.n for one in symbols.groups) == 300


def test_only_what_was_known_counts():
    trades = history()
    as_of = int(trades.known_at[199])
    shorter = trades.where(np.arange(300) < 200)
    assert repr(told(trades, as_of)) == repr(told(shorter, as_of))
    assert told(trades, as_of).sample.n == 200


def test_twice_the_size_is_the_same_r():
    trades = history()
    twice = closed_trades(
        trades.r,
        pnl=trades.pnl * 2,
        groups=dict(trades.groups),
        words=dict(trades.words),
        features=dict(trades.features),
    )
    one, two = told(trades), told(twice)
    assert repr(one.features) == repr(two.features)
    assert [g.shrunk for g in one.breakdowns[0].groups] == [
        g.shrunk for g in two.breakdowns[0].groups
    ]


def test_an_account_without_risk_stated_still_learns_from_wins():
    trades = history()
    bare = closed_trades(
        np.full(300, np.nan),
        result=trades.result,
        pnl=trades.pnl,
        groups=dict(trades.groups),
        features=dict(trades.features),
    )
    found = told(bare)
    assert found.mean.reason is Reason.RISK_MISSING
    by_name = {one.name: one for one in found.features}
    assert by_name["iv_rank"].signal.is_raised
    assert by_name["iv_rank"].effect.reason is Reason.RISK_MISSING
    assert all(one.shrunk.reason is Reason.RISK_MISSING for one in found.breakdowns[0].groups)
    assert found.change is not None


@pytest.mark.parametrize("n", [0, 1, 2, 3, 12])
def test_few_trades_say_can_t_tell(n):
    rng = np.random.default_rng(3)
    trades = closed_trades(
        spreads(rng, n),
        groups={"symbol": np.zeros(n, int)},
        features={"iv_rank": np.linspace(0, 1, n)},
    )
    found = told(trades)
    assert all(one.grade is Grade.D and one.lacking for one in found.features)
    assert all(one.grade is Grade.D for down in found.breakdowns for one in down.groups)
    assert found.tests == 0
    assert found.change is None


def test_winners_only_one_symbol_and_no_iv_rank():
    r = np.random.default_rng(4).uniform(0.1, 0.5, 80)
    trades = closed_trades(
        r, groups={"symbol": np.zeros(80, int)}, features={"iv_rank": np.full(80, np.nan)}
    )
    found = told(trades)
    assert found.break_even.reason is Reason.NO_LOSERS
    (feature,) = found.features
    assert feature.auc.reason is Reason.NO_TRADES
    assert feature.lacking["n"] == 40
    (symbol,) = found.breakdowns[0].groups
    assert symbol.grade is Grade.D
    assert symbol.win_rate.value == 1


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([-1e12, -1.0, -0.3, 0.0, 0.2, 0.2, 1e12, math.nan]), max_size=70),
    st.integers(0, 10**6),
)
def test_no_number_that_is_not_one_ever_leaves(outcomes, seed):
    rng = np.random.default_rng(seed)
    n = len(outcomes)
    r = np.array(outcomes, dtype=float)
    pnl = np.nan_to_num(r)
    trades = closed_trades(
        r,
        pnl=pnl,
        result=np.sign(pnl).astype(int),
        groups={"symbol": rng.integers(-1, 3, n), "strategy": rng.integers(0, 2, n)},
        features={
            "iv_rank": np.where(rng.random(n) < 0.2, np.nan, rng.uniform(0, 100, n)),
            "flag": rng.integers(0, 2, n) * 1.0,
            "still": np.full(n, 7.1),
        },
    )
    for figure in figures(told(trades)):
        json.dumps(figure.as_json(), allow_nan=False)


@pytest.mark.parametrize(
    ("wins", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_win_rates_have_the_intervals_of_newcombe(wins, n, low, high):
    figure = win_rate(Sample(n, winners=wins), 0.95)
    assert (figure.ci.low, figure.ci.high) == pytest.approx((low, high), abs=5e-5)


def outcomes(r, pnl=None, result=None, currency=None):
    r = np.asarray(r, dtype=float)
    result = np.sign(np.nan_to_num(r)) if result is None else result
    codes = None if currency is None else np.asarray(currency)
    return Outcomes(np.asarray(result, int), r, np.asarray(r if pnl is None else pnl, float), codes)


def test_break_even_is_where_expectancy_is_nothing():
    rate = break_even(outcomes([0.3, 0.3, -0.6])).value
    assert rate == pytest.approx(2 / 3)
    assert rate * 0.3 - (1 - rate) * 0.6 == pytest.approx(0)
    assert break_even(outcomes([])).reason is Reason.NO_TRADES
    assert break_even(outcomes([np.nan, 1], [-5.0, 5], [-1, 1])).value == 0.5


def test_break_even_is_of_the_trades_of_the_win_rate_beside_it():
    """One large winner with a stated risk says nothing of the nineteen without one."""
    r = [5.0, -0.5, *[np.nan] * 18]
    pnl = [500, -50, *[100] * 8, *[-100] * 10]
    result = np.sign(pnl)
    told = break_even(outcomes(r, pnl, result))
    assert (told.n, told.value) == (20, trade_metrics_of(r, pnl, result)["break_even_rate_money"])
    # Where money does not add up it is of those with R alone, and says so.
    mixed = break_even(outcomes(r, pnl, result, [0] * 10 + [1] * 10))
    assert (mixed.n, mixed.value) == (2, pytest.approx(0.5 / 5.5))
    none = break_even(outcomes([np.nan] * 2, [5, -5], [1, -1], [0, 1]))
    assert none.reason is Reason.RISK_MISSING


def trade_metrics_of(r, pnl, result):
    found = trade_metrics(closed_trades(r, pnl=pnl, result=np.asarray(result, int)))
    return {name: one.value for name, one in found.items()}


def test_a_scratch_is_neither_won_nor_lost_here_either():
    pnl, result = [50, 1, -1, -100, 60], [1, 0, 0, -1, 1]
    r = np.asarray(pnl) / 100
    told = break_even(outcomes(r, pnl, result)).value
    assert told == trade_metrics_of(r, pnl, result)["break_even_rate_money"]


@pytest.mark.parametrize(
    ("rate", "n", "is_told"), [(0.7, 200, True), (0.7, 12, False), (1.0, 60, False)]
)
def test_the_mean_has_one_interval_wherever_it_is_told(rate, n, is_told):
    """None where nothing, or hardly anything, was lost yet: it would lie above the truth."""
    trades = closed_trades(spreads(np.random.default_rng(2), n, rate))
    of_metrics = trade_metrics(trades)["expectancy_r"]
    told_here = mean_figure(trades)
    assert told_here.n == of_metrics.n
    assert told_here.value == pytest.approx(of_metrics.value)
    assert (told_here.ci is not None, of_metrics.ci is not None) == (is_told, is_told)
    if is_told:
        ends = (of_metrics.ci.low, of_metrics.ci.high)
        assert (told_here.ci.low, told_here.ci.high) == pytest.approx(ends)
