"""Values that others published or pinned; nobody here computed them."""

import numpy as np
import pytest

from learning.domain.figures import Reason
from learning.domain.metrics import time_metrics, trade_metrics
from learning.domain.metrics.disposition import Counts, gains_realised, losses_realised
from learning.domain.metrics.drawdowns import falls_of_equity, growth_a_year
from learning.domain.metrics.numbers import Moments
from learning.domain.metrics.series import ReturnSums
from learning.domain.metrics.sharpe import (
    Sample,
    Trials,
    deflated,
    expected_best,
    minimum_backtest_years,
    minimum_length,
    probabilistic,
    standard_error_if_normal,
)
from learning.domain.metrics.time_space import growth, tail_ratio, value_at_risk
from tests.unit.learning.ledgers import ledger

# Bacon (2008), monthly, as R's PerformanceAnalytics carries it.
BACON = np.array(
    [0.003, 0.026, 0.011, -0.010, 0.015, 0.025, 0.016, 0.067, -0.014, 0.040, -0.005, 0.081]
)
BACON = np.append(
    BACON,
    [0.040, -0.037, -0.061, 0.017, -0.049, -0.022, 0.070, 0.058, -0.065, 0.024, -0.005, -0.009],
)
# empyrical-reloaded, daily.
MIXED = np.array([0.01, 0.10, -0.04, 0.02, 0.03, 0.02, 0.01, -0.10])


@pytest.mark.parametrize(
    ("name", "value", "tolerance"),
    [
        ("adjusted_sharpe", 0.7591435, 1e-6),
        ("downside_deviation", 0.0255, 5e-5),
        ("downside_frequency", 0.458, 5e-4),
        ("upside_risk", 0.02937, 1e-5),
        ("sortino_period", 0.157, 5e-4),
        ("gain_loss", 1.78, 5e-3),
        ("d_ratio", 0.401, 5e-4),
        ("upi", 1.70, 1e-2),
        ("pain_index", 0.04, 5e-4),
        ("mean_absolute_deviation", 0.0310, 1e-4),
        ("k_ratio_1996", 1.1436, 5e-5),
        ("k_ratio_2003", 0.2334, 5e-5),
        ("k_ratio", 0.8086, 5e-5),
    ],
)
def test_ratios_of_bacon(name, value, tolerance):
    figure = time_metrics(BACON, per_year=12, mar=0.005)[name]
    assert figure.value == pytest.approx(value, abs=tolerance)
    assert figure.n == 24


def test_parts_of_bacons_ratios():
    figures = {name: one.value for name, one in time_metrics(BACON, per_year=12, mar=0.005).items()}
    up = figures["upside_potential_ratio"] * figures["downside_deviation"]
    assert up == pytest.approx(0.01771, abs=1e-5)
    assert up / figures["omega"] == pytest.approx(0.0137, abs=5e-5)  # downside potential
    assert figures["omega"] - 1 == pytest.approx(0.29, abs=5e-3)  # Omega-Sharpe
    assert 1 - figures["downside_frequency"] == pytest.approx(0.542, abs=5e-4)
    assert figures["skewness"] / figures["kurtosis"] == pytest.approx(-0.034, abs=5e-4)


def test_kurtosis_of_a_sample_follows_from_ours():
    n, excess = 24, Moments.of(BACON).kurtosis - 3
    shrink = (n - 1) / ((n - 2) * (n - 3))
    sample_excess = ((n + 1) * excess + 6) * shrink
    assert sample_excess == pytest.approx(-0.41, abs=5e-3)
    assert sample_excess + 3 * (n - 1) * shrink == pytest.approx(3.03, abs=5e-3)


def test_ratios_of_empyrical():
    # Eight days are far too short to annualise, so that the page shows none of these; the formulas are the same.
    figures = time_metrics(MIXED, per_year=252)
    assert figures["sharpe"].reason is Reason.TOO_SHORT
    root = np.sqrt(252)
    assert figures["max_drawdown"].value == pytest.approx(0.1)
    assert figures["sharpe_period"].value * root == pytest.approx(1.7238613961706866)
    assert figures["sortino_period"].value * root == pytest.approx(2.605531251673693)
    sums = ReturnSums.of(MIXED)
    # Their series begins with a day without a return, which they count as a day of growth.
    yearly = growth(ReturnSums.of(np.append(0.0, MIXED)), 252)
    assert yearly == pytest.approx(1.9135925373194231)
    assert yearly / figures["max_drawdown"].value == pytest.approx(19.135925373194233)
    assert sums.moments.deviation * root == pytest.approx(0.9136465399704637)
    assert figures["stability"].value == pytest.approx(0.1529973665111273)


def test_omega_of_empyrical():
    # A risk-free rate of 1 % a day and nothing required.
    assert time_metrics(MIXED - 0.01, per_year=252)["omega"].value == pytest.approx(0.8125)


def test_tail_ratio_of_empyrical():
    # They pin one decimal.
    assert tail_ratio(MIXED) == pytest.approx(0.9473684210526313, abs=0.05)
    assert time_metrics(MIXED, per_year=252)["tail_ratio"].reason is Reason.TOO_FEW


@pytest.mark.parametrize(
    ("returns", "tail", "value"),
    [
        ([1.0, 2.0], 0.3, 1.3),
        ([1, 81, 82, 83, 84, 85], 0.1, 41),
        ([1, 81, 82, 83, 84, 85], 0.2, 81),
        ([1, 81, 82, 83, 84, 85], 0.3, 81.5),
    ],
)
def test_value_at_risk_of_empyrical(returns, tail, value):
    assert value_at_risk(np.array(returns, dtype=float), tail) == pytest.approx(value)


def test_expectancy_of_freqtrade():
    figures = trade_metrics(ledger([1, 2, 0.5, -1.5, 3, -1, 0.8, -0.3], risk=100))
    assert figures["expectancy_money"].value == pytest.approx(56.25)
    assert figures["expectancy_ratio_money"].value == pytest.approx(0.60267857)
    assert figures["expectancy_ratio_r"].value == pytest.approx(0.60267857)


@pytest.mark.parametrize(
    ("start", "end", "days", "value"),
    [
        (64900, 176000, 1095, 0.3945),
        (64900, 176000, 365, 1.7119),
        (1000, 1000, 365, 0.0),
        (1000, 1500, 365, 0.5),
        (1000, 1500, 100, 3.3927),
    ],
)
def test_growth_of_freqtrade(start, end, days, value):
    assert growth_a_year(start, end, days) == pytest.approx(value, abs=5e-5)


def test_drawdowns_of_freqtrade():
    largest, steepest = falls_of_equity(1000, np.array([0, -500, 500, 10000, -1000.0]))
    assert (largest.amount, largest.fraction) == (1000, pytest.approx(0.090909, abs=1e-6))
    assert (steepest.amount, steepest.fraction) == (500, 0.5)


def test_probabilistic_sharpe_ratio_of_its_paper():
    assert probabilistic(Sample(0.458, 24, -2.448, 10.164)) == pytest.approx(0.913, abs=5e-4)
    assert probabilistic(Sample(0.458, 24)) == pytest.approx(0.982, abs=5e-4)
    other = Sample(2 / np.sqrt(12), 59, -0.72, 5.78)
    assert probabilistic(other, 1 / np.sqrt(12)) == pytest.approx(0.94869, abs=5e-6)
    assert minimum_length(other, 1 / np.sqrt(12)) == pytest.approx(59.895, abs=5e-4)


def test_kurtosis_counts():
    # R's PerformanceAnalytics leaves it out unless told otherwise, and is 7.5 months short.
    without = Sample(2 / np.sqrt(12), 59, -0.72, 3.0)
    assert minimum_length(without, 1 / np.sqrt(12)) == pytest.approx(52.374, abs=0.2)


@pytest.mark.parametrize(("periods", "years"), [(252, 2.73), (52, 2.83), (12, 3.24)])
def test_minimum_track_record_of_its_paper(periods, years):
    root = np.sqrt(periods)
    assert minimum_length(Sample(2 / root, 100), 1 / root) / periods == pytest.approx(
        years, abs=5e-3
    )


def test_deflated_sharpe_ratio_of_its_paper():
    daily = Sample(2.5 / np.sqrt(250), 1250, -3, 10)
    assert expected_best(Trials(100, 0.5 / 250)) == pytest.approx(0.1132, abs=5e-5)
    assert deflated(daily, Trials(100, 0.5 / 250)) == pytest.approx(0.9004, abs=5e-5)
    assert deflated(daily, Trials(46, 0.5 / 250)) == pytest.approx(0.9505, abs=5e-5)
    normal = Sample(2.5 / np.sqrt(250), 1250)
    assert deflated(normal, Trials(88, 0.5 / 250)) == pytest.approx(0.9505, abs=5e-5)
    assert deflated(daily, None) == deflated(daily, Trials(1, 0.5)) == probabilistic(daily)


def test_minimum_backtest_length_of_its_paper():
    assert minimum_backtest_years(45) == pytest.approx(4.998, abs=5e-4)


def test_standard_error_of_lo():
    assert standard_error_if_normal(0.5, 24) == pytest.approx(0.2165, abs=5e-5)


def test_disposition_of_odean():
    counts = Counts(realised_gains=1, paper_gains=1, realised_losses=1, paper_losses=3)
    assert (gains_realised(counts), losses_realised(counts)) == (0.5, 0.25)
