"""Numbers, days and instants in every way that Flex writes them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.brokers.ibkr_flex.dates import Clock, Days
from journal.brokers.ibkr_flex.values import Costs, Numbers
from journal.brokers.text.faults import AmbiguousDate, BadDate, BadNumber, BadValue

NEW_YORK = "America/New_York"


def clock(zone=NEW_YORK, day_first=None):
    return Clock(zone, Days(day_first))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", "1"),
        ("-0.33125725", "-0.33125725"),
        ("+2.50", "2.50"),
        (".5", "0.5"),
        ("7.", "7"),
        ("21,792.73", "21792.73"),
        ("-1,234,567", "-1234567"),
        ("1.5E-7", "0.00000015"),
        (" 3 ", "3"),
        ("-0", "0"),
        ("123456789012345678901234567890.123456789", "123456789012345678901234567890.123456789"),
    ],
)
def test_a_number_is_taken_to_the_last_digit(text, number):
    assert f"{Numbers()[text]:f}" == number


@pytest.mark.parametrize("text", ["", "-", "--", "N/A", "MULTI", None])
def test_nothing_is_none_and_not_zero(text):
    assert Numbers()[text] is None


@pytest.mark.parametrize(
    "text",
    [
        "ten",
        "NaN",
        "Infinity",
        "1_000",
        "1,5",
        "12,34,567",
        "1 000",
        "0x10",
        "1e999999",
        "١",
        "9" * 80,
    ],
)
def test_what_is_no_number_is_said_to_be_none(text):
    with pytest.raises(BadNumber):
        Numbers()[text]


def test_costs_turn_the_sign_around_without_rounding():
    costs = Costs()
    assert costs["-1.123456789012345678901234567890123"] == Decimal(
        "1.123456789012345678901234567890123"
    )
    assert costs["0.25"] == Decimal("-0.25")
    assert str(costs["0"]) == str(costs["-0.00"]) == "0"
    assert costs[None] is costs["--"] is costs[""] is None


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=8, min_value=-(10**12), max_value=10**12
    )
)
def test_any_plain_decimal_comes_back_as_it_was(number):
    assert Numbers()[f"{number:f}"] == number
    assert Numbers()[f"{number:,f}"] == number


@pytest.mark.parametrize(
    "text",
    [
        "20260402;183001", "20260402,183001", "20260402 183001", "20260402183001",
        "2026-04-02;183001", "2026-04-02, 18:30:01", "2026-04-02 18:30:01", "2026-04-02T18:30:01",
        "02-APR-26;183001", "02-Apr-26 18:30:01", "02-Apr-2026183001", "02-APR-26183001",
        "2026-04-02;183001 EDT", "20260402;18:30:01 EDT", "20260402;17:30:01 EST",
        "20260402;22:30:01 UTC", "2026-04-02T22:30:01Z", "2026-04-02T18:30:01-04:00",
    ],
)  # fmt: skip
def test_every_format_is_the_same_instant(text):
    assert clock()[text] == datetime(2026, 4, 2, 22, 30, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "day_first", "expected"),
    [
        ("04/02/2026", False, date(2026, 4, 2)),
        ("04/02/2026", True, date(2026, 2, 4)),
        ("04/02/26", True, date(2026, 2, 4)),
        ("25/04/2026", None, date(2026, 4, 25)),
        ("04/25/26", None, date(2026, 4, 25)),
        ("05/05/2026", None, date(2026, 5, 5)),
        ("31/12/69", None, date(2069, 12, 31)),
        ("31/12/99", None, date(1999, 12, 31)),
    ],
)
def test_slashed_dates_follow_what_was_said_or_speak_for_themselves(text, day_first, expected):
    assert Days(day_first)[text] == expected


def test_slashed_times_without_a_separator_keep_their_year():
    assert clock(day_first=True)["25/04/26183001"] == datetime(2026, 4, 25, 22, 30, 1, tzinfo=UTC)
    assert clock(day_first=True)["25/04/2026183001"] == datetime(2026, 4, 25, 22, 30, 1, tzinfo=UTC)
    assert clock(day_first=True)["25/04/2618:30:01"] == datetime(2026, 4, 25, 22, 30, 1, tzinfo=UTC)


@pytest.mark.parametrize("text", ["04/02/2026", "04/02/26;183001", "1/2/26"])
def test_a_date_of_two_meanings_is_not_guessed(text):
    with pytest.raises(AmbiguousDate):
        clock()[text]


@pytest.mark.parametrize(
    "text",
    ["99999999;999999", "9999-99-99, 99:99:99", "20260230", "20260402;246060", "2026", "yesterday",
     "00010101", "31/31/2026", "20260402;18", "02-XYZ-26"],
)  # fmt: skip
def test_what_is_no_date_is_said_to_be_none(text):
    with pytest.raises(BadDate):
        clock()[text]


def test_a_day_without_a_time_is_its_midnight_in_the_zone():
    assert clock()["20260402"] == datetime(2026, 4, 2, 4, tzinfo=UTC)
    assert clock("Asia/Tokyo")["20260402"] == datetime(2026, 4, 1, 15, tzinfo=UTC)


def test_an_hour_that_comes_twice_is_its_first_time():
    assert clock()["20261101;013000"] == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert clock()["2026-11-01 01:30:00 EST"] == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


def test_an_hour_that_is_skipped_is_read_with_the_offset_before():
    assert clock()["20260308;023000"] == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)


def test_the_hours_around_a_clock_change_have_their_own_offsets():
    assert clock()["20260308;013000"] == datetime(2026, 3, 8, 6, 30, tzinfo=UTC)
    assert clock()["20260308;200000"] == datetime(2026, 3, 9, 0, 0, tzinfo=UTC)


def test_an_unknown_zone_name_is_remembered_and_the_account_zone_used():
    one = clock()
    assert one["20260402;183001 QQQ"] == datetime(2026, 4, 2, 22, 30, 1, tzinfo=UTC)
    assert list(one.unknown_zones) == ["QQQ"]


@given(st.text(max_size=30))
def test_no_text_makes_anything_but_a_value_or_a_complaint(text):
    for read in (Numbers(), clock(), Days(None), Days(True)):
        try:
            read[text]
        except BadValue:
            pass
