"""When a connection is asked next. Pure: the moment, and what is left to chance, are arguments."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from journal.models import Connection, Schedule

_FIRST_RETRY = timedelta(minutes=5)
_LONGEST_RETRY = timedelta(hours=6)
# So that many installations do not ask at once, nor many connections of one.
_SPREAD = 0.2
_HOUR = timedelta(hours=1)


def next_turn(connection: Connection, *, after: datetime) -> datetime | None:
    """The next moment of the schedule, None for one that is only asked by hand."""
    if connection.schedule == Schedule.HOURLY:
        minute = int(connection.pk) * 7 % 60
        turn = after.replace(minute=minute, second=0, microsecond=0)
        return turn if turn > after else turn + _HOUR
    if connection.schedule == Schedule.DAILY:
        return _next_day(connection, after)
    return None


def _next_day(connection: Connection, after: datetime) -> datetime:
    zone = ZoneInfo(connection.zone)
    hours, minutes = divmod(connection.pull_at_minutes, 60)
    day = after.astimezone(zone).date()
    while True:
        # A time that daylight saving leaves out is taken an hour later, one that it repeats the first time.
        turn = datetime.combine(day, time(hours, minutes), tzinfo=zone).astimezone(UTC)
        if turn > after:
            return turn
        day += timedelta(days=1)


def next_try(failures: int, *, after: datetime, wait: timedelta, chance: float) -> datetime:
    """After so many failures in a row, twice as long each time. `chance` is in 0 … 1."""
    doubled = _FIRST_RETRY * (1 << min(max(failures - 1, 0), 10))
    backed_off = min(doubled, _LONGEST_RETRY)
    # Never before the time that the broker has asked for.
    return after + max(backed_off * (1 - _SPREAD / 2), wait) + backed_off * _SPREAD * chance
