"""Which days a pull is about, by New York's clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from journal.brokers.fetching import Window

NEW_YORK = ZoneInfo("America/New_York")
# By then the night's work is done: expirations, assignments and the fees that were estimated before.
_MORNING = time(9)
_FRIDAY = 4


def day_of(at: datetime) -> date:
    return at.astimezone(NEW_YORK).date()


def start_of(day: date) -> datetime:
    return datetime.combine(day, time(), NEW_YORK).astimezone(UTC)


def last_day_of(window: Window) -> date:
    return day_of(window.until - timedelta(microseconds=1))


def settled_until(now: datetime) -> datetime:
    """The first instant of the last weekday whose morning has come. What happened before it stays as it is.

    So a Friday's expirations are waited for until Monday.
    """
    local = now.astimezone(NEW_YORK)
    day = local.date() if local.time() >= _MORNING else local.date() - timedelta(days=1)
    while day.weekday() > _FRIDAY:
        day -= timedelta(days=1)
    return start_of(day)


def split(window: Window) -> Iterator[Window]:
    """By quarters of the year, oldest first, from the start of a day: the same past gives the same documents."""
    since = start_of(day_of(window.since))
    while since < window.until:
        day = day_of(since)
        month = day.month + 3 - (day.month - 1) % 3
        end = start_of(date(day.year + month // 13, (month - 1) % 12 + 1, 1))
        yield Window(since, min(end, window.until))
        since = end
