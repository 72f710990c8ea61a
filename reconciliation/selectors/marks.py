"""What each account's newest answer of its broker valued positions at (`journal.selectors.marks`)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from common.sql import fetch
from journal.selectors.marks import Mark
from reconciliation.selectors.held import FRESH

_NEWEST = """
SELECT s.account_id, p.instrument_id, max(p.price), max(coalesce(p.price_at, s.as_of))
FROM unnest(%(accounts)s::bigint[]) AS a (id)
CROSS JOIN LATERAL (
    SELECT id, account_id, as_of FROM reconciliation_snapshot
    WHERE account_id = a.id AND workspace_id = %(workspace)s AND NOT is_doubted AND as_of BETWEEN %(since)s AND %(now)s
        AND NOT 'positions' = ANY(lacking)
    ORDER BY as_of DESC, id DESC LIMIT 1
) s
JOIN reconciliation_snapshotposition p ON p.snapshot_id = s.id
WHERE p.price IS NOT NULL AND p.instrument_id IS NOT NULL
GROUP BY 1, 2 HAVING min(p.price) = max(p.price)
"""


def newest_marks(workspace_id: int, account_ids: Collection[int], now: datetime) -> Iterator[Mark]:
    """Those of the last thirty hours. Several positions of one market that are valued differently have none."""
    rows = fetch(
        _NEWEST,
        {
            "accounts": list(account_ids),
            "workspace": workspace_id,
            "since": now - FRESH,
            "now": now,
        },
    )
    for row in rows:
        yield Mark(*row)
