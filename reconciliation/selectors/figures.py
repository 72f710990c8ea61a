"""Figures of the whole installation for `/metrics`: what was counted, and how accounts stand by their latest snapshots.

Nothing in them is personal: an account is its number in the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django_scopes import scopes_disabled

from journal.models import BrokerAccount
from reconciliation.models import PositionSnapshot, Tally

_NEWEST = f"""
SELECT account.id, account.broker, newest.equity_gbp, newest.drawdown_percent, newest.position_count, newest.synced_at
FROM {BrokerAccount._meta.db_table} AS account
CROSS JOIN LATERAL (
    SELECT equity_gbp, drawdown_percent, position_count, synced_at
    FROM {PositionSnapshot._meta.db_table}
    WHERE account_id = account.id
    ORDER BY created_at DESC, id DESC
    LIMIT 1
) AS newest
WHERE account.archived_at IS NULL
ORDER BY account.id
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """Of an account after the latest attempt to read it. What is None is unknown, and never zero."""

    account_id: int
    broker: str
    equity_gbp: Decimal | None
    drawdown_percent: Decimal | None
    position_count: int | None
    synced_at: datetime | None


def read_standings() -> list[Standing]:
    """Of every account that was ever read and is not archived."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST)
        return [Standing(*row) for row in cursor.fetchall()]


def read_tallies() -> dict[str, dict[str, float]]:
    """Values by label, by name."""
    found: dict[str, dict[str, float]] = {}
    with scopes_disabled():
        for name, label, value in Tally.objects.order_by("name", "label").values_list(
            "name", "label", "value"
        ):
            found.setdefault(name, {})[label] = value
    return found
