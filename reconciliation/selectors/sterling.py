"""Rates of exchange between a few currencies on one day, from all that a workspace's statements state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal

from common.sql import fetch
from journal.domain.exact import divide
from journal.domain.values import ONE
from journal.selectors.evidence import RateBook

GBP = "GBP"

_RATES = """
SELECT DISTINCT ON (r.from_currency, r.to_currency) r.from_currency, r.to_currency, r.rate
FROM journal_brokeraccount a
JOIN journal_conversionrate r ON r.account_id = a.id AND r.reported_on BETWEEN %(oldest)s AND %(on)s AND r.rate <> 0
JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL
WHERE a.workspace_id = %(workspace)s AND (r.from_currency = ANY(%(wanted)s) OR r.to_currency = ANY(%(wanted)s))
ORDER BY r.from_currency, r.to_currency, r.reported_on DESC, r.id DESC
"""


class Rates:
    """The latest of the day or of the ten days before it; straight, inverted, or through one other currency."""

    def __init__(self, workspace_id: int, wanted: Collection[str], on: date) -> None:
        self._known: dict[str, dict[str, Decimal]] = defaultdict(dict)
        if len(set(wanted)) < 2:
            return
        oldest = on - timedelta(days=RateBook.MAX_AGE_DAYS)
        values = {
            "workspace": workspace_id,
            "wanted": list(set(wanted)),
            "on": on,
            "oldest": oldest,
        }
        rows = fetch(_RATES, values)
        for source, target, rate in rows:
            self._known[target].setdefault(source, divide(ONE, rate))
        for source, target, rate in rows:
            self._known[source][target] = rate

    def rate(self, source: str, target: str) -> Decimal | None:
        """What one unit of `source` is worth in `target`; None where nothing states it."""
        if source == target:
            return ONE
        straight = self._known.get(source, {}).get(target)
        if straight is not None:
            return straight
        for between, rate in sorted(self._known.get(source, {}).items()):
            onward = self._known.get(between, {}).get(target)
            if onward is not None:
                return rate * onward
        return None

    def convert(self, amount: Decimal | None, source: str, target: str) -> Decimal | None:
        rate = None if amount is None else self.rate(source, target)
        return None if amount is None or rate is None else amount * rate
