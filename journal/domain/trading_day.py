"""Which trading day an instant belongs to.

A day starts at the roll-over, by the wall clock of the account's zone, and is named after the date on which most of it
lies: with a roll-over at 17:00 what happens from 17:00 on belongs to the next date, with one at 04:00 what happens
before 04:00 belongs to the date before. Midnight is the plain calendar.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from journal.domain.values import TradingDay

MINUTES_A_DAY = 24 * 60
_ONE_DAY = timedelta(days=1)


def trading_day(at: datetime, day: TradingDay) -> date:
    """`at` is aware. Cheap enough to ask for every row of an import."""
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    turn, before, after = _utc_day(day, at.toordinal())
    if turn is None:
        return (at + _shift(day, at)).date()
    return before if at.hour * 3600 + at.minute * 60 + at.second < turn else after


@lru_cache(maxsize=16_384)
def _utc_day(day: TradingDay, ordinal: int) -> tuple[int | None, date, date]:
    """The second of a UTC date at which one trading day turns into the next, and the two; None where clocks change."""
    start = datetime.combine(date.fromordinal(ordinal), time(), UTC)
    shift = _shift(day, start)
    first = (start + shift).date()
    if shift != _shift(day, start + _ONE_DAY):
        return None, first, first
    return int(-shift.total_seconds()) % 86_400 or 86_400, first, first + _ONE_DAY


def _shift(day: TradingDay, at: datetime) -> timedelta:
    """What to add to UTC so that the date of the sum is the trading day."""
    offset = at.astimezone(ZoneInfo(day.zone)).utcoffset()
    assert offset is not None  # ZoneInfo always knows one
    return offset + _until_midnight(day.rollover_minutes)


def _until_midnight(rollover_minutes: int) -> timedelta:
    if rollover_minutes * 2 >= MINUTES_A_DAY:
        rollover_minutes -= MINUTES_A_DAY
    return timedelta(minutes=-rollover_minutes)


def day_starts_at(on: date, day: TradingDay) -> datetime:
    """The first instant of a trading day, in UTC."""
    wall = datetime.combine(on, time()) - _until_midnight(day.rollover_minutes)
    return wall.replace(tzinfo=ZoneInfo(day.zone)).astimezone(UTC)
