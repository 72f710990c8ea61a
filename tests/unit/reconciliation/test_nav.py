"""The worth of an account without its flows: the worked table, and what holds for any of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciliation.domain.nav import Flow, Worth, advance, begin, is_unexplained

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
MONEY = st.decimals(min_value=1, max_value=10**9, places=2)
RETURNS = st.lists(st.decimals(min_value="0.5", max_value="1.5", places=4), max_size=12)


def after(*steps: tuple[str, str]) -> Worth:
    """From 100: equity and the flow that came before it, one minute apart."""
    worth = begin(START, Decimal(100))
    for minute, (equity, flow) in enumerate(steps, 1):
        at = START + timedelta(minutes=minute)
        flows = [Flow(at, Decimal(flow))] if Decimal(flow) else []
        worth = advance(worth, at, Decimal(equity), flows)
    return worth


@pytest.mark.parametrize(
    ("flow", "equity", "money_peak"),
    [("50", "145", "150"), ("-50", "45", "50"), ("0", "95", "100")],
)
def test_the_worked_example(flow, equity, money_peak):
    # Peak 100, then 95: five per cent down, and no flow makes more or less of it.
    worth = after(("95", "0"), (equity, flow))
    assert worth.drawdown == Decimal("0.05")
    assert worth.money_drawdown == 5
    assert worth.money_peak == Decimal(money_peak)


def test_a_loss_after_a_deposit_counts_in_full():
    assert after(("150", "50"), ("75", "0")).drawdown == Decimal("0.5")


def test_all_taken_out_and_paid_in_again_is_no_loss():
    empty = after(("95", "0"), ("0", "-95"))
    assert empty.is_wiped
    again = advance(empty, START + timedelta(hours=1), Decimal(200), [Flow(START, Decimal(200))])
    assert not again.is_wiped
    assert again.drawdown == Decimal("0.05")
    lower = advance(again, START + timedelta(hours=2), Decimal(100))
    assert lower.drawdown == Decimal("0.525")


def test_what_is_owed_is_more_than_all():
    assert after(("-20", "0")).drawdown == Decimal("1.2")
    # The market brings it back: the same units.
    assert after(("-20", "0"), ("80", "0")).drawdown == Decimal("0.2")


def test_money_that_makes_a_debt_good_begins_anew():
    worth = after(("-20", "0"), ("80", "100"))
    assert (worth.unit, worth.drawdown) == (1, 0)


def test_an_account_may_begin_with_nothing():
    worth = begin(START, Decimal(0))
    assert worth.is_wiped
    funded = advance(worth, START, Decimal(500), [Flow(START, Decimal(500))])
    assert (funded.unit, funded.drawdown, funded.money_peak) == (1, 0, 500)


@given(first=MONEY, returns=RETURNS, flows=st.lists(MONEY, max_size=12))
def test_flows_neither_hide_nor_make_a_drawdown(first, returns, flows):
    """The same market with deposits between and without."""
    plain, funded = begin(START, first), begin(START, first)
    for number, growth in enumerate(returns):
        at = START + timedelta(minutes=number)
        if number < len(flows):
            funded = advance(funded, at, funded.equity + flows[number], [Flow(at, flows[number])])
        plain = advance(plain, at, plain.equity * growth)
        funded = advance(funded, at, funded.equity * growth)
    assert abs(plain.drawdown - funded.drawdown) < Decimal("1e-15")


@given(first=MONEY, returns=RETURNS)
def test_without_flows_it_is_the_drawdown_of_equity(first, returns):
    worth = begin(START, first)
    seen = [first]
    for growth in returns:
        seen.append(seen[-1] * growth)
        worth = advance(worth, START, seen[-1])
    assert worth.money_peak == max(seen)
    assert worth.money_drawdown == max(seen) - seen[-1]
    assert abs(worth.drawdown - (1 - seen[-1] / max(seen))) < Decimal("1e-15")


@given(first=MONEY, equity=MONEY, flow=st.decimals(min_value=-(10**6), max_value=10**6, places=2))
def test_a_flow_alone_changes_no_drawdown(first, equity, flow):
    before = advance(begin(START, first), START, equity)
    after_flow = advance(before, START, equity + flow, [Flow(START, flow)])
    assert after_flow.money_drawdown == before.money_drawdown or after_flow.equity <= 0
    if equity + flow > 0:
        assert abs(after_flow.drawdown - before.drawdown) < Decimal("1e-15")


@pytest.mark.parametrize(
    ("equity", "flow", "moved", "jumped"),
    [("130", "0", False, True), ("130", "30", False, False), ("130", "0", True, False), ("104", "0", False, False), ("70", "0", False, True)],
)  # fmt: skip
def test_a_jump_that_nothing_explains(equity, flow, moved, jumped):
    worth = begin(START, Decimal(100))
    flows = [Flow(START, Decimal(flow))]
    assert (
        is_unexplained(worth, Decimal(equity), flows, moved=moved, limit=Decimal("0.05")) is jumped
    )
