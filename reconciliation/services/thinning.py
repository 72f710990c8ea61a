"""Readings come every minute: what lines of snapshots said of single positions is kept for a while, and then once a
day; what guards saw is kept whole for a while, and then once an hour, but for what led to something."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from reconciliation.models import Guard, SnapshotOrder, SnapshotPosition

_AT_A_TIME = 10_000
# The last of an account's day keeps its lines.
_DELETE = """
DELETE FROM "{table}" WHERE id IN (
    SELECT line.id FROM "{table}" line
    JOIN reconciliation_snapshot s ON s.id = line.snapshot_id
    WHERE s.received_at < %(before)s AND EXISTS (
        SELECT FROM reconciliation_snapshot later
        WHERE later.account_id = s.account_id AND later.as_of > s.as_of
          AND later.as_of < (date_trunc('day', s.as_of AT TIME ZONE 'UTC') + interval '1 day') AT TIME ZONE 'UTC'
    )
    ORDER BY s.received_at LIMIT %(limit)s
)
"""
# What led to a firing, and what something followed from, stays; of everything else the last of each hour.
_LED_TO_IT = timedelta(hours=1)
_DELETE_SAMPLES = """
DELETE FROM reconciliation_guardsample WHERE id IN (
    SELECT s.id FROM reconciliation_guardsample s
    WHERE s.guard_id = %(guard)s AND s.at < %(before)s AND s.steps = '{}'
      AND EXISTS (
        SELECT FROM reconciliation_guardsample later
        WHERE later.guard_id = s.guard_id AND later.at > s.at
          AND later.at < (date_trunc('hour', s.at AT TIME ZONE 'UTC') + interval '1 hour') AT TIME ZONE 'UTC'
      )
      AND NOT EXISTS (
        SELECT FROM reconciliation_guardfiring f
        WHERE f.guard_id = s.guard_id AND f.fired_at >= s.at AND f.fired_at <= s.at + %(led)s
      )
    LIMIT %(limit)s
)
"""


def thin_lines(*, before: datetime) -> int:
    """Lines that went. In small steps, each for itself: nothing waits long, and what is interrupted goes on later."""
    gone = 0
    for model in (SnapshotPosition, SnapshotOrder):
        gone += _delete(_DELETE.format(table=model._meta.db_table), {"before": before})
    return gone


def thin_samples(*, before: datetime) -> int:
    """In the same way, guard by guard."""
    guards = list(Guard.objects.order_by("pk").values_list("pk", flat=True))
    return sum(
        _delete(_DELETE_SAMPLES, {"guard": guard, "before": before, "led": _LED_TO_IT})
        for guard in guards
    )


def _delete(statement: str, values: dict[str, Any]) -> int:
    gone = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(statement, {**values, "limit": _AT_A_TIME})
            count: int = cursor.rowcount
        gone += count
        if count < _AT_A_TIME:
            return gone
