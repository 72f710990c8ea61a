"""Bars, their units, and whether they tell of all of a time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from journal.domain.bar_coverage import covered
from journal.domain.bars import (
    DAY_SECONDS,
    Bar,
    Basis,
    Split,
    bar_end,
    interval_name,
    interval_seconds,
)
from journal.domain.names import name_key

NEW_YORK = ZoneInfo("America/New_York")


def at(text: str, zone: ZoneInfo = NEW_YORK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def bar(opened: str, minutes: int = 60, *prices: str) -> Bar:
    start = at(opened)
    known = [Decimal(one) for one in prices or ("10", "11", "9", "10")]
    return Bar(start, start + timedelta(minutes=minutes), *known)


def day(on: str, *prices: str) -> Bar:
    start = at(on)
    known = [Decimal(one) for one in prices or ("10", "11", "9", "10")]
    return Bar(start, bar_end(start, DAY_SECONDS, NEW_YORK), *known)


def test_a_day_is_as_long_as_its_zone_says():
    assert bar_end(at("2026-03-08"), DAY_SECONDS, NEW_YORK) - at("2026-03-08") == timedelta(
        hours=23
    )
    assert bar_end(at("2026-11-01"), DAY_SECONDS, NEW_YORK) - at("2026-11-01") == timedelta(
        hours=25
    )


@pytest.mark.parametrize(
    ("seconds", "name"), [(60, "1m"), (900, "15m"), (14_400, "4h"), (86_400, "1d"), (5, "5s")]
)
def test_lengths_have_names(seconds, name):
    assert interval_name(seconds) == name
    assert interval_seconds(name) == seconds


@pytest.mark.parametrize("name", ["", "m", "0m", "2d", "1w", "x1", "²m"])
def test_what_is_no_length_has_none(name):
    assert interval_seconds(name) is None


def test_names_of_one_market_are_one():
    assert {name_key(one) for one in ("EUR/USD", "EUR.USD", "eurusd")} == {"EURUSD"}


def test_prices_and_quantities_go_from_one_basis_to_another_and_back():
    basis = Basis([Split(at("2014-06-07"), Decimal(7)), Split(at("2020-08-29"), Decimal(4))])
    early, middle, late = at("2014-06-06"), at("2016-01-01"), at("2021-01-01")
    assert basis.quantity(Decimal(100), early, late) == 2800
    assert basis.price(Decimal(644), early, middle) == 92
    assert basis.price(Decimal(92), middle, early) == 644
    assert basis.price(Decimal(5), middle, middle + timedelta(days=1)) == 5


@pytest.mark.parametrize(
    ("opening", "shown"),
    [("645", "645"), ("92", "92")],
    ids=["split after the close", "split before the open"],
)
def test_a_bar_that_a_split_falls_into_stands_in_the_units_that_its_own_open_tells(opening, shown):
    """Dated 16:00 of the day or of the day before: in both cases the bars of 5 June are old and of 9 June new."""
    low, high = str(int(opening) - 1), str(int(opening) + 1)
    bars = [
        day("2014-06-05", "644", "648", "640", "647"),
        day("2014-06-06", opening, high, low, opening),
    ]
    basis = Basis([Split(at("2014-06-06T16:00"), Decimal(7))])
    old, new = basis.raw_bars(bars, at("2014-06-10"))
    assert old.close == Decimal(647) / 7
    assert new.open == (Decimal(shown) if shown == "92" else Decimal(645) / 7)


@pytest.mark.parametrize(
    ("prices", "fault"),
    [
        (("10", "9", "11", "10"), "high is below"),
        (("12", "11", "9", "10"), "outside"),
        (("10", "11", "9", "8"), "outside"),
        (("10", "11", "9", "10", "-1"), "volume"),
    ],
)
def test_what_cannot_be_a_bar_says_why(prices, fault):
    start = at("2026-06-02")
    assert fault in Bar(start, start, *map(Decimal, prices)).fault


def told(bars, since, until, *, never_closes=False):
    return covered(bars, at(since), at(until), NEW_YORK, never_closes=never_closes)


def test_nights_and_weekends_are_no_gap():
    bars = [bar("2026-06-05T15:00"), bar("2026-06-08T10:00")]
    assert told(bars, "2026-06-05T15:30", "2026-06-08T10:30") == ("", ())


def test_up_to_two_weekdays_are_holidays_and_are_named():
    bars = [bar("2026-12-24T12:00"), bar("2026-12-29T10:00")]
    assert told(bars, "2026-12-24T12:30", "2026-12-29T10:30") == (
        "",
        (date(2026, 12, 25), date(2026, 12, 28)),
    )


def test_three_weekdays_without_a_bar_are_a_gap():
    bars = [day("2026-06-01"), day("2026-06-05")]
    assert (
        "no bar between 02 Jun 2026 00:00 and 05 Jun"
        in told(bars, "2026-06-01T10:00", "2026-06-05T10:00").lack
    )


def test_a_day_on_which_it_was_traded_needs_bars():
    bars = [bar("2026-06-05T15:00")]
    assert "closed (08 Jun 2026" in told(bars, "2026-06-05T15:30", "2026-06-08T10:30").lack
    assert "opened (04 Jun 2026" in told(bars, "2026-06-04T15:30", "2026-06-05T15:30").lack


def test_a_pause_within_a_day_is_a_gap():
    bars = [bar("2026-06-05T10:00"), bar("2026-06-05T14:00")]
    assert (
        "between 05 Jun 2026 11:00 and 14:00"
        in told(bars, "2026-06-05T10:30", "2026-06-05T14:30").lack
    )


def test_what_never_closes_may_pause_for_an_hour_only():
    bars = [bar("2026-06-06T10:00"), bar("2026-06-06T12:00")]
    assert told(bars, "2026-06-06T10:30", "2026-06-06T12:30", never_closes=True).lack == ""
    bars = [bar("2026-06-06T10:00"), bar("2026-06-06T12:01")]
    assert told(bars, "2026-06-06T10:30", "2026-06-06T12:30", never_closes=True).lack
    assert told(bars[:1], "2026-06-06T10:30", "2026-06-06T12:30", never_closes=True).lack


def test_without_bars_nothing_is_known():
    assert told([], "2026-06-06T10:30", "2026-06-06T12:30").lack
