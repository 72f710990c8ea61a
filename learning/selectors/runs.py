"""What the latest runs said."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

from learning.models import LearningRun, RunKind
from learning.models.runs import ALARM


class Latest(NamedTuple):
    run: LearningRun
    told: Any


def counts_from(workspace_id: int, as_of: datetime) -> int | None:
    """Since when, in seconds since 1970, trades count fully: what came before the change that was found last counts for
    less. None where no run by then had found any."""
    found = alarms_by(workspace_id, as_of).values_list("result", flat=True).first()
    if found is None:
        return None
    told: int | None = json.loads(found).get("counts_from")
    return told


def alarms_by(workspace_id: int, as_of: datetime) -> QuerySet[LearningRun]:
    """Runs that found a change, the newest first: read from the index `learning_run_alarm`, whose condition this is."""
    alarms = LearningRun.objects.filter(
        workspace_id=workspace_id, account=None, kind=RunKind.REGIME, as_of__lte=as_of,
        result__contains=ALARM,
    )  # fmt: skip
    return alarms.order_by("-as_of", "-id")


def latest_result(kind: RunKind) -> Latest | None:
    """Of the open workspace as a whole; None before the first run."""
    rows = LearningRun.objects.filter(kind=kind, account__isnull=True)
    run = rows.order_by("-as_of", "-id").first()
    return None if run is None else Latest(run, json.loads(run.result))
