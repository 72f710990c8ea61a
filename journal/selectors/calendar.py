"""A year of months and a month of weeks, from the rollups."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from journal.selectors.performance import Slice, Sums, View, sum_days, sum_months

MONTHS = range(1, 13)
_WEEK = timedelta(days=7)
_GRID_DAYS = 42


@dataclass(frozen=True, slots=True)
class Day:
    on: date
    in_month: bool
    sums: Sums | None


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days from Monday, and what they add up to; `total` is of the days of this month only."""

    days: tuple[Day, ...]
    total: Sums

    @property
    def start(self) -> date:
        return self.days[0].on

    @property
    def end(self) -> date:
        return self.days[-1].on


@dataclass(frozen=True, slots=True)
class Month:
    first: date
    weeks: tuple[Week, ...]
    total: Sums

    @property
    def last(self) -> date:
        return self.first.replace(day=calendar.monthrange(self.first.year, self.first.month)[1])

    @property
    def previous(self) -> date:
        return (self.first - timedelta(days=1)).replace(day=1)

    @property
    def next(self) -> date:
        return self.last + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class MonthOfDays:
    """Six weeks of days, from Monday; `total` is None where nothing happened."""

    first: date
    days: tuple[Day, ...]
    total: Sums | None


def build_year_grid(
    slice_: Slice, view: View, *, year: int, currency: str
) -> tuple[MonthOfDays, ...]:
    """Twelve months down to their days, by one read of a year of rollups."""
    found: dict[date, Sums] = {}
    of_year = replace(slice_, start=date(year, 1, 1), end=date(year, 12, 31))
    for series in sum_days(of_year, view):
        if series.currency == currency:
            found = dict(series.days)
    grid = []
    for month in MONTHS:
        first = date(year, month, 1)
        monday = first - timedelta(days=first.weekday())
        days = tuple(
            _day(monday + timedelta(days=offset), month, found) for offset in range(_GRID_DAYS)
        )
        own = [day.sums for day in days if day.in_month and day.sums]
        grid.append(MonthOfDays(first, days, _add(currency, own) if own else None))
    return tuple(grid)


def list_months(slice_: Slice, view: View, currency: str) -> list[date]:
    """First days of the months with anything in them, in order."""
    months = sum_months(replace(slice_, start=None, end=None), view)
    return sorted(month for each, month, _ in months if each == currency)


def build_month(slice_: Slice, view: View, *, year: int, month: int, currency: str) -> Month:
    first = date(year, month, 1)
    last = first.replace(day=calendar.monthrange(year, month)[1])
    found: dict[date, Sums] = {}
    for series in sum_days(replace(slice_, start=first, end=last), view):
        if series.currency == currency:
            found = dict(series.days)
    weeks = []
    monday = first - timedelta(days=first.weekday())
    while monday <= last:
        days = tuple(_day(monday + timedelta(days=offset), month, found) for offset in range(7))
        weeks.append(Week(days, _add(currency, (day.sums for day in days))))
        monday += _WEEK
    return Month(first, tuple(weeks), _add(currency, found.values()))


def _day(on: date, month: int, found: dict[date, Sums]) -> Day:
    return Day(on, on.month == month, found.get(on))


def _add(currency: str, parts: Iterable[Sums | None]) -> Sums:
    total = Sums(currency)
    for part in parts:
        if part is not None:
            total.add(part)
    return total
