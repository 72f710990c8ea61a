import numpy as np
import pytest

from learning.domain.figures import Reason
from learning.domain.metrics import METRICS, Space, Trials, time_metrics


def test_nothing_has_no_figures():
    figures = time_metrics(np.array([]), per_year=52)
    told = {name for name, figure in figures.items() if figure.value is not None}
    assert told == {"periods"}


def test_names_and_units_are_those_of_the_dictionary():
    figures = time_metrics(np.random.default_rng(0).normal(0, 0.01, 100), per_year=52)
    for name, figure in figures.items():
        assert METRICS[name].unit is figure.unit, name
    assert {name for name, one in METRICS.items() if one.space is Space.TIME} - {"pbo"} == set(
        figures
    )
    assert all(figure.value is not None for name, figure in figures.items() if name != "min_trl")


def test_under_half_a_year_nothing_is_annualised():
    returns = np.random.default_rng(0).normal(0.001, 0.01, 25)
    figures = time_metrics(returns, per_year=52)
    for name in ("cagr", "volatility", "sharpe", "sortino", "calmar", "upi", "adjusted_sharpe"):
        assert (figures[name].reason, figures[name].least) == (Reason.TOO_SHORT, 26), name
    assert figures["sharpe_period"].value is not None
    longer = time_metrics(np.append(returns, 0.01), per_year=52)
    assert longer["sharpe"].value == pytest.approx(longer["sharpe_period"].value * np.sqrt(52))


def test_a_straight_line_has_no_ratios():
    figures = time_metrics(np.full(60, 0.01), per_year=52)
    for name in ("sharpe", "psr", "dsr", "min_trl", "k_ratio", "stability", "skewness"):
        assert figures[name].reason is Reason.ZERO_VARIANCE, name
    for name in ("calmar", "upi"):
        assert figures[name].reason is Reason.NO_DRAWDOWN, name
    assert figures["sortino"].reason is Reason.NO_LOSERS
    assert figures["max_drawdown"].value == 0
    assert figures["volatility"].value == 0


def test_the_first_day_can_be_a_drawdown():
    figures = time_metrics(np.array([-0.1, 0.05, 0.05, 0.05]), per_year=252)
    assert figures["max_drawdown"].value == pytest.approx(0.1)
    assert figures["longest_drawdown"].value == 4
    assert figures["since_peak"].value == 0


def test_equity_that_is_gone_has_no_path():
    figures = time_metrics(np.array([0.1, -1.2, 0.3] * 20), per_year=52)
    for name in ("cagr", "max_drawdown", "ulcer", "total_return", "calmar", "stability"):
        assert figures[name].reason is Reason.EQUITY_NONPOSITIVE, name
    assert figures["worst_period"].value == -1.2


def test_what_floats_cannot_hold_is_out_of_range():
    figures = time_metrics(np.full(200, 1e9), per_year=252)
    assert figures["total_return"].reason is Reason.OUT_OF_RANGE


def test_unknown_returns_are_refused():
    with pytest.raises(ValueError, match="leave out"):
        time_metrics(np.array([0.01, np.nan]), per_year=252)
    with pytest.raises(ValueError, match="periods a year"):
        time_metrics(np.array([0.01]), per_year=0)


def test_an_idle_day_changes_sharpe():
    returns = np.random.default_rng(0).normal(0.001, 0.01, 260)
    before = time_metrics(returns, per_year=252)["sharpe"].value
    after = time_metrics(np.append(returns, 0.0), per_year=252)["sharpe"].value
    assert before != after


@pytest.mark.parametrize("scale", [0.1, 3])
def test_scale_leaves_sharpe_and_sortino(scale):
    returns = np.random.default_rng(0).normal(0.001, 0.01, 260)
    once, more = (time_metrics(one, per_year=252) for one in (returns, returns * scale))
    for name in ("sharpe", "sortino", "omega", "gain_loss", "psr", "tail_ratio"):
        assert more[name].value == pytest.approx(once[name].value), name


def test_trials_deflate():
    returns = np.random.default_rng(0).normal(0.002, 0.01, 260)
    alone = time_metrics(returns, per_year=252)
    assert alone["dsr"].value == alone["psr"].value
    many = time_metrics(returns, per_year=252, trials=Trials(100, 1 / 260))
    assert many["dsr"].value < alone["psr"].value
    assert many["psr"].value == alone["psr"].value


def test_a_risk_free_rate_lowers_what_was_earned_above_it():
    returns = np.random.default_rng(0).normal(0.001, 0.01, 260)
    free, at_5 = (time_metrics(returns, per_year=252, risk_free=rate) for rate in (0.0, 0.05))
    assert at_5["sharpe"].value < free["sharpe"].value
    assert at_5["upi"].value < free["upi"].value
    assert at_5["cagr"].value == free["cagr"].value


def test_shortfall_is_the_mean_beyond_the_quantile():
    returns = np.arange(-50, 50) / 1000
    figures = time_metrics(returns, per_year=252)
    assert figures["var_95"].value == pytest.approx(-0.04505)
    assert figures["cvar_95"].value == pytest.approx(-0.048)
    assert figures["cvar_95"].value <= figures["var_95"].value
