"""The learner: every step of it, over one workspace, as of one moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import structlog
from django.db import connection, transaction
from django.utils import timezone

from learning.models import LearningRun, RunKind, StepFailure
from learning.services.context import Context
from learning.services.locks import Locked
from learning.services.running import run
from learning.services.steps import ORDER, REPORTS, STEPS
from learning.services.steps.base import Step

logger = structlog.get_logger(__name__)
_WORDS_MAX = 500


def learn(
    workspace_id: int, *, as_of: datetime, kinds: Sequence[RunKind] | None = None
) -> list[LearningRun]:
    """Runs these steps, or all but the reports, in their order; one learner at a time per workspace, the next waits.

    To be called within the scope of the workspace. Each step is a transaction. One that fails leaves the others be: it
    is logged, and kept as `StepFailure` until it works again.
    """
    wanted = [kind for kind in ORDER if kind not in REPORTS] if kinds is None else kinds
    context = Context(workspace_id, as_of)
    runs = []
    with alone(workspace_id):
        told = StepFailure.objects.filter(workspace_id=workspace_id).values_list("kind", flat=True)
        failed = set(told)
        for kind in ORDER:
            if kind in wanted and kind in STEPS:
                try:
                    runs.append(take_step(kind, STEPS[kind], context))
                except Exception as error:
                    logger.exception("learning_failed", workspace=workspace_id, kind=kind.value)
                    _tell(context, kind, error)
                else:
                    if kind in failed:
                        StepFailure.objects.filter(workspace_id=workspace_id, kind=kind).delete()
    return runs


@transaction.atomic
def take_step(kind: RunKind, step: Step, context: Context) -> LearningRun:
    """Computes, keeps and applies one step. Raises `running.Drift` where a kept run does not come out again."""
    kept = run(
        kind,
        context.workspace_id,
        context.as_of,
        step.data_version(context),
        step.config(context),
        lambda rng: step.compute(context, rng),
    )
    step.apply(context, kept)
    return kept


def _tell(context: Context, kind: RunKind, error: Exception) -> None:
    words = f"{type(error).__name__}: {error}"[:_WORDS_MAX]
    StepFailure.objects.update_or_create(
        workspace_id=context.workspace_id,
        kind=kind,
        defaults={"as_of": context.as_of, "words": words, "failed_at": timezone.now()},
    )


@contextmanager
def alone(workspace_id: int) -> Iterator[None]:
    """One learner per workspace at a time; a lock of the session, for every step is a transaction of its own."""
    keys = [Locked.LEARNING.value, workspace_id % 2**31]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", keys)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", keys)
