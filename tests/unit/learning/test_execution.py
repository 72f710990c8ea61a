"""What fills cost against the mid when they were decided."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning.domain.execution import Fills, by_group, execution_figures, shortfall, spread_bands
from learning.domain.figures import Reason


def fills(n=1, **columns):
    plain = {
        "side": -1.0, "price": 1.90, "bid": 1.85, "ask": 2.05, "quantity": 7.0, "multiplier": 100.0, "risk": 2_170.0,
        "premium": 1_330.0, "limit": 1.95, "is_entry": True,
    }  # fmt: skip
    told = {
        name: np.broadcast_to(np.asarray(columns.get(name, value)), (n,)).copy()
        for name, value in plain.items()
    }
    return Fills(**told, week=np.asarray(columns.get("week", np.arange(n) // 2)))


def rng():
    return np.random.default_rng(2)


def test_a_sale_below_the_mid_costs():
    told = shortfall(fills())
    assert told.money == pytest.approx([35.0])
    assert told.r == pytest.approx([35 / 2_170])
    assert told.premium_share == pytest.approx([35 / 1_330])
    assert told.spread_share == pytest.approx([0.25])
    assert told.against_limit == pytest.approx([35.0])


def test_a_purchase_below_the_mid_is_a_gain():
    assert shortfall(fills(side=1.0)).money == pytest.approx([-35.0])


@pytest.mark.parametrize("quote", [{"bid": np.nan}, {"ask": np.nan}, {"bid": 2.1, "ask": 2.0}])
def test_without_a_sound_quote_nothing_is_told_but_the_limit(quote):
    told = execution_figures(fills(**quote), rng())
    assert told["money"].reason is told["r"].reason is Reason.NO_QUOTE
    assert told["against_limit"].value == pytest.approx(35)
    assert told["quoted"].value == 0


def test_without_risk_money_is_told_and_r_is_not():
    told = execution_figures(fills(risk=np.nan), rng())
    assert told["money"].value == pytest.approx(35)
    assert told["r"].reason is Reason.RISK_MISSING


def test_a_locked_market_has_a_mid_and_no_share_of_a_spread():
    told = execution_figures(fills(bid=1.95, ask=1.95), rng())
    assert told["money"].value == pytest.approx(35)
    assert told["spread_share"].value is None


def test_entries_and_exits_are_told_apart():
    told = execution_figures(
        fills(20, is_entry=np.arange(20) < 10, price=np.where(np.arange(20) < 10, 1.90, 1.95)),
        rng(),
    )
    assert told["entry_money"].value == pytest.approx(35)
    assert told["exit_money"].value == pytest.approx(0)
    assert told["money"].value == pytest.approx(17.5)
    assert told["r"].ci.low <= told["r"].value <= told["r"].ci.high
    assert told["r_90"].value == pytest.approx(35 / 2_170)
    assert execution_figures(fills(3), rng())["exit_r"].reason is Reason.NO_TRADES


def test_doubling_all_sizes_leaves_r_unchanged():
    one = fills(5)
    two = replace(one, quantity=one.quantity * 2, risk=one.risk * 2)
    assert shortfall(two).r == pytest.approx(shortfall(one).r)


def test_a_symbol_with_one_bad_fill_is_not_called_bad():
    random = rng()
    price = 1.95 - random.normal(0.03, 0.05, 201)
    price[200] = 1.60
    codes = np.append(np.arange(200) % 4, 9)
    groups = {group.code: group for group in by_group(fills(201, price=price), codes, random)}
    assert groups[9].raw.value > 0.1
    assert groups[9].shrunk.value < 0.6 * groups[9].raw.value
    assert abs(groups[0].shrunk.value - groups[0].raw.value) < 0.003
    assert by_group(fills(3), np.full(3, -1), random) == ()


def test_symbols_that_differ_are_told_apart():
    codes = np.arange(200) % 2
    price = 1.95 - np.where(codes == 0, 0.0, 0.2) - rng().normal(0, 0.02, 200)
    one, other = by_group(fills(200, price=price), codes, rng())
    assert other.shrunk.value - one.shrunk.value == pytest.approx(0.2 * 700 / 2_170, rel=0.05)


def test_bands_of_spreads_are_thirds():
    width = np.append(np.linspace(0.01, 0.3, 9), np.nan)
    told = spread_bands(fills(10, bid=2 - width, ask=2 + width))
    assert told.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, -1]


numbers = st.floats(-1e9, 1e9) | st.sampled_from([0.0, float("nan")])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(*[numbers] * 5), max_size=30))
def test_no_fills_make_a_figure_that_is_none(rows):
    columns = np.array(rows, dtype=float).reshape(len(rows), 5).T
    names = ("price", "bid", "ask", "risk", "premium")
    told = fills(len(rows), **dict(zip(names, columns, strict=True)))
    for figure in execution_figures(told, rng()).values():
        json.dumps(figure.as_json(), allow_nan=False)
    for group in by_group(told, np.arange(len(rows)) % 3, rng()):
        json.dumps([group.raw.as_json(), group.shrunk.as_json()], allow_nan=False)
