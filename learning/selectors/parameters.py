"""Versions of what scanners are told, and who was told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from learning.domain.parameters.answering import starting
from learning.domain.parameters.codec import state_from_json
from learning.domain.parameters.policy import score_of_advice
from learning.models import (
    LearningRun,
    ParameterAnswer,
    ParameterVersion,
    RunKind,
    VersionStatus,
)
from learning.selectors.settings import policy_of, settings_of, zone_of

# What no run has looked at for so long is not to be relied upon.
HOLDS = timedelta(days=14)


def in_force(workspace_id: int) -> QuerySet[ParameterVersion]:
    """The newest first."""
    rows = ParameterVersion.objects.filter(workspace_id=workspace_id, status=VersionStatus.IN_FORCE)
    return rows.order_by("-as_of", "-number")


def version_before(workspace_id: int, moment: datetime) -> ParameterVersion | None:
    """What was in force just before."""
    return in_force(workspace_id).filter(as_of__lt=moment).first()


def current_version(workspace_id: int) -> ParameterVersion | None:
    return in_force(workspace_id).first()


def waiting_version(workspace_id: int) -> ParameterVersion | None:
    """The proposal that waits for somebody's approval; there is one at most."""
    rows = ParameterVersion.objects.filter(workspace_id=workspace_id, status=VersionStatus.WAITING)
    return rows.order_by("-as_of", "-id").first()


def refused_before(workspace_id: int, moment: datetime) -> dict[str, datetime]:
    """Parameters of which somebody refused a step before then, and when that was last."""
    rows = ParameterVersion.objects.filter(
        workspace_id=workspace_id, status=VersionStatus.REFUSED, decided_at__lt=moment
    )
    told = rows.order_by("decided_at", "id").values_list("changed", "decided_at")
    return {name: at for changed, at in told if at is not None for name in changed}


def latest_run(workspace_id: int) -> LearningRun | None:
    rows = LearningRun.objects.filter(
        workspace_id=workspace_id, account=None, kind=RunKind.PARAMETERS
    )
    return rows.order_by("-as_of", "-id").first()


def answers_before(workspace_id: int, moment: datetime) -> list[ParameterAnswer]:
    """In the order in which they were first given."""
    rows = ParameterAnswer.objects.filter(workspace_id=workspace_id, first_at__lt=moment)
    return list(rows.select_related("version").order_by("first_at", "id"))


def settings_told(workspace_id: int) -> dict[str, Any]:
    """As they count: what nobody chose is what is usual."""
    held = settings_of(workspace_id)
    return {
        "policy": policy_of(workspace_id),
        "needs_approval": held.needs_approval,
        "zone": zone_of(workspace_id).key,
        "start": starting(held.start),
    }


def score_of(version: ParameterVersion) -> dict[str, float]:
    """How the steps fared that are in it. A run may have had one more, which waits for somebody, and people may have
    taken some back since."""
    return dict(score_of_advice(state_from_json(version.state).moves))


def told_of(
    workspace_id: int, version: ParameterVersion, run: LearningRun | None, result: Any
) -> dict[str, Any]:
    """The answer to a scanner. `result` is that of the run, None before the first."""
    waiting = waiting_version(workspace_id)
    evidence = {} if result is None else result["evidence"]
    return {
        "version": version.number,
        "as_of": version.as_of if run is None else max(version.as_of, run.as_of),
        "policy": policy_of(workspace_id).value,
        "effective": version.effective,
        "start": starting(settings_of(workspace_id).start),
        "seed_rule": None if result is None else result["seed"],
        "evidence": {
            name: {key: value for key, value in one.items() if key != "curve"}
            for name, one in evidence.items()
        },
        "changed": version.changed,
        "cause": version.cause,
        "waiting": None if waiting is None else {"id": waiting.pk, "changed": waiting.changed},
        "cooling": 0 if result is None else result["cooling"],
        "refused": {} if result is None else result["refused"],
        "leaks": [] if result is None else result["leaks"],
        "score": None if result is None else score_of(version),
        "run": None if run is None else run.pk,
        "expires": (version.as_of if run is None else run.as_of) + HOLDS,
    }
