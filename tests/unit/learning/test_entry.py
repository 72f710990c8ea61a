"""What held at the opening, and nothing that came later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.domain.entry import (
    first_stop,
    loss_at,
    moment_known,
    outcome,
    stated_at_entry,
)

AT = datetime(2026, 6, 1, 14, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_numbers_words_and_yes_or_no_are_told_apart():
    told = stated_at_entry(
        {
            "iv_rank": {"value": "68.5", "as_of": (AT - HOUR).isoformat()},
            "hot": {"value": True, "as_of": AT.isoformat()},
            "trend": {"value": " up ", "as_of": AT.isoformat()},
            "iv": {"value": "35 %"},
            "odd": {"value": "NaN"},
            "none": {"value": ""},
        },
        AT,
    )
    assert told.numbers == {"iv_rank": 68.5, "hot": 1.0, "iv": 35.0}
    assert told.words == {"trend": "up"}
    assert told.late == ()


def test_what_is_stated_as_of_later_is_left_out_and_named():
    told = stated_at_entry({"leak": {"value": "1", "as_of": (AT + HOUR).isoformat()}}, AT)
    assert (told.numbers, told.late) == ({}, ("leak",))


@pytest.mark.parametrize(
    ("net", "fees", "tick", "result"),
    [
        (D(5), D(2), D(1), 1),
        (D(2), D(2), D(1), 0),
        (D(-2), D(-2), D(1), 0),
        (D(-10), D(2), D(10), 0),
        (D("-10.01"), D(2), D(10), -1),
        (D(0), D(0), D(0), 0),
    ],
)
def test_costs_and_a_tick_are_neither_won_nor_lost(net, fees, tick, result):
    assert outcome(net, fees, tick) == result


def test_a_stop_counts_where_it_stood_by_the_entry():
    early, late = (AT - HOUR, D(95)), (AT + 2 * HOUR, D(99))
    assert first_stop([late, early], AT) == 95
    assert first_stop([late], AT) is None
    assert first_stop([], AT) is None


def test_a_stop_loses_on_its_own_side_only():
    long = {"is_long": True, "multiplier": D(100)}
    assert loss_at(D(95), D(100), D(2), **long) == 1000
    assert loss_at(D(105), D(100), D(2), **long) is None
    assert loss_at(D(105), D(100), D(2), is_long=False, multiplier=D(1)) == 10


@given(st.integers(-100, 100), st.integers(-100, 100), st.integers(-100, 100))
def test_nothing_is_known_before_it_ended(ended, came, kept):
    closed_at = AT + ended * HOUR
    known = moment_known(closed_at, AT + came * HOUR, AT + kept * HOUR)
    assert known >= closed_at
    assert known == (closed_at if ended < kept else max(closed_at, AT + came * HOUR))
