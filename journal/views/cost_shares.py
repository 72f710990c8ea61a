"""The page of a spin-off: which share of the cost went to the new shares, and what both cost by it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.requests import WorkspaceRequest, require_writer
from common.errors import Rejected
from common.htmx import redirect
from journal.selectors.cost_shares import get_spin_off
from journal.services.cost_shares import state_cost_share


@require_http_methods(["GET", "HEAD", "POST"])
def cost_share(request: WorkspaceRequest, execution_id: int) -> HttpResponse:
    require_writer(request.membership)
    found = get_spin_off(execution_id)
    stated = found.correction
    values = {
        "percent": stated.changes["cost_share"] if stated else "",
        "reason": stated.reason if stated else "",
    }
    complaints: dict[str, list[str]] = {}
    if request.method == "POST":
        values = {name: request.POST.get(name, "") for name in values}
        try:
            state_cost_share(found.execution, author_id=request.user.pk, **values)
        except Rejected as error:
            complaints = error.fields or {"": [error.message]}
        else:
            messages.success(request, "Stated. This is what old and new shares cost now.")
            return redirect(request, "journal:cost-share", execution_id)
    context = {
        "found": found,
        "values": values,
        "complaints": complaints,
        "legs": [*found.old, *([found.new] if found.new else [])],
        "trade_id": found.new.trade_id if found.new else None,
        "zone": found.execution.account.zone,
    }
    return render(request, "journal/cost_share.html", context, status=422 if complaints else 200)
