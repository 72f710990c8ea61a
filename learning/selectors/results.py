"""What came of the newest runs: what pages and the API show without counting anything."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from learning.models import LearningRun, RunKind


class Result(NamedTuple):
    run: LearningRun
    told: dict[str, Any]


def newest_result(kind: RunKind) -> Result | None:
    """Of the open workspace as a whole; None before it was first learnt from."""
    rows = LearningRun.objects.filter(kind=kind, account=None)
    run = rows.order_by("-as_of", "-id").first()
    return None if run is None else Result(run, json.loads(run.result))
