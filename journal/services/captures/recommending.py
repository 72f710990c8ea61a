"""Proposals into the table that people look at. They change nothing in the book."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal

from journal.brokers.capture.recommendations import read_recommendation
from journal.models import CapturedRecord, ImportBatch, Recommendation


def store_recommendations(batch: ImportBatch, records: Sequence[CapturedRecord]) -> None:
    Recommendation.objects.bulk_create(
        [_recommendation(batch, record) for record in records],
        batch_size=500,
        # It is there already: a doubt here must not hold up what comes after it.
        ignore_conflicts=True,
    )


def _recommendation(batch: ImportBatch, record: CapturedRecord) -> Recommendation:
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
        **{**values, "side": row.side or ""},
    )
