"""Which workspaces are to be learnt from, and as of when."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.models import Workspace
from common.sql import fetch
from journal.models import Recommendation
from learning.models import (
    LearningRun,
    Report,
    ReportKind,
    RunKind,
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


# The overview alone, which is drawn after every close, is no look; a step that failed is taken again.
_NEWS = """
SELECT w.id FROM accounts_workspace w LEFT JOIN LATERAL (
    SELECT r.as_of AS at FROM learning_learningrun r
    WHERE r.workspace_id = w.id AND r.account_id IS NULL AND r.kind = %(look)s AND r.as_of <= %(by)s
    ORDER BY r.as_of DESC LIMIT 1
) looked ON TRUE
WHERE (%(workspace)s::bigint IS NULL OR w.id = %(workspace)s) AND (
    looked.at IS NULL OR looked.at < %(by)s - interval '7 days'
    OR EXISTS (SELECT FROM learning_stepfailure f WHERE f.workspace_id = w.id AND f.kind <> ALL(%(reports)s))
    OR EXISTS (SELECT FROM learning_metricstate s WHERE s.workspace_id = w.id AND s.measured_at > looked.at)
    OR EXISTS (SELECT FROM journal_recommendation r WHERE r.workspace_id = w.id AND r.received_at > looked.at)
    OR EXISTS (SELECT FROM journal_recommendationoutcome o WHERE o.workspace_id = w.id AND o.created_at > looked.at)
    OR EXISTS (SELECT FROM journal_decision d WHERE d.workspace_id = w.id AND d.decided_at > looked.at)
)
"""


def list_with_news(now: datetime) -> list[int]:
    """Those of which something was heard since the learner last looked, or that it has not looked at for a week."""
    news = _with_news(now)
    return [one for one in list_known() if one in news]


def has_news(workspace_id: int, by: datetime) -> bool:
    """Whether the steps may say something else as of `by` than when they were last taken before it."""
    return bool(_with_news(by, workspace_id))


def _with_news(by: datetime, workspace_id: int | None = None) -> set[int]:
    asked = {
        "by": by,
        "workspace": workspace_id,
        "look": RunKind.WHAT_WORKS.value,
        "reports": [kind.value for kind in REPORTS],
    }
    return {id_ for (id_,) in fetch(_NEWS, asked)}
