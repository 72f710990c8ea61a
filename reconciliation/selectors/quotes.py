"""Quotes of the past, as snapshots have them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from common.sql import fetch

# So many of the latest snapshots of an account say what is usual in its markets.
_SNAPSHOTS = 30
_PAST = """
SELECT s.account_id, i.key, coalesce(p.price_at, s.as_of), p.bid, p.ask, p.price
FROM unnest(%(accounts)s::bigint[]) AS a (id)
CROSS JOIN LATERAL (
    SELECT id, account_id, as_of FROM reconciliation_snapshot
    WHERE account_id = a.id AND NOT is_doubted AND id <> ALL (%(but)s::bigint[])
    ORDER BY as_of DESC, id DESC LIMIT %(snapshots)s
) s
JOIN reconciliation_snapshotposition p ON p.snapshot_id = s.id
JOIN journal_instrument i ON i.id = p.instrument_id
WHERE p.price IS NOT NULL
ORDER BY s.account_id, s.as_of, s.id, p.id
"""


class Past(NamedTuple):
    at: datetime
    bid: Decimal | None
    ask: Decimal | None
    price: Decimal


def past_quotes(
    account_ids: Collection[int], *, but: Collection[int]
) -> dict[tuple[int, str], list[Past]]:
    """By account and the contract's key, oldest first, without the snapshots `but`."""
    rows: list[tuple[Any, ...]] = fetch(
        _PAST, {"accounts": list(account_ids), "but": list(but), "snapshots": _SNAPSHOTS}
    )
    found: dict[tuple[int, str], list[Past]] = defaultdict(list)
    for account_id, key, *said in rows:
        found[account_id, key].append(Past(*said))
    return found
