"""What a connection has brought, by time: derived from its documents and what became of their imports.

A stretch is held when everything of it is in the book: imported, not undone, without a row that could not be read
(unless somebody has dismissed that issue). It is settled when asking for it again would bring nothing new.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection as database

from journal.brokers.fetching import Fetcher
from journal.domain.spans import Span, join
from journal.models import Connection

WHOLE = ""
# Older than any account with an API.
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)

# A document that could not be imported makes a hole in what its neighbours of the same pull claim; what another pull
# brought fills it. A row that could not be read is news of its time: only a later pull, or a person, fills that hole.
_SPANS = """
WITH known AS (
    SELECT pull.connection_id, document.pull_id, document.account_number,
        tstzrange(document.since, document.until) AS span,
        batch.id IS NULL OR EXISTS (
            SELECT FROM journal_importbatch AS done
            WHERE done.file_id = batch.file_id AND done.format = batch.format AND done.state = 'done'
                AND NOT EXISTS (
                    SELECT FROM journal_dataissue AS issue
                    WHERE issue.batch_id = done.id AND issue.severity = 'error'
                        AND NOT EXISTS (
                            SELECT FROM journal_issuedismissal AS dismissal
                            WHERE dismissal.workspace_id = issue.workspace_id
                                AND dismissal.fingerprint = issue.fingerprint
                        )
                )
        ) AS is_held,
        batch.id IS NULL OR batch.state IN ('done', 'withdrawing', 'withdrawn') AS is_settled,
        batch.state = 'done' AS is_done
    FROM journal_pulldocument AS document
    JOIN journal_pull AS pull ON pull.id = document.pull_id
    LEFT JOIN journal_importbatch AS batch ON batch.id = document.batch_id
    WHERE pull.connection_id = ANY(%s) AND document.since < document.until
), document AS MATERIALIZED (
    SELECT *, is_done AND NOT is_held AS has_unread FROM known
), unread AS MATERIALIZED (
    SELECT connection_id, pull_id, account_number, span FROM document WHERE has_unread
), of_pull AS (
    SELECT one.connection_id, one.pull_id, one.account_number,
        range_agg(one.span) FILTER (WHERE one.is_held) AS held,
        range_agg(one.span) FILTER (WHERE one.is_settled) AS settled
    FROM document AS one
    GROUP BY 1, 2, 3
), lacking AS (
    SELECT of_pull.connection_id, of_pull.pull_id, of_pull.account_number,
        range_agg(other.span) FILTER (WHERE NOT other.is_held) AS unheld,
        range_agg(other.span) FILTER (WHERE NOT other.is_settled) AS unsettled
    FROM of_pull
    JOIN document AS other ON other.pull_id = of_pull.pull_id
        AND (of_pull.account_number = '' OR other.account_number IN ('', of_pull.account_number))
    GROUP BY 1, 2, 3
)
SELECT connection_id, account_number,
    range_agg(
        held - coalesce(unheld, '{}'::tstzmultirange) - coalesce(
            (
                SELECT range_agg(later.span) FROM unread AS later
                WHERE later.connection_id = of_pull.connection_id AND later.pull_id > of_pull.pull_id
                    AND (of_pull.account_number = '' OR later.account_number IN ('', of_pull.account_number))
            ),
            '{}'::tstzmultirange
        )
    ),
    range_agg(settled - coalesce(unsettled, '{}'::tstzmultirange))
FROM of_pull JOIN lacking USING (connection_id, pull_id, account_number)
GROUP BY 1, 2
"""


@dataclass(slots=True)
class Coverage:
    """By account number; WHOLE is the connection itself: all accounts that it speaks of."""

    held: dict[str, list[Span]] = field(default_factory=dict)
    settled: dict[str, list[Span]] = field(default_factory=dict)


def coverage_of(connection_ids: Iterable[int]) -> dict[int, Coverage]:
    """Every connection of those ids is in it. The caller has seen to it that they are of the open workspace."""
    found = {id_: Coverage() for id_ in connection_ids}
    with database.cursor() as cursor:
        cursor.execute(_SPANS, [list(found)])
        for id_, account, held, settled in cursor.fetchall():
            found[id_].held[account] = _tidy(held)
            found[id_].settled[account] = _tidy(settled)
    return found


def _tidy(multirange: Any) -> list[Span]:
    return join(Span(one.lower, one.upper) for one in multirange or ())


def beginning(connection: Connection, fetcher: Fetcher, *, now: datetime) -> datetime:
    """How far back the book of this connection is to go."""
    reach = now - fetcher.reach if fetcher.reach is not None else _EARLIEST
    if connection.history_from is None:
        return reach
    wanted = datetime.combine(connection.history_from, time(), tzinfo=ZoneInfo(connection.zone))
    return max(reach, wanted.astimezone(UTC))
