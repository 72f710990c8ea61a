"""Reports: the list, one of them, and the ways to take it away."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_scopes import scope

from accounts.middleware import workspace_optional
from accounts.requests import WorkspaceRequest, require_writer
from common.errors import Conflict, Rejected
from common.htmx import redirect
from common.queue import enqueue
from journal.views.lists import page_links
from learning import tasks
from learning.charts.reports import chart_of
from learning.models import Report, ReportKind
from learning.selectors import reports as selectors
from learning.selectors.report_channels import email_channels, wants_reports
from learning.services.reporting import csv_rows, subscribing

# Left and right column of a wide page; the rest is below in its order.
_LEAD = ("scoreboard", "focus")
_PAUSED = "Your e-mail channel is paused: go on with it in Settings, Alerts."
_SIGNED = {"total_r", "total_money", "r", "mistake_cost", "advice", "expectancy_r"}


@require_safe
def reports(request: WorkspaceRequest) -> HttpResponse:
    page = selectors.read_reports(selectors.list_reports(), cursor=request.GET.get("cursor", ""))
    context = {
        "rows": page.rows,
        "page": page_links(request, page),
        "kinds": ReportKind.choices,
        "is_mailed": wants_reports(request.user.pk),
    }  # fmt: skip
    return render(request, "learning/reports.html", context)


@require_safe
def report(request: WorkspaceRequest, period_report_id: int) -> HttpResponse:
    found = selectors.get_report(period_report_id)
    told = selectors.told_by(found)
    document = told["document"]
    sections = [_section(one, document["zone"]) for one in document["sections"]]
    newer, older = selectors.neighbours_of(found)
    context = {
        "report": found,
        "document": document,
        "score": told["score"],
        "lead": {one["key"]: one for one in sections if one["key"] in _LEAD},
        "sections": [one for one in sections if one["key"] not in _LEAD],
        "newer": newer,
        "older": older,
        "is_mailed": wants_reports(request.user.pk),
    }
    return render(request, "learning/report.html", context)


def _section(section: dict[str, Any], zone: str) -> dict[str, Any]:
    return {
        **section,
        "chart": chart_of(section, zone),
        "tables": [_table(one) for one in section["tables"]],
    }


def _table(table: dict[str, Any]) -> dict[str, Any]:
    numeric = set(table["numeric"])
    heads = [(words, at in numeric) for at, words in enumerate(table["columns"])]
    rows = [
        [{**cell, "is_number": at in numeric, "tone": _tone(cell)} for at, cell in enumerate(row)]
        for row in table["rows"]
    ]
    return {"title": table["title"], "heads": heads, "rows": rows}


def _tone(cell: dict[str, Any]) -> str:
    value = (cell.get("figure") or {}).get("value")
    if cell.get("formula") not in _SIGNED or not value:
        return ""
    return "is-profit" if value > 0 else "is-loss"


@require_POST
def make(request: WorkspaceRequest) -> HttpResponse:
    """The days up to now, as of now."""
    require_writer(request.membership)
    kind = request.POST.get("kind", "")
    if kind not in ReportKind.values:
        raise Rejected("report_kind_unknown", "A report is weekly or monthly.")
    enqueue(tasks.make_report, request.workspace.pk, kind, timezone.now().isoformat())
    messages.info(request, "The report is being made. It is here in a moment: reload the page.")
    return redirect(request, "learning:reports")


@require_POST
def mail(request: WorkspaceRequest) -> HttpResponse:
    """Whether this person gets reports of this workspace by e-mail."""
    if request.POST.get("wanted") == "yes":
        if subscribing.subscribe(request.membership).paused_at is not None:
            raise Conflict("channel_paused", _PAUSED)
        messages.success(request, f"Reports of {request.workspace} go to {request.user.email}.")
    else:
        subscribing.unsubscribe(request.membership.workspace_id, request.user.pk)
        messages.success(request, "No more reports by e-mail.")
    return redirect(request, "learning:reports")


@require_POST
def mail_one(request: WorkspaceRequest, period_report_id: int) -> HttpResponse:
    """This report, to this person, now. Who has no e-mail channel gets one, and with it the reports that follow."""
    found = selectors.get_report(period_report_id)
    told = f"On its way to {request.user.email}."
    channels = email_channels(request.workspace.pk, request.user.pk)
    if not channels.exists():
        subscribing.subscribe(request.membership)
        told += " The reports that follow come by e-mail, too, until you stop that."
    elif not channels.filter(paused_at=None).exists():
        raise Conflict("channel_paused", _PAUSED)
    enqueue(tasks.mail_report, request.workspace.pk, found.pk, request.user.pk)
    messages.info(request, told)
    return redirect(request, "learning:report", found.pk)


@csrf_exempt
@workspace_optional
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """By the link of a mail, signed in or not. Mail programs post to it by themselves (RFC 8058); looking changes
    nothing."""
    workspace_id, user_id = subscribing.read_token(token)
    is_done = request.method == "POST"
    if is_done:
        with scope(workspace=workspace_id):
            subscribing.unsubscribe(workspace_id, user_id)
    return render(request, "learning/unsubscribe.html", {"is_done": is_done})


@require_safe
def as_pdf(request: WorkspaceRequest, period_report_id: int) -> HttpResponse:
    from learning.services.reporting.printing import as_pdf as print_pdf  # noqa: PLC0415 - heavy

    found = selectors.get_report(period_report_id)
    content = print_pdf(selectors.told_by(found)["document"])
    return _file(content, "application/pdf", found, "pdf")


@require_safe
def as_json(request: WorkspaceRequest, period_report_id: int) -> HttpResponse:
    """Byte for byte what was kept: with all that it was made of (`manage.py check_report`)."""
    found = selectors.get_report(period_report_id)
    return _file(found.run.result.encode(), "application/json", found, "json")


@require_safe
def as_csv(request: WorkspaceRequest, period_report_id: int) -> HttpResponse:
    found = selectors.get_report(period_report_id)
    content = csv_rows.as_csv(selectors.told_by(found)["document"])
    return _file(content.encode("utf-8-sig"), "text/csv; charset=utf-8", found, "csv")


def _file(content: bytes, kind: str, report: Report, ending: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    name = f"fillbook-{report.kind}-{report.until:%Y-%m-%d}.{ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
