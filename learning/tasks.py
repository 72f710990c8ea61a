"""Celery entry points. What computes is imported by the worker that does: the web server only enqueues."""

from __future__ import annotations

from datetime import datetime

from celery import shared_task
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.models import Workspace
from common.queue import enqueue, enqueue_soon

# What is enqueued is left to whoever enqueued it for this long.
_PATIENCE_SECONDS = 20.0


@shared_task(ignore_result=True)
def measure(workspace_id: int) -> None:
    """All that waits in the workspace."""
    from learning.services import measuring  # noqa: PLC0415 - brings scipy

    with scope(workspace=workspace_id):
        if measuring.measure(workspace_id).facts:
            enqueue_soon(measure_returns, workspace_id, seconds=60)
            enqueue_soon(draw_overview, workspace_id, seconds=60)
    enqueue(write_insights, workspace_id)


@shared_task(ignore_result=True)
def write_insights(workspace_id: int) -> None:
    """What is said of closed trades, a few hundred at a time, so that many do not keep a worker from others."""
    from learning.services import insights  # noqa: PLC0415 - brings scipy

    with scope(workspace=workspace_id):
        is_more = insights.write_insights(workspace_id).is_more
    if is_more:
        enqueue(write_insights, workspace_id)


@shared_task(ignore_result=True)
def measure_returns(workspace_id: int) -> None:
    """Figures over time, of what accounts are worth by now."""
    from learning.services import returning  # noqa: PLC0415 - brings scipy

    with scope(workspace=workspace_id):
        returning.measure_returns(workspace_id, timezone.now())


@shared_task(ignore_result=True)
def measure_waiting() -> None:
    """Whatever changed and nobody has taken up: the queue was away, or the worker was killed."""
    from learning.services import measuring  # noqa: PLC0415 - as above

    for workspace_id in measuring.list_waiting(_PATIENCE_SECONDS):
        measure.delay(workspace_id)


@shared_task(ignore_result=True)
def measure_again(workspace_id: int) -> None:
    from learning.services import measuring  # noqa: PLC0415 - as above

    with scope(workspace=workspace_id):
        measuring.measure_all(workspace_id)
    measure_returns(workspace_id)
    write_insights(workspace_id)


@shared_task(ignore_result=True)
def measure_everything() -> None:
    """Every night: what nobody told of, such as a tag that is called otherwise, is found by looking at all of it."""
    with scopes_disabled():
        workspace_ids = list(Workspace.objects.order_by("pk").values_list("pk", flat=True))
    for workspace_id in workspace_ids:
        measure_again.delay(workspace_id)


@shared_task(ignore_result=True)
def learn(workspace_id: int, as_of: str = "", kinds: str = "") -> None:
    """Every step of the learner but the reports, as of now; or those that `kinds` names, with spaces between, as of a
    moment in ISO 8601."""
    from learning.models import RunKind  # noqa: PLC0415 - as below
    from learning.services import learner  # noqa: PLC0415 - brings scipy

    moment = datetime.fromisoformat(as_of) if as_of else timezone.now()
    wanted = [RunKind(one) for one in kinds.split()] or None
    with scope(workspace=workspace_id):
        learner.learn(workspace_id, as_of=moment, kinds=wanted)


@shared_task(ignore_result=True)
def draw_overview(workspace_id: int) -> None:
    """What the plots of the overview show, with what was closed since."""
    from learning.models import RunKind  # noqa: PLC0415 - as above

    learn(workspace_id, kinds=RunKind.OVERVIEW)


@shared_task(ignore_result=True)
def learn_nightly() -> None:
    """Of every workspace of which something was heard since it was last learnt from."""
    from learning.services import timing  # noqa: PLC0415 - as above

    with scopes_disabled():
        workspace_ids = timing.list_with_news(timezone.now())
    for workspace_id in workspace_ids:
        learn.delay(workspace_id)


@shared_task(ignore_result=True)
def thin_runs() -> None:
    from learning.services import thinning  # noqa: PLC0415 - as above

    with scopes_disabled():
        thinning.thin_runs(timezone.now())


@shared_task(ignore_result=True)
def learn_weekly() -> None:
    """Every hour: whose week or month has begun has its claims looked at and its report made, once. Who was away at
    that hour is not forgotten: as of that hour it is made later."""
    from learning.services import timing  # noqa: PLC0415 - as above

    now = timezone.now()
    with scopes_disabled():
        due = [(one, timing.due_reports(one, now)) for one in timing.list_known()]
    for workspace_id, reports in due:
        for kind, as_of in reports:
            learn_and_report.delay(workspace_id, kind, as_of.isoformat())


@shared_task(ignore_result=True)
def learn_and_report(workspace_id: int, kind: str, as_of: str) -> None:
    """The steps that a report tells of, where there are news since they were last taken; then the report."""
    from learning.services import timing  # noqa: PLC0415 - as above

    with scopes_disabled():
        is_news = timing.has_news(workspace_id, datetime.fromisoformat(as_of))
    if is_news:
        learn(workspace_id, as_of)
    learn(workspace_id, as_of, kind)


@shared_task(ignore_result=True)
def make_report(workspace_id: int, kind: str, asked_at: str) -> None:
    """As of now. Who asks twice, or with others at once, gets one: what was made since they asked has it all."""
    from learning.selectors.reports import is_made_since  # noqa: PLC0415 - as below

    with scope(workspace=workspace_id):
        is_made = is_made_since(kind, datetime.fromisoformat(asked_at))
    if not is_made:
        learn_and_report(workspace_id, kind, timezone.now().isoformat())


@shared_task(ignore_result=True)
def expose(workspace_id: int) -> None:
    """What is open now and what it risks, for the page of exposure."""
    from learning.services import exposing  # noqa: PLC0415 - brings scipy and QuantLib

    with scope(workspace=workspace_id):
        exposing.expose(workspace_id, timezone.now())


@shared_task(ignore_result=True)
def expose_everybody() -> None:
    """Every workspace with something open, and those whose last look still shows something."""
    from learning.selectors.exposure import list_to_expose  # noqa: PLC0415 - as above

    with scopes_disabled():
        workspace_ids = list_to_expose()
    for workspace_id in workspace_ids:
        expose.delay(workspace_id)


@shared_task(ignore_result=True)
def mail_report(workspace_id: int, report_id: int, user_id: int) -> None:
    """One report to one person who asked for it."""
    from journal.tasks import deliver_alerts  # noqa: PLC0415 - only for this
    from learning.selectors.reports import get_report  # noqa: PLC0415 - as below
    from learning.services.reporting import mailing  # noqa: PLC0415 - brings matplotlib

    with scope(workspace=workspace_id):
        mailing.mail_to(get_report(report_id), user_id)
    deliver_alerts.delay()


@shared_task(ignore_result=True)
def learn_past(workspace_id: int, after: str = "") -> None:
    """Of the demo, and where an account was erased: one Monday, the first after that moment, then the next one in its
    turn, so that other work is not kept waiting."""
    from learning.services.demo import past  # noqa: PLC0415 - brings scipy

    with scope(workspace=workspace_id):
        since = datetime.fromisoformat(after) if after else None
        done = past.learn_next(workspace_id, timezone.now(), since)
    if done is None:
        learn.delay(workspace_id)
        expose.delay(workspace_id)
    else:
        learn_past.delay(workspace_id, done.isoformat())
