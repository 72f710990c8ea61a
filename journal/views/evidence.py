"""The row of a file behind a figure, and a person's correction of what it says."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import WorkspaceRequest, require_writer
from common.errors import NotFound, Rejected
from common.htmx import redirect
from journal.models import Correction, CorrectionKind, Execution, ExecutionReport
from journal.selectors.corrections import (
    actions_of,
    find_correction,
    find_trade_of,
    get_correction,
    list_corrections,
    reports_of,
)
from journal.services.corrections import NUMBERS, correct_fill, withdraw_correction

_CLOCK = "%Y-%m-%dT%H:%M:%S"
_SHOWN_MAX = 200


@require_safe
def report(request: HttpRequest, report_id: int) -> HttpResponse:
    found = (
        ExecutionReport.objects.filter(pk=report_id)
        .select_related("batch__file", "account", "instrument")
        .first()
    )
    if found is None:
        raise NotFound("report_not_found", "There is no such row in this workspace.")
    context = {
        "report": found,
        "raw": sorted(found.raw.items()),
        "trade_id": find_trade_of(found.account_id, found.fill_key),
    }
    return render(request, "journal/evidence.html", context)


@require_safe
def corrections(request: HttpRequest) -> HttpResponse:
    rows = list(list_corrections()[:_SHOWN_MAX])
    reports, actions = reports_of(rows), actions_of(rows)
    places = [(row, (row.account_id, row.fill_key)) for row in rows]
    context = {"rows": [(row, reports.get(place), actions.get(place)) for row, place in places]}
    return render(request, "journal/corrections.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: WorkspaceRequest, execution_id: int) -> HttpResponse:
    require_writer(request.membership)
    execution = (
        Execution.objects.filter(pk=execution_id)
        .select_related("account", "instrument", "report", "leg")
        .first()
    )
    if execution is None or execution.report is None:
        raise NotFound("fill_not_found", "There is no such reported fill in this workspace.")
    values = _values(execution)
    complaints: dict[str, list[str]] = {}
    if request.method == "POST":
        values |= {name: request.POST.get(name, "") for name in (*values, "kind", "reason")}
        try:
            correction = _save(request, execution, values)
        except Rejected as error:
            complaints = error.fields or {"": [error.message]}
        else:
            messages.success(request, "Corrected. The book follows; what was reported stays.")
            return redirect(request, *_place_of(correction))
    context = {
        "execution": execution,
        "report": execution.report,
        "values": {"kind": CorrectionKind.AMEND, "reason": "", **values},
        "complaints": complaints,
        "zone": execution.account.zone,
        "trade_id": execution.leg.trade_id if execution.leg else None,
    }
    return render(request, "journal/correct.html", context, status=422 if complaints else 200)


@require_POST
def withdraw(request: WorkspaceRequest, correction_id: int) -> HttpResponse:
    require_writer(request.membership)
    correction = get_correction(correction_id)
    withdraw_correction(correction)
    if correction.kind == CorrectionKind.COST_SHARE:
        messages.success(request, "Withdrawn. The old shares keep all of their cost.")
    else:
        messages.success(request, "Withdrawn. The fill is booked as it was reported.")
    return redirect(request, *_place_of(correction))


def _place_of(correction: Correction) -> tuple[str, *tuple[int, ...]]:
    """Where the corrected fill shows: its trade, or, when it is in none, the list of corrections."""
    trade_id = find_trade_of(correction.account_id, correction.fill_key)
    return ("journal:corrections",) if trade_id is None else ("journal:trade", trade_id)


def _values(execution: Execution) -> dict[str, str]:
    """The fill as it is booked now, as a form shows it."""
    local = execution.executed_at.astimezone(ZoneInfo(execution.account.zone))
    return {
        "side": execution.side,
        **{name: format(getattr(execution, name), "f") for name in NUMBERS},
        "executed_at": local.strftime(_CLOCK),
    }


def _save(request: WorkspaceRequest, execution: Execution, values: dict[str, str]) -> Correction:
    kind = values["kind"]
    changes = _changes(execution, values) if kind == CorrectionKind.AMEND else {}
    return correct_fill(
        execution, kind=kind, changes=changes, reason=values["reason"], author_id=request.user.pk
    )


def _changes(execution: Execution, values: dict[str, str]) -> dict[str, object]:
    """What differs from the report. Raises Rejected for a time that is none."""
    report = execution.report
    assert report is not None
    reported = _as_reported(execution, report)
    changes: dict[str, object] = {
        name: values[name] for name in NUMBERS if _differs(values[name], reported[name])
    }
    if values["side"] != report.side:
        changes["side"] = values["side"]
    moment = _moment(values["executed_at"], ZoneInfo(execution.account.zone))
    # The form shows whole seconds: what it did not change keeps its fractions.
    if moment != report.executed_at.replace(microsecond=0):
        booked = execution.executed_at
        changes["executed_at"] = booked if moment == booked.replace(microsecond=0) else moment
    return changes


def _as_reported(execution: Execution, report: ExecutionReport) -> dict[str, Decimal | None]:
    """What the report leaves open is as it is booked, from another report, unless a person said so."""
    correction = find_correction(execution.account_id, execution.fill_key)
    amended = correction.changes if correction else {}
    figures = {name: getattr(report, name) for name in NUMBERS}
    return {
        name: getattr(execution, name) if figure is None and name not in amended else figure
        for name, figure in figures.items()
    }


def _differs(text: str, reported: Decimal | None) -> bool:
    try:
        return Decimal(text.strip()) != reported
    except InvalidOperation:
        return True


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=zone)
    except ValueError as error:
        words = "The time is written like 2026-03-31 15:59:00."
        raise Rejected("correction_figures", words, {"executed_at": [words]}) from error
