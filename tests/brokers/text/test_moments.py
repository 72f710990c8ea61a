"""Days and instants in the notations of brokers' exports."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from journal.brokers.base import UnreadableStatement
from journal.brokers.text.faults import AmbiguousDate, BadDate
from journal.brokers.text.moments import day_orders, read_when, read_zone

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("text", "day_first", "day", "at"),
    [
        ("2026-01-05", None, date(2026, 1, 5), None),
        ("2026-1-5", None, date(2026, 1, 5), None),
        ("20260105", None, date(2026, 1, 5), None),
        ("2026.01.05 09:30:15", None, date(2026, 1, 5), time(9, 30, 15)),
        ("2026-01-05, 09:30:15", None, date(2026, 1, 5), time(9, 30, 15)),
        ("2026-01-05T09:30:15.123", None, date(2026, 1, 5), time(9, 30, 15, 123000)),
        ("01/05/2026 9:30:15 PM", False, date(2026, 1, 5), time(21, 30, 15)),
        ("01/05/2026 12:00 am", False, date(2026, 1, 5), time(0, 0)),
        ("05/01/2026", True, date(2026, 1, 5), None),
        ("25/01/2026", None, date(2026, 1, 25), None),
        ("05.01.26", None, date(2026, 1, 5), None),
        ("24-08-2026 07:00:15", None, date(2026, 8, 24), time(7, 0, 15)),
        ("Jan 5, 2026, 6:18:21 PM", None, date(2026, 1, 5), time(18, 18, 21)),
        ("Jan 5, 2026, 6:18:21\u202fPM", None, date(2026, 1, 5), time(18, 18, 21)),
        ("January 5 2026", None, date(2026, 1, 5), None),
        ("5 Jan 2026 10:00", None, date(2026, 1, 5), time(10, 0)),
        ("05-JAN-26", None, date(2026, 1, 5), None),
        ("5/5/2026", None, date(2026, 5, 5), None),
    ],
)
def test_notations(text, day_first, day, at):
    assert read_when(text, day_first=day_first) == (day, at, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-07-06T09:30:00Z", datetime(2026, 7, 6, 9, 30, tzinfo=UTC)),
        ("2026-07-06T09:30:00+0000", datetime(2026, 7, 6, 9, 30, tzinfo=UTC)),
        ("2026-07-06 09:30:00 UTC", datetime(2026, 7, 6, 9, 30, tzinfo=UTC)),
        ("2026-07-06T09:30:00-04:00", datetime(2026, 7, 6, 13, 30, tzinfo=UTC)),
        ("2026-07-06 09:30:00", datetime(2026, 7, 6, 13, 30, tzinfo=UTC)),
        ("2026-01-06 09:30:00", datetime(2026, 1, 6, 14, 30, tzinfo=UTC)),
        ("2026-01-06", datetime(2026, 1, 6, 5, tzinfo=UTC)),
        ("2026-11-01 01:30", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),  # the first of the two
    ],
)
def test_an_instant_takes_the_zone_only_where_the_cell_has_no_offset(text, expected):
    assert read_when(text).instant(NEW_YORK) == expected


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-13-01", "31/02/2026", "2026-01-05 25:00", "01-05", "5.1.2026 9 Uhr"]
)
def test_no_date_is_refused(text):
    with pytest.raises(BadDate):
        read_when(text)


def test_a_date_that_can_be_read_in_two_ways_is_not_guessed():
    with pytest.raises(AmbiguousDate):
        read_when("01/05/2026")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["01/05/2026", "01/25/2026"], {False}),
        (["01/05/2026", "25/01/2026"], {True}),
        (["05.01.2026"], {True}),
        (["01/05/2026"], set()),
        (["13/01/2026", "01/13/2026"], {True, False}),
        (["2026-01-13"], set()),
    ],
)
def test_the_dates_of_a_file_tell_their_order(cells, expected):
    assert day_orders(cells) == expected


def test_offsets_are_kept():
    assert read_when("2026-07-06T09:30:00+05:30").offset == timedelta(hours=5, minutes=30)


def test_a_zone_that_does_not_exist_is_refused():
    with pytest.raises(UnreadableStatement) as refusal:
        read_zone("Mars/Olympus")
    assert refusal.value.code == "unknown_time_zone"
