"""What ticks tell of a trading server's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.brokers.metatrader.clock import Clock, Sighting, check_clock, written
from journal.domain.zones import NEW_YORK_CLOSE

ATHENS = ZoneInfo("Europe/Athens")
NOW = datetime(2026, 11, 18, 15, 2, tzinfo=UTC)  # Athens is two hours ahead
hours = st.integers(-12, 14).map(lambda n: timedelta(hours=n))
seconds = st.integers(0, 900).map(lambda n: timedelta(seconds=n))


def sighting(ahead, *, age=timedelta(seconds=2), period=timedelta(seconds=15), moved=True, now=NOW):
    """A tick that came `age` ago on a server `ahead` of UTC, where one looks every `period`."""
    server_at = (now - age + ahead).replace(tzinfo=None)
    before = server_at - timedelta(seconds=9) if moved else server_at
    return Sighting(server_at, now, before, now - period)


@pytest.mark.parametrize(
    ("sightings", "expected"),
    [
        ([sighting(timedelta(hours=2))], Clock.AGREES),
        ([sighting(timedelta(hours=3))], Clock.CONTRADICTS),
        ([sighting(timedelta(0))], Clock.CONTRADICTS),
        ([sighting(timedelta(hours=2, minutes=30))], Clock.CONTRADICTS),
        # A computer's clock that is three minutes wrong.
        ([sighting(timedelta(hours=2, minutes=3))], Clock.AGREES),
        # A price of an hour ago says nothing, as long as it does not move.
        ([sighting(timedelta(hours=2), age=timedelta(hours=1), moved=False)], Clock.OPEN),
        # But a price from the future does.
        ([sighting(timedelta(hours=3), moved=False)], Clock.CONTRADICTS),
        # Looked at again only after hours.
        ([sighting(timedelta(hours=2), period=timedelta(hours=8))], Clock.OPEN),
        ([], Clock.OPEN),
        # One that moves among many that stand still.
        ([*[sighting(timedelta(hours=2), age=timedelta(days=2), moved=False)] * 3, sighting(timedelta(hours=2))], Clock.AGREES),
    ],
)  # fmt: skip
def test_a_clock_is_told_by_ticks(sightings, expected):
    assert check_clock(sightings, ATHENS, NOW).clock is expected


@given(hours, st.lists(st.tuples(seconds, seconds, st.booleans()), min_size=1))
def test_the_right_zone_is_never_contradicted(ahead, ticks):
    zone = ZoneInfo(f"Etc/GMT{-int(ahead.total_seconds()) // 3600:+d}")
    sightings = [
        sighting(ahead, age=age, period=max(age, period) if moved else period, moved=moved)
        for age, period, moved in ticks
    ]
    assert check_clock(sightings, zone, NOW).clock is not Clock.CONTRADICTS


@given(hours, hours)
def test_a_wrong_zone_is_seen_as_soon_as_a_price_moves(ahead, assumed):
    check = check_clock(
        [sighting(ahead)], ZoneInfo(f"Etc/GMT{-int(assumed.total_seconds()) // 3600:+d}"), NOW
    )
    assert check.clock is (Clock.AGREES if ahead == assumed else Clock.CONTRADICTS)
    assert (check.ahead, check.expected) == (ahead, assumed)


def test_european_and_american_summer_time_are_told_apart_in_the_weeks_between():
    between = datetime(2026, 3, 16, 12, tzinfo=UTC)
    server = [sighting(timedelta(hours=3), now=between)]
    assert check_clock(server, ATHENS, between).clock is Clock.CONTRADICTS
    assert check_clock(server, ZoneInfo(NEW_YORK_CLOSE), between).clock is Clock.AGREES


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0, "UTC+0"), (180, "UTC+3"), (-270, "UTC-4:30"), (-60, "UTC-1"), (345, "UTC+5:45")],
)
def test_an_offset_is_written_as_people_write_it(minutes, text):
    assert written(timedelta(minutes=minutes)) == text
