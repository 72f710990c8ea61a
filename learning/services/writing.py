"""States and points of parts into the database: each state in one statement with the others, points by COPY."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from common.sql import execute
from journal.services.copying import copy_rows
from learning.models import MetricPoint, MetricState
from learning.services.parts import FORMULAS, PartKey, Progress, Told, account_of

_AT_ONCE = 2_000
_STATE_FIELDS = [
    "account", "n", "last_at", "last_id", "figures", "state", "data_version", "formulas", "measured_at",
]  # fmt: skip
_POINT_COLUMNS = (
    "workspace", "account", "of", "n", "trade_id", "known_at", "closed_at", "values", "checkpoint",
)  # fmt: skip
_FORGET = """
DELETE FROM learning_metricpoint p USING unnest(%s::bigint[], %s::int[]) AS told (id, n)
WHERE p.of_id = told.id AND p.n > told.n
"""


def write(
    workspace_id: int, begun: Mapping[PartKey, Progress], states: Mapping[PartKey, MetricState]
) -> None:
    """States as they are now, their points, and nothing of what has no trades any more."""
    forget = {
        states[key].pk: one.before
        for key, one in begun.items()
        if key in states and one.before < states[key].n
    }
    if forget:
        execute(_FORGET, [list(forget), list(forget.values())])
    empty = [states[key].pk for key, one in begun.items() if not one.n and key in states]
    if empty:
        MetricState.objects.filter(pk__in=empty).delete()
    now = timezone.now()
    left = [one for one in begun.values() if one.n]
    rows = [_state(workspace_id, one) for one in left]
    for row in rows:
        row.measured_at = now
    if not rows:
        return
    MetricState.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["workspace", "part", "key", "currency"],
        update_fields=_STATE_FIELDS,
        batch_size=_AT_ONCE,
    )
    points = (_point(row, told) for row, one in zip(rows, left, strict=True) for told in one.points)
    if any(one.points for one in left):
        copy_rows(MetricPoint, _POINT_COLUMNS, points)


def _state(workspace_id: int, one: Progress) -> MetricState:
    assert one.last is not None, "it has trades"
    figures = one.running.figures()
    return MetricState(
        workspace_id=workspace_id,
        account_id=account_of(one.key),
        **one.key._asdict(),
        n=one.n,
        last_at=one.last.known_at,
        last_id=one.last.id,
        figures={name: figure.as_json() for name, figure in figures.items()},
        state=one.running.as_bytes(),
        data_version=one.data_version,
        formulas=FORMULAS,
    )


def _point(state: MetricState, told: Told) -> tuple[Any, ...]:
    return (
        state.workspace_id,
        state.account_id,
        state.pk,
        told.n,
        told.trade.id,
        told.trade.known_at,
        told.trade.closed_at,
        json.dumps(told.values, separators=(",", ":"), allow_nan=False),
        None if told.checkpoint is None else f"\\x{told.checkpoint.hex()}",
    )
