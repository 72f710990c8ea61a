"""What came of holding books against what brokers said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from common.sql import fetch

# What readers met and no version of theirs knows, of the imports of the last days.
_UNKNOWN = """
SELECT i.account_id, i.code, count(*) FROM journal_dataissue i
JOIN journal_importbatch b ON b.id = i.batch_id AND b.withdrawn_at IS NULL AND b.created_at >= %(since)s
WHERE i.workspace_id = %(workspace)s AND i.account_id = ANY(%(accounts)s) AND i.code LIKE 'unknown%%'
GROUP BY 1, 2 ORDER BY 1, 2
"""
_RECENT = timedelta(days=7)


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


_FAILING = """
SELECT a.id FROM unnest(%(accounts)s::bigint[]) AS a (id)
CROSS JOIN LATERAL (
    SELECT r.outcome FROM reconciliation_reconciliationrun r WHERE r.account_id = a.id AND r.outcome <> 'unknown'
    ORDER BY r.began_at DESC, r.id DESC LIMIT 1
) latest
WHERE latest.outcome = 'failed'
"""


def failing_before(account_ids: Sequence[int]) -> set[int]:
    """Accounts whose book could not be compared when they were heard last."""
    return {id_ for (id_,) in fetch(_FAILING, {"accounts": list(account_ids)})}


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
