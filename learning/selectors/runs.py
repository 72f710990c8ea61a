"""What the latest runs said."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, NamedTuple

from learning.models import LearningRun, RunKind


class Latest(NamedTuple):
    run: LearningRun
    told: Any


def counts_from(workspace_id: int, as_of: datetime) -> int | None:
    """Since when, in seconds since 1970, trades count fully: what came before the change that was found last counts for
    less. None where no run by then had found any."""
    alarms = LearningRun.objects.filter(
        workspace_id=workspace_id, account=None, kind=RunKind.REGIME, as_of__lte=as_of,
        result__contains='"is_alarm":true',
    )  # fmt: skip
    found = alarms.order_by("-as_of", "-id").first()
    if found is None:
        return None
    told: int | None = json.loads(found.result).get("counts_from")
    return told


def latest_result(kind: RunKind) -> Latest | None:
    """Of the open workspace as a whole; None before the first run."""
    rows = LearningRun.objects.filter(kind=kind, account__isnull=True)
    run = rows.order_by("-as_of", "-id").first()
    return None if run is None else Latest(run, json.loads(run.result))
