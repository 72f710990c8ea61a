"""Moments of any table: what brokers write, and what programs do (seconds since 1970, digits without marks)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from journal.brokers.text.faults import BadDate
from journal.brokers.text.moments import When, read_when

# Seconds or milliseconds since 1970, of this century's first 95 years.
_SINCE_1970 = re.compile(r"([12]\d{9}|[1-3]\d{12})(?:\.(\d{1,9}))?", re.ASCII)
_DIGITS = re.compile(r"(\d{4})(\d\d)(\d\d)[T_ ]?(\d\d)(\d\d)(\d\d)", re.ASCII)
# With points only where there are seconds: 9.30 is more often a number.
_CLOCK = re.compile(
    r"(?:\d\d?:\d\d(?::\d\d(?:[.,]\d{1,9})?)?|\d\d?\.\d\d\.\d\d)\s*(?:[AaPp]\.?[Mm]\.?)?\s*"
    r"(?:Z|UTC|GMT|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_MS_FROM = 10**12
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_moment(text: str, *, day_first: bool | None) -> When:
    """Raises BadDate and AmbiguousDate."""
    cell = text.strip()
    if match := _SINCE_1970.fullmatch(cell):
        seconds = Decimal(cell) / (1000 if int(match[1]) >= _MS_FROM else 1)
        at = _EPOCH + timedelta(microseconds=int(seconds * 1_000_000))
        return When(at.date(), at.time(), timedelta())
    if match := _DIGITS.fullmatch(cell):
        year, month, day, *clock = match.groups()
        cell = f"{year}-{month}-{day} {':'.join(clock)}"
    return read_when(cell, day_first=day_first)


def read_parts(date: str, time: str, *, day_first: bool | None) -> When:
    """Of a day and a time that stand apart. The time column may be empty, or repeat the day."""
    if not time or not is_clock(time):
        return read_moment(time or date, day_first=day_first)
    day = read_moment(date, day_first=day_first)
    if day.at is not None and (day.at.hour or day.at.minute or day.at.second):
        raise BadDate(f"{date} {time}")
    return read_moment(f"{day.day:%Y-%m-%d} {time}", day_first=day_first)


def is_clock(text: str) -> bool:
    """Whether it is a time of day alone."""
    return _CLOCK.fullmatch(text.strip()) is not None
