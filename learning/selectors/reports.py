"""Reports as pages, mails and the API read them, and what a new one reads of earlier ones."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from common.errors import NotFound
from journal.selectors.keyset import Key, Page, read_page
from learning.models import Report

NEWEST = [Key("as_of", descending=True), Key("id", descending=True)]


def list_reports() -> QuerySet[Report]:
    """Of the open workspace, without what they say."""
    return Report.objects.select_related("run").defer("run__result")


def read_reports(rows: QuerySet[Report], *, cursor: str = "", limit: int = 30) -> Page[Report]:
    return read_page([rows], NEWEST, limit=limit, cursor=cursor)


def get_report(report_id: int) -> Report:
    """With all that it says. Raises NotFound."""
    found = Report.objects.select_related("run", "workspace").filter(pk=report_id).first()
    if found is None:
        raise NotFound("report_not_found", "There is no such report in this workspace.")
    return found


def find_report(report_id: int | None, kind: str | None) -> Report | None:
    """By its id, raising NotFound; else the newest, of a kind where one is named. None where there is none yet."""
    if report_id is not None:
        return get_report(report_id)
    rows = Report.objects.select_related("run")
    return (rows if kind is None else rows.filter(kind=kind)).order_by("-as_of", "-id").first()


def is_made_since(kind: str, moment: datetime) -> bool:
    """Whether there is one of what was known at that moment, to the second, or later; of the open workspace."""
    return Report.objects.filter(kind=kind, as_of__gte=moment.replace(microsecond=0)).exists()


def told_by(report: Report) -> dict[str, Any]:
    """`learning.domain.report.building.told_of`, as it was kept."""
    told: dict[str, Any] = json.loads(report.run.result)
    return told


def neighbours_of(report: Report) -> tuple[Report | None, Report | None]:
    """The report after and the one before, of the same kind."""
    own = list_reports().filter(kind=report.kind)
    newer = own.filter(as_of__gt=report.as_of).order_by("as_of", "id").first()
    older = own.filter(as_of__lt=report.as_of).order_by("-as_of", "-id").first()
    return newer, older


def focus_before(
    workspace_id: int, kind: str, as_of: datetime, since: Any
) -> dict[str, str] | None:
    """What the latest report of a period that was over by `since` asked to be kept."""
    before = (
        Report.objects.filter(
            workspace_id=workspace_id, kind=kind, as_of__lt=as_of, until__lt=since
        )
        .order_by("-as_of", "-id")
        .first()
    )
    return before.focus if before is not None else None
