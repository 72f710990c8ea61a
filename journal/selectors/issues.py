"""Data issues that nobody has dismissed, and those that were."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    When,
)

from common.errors import NotFound
from journal.models import DataIssue, IssueDismissal
from journal.selectors.keyset import Key, Page, read_page

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


def _latest() -> Any:
    """With `is_dismissed`. The same trouble in a file imported again is one trouble: the newest speaks for all."""
    newer = DataIssue.objects.filter(
        workspace_id=OuterRef("workspace_id"),
        fingerprint=OuterRef("fingerprint"),
        pk__gt=OuterRef("pk"),
    )
    return DataIssue.objects.filter(~Exists(newer)).annotate(is_dismissed=_dismissed())


def list_issues(*, dismissed: bool = False) -> QuerySet[DataIssue]:
    """The most severe first, then the newest."""
    issues: QuerySet[DataIssue] = (
        _latest()
        .annotate(weight=_WEIGHT)
        .filter(is_dismissed=dismissed)
        .select_related("account", "instrument", "batch__file", "execution")
        .order_by("weight", "-id")
    )
    return issues


def count_issues() -> int:
    """Issues that want a person: errors and warnings that nobody dismissed."""
    number: int = _latest().filter(is_dismissed=False, severity__in=["error", "warning"]).count()
    return number


def count_by_kind() -> Counter[str]:
    """Open issues by severity, and how many are dismissed."""
    rows = _latest().values_list("severity", "is_dismissed").annotate(Count("pk")).order_by()
    counts: Counter[str] = Counter()
    for severity, is_dismissed, number in rows:
        counts["dismissed" if is_dismissed else severity] += number
    return counts


def page_of_issues(kind: str, *, limit: int, cursor: str = "") -> Page[DataIssue]:
    """Open issues of a severity, or the dismissed ones: the newest first, each with why it was dismissed."""
    reasons = IssueDismissal.objects.filter(
        workspace_id=OuterRef("workspace_id"), fingerprint=OuterRef("fingerprint")
    )
    issues = (
        _latest()
        .annotate(dismissed_because=Subquery(reasons.values("reason")[:1]))
        .filter(is_dismissed=kind == "dismissed")
        .select_related("account", "instrument", "batch__file", "execution__leg")
    )
    if kind != "dismissed":
        issues = issues.filter(severity=kind)
    return read_page([issues], [Key("id", descending=True)], limit=limit, cursor=cursor)


def get_issue(issue_id: int) -> DataIssue:
    issue = DataIssue.objects.filter(pk=issue_id).first()
    if issue is None:
        raise NotFound("issue_not_found", "This data issue is not there any more.")
    return issue


def list_told(account_id: int, code: str) -> set[int]:
    """Instruments of the account of which booking tells this, dismissed or not."""
    rows = DataIssue.objects.filter(account_id=account_id, batch=None, code=code)
    return set(rows.exclude(instrument=None).values_list("instrument_id", flat=True))
