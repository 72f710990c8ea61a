"""A trade beside its plan, worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.domain.chain.against_plan import (
    Done,
    Part,
    Planned,
    Risked,
    RuleName,
    compare,
)
from journal.domain.chain.stops import StopOrder

D = Decimal
AT = datetime(2026, 6, 2, 13, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def planned(**more: Any) -> Planned:
    terms: dict[str, Any] = {
        "side": "buy", "entry_price": D("25.50"), "entry_price_to": None, "stop_price": D(24), "target_price": D("28.50"),
        "quantity": D(10), "expires_at": None, "made_at": AT - HOUR,
    }  # fmt: skip
    return Planned(**{**terms, **more})


def done(**more: Any) -> Done:
    values: dict[str, Any] = {
        "direction": "long", "opened_at": AT, "closed_at": AT + HOUR, "average_open": D("25.60"),
        "average_close": D("23.90"), "quantity": D(10), "net_pnl": D("-18"), "close_reason": "stop",
    }  # fmt: skip
    return Done(**{**values, **more})


def figure(found, name):
    return next(one for one in found.figures if one.name == name)


def rules(found) -> dict[str, bool]:
    return {one.name.value: one.kept for one in found.rules}


def test_a_long_that_was_stopped_out():
    # Risk: (25.50 - 24) x 10 = 15. Entry 0.10 too dear: 1 money, 1/15 R. Stop 24, had 23.90: 1 money. R: -18 / 15.
    found = compare(planned(), done())
    assert (found.risk, found.r, found.planned_r) == (D(15), D("-1.2"), D(2))
    entry, stop = figure(found, "entry"), figure(found, "stop")
    assert (entry.difference, entry.money) == (D("0.10"), D("1.00"))
    assert round(entry.r, 6) == D("0.066667")
    assert (stop.actual, stop.difference, stop.money) == (D("23.90"), D("0.10"), D("1.00"))
    assert all(rules(found).values())


def test_a_short_mirrors_it():
    found = compare(
        planned(side="sell", stop_price=D(27), target_price=D("22.50")),
        done(direction="short", average_open=D("25.40"), average_close=D("27.10")),
    )
    assert (found.risk, found.r) == (D(15), D("-1.2"))
    assert figure(found, "entry").difference == D("0.10")
    assert figure(found, "stop").money == D("1.00")
    assert all(rules(found).values())


def test_a_stop_that_was_moved_is_measured_where_it_stood_last():
    moves = [StopOrder(((AT, D(24)), (AT + HOUR / 2, D("24.50"))))]
    found = compare(planned(), done(average_close=D("24.40"), net_pnl=D(-13)), moves)
    assert [(one.before, one.after, one.is_wider) for one in found.stop_moves] == [
        (None, D(24), False), (D(24), D("24.50"), False),
    ]  # fmt: skip
    assert figure(found, "stop").difference == D("0.10")
    assert rules(found)["stop_not_widened"]


def test_rules_that_were_broken():
    found = compare(
        planned(expires_at=AT - HOUR / 2, made_at=AT + HOUR),
        done(quantity=D(12), average_close=D(23), close_reason="manual"),
        [StopOrder(((AT, D(24)), (AT + HOUR / 2, D("23.50"))))],
    )
    assert rules(found) == {
        "side": True, "written_first": False, "in_time": False, "size": False, "stop_not_widened": False,
        "exit_at_stop": False, "exit_as_planned": False,
    }  # fmt: skip
    words = {one.name: one.words for one in found.rules}
    assert words[RuleName.SIZE] == "12 instead of 10"
    assert figure(found, "exit").actual == D(23)


def test_within_a_range_nothing_slipped_and_the_dearer_end_is_risked():
    found = compare(planned(entry_price=D(25), entry_price_to=D("25.70")), done())
    assert figure(found, "entry").difference == 0
    assert found.risk == D("17.0")


@pytest.mark.parametrize(
    ("plan", "trade", "reason"),
    [
        ({"stop_price": None}, {}, "The plan has no stop."),
        ({"entry_price": None}, {"average_open": None}, "Neither the plan nor the trade"),
        ({"stop_price": D("25.50")}, {}, "the same price"),
        ({}, {"multiplier": None}, "What a point is worth"),
        ({}, {"leg_count": 4, "average_open": D("-1.90")}, "Of several legs"),
    ],
)
def test_what_was_risked_is_not_known_for_a_reason(plan, trade, reason):
    found = compare(planned(**plan), done(**trade))
    assert found.risk is None
    assert found.r is None
    assert reason in found.risk_reason == found.r_reason


def test_a_structure_risks_what_it_can_lose():
    found = compare(
        planned(stop_price=None),
        done(leg_count=4, risked=Risked(D(360)), net_pnl=D(90), multiplier=None),
    )
    assert (found.risk, found.r) == (D(360), D("0.25"))
    assert figure(found, "entry").reason


def test_an_open_trade_has_no_r_yet():
    found = compare(
        planned(), done(closed_at=None, net_pnl=None, average_close=None, close_reason="")
    )
    assert (found.risk, found.r) == (D(15), None)
    assert "yet" in found.r_reason


def test_an_inverse_contract_is_worth_less_the_dearer_it_is():
    # 100 units of 1 a point: 100 x (1/20,000 - 1/25,000) = 0.001 coins at risk.
    found = compare(
        planned(entry_price=D(25000), stop_price=D(20000), target_price=D(30000), quantity=D(100)),
        done(
            average_open=D(25000),
            average_close=D(20000),
            quantity=D(100),
            is_inverse=True,
            net_pnl=D("-0.001"),
        ),
    )
    assert (found.risk, found.r) == (D("0.001"), D(-1))


@given(st.integers(1, 1000).map(D), st.integers(-500, 500).map(D))
def test_r_does_not_depend_on_the_size(size, pnl):
    one = compare(planned(quantity=D(1)), done(quantity=D(1), net_pnl=pnl))
    many = compare(planned(quantity=size), done(quantity=size, net_pnl=pnl * size))
    assert one.r == many.r


def test_two_stops_at_once_are_no_move():
    # Half of it stops at 24.50, half at 24. The tighter one is hit, then the other.
    tight = StopOrder(((AT, D("24.50")),), AT + HOUR / 2, D(5))
    loose = StopOrder(((AT + HOUR / 60, D(24)),), AT + HOUR, D(5))
    found = compare(planned(), done(average_close=D("24.20"), net_pnl=D(-14)), [tight, loose])
    assert rules(found)["stop_not_widened"]
    assert [one.is_wider for one in found.stop_moves] == [False, False]
    # 24.25 on average was to be had, 24.20 was.
    assert figure(found, "stop").difference == D("0.05")


def test_a_stop_that_replaces_another_one_is_a_move():
    first = StopOrder(((AT, D(24)),), AT + HOUR / 2)
    second = StopOrder(((AT + HOUR / 2, D("23.50")),), AT + HOUR, D(10))
    found = compare(planned(), done(average_close=D("23.40")), [first, second])
    assert not rules(found)["stop_not_widened"]
    assert [(one.before, one.after) for one in found.stop_moves] == [
        (None, D(24)), (D(24), D("23.50")),
    ]  # fmt: skip
    assert figure(found, "stop").difference == D("0.10")


def test_what_went_at_the_target_is_no_slippage_of_the_stop():
    # 5 at the target 28.50 for 28.40, 5 stopped out at 23.90 instead of 24.
    parts = {"target": Part(D(5), D("28.40")), "stop": Part(D(5), D("23.90"))}
    found = compare(planned(), done(average_close=D("26.15"), net_pnl=D(5), parts=parts))
    stop, target = figure(found, "stop"), figure(found, "target")
    assert (stop.actual, stop.difference, stop.money) == (D("23.90"), D("0.10"), D("0.50"))
    assert (target.actual, target.difference, target.money) == (D("28.40"), D("0.10"), D("0.50"))
    assert rules(found)["exit_at_stop"]


def test_a_part_that_was_closed_far_beyond_the_stop_is_not_hidden_by_the_rest():
    parts = {"target": Part(D(5), D("28.50")), "manual": Part(D(5), D(22))}
    found = compare(
        planned(), done(average_close=D("25.25"), net_pnl=D(0), close_reason="target", parts=parts)
    )
    assert not rules(found)["exit_at_stop"]


def test_what_was_added_again_slipped_too():
    # 10 bought, 5 sold, 5 bought again: 15 were opened, though no more than 10 were held at once.
    found = compare(planned(), done(opened=D(15), closed=D(15)))
    assert figure(found, "entry").money == D("1.50")
    assert figure(found, "stop").money == D("1.50")
    assert rules(found)["size"]


def test_prices_of_the_underlying_are_not_held_against_those_of_an_option():
    why = "The plan's prices are of something else."
    found = compare(planned(), done(average_open=D("1.20"), average_close=D("0.40"), unlike=why))
    assert (found.risk, found.risk_reason, found.r_reason) == (None, why, why)
    for name in ("entry", "stop", "target"):
        assert (figure(found, name).money, figure(found, name).reason) == (None, why)
    assert "exit_at_stop" not in rules(found)
