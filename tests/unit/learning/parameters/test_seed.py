import numpy as np
import pytest

from learning.domain.parameters.seed import Contrast, seed_rule, win_rate_step
from tests.unit.learning.parameters.ten_trades import HALF, STOP, TEN_TRADES, WORDS, trades_of


def test_the_example_of_the_specification():
    rule = seed_rule(TEN_TRADES, {"iv_rank_min": 50.0})
    assert rule.win_rate == pytest.approx(0.70)
    assert rule.iv_rank.winners == pytest.approx(65.3)
    assert rule.iv_rank.losers == pytest.approx(42.1)
    assert (rule.dte.winners, rule.dte.losers) == (45.0, 35.0)
    assert [
        (one.name, one.trades, round(one.win_rate, 2), one.average) for one in rule.symbols
    ] == [
        ("SPY", 4, 0.75, 520.0),
        ("QQQ", 3, 0.67, 385.0),
        ("NVDA", 2, 0.50, 120.0),
    ]
    assert [(one.name, one.trades, one.average) for one in rule.close_reasons] == [
        ("50% profit rule", 5, 475.0),
        ("Stop loss", 3, -280.0),
    ]
    assert rule.effective == {"iv_rank_min": 60.0, "target_dte": 45.0}
    assert rule.favoured == ("SPY", "QQQ")
    assert rule.blacklist == ()
    assert [sentence for _, sentence in rule.recommendations] == [
        "Increase min_iv_rank threshold to 60%",
        "Excellent win rate (70%) - Consider: lower min_iv_rank to 40% (find more opportunities)",
        "Focus on SPY and QQQ (proven winners)",
        "Continue following 50% profit rule",
    ]


def test_the_rule_of_the_win_rate():
    assert win_rate_step(50.0, 0.49) == 60.0
    assert win_rate_step(50.0, 0.50) == 50.0
    assert win_rate_step(50.0, 0.70) == 40.0
    assert win_rate_step(5.0, 0.90) == 0.0
    assert win_rate_step(95.0, 0.10) == 100.0


def test_a_poor_win_rate_raises_the_floor_and_a_losing_symbol_is_avoided():
    rows = [("SPY", -1, -100, 55.0, 30, STOP)] * 3 + [("QQQ", 1, 50, 56.0, 30, HALF)] * 2
    rule = seed_rule(trades_of(rows, WORDS), {"iv_rank_min": 50.0})
    assert rule.effective["iv_rank_min"] == 60.0
    assert rule.blacklist == ("SPY",)
    assert rule.favoured == ("QQQ",)
    assert rule.recommendations[0] == (
        "poor",
        "Low win rate (40%) - Consider: increase min_iv_rank to 60%",
    )
    assert ("blacklist", "Avoid SPY (underperforming)") in rule.recommendations


def test_one_trade_of_a_symbol_says_nothing_about_it():
    rule = seed_rule(
        trades_of([("SPY", -1, -10, np.nan, np.nan, STOP)], WORDS), {"iv_rank_min": 50.0}
    )
    assert rule.symbols == ()
    assert rule.blacklist == ()
    assert rule.iv_rank == Contrast(None, None)
    assert rule.effective == {"iv_rank_min": 60.0}


def test_nothing_traded_changes_nothing():
    rule = seed_rule(trades_of([], WORDS), {"iv_rank_min": 50.0})
    assert rule.win_rate is None
    assert rule.effective == {}
    assert rule.recommendations == ()
