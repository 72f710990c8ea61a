import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning.domain.figures import Reason, Unit
from learning.domain.metrics import METRICS, Space, trade_metrics
from tests.unit.learning.ledgers import ledger

NAN = float("nan")
RESULTS = st.lists(st.floats(-5, 5).filter(lambda x: abs(x) > 1e-3), min_size=2, max_size=60).map(
    np.array
)


def values(trades):
    return {name: figure.value for name, figure in trade_metrics(trades).items()}


def test_no_trades_have_no_figures():
    figures = trade_metrics(ledger([]))
    counts = {name for name, figure in figures.items() if figure.value is not None}
    assert counts == {"trades", "winners", "scratches", "losers"}
    assert all(figures[name].value == 0 for name in counts)
    assert {figures[name].reason for name in set(figures) - counts} == {Reason.NO_TRADES}


def test_one_trade_has_values_and_neither_ratios_nor_intervals():
    figures = trade_metrics(ledger([0.4]))
    assert figures["expectancy_r"].value == 0.4
    assert figures["win_rate"].value == 1.0
    assert all(figure.ci is None for figure in figures.values())
    for name in ("profit_factor_r", "payoff_r", "sqn", "recovery_factor_r", "psr_r"):
        assert (figures[name].reason, figures[name].least) == (Reason.TOO_FEW, 2), name


def test_winners_alone_have_no_profit_factor_but_a_floor_under_it():
    figures = trade_metrics(ledger([0.3] * 19 + [0.31]))
    for name in ("profit_factor_r", "payoff_money", "average_loser_r", "break_even_rate_r"):
        assert figures[name].reason is Reason.NO_LOSERS, name
    assert figures["recovery_factor_r"].reason is Reason.NO_DRAWDOWN
    # 20 wins leave a chance of up to 10.9 % to lose: 0.3·0.891/0.109 a loss of 1 R.
    assert figures["profit_factor_floor_r"].value == pytest.approx(2.46, abs=0.01)
    assert figures["expectancy_r"].ci is None


def test_losers_alone():
    figures = trade_metrics(ledger([-0.3] * 9 + [-1]))
    assert figures["profit_factor_r"].value == 0
    assert figures["average_winner_r"].reason is Reason.NO_WINNERS
    assert figures["recovery_factor_r"].value == pytest.approx(-1)
    assert figures["min_trl_r"].reason is Reason.NEVER


def test_equal_results_vary_by_nothing():
    figures = trade_metrics(ledger([0.1] * 30))
    assert figures["sqn"].reason is Reason.ZERO_VARIANCE
    assert figures["expectancy_r"].value == pytest.approx(0.1)


def test_where_no_risk_was_stated_money_speaks_alone():
    figures = trade_metrics(ledger([NAN] * 12))
    assert figures["expectancy_money"].value == 1
    assert {figures[name].reason for name in ("expectancy_r", "sqn", "total_r")} == {
        Reason.RISK_MISSING
    }
    mixed = trade_metrics(ledger([0.5, NAN, -1]))
    assert (mixed["expectancy_r"].n, mixed["expectancy_money"].n) == (2, 3)


def test_scratches_count_in_the_rate_and_shift_break_even():
    figures = values(ledger([1.0, -1.0, 0.01, -0.01], result=[1, -1, 0, 0]))
    assert (figures["winners"], figures["scratches"], figures["losers"]) == (1, 2, 1)
    assert figures["win_rate"] == 0.25
    assert figures["break_even_rate_r"] == pytest.approx(0.25)
    assert figures["average_winner_r"] == 1.0


def test_break_even_of_a_seller_of_spreads():
    # 0.325 R kept against 0.6 R lost: 64.9 % must win.
    figures = values(ledger([0.325] * 7 + [-0.6] * 3))
    assert figures["break_even_rate_r"] == pytest.approx(0.6486, abs=1e-4)


def test_an_interval_asks_for_losers_winners_and_weeks():
    twenty = [0.3] * 15 + [-0.8] * 5
    assert trade_metrics(ledger(twenty, per_week=3))["expectancy_r"].ci is not None
    assert trade_metrics(ledger(twenty, per_week=10))["expectancy_r"].ci is None  # two weeks
    assert trade_metrics(ledger([0.3] * 16 + [-0.8] * 4, per_week=3))["profit_factor_r"].ci is None


def test_drawdown_starts_at_the_start():
    figures = values(ledger([-0.5, -0.5, 0.4, 1.0, -0.2]))
    assert figures["max_drawdown_r"] == 1.0
    assert figures["max_drawdown_money"] == pytest.approx(100)
    assert figures["longest_drawdown_r"] == 4
    assert (figures["drawdown_r"], figures["since_peak_r"]) == (pytest.approx(0.2), 1)


def test_runs_and_days():
    figures = values(ledger([1, 1, -1, 1, 1, 1, -1, -1], days=[1, 1, 5, 1, 1, 1, 5, 8]))
    assert (figures["longest_winning_run"], figures["longest_losing_run"]) == (3, 2)
    assert (figures["holding_days_winners"], figures["holding_days_losers"]) == (1, 6)


def test_units_and_names_are_those_of_the_dictionary():
    figures = trade_metrics(ledger([0.3, -0.2, 0.5]))
    for name, figure in figures.items():
        assert METRICS[name].unit is figure.unit, name
        assert METRICS[name].space is Space.TRADES, name
    told = {name for name, one in METRICS.items() if one.space is Space.TRADES and one.is_running}
    assert told == set(figures)
    assert figures["expectancy_money"].unit is Unit.MONEY


SCALE_FREE = (
    "profit_factor_r",
    "payoff_r",
    "sqn",
    "expectancy_ratio_r",
    "break_even_rate_r",
    "psr_r",
)


@settings(deadline=None, max_examples=40)
@given(RESULTS, st.floats(0.01, 100))
def test_another_scale_changes_no_ratio(r, scale):
    once, more = trade_metrics(ledger(r)), trade_metrics(ledger(r * scale))
    for name in SCALE_FREE:
        assert once[name].reason is more[name].reason, name
        if once[name].value is not None:
            assert more[name].value == pytest.approx(once[name].value, rel=1e-6, abs=1e-9), name


@settings(deadline=None, max_examples=40)
@given(RESULTS, st.floats(0.01, 1000))
def test_twice_the_size_leaves_r_alone(r, risk):
    once, more = trade_metrics(ledger(r)), trade_metrics(ledger(r, risk=risk))
    assert {k: v for k, v in once.items() if k.endswith("_r")} == {
        k: v for k, v in more.items() if k.endswith("_r")
    }


PATHS = {"max_drawdown", "drawdown", "longest_drawdown", "since_peak", "recovery_factor"}
RUNS = {"longest_winning_run", "longest_losing_run"}


@settings(deadline=None, max_examples=40)
@given(RESULTS, st.randoms(use_true_random=False))
def test_another_order_changes_no_figure_but_those_of_the_path(r, random):
    trades = ledger(r)
    order = list(range(len(r)))
    random.shuffle(order)
    once, other = trade_metrics(trades), trade_metrics(trades.where(np.array(order)))
    for name, figure in once.items():
        if name in RUNS or name.rsplit("_", 1)[0] in PATHS:
            continue
        assert other[name].reason is figure.reason, name
        if figure.value is not None:
            assert other[name].value == pytest.approx(figure.value, rel=1e-7, abs=1e-9), name
        assert (other[name].ci is None) == (figure.ci is None)


@settings(deadline=None, max_examples=100)
@given(RESULTS, st.data())
def test_profit_factor_expectancy_and_break_even_agree(r, data):
    scratched = data.draw(st.lists(st.booleans(), min_size=len(r), max_size=len(r)))
    # Scratches are smaller than what is not one.
    r = np.where(scratched, r * 1e-4, r)
    result = np.where(scratched, 0, np.sign(r)).astype(int)
    figures = values(ledger(r, result=result))
    factor, mean = figures["profit_factor_r"], figures["expectancy_r"]
    if factor is None or abs(mean) < 1e-9:
        return
    assert (factor > 1) == (mean > 0)
    if figures["break_even_rate_r"] is not None and 0 < figures["break_even_rate_r"] < 1:
        assert (figures["win_rate"] > figures["break_even_rate_r"]) == (mean > 0)


def test_the_interval_that_holds_at_every_look_is_wider_and_comes_with_the_fifth_loser():
    few = trade_metrics(ledger([0.4, 0.2, 0.3] * 10 + [-0.5] * 4))["expectancy_any_time_r"]
    assert (few.ci, few.value) == (None, pytest.approx(7 / 34))
    figures = trade_metrics(ledger(([0.4, 0.2, -0.5, 0.3] * 2 + [0.1, -0.2]) * 4))
    once, anytime = figures["expectancy_r"], figures["expectancy_any_time_r"]
    assert once.value == anytime.value
    assert anytime.ci.level == 0.95
    assert anytime.ci.low < once.ci.low < once.ci.high < anytime.ci.high
