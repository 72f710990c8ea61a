"""Whether bars tell of all of a time in which something was open, or only of a part of it.

No bar says that a market was closed. So: a market that never closes (crypto) may pause for an hour or for one bar,
whichever is longer. Any other has bars on the first and on the last day, no further than two hours from where the
position was opened and closed, no pause of more than two hours within a day, and no more than two weekdays in a row
without any bar: those are holidays, and are named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from journal.domain.bars import Bar

HOLIDAYS_MAX = 2
PAUSE_MAX = timedelta(hours=2)
_NEVER_CLOSED_PAUSE = timedelta(hours=1)
_DAY = timedelta(days=1)
_SATURDAY = 5


class Gap(Exception):
    """What is missing, in words."""


class Covered(NamedTuple):
    """`lack` says what is missing, "" where nothing is; `holidays` are weekdays without a bar that do not count."""

    lack: str
    holidays: tuple[date, ...] = ()


def covered(
    bars: Sequence[Bar], since: datetime, until: datetime, zone: ZoneInfo, *, never_closes: bool
) -> Covered:
    """`bars` in order, all of them in part at least between `since` and `until`. Days are those of `zone`."""
    if not bars:
        return Covered("there are no bars of that time")
    if never_closes:
        return Covered(_pause(bars, since, until, zone))
    lack = _edge(bars[0], since, zone, "opened") or _edge(bars[-1], until, zone, "closed")
    if lack:
        return Covered(lack)
    holidays: list[date] = []
    for before, after in pairwise(bars):
        lack, days = _between(before, after, zone)
        if lack:
            return Covered(lack)
        holidays += days
    return Covered("", tuple(holidays))


def unbroken(bars: Iterable[Bar], zone: ZoneInfo, *, never_closes: bool) -> Iterator[Bar]:
    """The bars up to the first gap that is none of the above. Raises Gap there."""
    before: Bar | None = None
    for bar in bars:
        if before is not None:
            if never_closes:
                lack = _pause([bar], before.closes_at, bar.opened_at, zone)
            else:
                lack, _ = _between(before, bar, zone)
            if lack:
                raise Gap(lack)
        yield bar
        before = bar


def _pause(bars: Sequence[Bar], since: datetime, until: datetime, zone: ZoneInfo) -> str:
    longest = max(_NEVER_CLOSED_PAUSE, bars[0].closes_at - bars[0].opened_at)
    at = since
    for bar in bars:
        if bar.opened_at - at > longest:
            return _nothing(at, bar.opened_at, zone)
        at = max(at, bar.closes_at)
    return _nothing(at, until, zone) if until - at > longest else ""


def _edge(bar: Bar, at: datetime, zone: ZoneInfo, what: str) -> str:
    """It was traded then, so the market was open: the nearest bar must be near."""
    distance = max(bar.opened_at - at, at - bar.closes_at, timedelta())
    if distance <= PAUSE_MAX:
        return ""
    return f"there is no bar within two hours of when it was {what} ({at.astimezone(zone):%d %b %Y %H:%M})"


def _between(before: Bar, after: Bar, zone: ZoneInfo) -> tuple[str, list[date]]:
    gap = after.opened_at - before.closes_at
    if gap <= PAUSE_MAX:
        return "", []
    # The end of a day is still that day.
    first = (before.closes_at - timedelta(microseconds=1)).astimezone(zone).date()
    last = after.opened_at.astimezone(zone).date()
    if first == last:
        return _nothing(before.closes_at, after.opened_at, zone), []
    days = list(_weekdays(first + _DAY, last))
    if len(days) > HOLIDAYS_MAX:
        return _nothing(before.closes_at, after.opened_at, zone), []
    return "", days


def _weekdays(first: date, end: date) -> Iterator[date]:
    while first < end:
        if first.weekday() < _SATURDAY:
            yield first
        first += _DAY


def _nothing(since: datetime, until: datetime, zone: ZoneInfo) -> str:
    one, other = since.astimezone(zone), until.astimezone(zone)
    form = "%H:%M" if one.date() == other.date() else "%d %b %Y %H:%M"
    return f"there is no bar between {one:%d %b %Y %H:%M} and {other:{form}}"
