"""Symbols told apart from the strategies that they were traded with."""

from __future__ import annotations

import numpy as np
import pytest

from learning.domain.claims.crossing import crossing
from learning.domain.trades import Trades

WEEKS = 40


def trades(symbol, strategy, r) -> Trades:
    n = len(r)
    at = np.arange(n) * (WEEKS * 604_800 // n)
    return Trades(
        np.arange(n), at, at + 3600, at + 3600, r * 100, r, np.sign(np.nan_to_num(r)).astype(np.int64), at // 604_800,
        {"symbol": symbol, "strategy": strategy}, {"symbol": ("AAA", "BBB"), "strategy": ("good", "poor")},
    )  # fmt: skip


def mixed(n=1_200, seed=1) -> Trades:
    """AAA is nearly always traded with the good strategy, BBB with the poor one; symbols as such differ by nothing."""
    dice = np.random.default_rng(seed)
    symbol = dice.integers(0, 2, n)
    strategy = np.where(dice.random(n) < 0.85, symbol, 1 - symbol)
    return trades(symbol, strategy, np.where(strategy == 0, 0.3, -0.3) + dice.normal(0, 0.4, n))


def gap(rows, pick) -> float:
    found = {one.word: pick(one).value for one in rows}
    return found["AAA"] - found["BBB"] if "AAA" in found else found["good"] - found["poor"]


def test_a_symbol_is_no_better_for_the_strategy_that_it_was_traded_with():
    found = crossing(mixed(), "symbol", "strategy")
    assert gap(found.of_first, lambda one: one.alone) > 0.35
    assert abs(gap(found.of_first, lambda one: one.beside)) < 0.1
    assert gap(found.of_second, lambda one: one.beside) == pytest.approx(0.6, abs=0.1)
    assert all(one.beside.ci.low < one.beside.value < one.beside.ci.high for one in found.of_first)
    assert [one.word for one in found.of_second] == ["good", "poor"]


def test_what_is_always_together_cannot_be_told_apart():
    one = mixed()
    same = one.groups["symbol"]
    assert crossing(trades(same, same, one.r), "symbol", "strategy") is None
    assert crossing(trades(same, np.zeros_like(same), one.r), "symbol", "strategy") is None
    assert crossing(trades(same, same, np.full(len(same), np.nan)), "symbol", "strategy") is None
    assert crossing(one, "symbol", "account") is None


def test_trades_that_count_for_less_say_less():
    one = mixed()
    early = np.arange(len(one)) < 600
    r = np.where(early & (one.groups["strategy"] == 0), one.r + 1, one.r)
    told = trades(one.groups["symbol"], one.groups["strategy"], r)
    whole = crossing(told, "symbol", "strategy")
    late = crossing(told, "symbol", "strategy", np.where(early, 0.3, 1.0))
    assert (
        gap(late.of_second, lambda one: one.beside)
        < gap(whole.of_second, lambda one: one.beside) - 0.1
    )
