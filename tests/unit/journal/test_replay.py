"""Proposals replayed from bars: which comes first, and the worse where a bar allows both."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.domain import replay as words
from journal.domain.bars import Bar
from journal.domain.replay import Ending, Proposal, replay
from journal.domain.values import Side

START = datetime(2026, 6, 2, 14, 0, tzinfo=UTC)


def at(number: int) -> datetime:
    return START + timedelta(minutes=number)


def bars(*rows: str, first: int = 0) -> list[Bar]:
    """Each row: open high low close."""
    return [
        Bar(at(number), at(number + 1), *map(Decimal, row.split()))
        for number, row in enumerate(rows, first)
    ]


def buy(**terms) -> Proposal:
    numbers = {
        name: Decimal(value) if name in ("entry", "stop", "target") else value
        for name, value in terms.items()
    }
    return Proposal(Side.BUY, START, **numbers)


@pytest.mark.parametrize(
    ("terms", "rows", "told"),
    [
        # Without a price at the open of the next bar.
        ({"stop": "95", "target": "110"}, ["100 101 99 100", "100 111 100 110"], (Ending.TARGET, 10, 2)),
        ({"stop": "95", "target": "110"}, ["100 101 99 100", "98 99 94 95"], (Ending.STOP, -5, -1)),
        # A limit waits until the market is there, and is filled better where it opens better.
        ({"entry": "98", "stop": "95", "target": "104"}, ["100 101 99 100", "99 100 97 99", "99 104 99 103"], (Ending.TARGET, 6, 2)),
        ({"entry": "98", "stop": "95", "target": "104"}, ["97 105 96 100"], (Ending.TARGET, 7, "3.5")),
        # Through entry and stop in one bar.
        ({"entry": "98", "stop": "95", "target": "104"}, ["100 101 94 96"], (Ending.STOP, -3, -1)),
        # A gap through the stop costs more, one through the target brings more.
        ({"stop": "95", "target": "110"}, ["100 101 99 100", "90 92 89 91"], (Ending.STOP, -10, -2)),
        ({"stop": "95", "target": "110"}, ["100 101 99 100", "112 113 111 112"], (Ending.TARGET, 12, "2.4")),
        # Without a stop there is no risk to measure by.
        ({"target": "110"}, ["100 110 90 100"], (Ending.TARGET, 10, None)),
        ({"entry": "90", "stop": "85", "enter_until": at(1)}, ["100 101 99 100", "88 89 87 88"], (Ending.NOT_ENTERED, 0, 0)),
        ({"entry": "98", "stop": "95"}, ["94 96 93 95"], (Ending.NOT_ENTERED, 0, 0)),
        ({"stop": "95", "leave_at": at(2)}, ["100 101 99 100", "100 103 99 102", "105 106 104 105"], (Ending.TIME, 2, "0.4")),
        ({"stop": "95", "target": "110"}, ["100 101 99 100"], (Ending.OPEN, None, None)),
        ({"entry": "98"}, ["100 101 99 100"], (Ending.OPEN, None, None)),
    ],
)  # fmt: skip
def test_worked_examples(terms, rows, told):
    ending, per_unit, r = told
    found = replay(buy(**terms), bars(*rows))
    expected = (ending, per_unit, None if r is None else Decimal(r))
    assert (found.ending, found.per_unit, found.r) == expected


def test_stop_and_target_in_one_bar_is_the_stop_and_is_said():
    found = replay(buy(stop="95", target="105"), bars("100 101 99 100", "100 106 94 100"))
    assert (found.ending, found.notes) == (Ending.STOP, (words.BOTH,))


def test_a_target_in_the_bar_of_the_entry_is_not_taken():
    found = replay(buy(entry="98", stop="90", target="104"), bars("100 105 97 99", "99 104 98 103"))
    assert (found.ending, found.known_at, found.notes) == (
        Ending.TARGET,
        at(2),
        (words.EARLY_TARGET,),
    )


def test_bars_before_the_proposal_are_passed_over():
    found = replay(buy(stop="95", target="105"), bars("100 120 80 100", "100 106 99 105", first=-1))
    assert (found.ending, found.entered_at) == (Ending.TARGET, START)


def test_no_more_bars_are_read_than_are_needed():
    def endless():
        yield from bars("100 106 99 105")
        raise AssertionError("read too far")

    assert replay(buy(target="105"), endless()).ending is Ending.TARGET


prices = st.integers(60, 140).map(Decimal)
rows = st.lists(st.tuples(prices, prices, prices, prices), max_size=12)


@given(rows, st.none() | prices, st.none() | st.integers(1, 9), st.none() | st.integers(1, 9))
def test_a_sale_is_the_mirror_of_a_purchase(drawn, entry, stop, target):
    base = entry or Decimal(100)
    purchase = Proposal(
        Side.BUY, START, entry, base - stop if stop else None, base + target if target else None
    )
    turned = [None if one is None else 200 - one for one in purchase[2:5]]
    found_bars = [
        Bar(at(number), at(number + 1), one[1], max(one), min(one), one[2])
        for number, one in enumerate(drawn)
    ]
    mirrored = [
        bar._replace(
            open=200 - bar.open, high=200 - bar.low, low=200 - bar.high, close=200 - bar.close
        )
        for bar in found_bars
    ]
    one, other = replay(purchase, found_bars), replay(Proposal(Side.SELL, START, *turned), mirrored)
    assert (one.ending, one.per_unit, one.r, one.notes) == (
        other.ending,
        other.per_unit,
        other.r,
        other.notes,
    )


@given(rows, st.integers(1, 9), st.integers(1, 9))
def test_a_stop_never_brings_a_gain_nor_a_target_a_loss(drawn, stop, target):
    found_bars = [
        Bar(at(number), at(number + 1), one[1], max(one), min(one), one[2])
        for number, one in enumerate(drawn)
    ]
    found = replay(
        Proposal(Side.BUY, START, None, Decimal(100 - stop), Decimal(100 + target)), found_bars
    )
    if found.ending is Ending.STOP:
        assert found.per_unit <= 0
    if found.ending is Ending.TARGET and found.entry <= 100:
        assert found.per_unit > 0
