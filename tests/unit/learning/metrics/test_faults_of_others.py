"""What a widely used library says of small and odd samples, and we do not: one test per fault (docs/learning.md)."""

import numpy as np
import pytest

from learning.domain.figures import Reason
from learning.domain.metrics import time_metrics, trade_metrics
from learning.domain.metrics.sharpe import Sample, probabilistic
from tests.unit.learning.ledgers import ledger


def test_large_winners_are_not_taken_for_prices():
    figures = trade_metrics(ledger([0.5, 1.5, 0.2]))
    assert figures["win_rate"].value == 1
    assert figures["max_drawdown_r"].value == 0
    returns = time_metrics(np.array([0.5, 1.5, 0.2]), per_year=252)
    assert returns["max_drawdown"].value == 0
    assert returns["total_return"].value == pytest.approx(3.5)


def test_a_loss_has_a_negative_recovery_factor():
    assert trade_metrics(ledger([-0.5, -0.7, 0.1]))["recovery_factor_r"].value < 0


def test_a_constant_has_no_sharpe_ratio():
    figures = time_metrics(np.full(130, 0.01), per_year=252)
    assert figures["sharpe"].reason is Reason.ZERO_VARIANCE
    assert figures["dsr"].reason is Reason.ZERO_VARIANCE  # and not certainty
    assert time_metrics(np.full(130, 0.1), per_year=252)["sharpe"].reason is Reason.ZERO_VARIANCE


def test_no_losers_is_neither_infinite_nor_nothing():
    figures = trade_metrics(ledger([0.1, 0.2, 0.3]))
    assert figures["profit_factor_r"].reason is Reason.NO_LOSERS
    assert figures["payoff_r"].reason is Reason.NO_LOSERS
    steady = time_metrics(np.array([0.01, 0.02] * 70), per_year=252)
    assert steady["calmar"].reason is Reason.NO_DRAWDOWN


def test_one_day_is_not_annualised():
    figures = time_metrics(np.array([0.1]), per_year=252)
    assert figures["cagr"].reason is Reason.TOO_SHORT
    assert figures["tail_ratio"].reason is Reason.TOO_FEW


def test_kurtosis_is_not_taken_for_excess():
    assert probabilistic(Sample(0.458, 24, -2.448, 10.164)) == pytest.approx(0.913, abs=5e-4)


def test_shortfall_is_of_the_sample_and_not_of_a_normal_one():
    returns = np.random.default_rng(7).standard_t(3, 200) * 0.02
    figures = time_metrics(returns, per_year=252)
    tail = np.sort(returns)[:10]
    assert figures["cvar_95"].value == pytest.approx(tail.mean(), rel=0.05)


def test_rates_free_of_risk_count_whatever_their_sign():
    returns = np.random.default_rng(7).normal(0.001, 0.01, 300)
    ratios = [
        time_metrics(returns, per_year=252, risk_free=x)["sharpe"].value for x in (-0.02, 0, 0.5)
    ]
    assert ratios[0] > ratios[1] > ratios[2]


def test_the_best_period_is_a_period():
    returns = np.array([0.01, -0.02, 0.05])
    assert time_metrics(returns, per_year=252)["best_period"].value == 0.05


def test_the_first_loss_is_a_drawdown():
    assert trade_metrics(ledger([-1.0, 0.5]))["max_drawdown_r"].value == 1
    assert time_metrics(np.array([-0.1, 0.2]), per_year=252)["max_drawdown"].value == pytest.approx(
        0.1
    )
