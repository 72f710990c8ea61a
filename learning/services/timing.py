"""Which workspaces are to be learnt from, and as of when."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Workspace
from journal.models import Decision, Recommendation, RecommendationOutcome
from learning.models import (
    LearningRun,
    MetricState,
    Report,
    ReportKind,
    RunKind,
    StepFailure,
    TradeFact,
)
from learning.selectors.settings import zone_of
from learning.services.reporting.period import REPORT_AT, period_of
from learning.services.steps import REPORTS, STEPS

_MONDAY = 0


def begin_of_week(now: datetime, zone: ZoneInfo) -> datetime:
    """The latest Monday, 06:00 in the zone, that is not after now."""
    local = now.astimezone(zone)
    monday = local.date() - timedelta(days=(local.weekday() - _MONDAY) % 7)
    begun = datetime.combine(monday, REPORT_AT, zone)
    if begun > now:
        begun = datetime.combine(monday - timedelta(days=7), REPORT_AT, zone)
    return begun


def begin_of_month(now: datetime, zone: ZoneInfo) -> datetime:
    """The latest first of a month, 06:00 in the zone, that is not after now."""
    first = now.astimezone(zone).date().replace(day=1)
    begun = datetime.combine(first, REPORT_AT, zone)
    if begun > now:
        begun = datetime.combine((first - timedelta(days=1)).replace(day=1), REPORT_AT, zone)
    return begun


def due_reports(workspace_id: int, now: datetime) -> list[tuple[RunKind, datetime]]:
    """Reports of this week and month that were not made yet, as of when; none from before there was the workspace.

    What was told of the same days stays, though the workspace has another zone by now and its Monday another hour."""
    zone = zone_of(workspace_id)
    begun = {RunKind.WEEKLY: begin_of_week(now, zone), RunKind.MONTHLY: begin_of_month(now, zone)}
    made_at = Workspace.objects.values_list("created_at", flat=True).get(pk=workspace_id)
    return [
        (kind, as_of)
        for kind, as_of in begun.items()
        if kind in STEPS and as_of >= made_at and not _is_told(workspace_id, kind, as_of, zone)
    ]


def _is_told(workspace_id: int, kind: RunKind, as_of: datetime, zone: ZoneInfo) -> bool:
    done = LearningRun.objects.filter(workspace_id=workspace_id, account=None, kind=kind)
    until = period_of(ReportKind(kind), as_of, zone).until
    told = Report.objects.filter(workspace_id=workspace_id, is_scheduled=True, kind=kind)
    return done.filter(as_of=as_of).exists() or told.filter(until=until).exists()


def list_known() -> list[int]:
    """Workspaces that there is something to learn from."""
    return sorted(
        {
            *TradeFact.objects.values_list("workspace_id", flat=True).distinct(),
            *Recommendation.objects.values_list("workspace_id", flat=True).distinct(),
        }
    )


def list_with_news(now: datetime) -> list[int]:
    """Those of which something was heard since the learner last looked, or that it has not looked at for a week."""
    news = set(_with_news(now).order_by("pk").values_list("pk", flat=True))
    return [one for one in list_known() if one in news]


def has_news(workspace_id: int, by: datetime) -> bool:
    """Whether the steps would say something else as of `by` than when they were last taken before it."""
    return _with_news(by).filter(pk=workspace_id).exists()


def _with_news(by: datetime) -> QuerySet[Workspace]:
    """The overview alone, which is drawn after every close, is no look; a step that failed is taken again."""
    own = {"workspace_id": OuterRef("pk")}
    looks = LearningRun.objects.filter(
        **own, account=None, kind=RunKind.WHAT_WORKS, as_of__lte=by
    ).order_by("-as_of")
    looked_at = OuterRef("looked_at")
    return Workspace.objects.annotate(looked_at=looks.values("as_of")[:1]).filter(
        Q(looked_at=None)
        | Q(looked_at__lt=by - timedelta(days=7))
        | Exists(StepFailure.objects.filter(**own).exclude(kind__in=REPORTS))
        | Exists(MetricState.objects.filter(**own, measured_at__gt=looked_at))
        | Exists(Recommendation.objects.filter(**own, received_at__gt=looked_at))
        | Exists(RecommendationOutcome.objects.filter(**own, created_at__gt=looked_at))
        | Exists(Decision.objects.filter(**own, decided_at__gt=looked_at))
    )
