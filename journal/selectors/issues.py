"""Data issues that nobody has dismissed, and those that were."""

from __future__ import annotations

from django.db.models import Case, Exists, IntegerField, OuterRef, QuerySet, Value, When

from common.errors import NotFound
from journal.models import DataIssue, IssueDismissal

_WEIGHT = Case(
    When(severity="error", then=Value(0)),
    When(severity="warning", then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


def _dismissed() -> Exists:
    return Exists(
        IssueDismissal.objects.filter(
            workspace_id=OuterRef("workspace_id"), fingerprint=OuterRef("fingerprint")
        )
    )


def list_issues(*, dismissed: bool = False) -> QuerySet[DataIssue]:
    """The most severe first, then the newest."""
    return (
        DataIssue.objects.annotate(is_dismissed=_dismissed(), weight=_WEIGHT)
        .filter(is_dismissed=dismissed)
        .select_related("account", "instrument", "batch__file", "execution")
        .order_by("weight", "-id")
    )


def count_issues() -> int:
    """Issues that want a person: errors and warnings that nobody dismissed."""
    return (
        DataIssue.objects.annotate(is_dismissed=_dismissed())
        .filter(is_dismissed=False, severity__in=["error", "warning"])
        .count()
    )


def get_issue(issue_id: int) -> DataIssue:
    issue = DataIssue.objects.filter(pk=issue_id).first()
    if issue is None:
        raise NotFound("issue_not_found", "This data issue is not there any more.")
    return issue
