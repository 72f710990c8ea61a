"""Snapshots come every minute: what their lines said of single positions is kept for a while, and then once a day."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from reconciliation.models import SnapshotOrder, SnapshotPosition

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


def thin_lines(*, before: datetime) -> int:
    """Lines that went. In small steps, each for itself: nothing waits long, and what is interrupted goes on later."""
    gone = 0
    for model in (SnapshotPosition, SnapshotOrder):
        statement = _DELETE.format(table=model._meta.db_table)
        while True:
            with connection.cursor() as cursor:
                cursor.execute(statement, {"before": before, "limit": _AT_A_TIME})
                gone += cursor.rowcount
                if cursor.rowcount < _AT_A_TIME:
                    break
    return gone
