"""The reconciliation log: syncs, closes, guards and warnings, the newest first."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.requests import WorkspaceRequest
from journal.views.lists import at_bare_address, chosen_in, dressed, page_links
from reconciliation.domain.classes import DivergenceClass
from reconciliation.domain.words import WORDS
from reconciliation.filters import LogFilter
from reconciliation.models import LogStatus, ReconciliationLog
from reconciliation.selectors.pages import read_log

_TONES = {
    LogStatus.SUCCESS: "badge--profit",
    LogStatus.PARTIAL: "badge--warning",
    LogStatus.WARNING: "badge--warning",
    LogStatus.FAILED: "badge--error",
}
_NAMES = {kind.value: words.name for kind, words in WORDS.items()}


@require_safe
@at_bare_address
def log(request: WorkspaceRequest) -> HttpResponse:
    filters = LogFilter(request.GET, queryset=ReconciliationLog.objects.all(), request=request)
    form = filters.form
    own = chosen_in(form)
    page = read_log(filters.qs, cursor=request.GET.get("cursor", ""))
    context = {
        "tab": "log",
        "zone": timezone.get_current_timezone_name(),
        "form": dressed(form, placeholder="Market", search="symbol"),
        "is_filtered": bool(own),
        "rows": [
            {
                "of": one,
                "tone": _TONES[LogStatus(one.status)],
                "reason": _reason(one),
                "said": _said(one),
            }
            for one in page.rows
        ],
        "page": page_links(request, page),
    }
    return render(request, "reconciliation/log.html", context)


def _reason(one: ReconciliationLog) -> str:
    return _NAMES.get(one.divergence_reason) or one.close_reason.replace("_", " ").capitalize()


def _said(one: ReconciliationLog) -> str:
    """Of a difference the name is said already: its message is its key, for programs."""
    return (
        WORDS[DivergenceClass(one.divergence_reason)].says
        if one.divergence_reason in _NAMES
        else one.message
    )
