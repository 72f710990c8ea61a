"""Proposals into the table that people look at. They change nothing in the book."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal

from accounts.models import ApiToken
from journal.brokers.capture.recommendations import read_recommendation
from journal.models import CapturedRecord, ImportBatch, Recommendation
from journal.services.recommendations.asking import write_alerts
from journal.services.recommendations.standing import refresh_standings
from journal.services.webhooks.announcing import announce_recommendations


def store_recommendations(batch: ImportBatch, records: Sequence[CapturedRecord]) -> None:
    if not records:
        return
    is_strict = ApiToken.objects.filter(pk=batch.token or 0, needs_approval=True).exists()
    Recommendation.objects.bulk_create(
        [_recommendation(batch, record, is_strict=is_strict) for record in records],
        batch_size=500,
        # It is there already: a doubt here must not hold up what comes after it.
        ignore_conflicts=True,
    )
    names = [record.record_id for record in records]
    refresh_standings(batch.workspace_id, names)
    write_alerts(batch.workspace_id, names)
    announce_recommendations(batch.workspace_id, names)


def _recommendation(
    batch: ImportBatch, record: CapturedRecord, *, is_strict: bool
) -> Recommendation:
    said = json.loads(record.payload, parse_float=Decimal)
    row = read_recommendation(said, record.received_at)
    values = row._asdict()
    return Recommendation(
        workspace_id=batch.workspace_id,
        account_id=record.account_id,
        batch=batch,
        record_id=record.record_id,
        raw=json.loads(record.payload),
        source=record.source,
        received_at=record.received_at,
        **{
            **values,
            "side": row.side or "",
            # What is asked of its bot when it comes holds for it, whatever is asked of the bot later.
            "needs_approval": row.needs_approval or is_strict,
        },
    )
