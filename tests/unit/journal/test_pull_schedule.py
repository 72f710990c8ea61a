"""When a connection is asked next, in any zone and after any number of failures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from journal.models import Connection
from journal.services.pulls.schedule import next_try, next_turn

MINUTE = timedelta(minutes=1)


def turn(after: str, **fields) -> datetime | None:
    return next_turn(Connection(pk=3, **fields), after=datetime.fromisoformat(after))


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("2026-07-01T10:00+00:00", "2026-07-01T10:15+00:00"),
        ("2026-07-01T10:15+00:00", "2026-07-02T10:15+00:00"),
        ("2026-12-01T10:00+00:00", "2026-12-01T11:15+00:00"),  # winter
        ("2026-03-07T12:00+00:00", "2026-03-08T10:15+00:00"),  # the night in which summer begins
    ],
)
def test_once_a_day_is_at_the_time_of_its_zone(after, expected):
    found = turn(after, schedule="daily", pull_at_minutes=375, zone="America/New_York")
    assert found == datetime.fromisoformat(expected)


@pytest.mark.parametrize("after", ["2026-03-07T09:00+00:00", "2026-11-01T03:00+00:00"])
def test_a_time_that_is_left_out_or_comes_twice_is_taken_once_a_day(after):
    moment = datetime.fromisoformat(after)
    turns = []
    for _ in range(3):
        moment = next_turn(
            Connection(pk=3, schedule="daily", pull_at_minutes=150, zone="America/New_York"),
            after=moment,
        )
        turns.append(moment)
    days = {one.astimezone(UTC).date() for one in turns}
    assert len(days) == 3


def test_every_hour_is_at_a_minute_of_its_own():
    first = turn("2026-07-01T10:00+00:00", schedule="hourly")
    assert first == datetime(2026, 7, 1, 10, 21, tzinfo=UTC)
    assert turn(first.isoformat(), schedule="hourly") == first + timedelta(hours=1)


def test_by_hand_has_no_turn():
    assert turn("2026-07-01T10:00+00:00", schedule="manual") is None


def test_tries_come_ever_later_and_never_before_the_broker_wants():
    now = datetime(2026, 7, 1, tzinfo=UTC)

    def wait(failures, chance=0.5, asked=timedelta()):
        return next_try(failures, after=now, wait=asked, chance=chance) - now

    waits = [wait(failures) for failures in range(1, 12)]
    assert waits == sorted(waits)
    assert timedelta(minutes=4) <= waits[0] <= timedelta(minutes=6)
    assert waits[-1] <= timedelta(hours=7)
    assert wait(10_000) == waits[-1]
    assert wait(1, chance=0.0) < wait(1, chance=1.0)
    asked = timedelta(hours=20)
    assert asked <= wait(1, chance=0.0, asked=asked) < asked + 2 * MINUTE
