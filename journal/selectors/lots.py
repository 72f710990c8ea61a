"""The broker's own lot matches, by the fill that closed them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from django.db import connection

from journal.domain.values import StatedLot


def stated_lots(
    account_id: int, instrument_ids: Collection[int]
) -> dict[int, dict[str, tuple[StatedLot, ...]]]:
    """Instrument to closing broker id to the lots that the broker says it consumed.

    The same lots stated by several files come once: an event key is written once per effective batch.
    """
    found: dict[int, dict[str, list[StatedLot]]] = defaultdict(lambda: defaultdict(list))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.instrument_id, r.closing_broker_id, r.quantity, r.open_price, r.opened_at, "
            "r.opening_broker_id, r.cost, r.realized_pnl FROM journal_closedlotreport r "
            "JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL "
            "WHERE r.account_id = %s AND r.instrument_id = ANY(%s) AND r.closing_broker_id <> '' "
            "ORDER BY r.opened_at, r.id",
            [account_id, list(instrument_ids)],
        )
        for instrument_id, closing_id, *lot in cursor.fetchall():
            found[instrument_id][closing_id].append(StatedLot(*lot))
    return {
        instrument_id: {key: tuple(lots) for key, lots in by_fill.items()}
        for instrument_id, by_fill in found.items()
    }
