"""How a recommendation stands, by decisions and by time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.domain.standing import (
    DECISIONS,
    SETTLED,
    Lapse,
    Standing,
    Step,
    before_execution,
    current,
    lapse_of,
    may_become,
    was_approved,
)

MADE = datetime(2026, 6, 2, 13, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def lapse(standing=Standing.RECOMMENDED, *, expires=None, patience=None):
    expires_at = None if expires is None else MADE + expires
    return lapse_of(standing, waits_since=MADE, expires_at=expires_at, patience=patience)


@pytest.mark.parametrize(
    ("standing", "expires", "patience", "expected"),
    [
        ("recommended", None, None, None),
        ("recommended", HOUR, None, (HOUR, "expired")),
        ("recommended", None, 2 * HOUR, (2 * HOUR, "ignored")),
        ("recommended", HOUR, 2 * HOUR, (HOUR, "expired")),
        ("recommended", 3 * HOUR, 2 * HOUR, (2 * HOUR, "ignored")),
        ("recommended", HOUR, HOUR, (HOUR, "expired")),
        ("approved", None, HOUR, None),
        ("approved", HOUR, HOUR, (HOUR, "expired")),
        ("rejected", HOUR, HOUR, None),
        ("ignored", HOUR, HOUR, None),
        ("executed", HOUR, HOUR, None),
    ],
)
def test_what_time_makes_of_it(standing, expires, patience, expected):
    found = lapse(Standing(standing), expires=expires, patience=patience)
    if expected is None:
        assert found is None
    else:
        assert found == Lapse(MADE + expected[0], Standing(expected[1]))


def test_it_lapses_at_the_very_moment_and_not_before():
    end = Lapse(MADE + HOUR, Standing.EXPIRED)
    assert current(Standing.APPROVED, end, MADE + HOUR - timedelta(microseconds=1)) == "approved"
    assert current(Standing.APPROVED, end, MADE + HOUR) == "expired"
    assert current(Standing.APPROVED, None, MADE + 99 * HOUR) == "approved"


@given(st.sampled_from(Standing), st.sampled_from(Standing))
def test_people_decide_what_is_not_settled_and_only_what_people_can_decide(now, verdict):
    assert may_become(now, verdict) == (
        now not in SETTLED and verdict in DECISIONS and verdict is not now
    )
    if verdict in SETTLED:
        assert not may_become(now, verdict)


def test_without_its_execution_it_stands_as_before():
    steps = [Step(Standing.APPROVED, MADE), Step(Standing.EXECUTED, MADE + HOUR)]
    assert before_execution(steps) is Standing.APPROVED
    assert before_execution(steps[1:]) is Standing.RECOMMENDED


APPROVED, REJECTED = Step(Standing.APPROVED, MADE + HOUR), Step(Standing.REJECTED, MADE + 2 * HOUR)


@pytest.mark.parametrize(
    ("at", "steps", "expected"),
    [
        (MADE, [], False),
        (MADE, [APPROVED], False),
        (MADE + HOUR - timedelta(seconds=50), [APPROVED], True),
        (MADE + HOUR, [APPROVED], True),
        (MADE + 1.5 * HOUR, [APPROVED, REJECTED], True),
        (MADE + 3 * HOUR, [APPROVED, REJECTED], False),
        (MADE + 3 * HOUR, [APPROVED, Step(Standing.EXECUTED, MADE + 2 * HOUR)], True),
        (MADE + 3 * HOUR, [Step(Standing.EXECUTED, MADE + 2 * HOUR)], False),
        (MADE + 11 * HOUR, [APPROVED], False),
    ],
)
def test_an_order_needs_an_approval_that_held_when_it_was_placed(at, steps, expected):
    assert was_approved(steps, at, MADE + 10 * HOUR) is expected
