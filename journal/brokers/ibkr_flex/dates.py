"""Text of a Flex attribute into a day or an instant, in every format that a query can be set to."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from journal.brokers.ibkr_flex.values import NOTHING, REMEMBERED
from journal.brokers.text.faults import AmbiguousDate, BadDate, BadValue

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"), 1
    )
}
_ISO = re.compile(r"(\d{4})(-?)(\d\d)\2(\d\d)(.*)", re.ASCII | re.DOTALL)
_NAMED = re.compile(r"(\d\d?)[-/ ]([A-Za-z]{3})[-/ ](\d.*)", re.ASCII | re.DOTALL)
_SLASHED = re.compile(r"(\d\d?)/(\d\d?)/(\d.*)", re.ASCII | re.DOTALL)
_RUN = re.compile(r"\d+", re.ASCII)
# How many digits are the year when `yyyy` or `yy` runs into `HHmmss` without a separator.
_YEAR_DIGITS = {2: 2, 4: 4, 8: 2, 10: 4}


def split_day(text: str, day_first: bool | None) -> tuple[date, str]:
    """The day that a text begins with, and what follows it. Raises BadDate or AmbiguousDate."""
    if match := _ISO.fullmatch(text):
        year, _, month, day, rest = match.groups()
        return _day(text, int(year), int(month), int(day)), rest
    if match := _NAMED.fullmatch(text):
        day, name, tail = match.groups()
        year_number, rest = _year(text, tail)
        return _day(text, year_number, _MONTHS.get(name.upper(), 0), int(day)), rest
    if match := _SLASHED.fullmatch(text):
        first, second, tail = match.groups()
        year_number, rest = _year(text, tail)
        return _slashed_day(text, year_number, int(first), int(second), day_first), rest
    raise BadDate(text)


def _slashed_day(text: str, year: int, first: int, second: int, day_first: bool | None) -> date:
    if day_first is None and first != second:
        if first <= 12 and second <= 12:
            raise AmbiguousDate(text)
        day_first = first > 12
    return _day(text, year, second, first) if day_first else _day(text, year, first, second)


def _year(text: str, tail: str) -> tuple[int, str]:
    run = _RUN.match(tail)
    digits = len(run.group()) if run else 0
    has_colon = tail[digits : digits + 1] == ":"
    length = digits - 2 if has_colon else _YEAR_DIGITS.get(digits, 0)
    if length not in (2, 4):
        raise BadDate(text)
    year = int(tail[:length])
    if length == 2:
        year += 1900 if year >= 70 else 2000
    return year, tail[length:]


def _day(text: str, year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError:
        raise BadDate(text) from None
    if not 1900 <= year <= 2200:
        raise BadDate(text)
    return found


class Days(dict[str | None, date | None]):
    """Text → the day it begins with, None where there is none. Raises BadDate, AmbiguousDate."""

    def __init__(self, day_first: bool | None) -> None:
        super().__init__()
        self.day_first = day_first

    def __missing__(self, text: str | None) -> date | None:
        if len(self) >= REMEMBERED:
            self.clear()
        value = None
        if text is not None and text.strip() not in NOTHING:
            value = split_day(text.strip(), self.day_first)[0]
        self[text] = value
        return value

    def lenient(self, text: str | None) -> date | None:
        """For days that a row can do without."""
        try:
            return self[text]
        except BadValue:
            return None


_HOURS = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "BST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "HST": -10, "AKST": -9, "AKDT": -8, "JST": 9, "KST": 9, "HKT": 8, "SGT": 8, "AEST": 10, "AEDT": 11,
}  # fmt: skip
_NOON = time(12)
_TIME = re.compile(
    r"[;,T ]*(\d\d):?(\d\d)(?::?(\d\d))?(?:\.(\d{1,6})\d*)?\s*([A-Za-z]{1,5}|[+-]\d\d:?\d\d)?\s*",
    re.ASCII,
)


class Clock(dict[str | None, datetime | None]):
    """Text → UTC instant, read in one zone unless the text names its own. Raises BadDate, AmbiguousDate.

    A local time that a clock change repeats is its first occurrence; one that it skips is read with the
    offset from before the change, which is the instant an hour later on the new clock. Both are what
    `zoneinfo` does with fold 0, and the same on every machine.
    """

    def __init__(self, zone: str, days: Days) -> None:
        super().__init__()
        self.zone = zone
        self._info = ZoneInfo(zone)
        self._days = days
        self._midnights: dict[str, datetime | None] = {}
        self.unknown_zones: dict[str, int] = {}

    def __missing__(self, text: str | None) -> datetime | None:
        if len(self) >= REMEMBERED:
            self.clear()
        value = self[text] = None if text is None else self._read(text)
        return value

    def at(self, day: date) -> datetime:
        """Midnight, where a source states a day only."""
        return self._instant(datetime.combine(day, time.min))

    def lenient(self, text: str | None) -> datetime | None:
        try:
            return self[text]
        except BadValue:
            return None

    def _read(self, text: str) -> datetime | None:
        # By far the most frequent form first: yyyyMMdd;HHmmss.
        if len(text) == 15 and text[8] == ";" and text[9:].isdecimal() and text.isascii():
            hour, minute, second = int(text[9:11]), int(text[11:13]), int(text[13:])
            midnight = self._even_midnight(text[:8])
            if midnight is not None and hour < 24 and minute < 60 and second < 60:
                return midnight + timedelta(seconds=hour * 3600 + minute * 60 + second)
        stripped = text.strip()
        return None if stripped in NOTHING else self._read_any(stripped)

    def _even_midnight(self, day_text: str) -> datetime | None:
        """The UTC instant of midnight if the zone keeps one offset all that day, else None."""
        if day_text not in self._midnights:
            if len(self._midnights) >= REMEMBERED:
                self._midnights.clear()
            self._midnights[day_text] = self._find_even_midnight(day_text)
        return self._midnights[day_text]

    def _find_even_midnight(self, day_text: str) -> datetime | None:
        day = self._days.lenient(day_text)
        if day is None:
            return None
        midnight, noon = self.at(day), datetime.combine(day, _NOON)
        is_even = self._instant(noon) - midnight == timedelta(hours=12)
        is_even &= self.at(day + timedelta(days=1)) - midnight == timedelta(hours=24)
        return midnight if is_even else None

    def _read_any(self, text: str) -> datetime:
        day, rest = split_day(text, self._days.day_first)
        if not rest:
            return self.at(day)
        match = _TIME.fullmatch(rest)
        if match is None:
            raise BadDate(text)
        hour, minute, second, fraction, zone = match.groups()
        try:
            local_time = time(
                int(hour), int(minute), int(second or 0), int((fraction or "0").ljust(6, "0"))
            )
        except ValueError:
            raise BadDate(text) from None
        local = datetime.combine(day, local_time)
        offset = self._stated_offset(zone)
        return self._instant(local) if offset is None else local.replace(tzinfo=UTC) - offset

    def _stated_offset(self, zone: str | None) -> timedelta | None:
        if not zone:
            return None
        if zone[0] in "+-":
            minutes = int(zone[1:3]) * 60 + int(zone[-2:])
            return timedelta(minutes=-minutes if zone[0] == "-" else minutes)
        hours = _HOURS.get(zone.upper())
        if hours is None:
            if len(self.unknown_zones) < 50:
                self.unknown_zones.setdefault(zone, 0)
            return None
        return timedelta(hours=hours)

    def _instant(self, local: datetime) -> datetime:
        return local.replace(tzinfo=self._info).astimezone(UTC)


def states_time(text: str) -> bool:
    """Whether more than a day is said: no day alone is longer than `dd-MMM-yyyy`."""
    return len(text) > 11
