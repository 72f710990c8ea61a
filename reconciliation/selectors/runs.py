"""When accounts were heard of, and what came of holding their books against it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from common.sql import fetch

_HEARDNESS = """
SELECT a.id, whole.as_of, whole.received_at, first.began_at, whole.heard
FROM unnest(%(accounts)s::bigint[]) AS a (id)
LEFT JOIN LATERAL (
    SELECT s.as_of, s.received_at, s.heard FROM reconciliation_snapshot s
    WHERE s.account_id = a.id AND s.lacking = '{}' ORDER BY s.as_of DESC, s.id DESC LIMIT 1
) whole ON true
LEFT JOIN LATERAL (
    SELECT r.began_at FROM reconciliation_reconciliationrun r WHERE r.account_id = a.id
    ORDER BY r.began_at, r.id LIMIT 1
) first ON true
"""
# What readers met and no version of theirs knows, of the imports of the last days.
_UNKNOWN = """
SELECT i.account_id, i.code, count(*) FROM journal_dataissue i
JOIN journal_importbatch b ON b.id = i.batch_id AND b.withdrawn_at IS NULL AND b.created_at >= %(since)s
WHERE i.workspace_id = %(workspace)s AND i.account_id = ANY(%(accounts)s) AND i.code LIKE 'unknown%%'
GROUP BY 1, 2 ORDER BY 1, 2
"""
_RECENT = timedelta(days=7)


class Heardness(NamedTuple):
    """`as_of` and `heard_at` are of the latest whole answer, by the broker's clock and by ours, `heard` is how it came;
    `began_at` is when the account was first tried."""

    as_of: datetime | None
    heard_at: datetime | None
    began_at: datetime | None
    heard: str | None


def heardness_of(account_ids: Sequence[int]) -> dict[int, Heardness]:
    rows = fetch(_HEARDNESS, {"accounts": list(account_ids)})
    return {account_id: Heardness(*said) for account_id, *said in rows}


def words_unknown(
    workspace_id: int, account_ids: Sequence[int], *, now: datetime
) -> dict[int, list[tuple[str, int]]]:
    """By account the codes of what could not be understood, with how often."""
    values: dict[str, Any] = {
        "workspace": workspace_id, "accounts": list(account_ids), "since": now - _RECENT,
    }  # fmt: skip
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for account_id, code, times in fetch(_UNKNOWN, values):
        found[account_id].append((code, times))
    return found


_LATEST = """
SELECT a.id, latest.id FROM unnest(%(accounts)s::bigint[]) AS a (id)
CROSS JOIN LATERAL (
    SELECT r.id FROM reconciliation_reconciliationrun r WHERE r.account_id = a.id
    ORDER BY r.began_at DESC, r.id DESC LIMIT 1
) latest
"""


def latest_runs(account_ids: Sequence[int]) -> dict[int, int]:
    """By account the id of its newest run."""
    return dict(fetch(_LATEST, {"accounts": list(account_ids)}))
