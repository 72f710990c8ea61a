"""Moments, and the seconds since 1970 that columns and kept results hold in their place."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo

DAY = 86_400
WEEK = 7 * DAY
"""In seconds."""


def second_of(moment: datetime) -> int:
    """Rounded up: nothing is known before it was."""
    return -int(-moment.timestamp() // 1)


def second_within(moment: datetime) -> int:
    """Rounded down: the second in which it lies."""
    return int(moment.timestamp() // 1)


def moment_of(seconds: float, zone: tzinfo = UTC) -> datetime:
    return datetime.fromtimestamp(seconds, zone)


def day_of(seconds: float, zone: tzinfo = UTC) -> date:
    return moment_of(seconds, zone).date()
