"""What one currency is worth in another, by the newest rates that any statement of the workspace has stated."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from common.sql import fetch
from journal.domain.exact import divide
from journal.domain.values import ONE

# A rate that is older says nothing about today.
DAYS_MAX = 10

_RATES = """
SELECT DISTINCT ON (r.from_currency, r.to_currency) r.from_currency, r.to_currency, r.rate
FROM journal_conversionrate r JOIN journal_importbatch b ON b.id = r.batch_id
WHERE r.workspace_id = %(workspace)s AND b.withdrawn_at IS NULL AND r.rate > 0
    AND r.reported_on BETWEEN %(day)s - %(days)s AND %(day)s
    AND ((r.from_currency = ANY(%(all)s) AND r.to_currency = %(to)s)
        OR (r.to_currency = ANY(%(all)s) AND r.from_currency = %(to)s))
ORDER BY r.from_currency, r.to_currency, r.reported_on DESC, r.id DESC
"""


def rates_into(
    workspace_id: int, to: str, currencies: Collection[str], on: date
) -> dict[str, Decimal]:
    """By currency, how much of `to` one of it is. What has no rate of the last days is left out: unknown."""
    known = {to: ONE}
    others = sorted({one for one in currencies if one and one != to})
    if not others:
        return known
    values = {"workspace": workspace_id, "day": on, "days": DAYS_MAX, "all": others, "to": to}
    for source, target, rate in fetch(_RATES, values):
        if target == to:
            known[source] = rate
        else:
            known.setdefault(target, divide(ONE, rate))
    return known
