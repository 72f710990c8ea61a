"""What is odd in the data, where, and what to do about it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import WorkspaceRequest, require_writer
from common.htmx import redirect
from journal.forms import ReasonForm
from journal.models import DataIssue
from journal.selectors.issues import count_by_kind, get_issue, page_of_issues
from journal.services.cost_shares import UNKNOWN
from journal.services.issues import dismiss_issue, restore_issue
from journal.views.advice import advice_for

ROWS = 50
TABS = {"error": "Errors", "warning": "Warnings", "info": "Notes", "dismissed": "Dismissed"}


@require_safe
def issues(request: WorkspaceRequest) -> HttpResponse:
    counts = count_by_kind()
    tab = request.GET.get("show", "")
    if tab not in TABS:
        tab = next((name for name in TABS if counts[name]), "error")
    page = page_of_issues(tab, limit=ROWS, cursor=request.GET.get("cursor", ""))
    links = {"previous": page.previous, "next": page.next}
    context = {
        "tab": tab,
        "tabs": [
            {"name": name, "label": label, "count": counts[name], "url": f"?show={name}"}
            for name, label in TABS.items()
        ],
        "rows": [_row(issue) for issue in page.rows],
        "page": {
            name: f"?show={tab}&cursor={cursor}" if cursor else None
            for name, cursor in links.items()
        },
        "total": sum(counts[name] for name in ("error", "warning", "info")),
        "can_write": request.membership.can_write,
        "here": request.get_full_path(),
    }
    return render(request, "journal/issues.html", context)


def _row(issue: DataIssue) -> dict[str, Any]:
    leg = issue.execution.leg if issue.execution else None
    return {
        "issue": issue,
        "advice": advice_for(issue),
        "trade_url": reverse("journal:trade", args=[leg.trade_id]) if leg else None,
        "cost_share_url": reverse("journal:cost-share", args=[issue.execution_id])
        if issue.code == UNKNOWN and issue.execution_id
        else None,
        "import_url": reverse("journal:import", args=[issue.batch_id]) if issue.batch_id else None,
    }


@require_POST
def dismiss(request: WorkspaceRequest, issue_id: int) -> HttpResponse:
    require_writer(request.membership)
    issue = get_issue(issue_id)
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    dismiss_issue(issue, reason=reason, author_id=request.user.pk)
    messages.success(request, "Dismissed. It stays so when the same is found again.")
    return redirect(request, _back(request))


@require_POST
def restore(request: WorkspaceRequest, issue_id: int) -> HttpResponse:
    require_writer(request.membership)
    restore_issue(get_issue(issue_id))
    messages.success(request, "It is back among the open ones.")
    return redirect(request, _back(request))


def _back(request: WorkspaceRequest) -> str:
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if is_ours else reverse("journal:issues")
