"""Captured fills that name a plan or a recommendation: noted as they are booked, so that a plan that comes later finds
them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from journal.models import BrokerAccount, ImportBatch, NamedFill
from journal.reading.lines import ExecutionLine, said

_NAMES = ("plan_id", "recommendation_id")


def names_in(record: Mapping[str, Any]) -> tuple[str, str] | None:
    """The plan and the recommendation that a captured fill names; None where it names neither."""
    plan, recommendation = (str(record.get(name) or "").strip()[:64] for name in _NAMES)
    return (plan, recommendation) if plan or recommendation else None


def note_named_fills(
    batch: ImportBatch,
    account: BrokerAccount,
    lines: Iterable[ExecutionLine],
    names: Mapping[int, tuple[str, str]],
) -> set[str]:
    """`names` by the row of the record. The keys of the fills; what was noted before stays as it is."""
    named = [(line.key, names[row]) for line in lines if (row := said(line).row) in names]
    NamedFill.objects.bulk_create(
        [
            NamedFill(
                workspace_id=batch.workspace_id,
                account_id=account.pk,
                batch=batch,
                key=key,
                plan_id=plan,
                recommendation_id=recommendation,
            )
            for key, (plan, recommendation) in named
        ],
        batch_size=1_000,
        ignore_conflicts=True,
    )
    return {key for key, _ in named}
