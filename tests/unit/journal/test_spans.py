"""Stretches of time: joined, taken away, and what holds for any of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from journal.domain.spans import Span, join, without

ZERO = datetime(2026, 1, 1, tzinfo=UTC)
HOURS = 40
spans = st.lists(
    st.tuples(st.integers(0, HOURS), st.integers(0, HOURS)).map(
        lambda ends: Span(*(ZERO + timedelta(hours=hour) for hour in ends))
    ),
    max_size=8,
)


def hours(some) -> set[int]:
    """Which hours are in any of them."""
    return {
        hour
        for hour in range(HOURS)
        for span in some
        if span.since <= ZERO + timedelta(hours=hour) < span.until
    }


def is_tidy(some) -> bool:
    return all(one.since < one.until for one in some) and all(
        one.until < other.since for one, other in pairwise(some)
    )


@given(spans)
def test_joining_keeps_the_time_and_is_tidy(some):
    assert hours(join(some)) == hours(some)
    assert is_tidy(join(some))


@given(spans, spans)
def test_taking_away_leaves_the_rest_and_is_tidy(some, taken):
    assert hours(without(some, taken)) == hours(some) - hours(taken)
    assert is_tidy(without(some, taken))


@given(spans, st.integers(0, 5))
def test_what_lies_near_is_joined_if_wanted(some, gap):
    apart = timedelta(hours=gap)
    joined = join(some, apart=apart)
    assert hours(some) <= hours(joined)
    assert all(other.since - one.until > apart for one, other in pairwise(joined))
