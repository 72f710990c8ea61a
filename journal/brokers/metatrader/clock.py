"""Whether a trading server's clock is in the zone that was set for it, told by ticks.

A tick carries the server's time. Whoever saw it knows by a clock of its own when it was there at the latest, and, if
the tick was another one when last looked, since when at the earliest. The server's distance from UTC lies between the
two. A tick that does not move (the market is closed) says only that the server is at least so far ahead.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

# Clocks of computers go wrong by minutes, zones by half hours at least.
_TOLERANCE = timedelta(minutes=10)
_QUARTER = timedelta(minutes=15)


class Sighting(NamedTuple):
    """`server_at` has no zone. `earlier` is the tick that was there before it, and when it was still the last one."""

    server_at: datetime
    seen_at: datetime
    earlier_server_at: datetime | None = None
    earlier_seen_at: datetime | None = None


class Clock(StrEnum):
    AGREES = "agrees"
    CONTRADICTS = "contradicts"
    OPEN = "open"  # no tick moved: the market was closed


class ClockCheck(NamedTuple):
    """`ahead` is how far the server is ahead of UTC by the ticks, None where they do not say."""

    clock: Clock
    ahead: timedelta | None
    expected: timedelta


def check_clock(sightings: Iterable[Sighting], zone: ZoneInfo, now: datetime) -> ClockCheck:
    """`now` is when the ticks were seen; it decides what the zone says."""
    expected = now.astimezone(zone).utcoffset() or timedelta()
    least: timedelta | None = None
    most: timedelta | None = None
    for one in sightings:
        low = one.server_at - one.seen_at.astimezone(UTC).replace(tzinfo=None)
        least = low if least is None else max(least, low)
        if one.earlier_seen_at is not None and one.earlier_server_at != one.server_at:
            high = one.server_at - one.earlier_seen_at.astimezone(UTC).replace(tzinfo=None)
            most = high if most is None else min(most, high)
    if least is None:
        return ClockCheck(Clock.OPEN, None, expected)
    if least > expected + _TOLERANCE or (most is not None and most < expected - _TOLERANCE):
        return ClockCheck(Clock.CONTRADICTS, _rounded(least), expected)
    if most is None or most - least > _QUARTER:
        return ClockCheck(Clock.OPEN, None, expected)
    return ClockCheck(Clock.AGREES, _rounded(least), expected)


def written(offset: timedelta) -> str:
    """UTC+3, UTC-4:30."""
    minutes = round(offset.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02d}" if rest else "")


def _rounded(offset: timedelta) -> timedelta:
    """To the quarter of an hour: no zone is finer. The least is some seconds below."""
    return round(offset / _QUARTER) * _QUARTER
