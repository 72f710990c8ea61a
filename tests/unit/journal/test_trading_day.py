from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.domain.trading_day import day_starts_at, trading_day
from journal.domain.values import TradingDay

NEW_YORK = TradingDay("America/New_York")
FUTURES = TradingDay("America/New_York", 17 * 60)
NIGHT = TradingDay("Europe/Berlin", 4 * 60)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "at", "expected"),
    [
        (NEW_YORK, "2026-01-06 04:59:59", "2026-01-05"),
        (NEW_YORK, "2026-01-06 05:00:00", "2026-01-06"),
        (NEW_YORK, "2026-07-06 03:59:59", "2026-07-05"),
        (NEW_YORK, "2026-07-06 04:00:00", "2026-07-06"),
        # The nights in which New York's clocks change.
        (FUTURES, "2026-03-07 21:59:59", "2026-03-07"),
        (FUTURES, "2026-03-07 22:00:00", "2026-03-08"),
        (FUTURES, "2026-03-08 20:59:59", "2026-03-08"),
        (FUTURES, "2026-03-08 21:00:00", "2026-03-09"),
        (FUTURES, "2026-11-01 21:59:59", "2026-11-01"),
        (FUTURES, "2026-11-01 22:00:00", "2026-11-02"),
        (NIGHT, "2026-01-06 02:59:59", "2026-01-05"),
        (NIGHT, "2026-01-06 03:00:00", "2026-01-06"),
        (TradingDay("Asia/Kathmandu"), "2026-01-05 18:14:59", "2026-01-05"),
        (TradingDay("Asia/Kathmandu"), "2026-01-05 18:15:00", "2026-01-06"),
        (TradingDay("UTC"), "2026-01-05 00:00:00", "2026-01-05"),
    ],
)
def test_an_instant_belongs_to_the_day_by_the_wall_clock_of_the_account(day, at, expected):
    assert trading_day(utc(at), day) == date.fromisoformat(expected)


def test_an_instant_in_another_zone_is_the_same_instant():
    at = utc("2026-03-08 21:00:00")
    assert trading_day(at.astimezone(ZoneInfo("Asia/Tokyo")), FUTURES) == trading_day(at, FUTURES)


@given(
    st.datetimes(datetime(1975, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(
        ["America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]
    ),
    st.sampled_from([0, 1, 120, 719, 720, 17 * 60, 1439]),
)
def test_the_day_of_an_instant_is_the_day_that_the_wall_clock_shows(at, zone, rollover):
    wall = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    minutes = wall.hour * 60 + wall.minute
    expected = wall.date()
    if rollover >= 720 and minutes >= rollover:
        expected += timedelta(days=1)
    if rollover < 720 and minutes < rollover:
        expected -= timedelta(days=1)
    assert trading_day(at, TradingDay(zone, rollover)) == expected


@given(
    st.dates(date(1975, 1, 1), date(2100, 1, 1)),
    st.sampled_from([NEW_YORK, FUTURES, NIGHT, TradingDay("Asia/Kolkata", 15)]),
)
def test_a_day_starts_with_its_first_instant(on, day):
    start = day_starts_at(on, day)
    assert trading_day(start, day) == on
    assert trading_day(start - timedelta(microseconds=1), day) == on - timedelta(days=1)
