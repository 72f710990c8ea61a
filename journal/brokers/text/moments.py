"""Cells into days and instants, in the notations that brokers' exports use."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from journal.brokers.base import UnreadableStatement
from journal.brokers.text.faults import AmbiguousDate, BadDate

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR_FIRST = re.compile(r"(\d{4})([-/. ]?)(\d\d?)\2(\d\d?)(?!\d)(.*)", re.ASCII | re.DOTALL)
_YEAR_LAST = re.compile(r"(\d\d?)([-/.])(\d\d?)\2(\d{4}|\d\d)(?!\d)(.*)", re.ASCII | re.DOTALL)
_DAY_MONTH = re.compile(
    r"(\d\d?)[-/. ]?\s*([A-Za-z]{3,9})\.?[-/, ]*\s*(\d{4}|\d\d)(?!\d)(.*)", re.ASCII | re.DOTALL
)
_MONTH_DAY = re.compile(r"([A-Za-z]{3,9})\.?\s*(\d\d?),?\s+(\d{4})(?!\d)(.*)", re.ASCII | re.DOTALL)
# Blanks that are none to ASCII: newer browsers write one in front of AM and PM.
_BLANKS = str.maketrans("\u00a0\u202f\u2009", "   ")
_TIME = re.compile(
    r"[\s,;T]*(\d\d?)[:.](\d\d)(?:[:.](\d\d)(?:[.,](\d{1,9}))?)?\s*([AaPp]\.?[Mm]\.?)?\s*"
    r"(Z|UTC|GMT|[+-]\d\d:?\d\d)?",
    re.ASCII,
)


class When(NamedTuple):
    """A cell as read: `at` is None where it states a day only; `offset` where it states none."""

    day: date
    at: time | None
    offset: timedelta | None

    def instant(self, zone: ZoneInfo) -> datetime:
        """In UTC; a day alone is its first instant in the zone. An hour that clocks repeat is its first one."""
        tz = zone if self.offset is None else timezone(self.offset)
        return datetime.combine(self.day, self.at or time(), tz).astimezone(UTC)


def read_when(text: str, *, day_first: bool | None = None) -> When:
    """Raises BadDate, and AmbiguousDate where only `day_first` could tell day from month."""
    cell = text.translate(_BLANKS).strip()
    day, rest = _split_day(cell, day_first)
    if not rest.strip(" ,;T"):
        return When(day, None, None)
    match = _TIME.fullmatch(rest.rstrip())
    if match is None:
        raise BadDate(text)
    hour, minute, second, fraction, half, offset = match.groups()
    try:
        at = time(_hour(int(hour), half), int(minute), int(second or 0), _microseconds(fraction))
    except ValueError:
        raise BadDate(text) from None
    return When(day, at, _offset(offset))


def day_orders(cells: Iterable[str]) -> set[bool]:
    """Whether the dates among these cells put the day first, as far as they tell: both where they disagree."""
    votes = set()
    for cell in cells:
        if match := _YEAR_LAST.match(cell.strip()):
            first, second = int(match[1]), int(match[3])
            if match[2] == ".":
                votes.add(True)  # nobody writes the month first with points
            elif first > 12 or second > 12:
                votes.add(first > 12)
    return votes


def read_zone(name: str) -> ZoneInfo:
    """Raises UnreadableStatement: the zone is what a person chose."""
    try:
        return ZoneInfo(name)
    # A folder of zones, such as America, is an OSError.
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnreadableStatement(
            "unknown_time_zone",
            f"The time zone {name!r} does not exist. Choose one such as America/New_York.",
        ) from None


def _split_day(cell: str, day_first: bool | None) -> tuple[date, str]:
    if match := _YEAR_FIRST.fullmatch(cell):
        year, _, month, day, rest = match.groups()
        return _day(cell, int(year), int(month), int(day)), rest
    if match := _YEAR_LAST.fullmatch(cell):
        first, mark, second, year, rest = match.groups()
        is_day_first = _is_day_first(
            cell, int(first), int(second), True if mark == "." else day_first
        )
        month, day = (second, first) if is_day_first else (first, second)
        return _day(cell, _full_year(year), int(month), int(day)), rest
    if match := _DAY_MONTH.fullmatch(cell):
        day, name, year, rest = match.groups()
        return _day(cell, _full_year(year), _month(name), int(day)), rest
    if match := _MONTH_DAY.fullmatch(cell):
        name, day, year, rest = match.groups()
        return _day(cell, int(year), _month(name), int(day)), rest
    raise BadDate(cell)


def _is_day_first(cell: str, first: int, second: int, day_first: bool | None) -> bool:
    if first > 12 or second > 12:
        return first > 12
    if day_first is None and first != second:
        raise AmbiguousDate(cell)
    return bool(day_first)


def _full_year(year: str) -> int:
    number = int(year)
    if len(year) == 2:
        number += 1900 if number >= 70 else 2000
    return number


def _month(name: str) -> int:
    start = name[:3].lower()
    return _MONTHS.index(start) + 1 if start in _MONTHS else 0


def _day(cell: str, year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError:
        raise BadDate(cell) from None
    if not 1900 <= year <= 2200:
        raise BadDate(cell)
    return found


def _hour(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError(hour)
    return hour % 12 + (12 if half[0] in "pP" else 0)


def _microseconds(fraction: str | None) -> int:
    return int((fraction or "").ljust(6, "0")[:6])


def _offset(text: str | None) -> timedelta | None:
    if text is None:
        return None
    if text in ("Z", "UTC", "GMT"):
        return timedelta()
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timedelta(minutes=-minutes if text[0] == "-" else minutes)
