"""How symbols stand, and the record of each."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import WorkspaceRequest, require_writer
from common.errors import AppError, NotFound, Rejected
from common.htmx import redirect
from learning.forms.parameters import StandingForm
from learning.models import ParameterPolicy, SymbolChange, SymbolStanding, SymbolState

_MANY = 200
_STEPS = 15
# Those that want attention first.
_ORDER = ("paper_only", "reduced", "watch", "favoured", "normal")


@require_safe
def symbols(request: WorkspaceRequest) -> HttpResponse:
    """All that have traded with an R, those that want attention first; and the newest steps."""
    rows = sorted(
        SymbolStanding.objects.order_by("-n", "symbol")[:_MANY],
        key=lambda one: (_ORDER.index(one.standing), -one.n, one.symbol),
    )
    counts = {state.value: sum(one.standing == state for one in rows) for state in SymbolState}
    context = {
        "tab": "symbols",
        "rows": rows,
        "counts": [(SymbolState(name), counts[name]) for name in _ORDER],
        "steps": SymbolChange.objects.select_related("made_by")[:_STEPS],
        "as_of": rows[0].as_of if rows else None,
    }
    return render(request, "learning/symbols.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def symbol(request: WorkspaceRequest, name: str) -> HttpResponse:
    """The record of one; posted to, it is put to another standing by whoever says why."""
    from learning.selectors.records import record_of  # noqa: PLC0415 - brings scipy

    if request.method == "POST":
        return _put(request, name)
    record: dict[str, Any] = record_of(request.workspace.pk, name)
    if not record["n"] and not record["figures"] and not record["changes"]:
        raise NotFound("symbol_not_found", "No closed trade of this symbol is in this workspace.")
    figures = [
        {"currency": currency, "told": told, "n": told["trades"]["value"]}
        for currency, told in record["figures"].items()
    ]
    context = {
        "tab": "symbols",
        "record": record,
        "figures": figures,
        "standing": SymbolState(record["standing"]),
        "can_write": request.membership.can_write,
        "choices": [(one.value, one.label) for one in SymbolState if one != record["standing"]],
    }
    return render(request, "learning/symbol.html", context)


def _put(request: WorkspaceRequest, name: str) -> HttpResponse:
    from learning.selectors.settings import policy_of  # noqa: PLC0415 - brings scipy
    from learning.services.symbols import put  # noqa: PLC0415 - as above

    require_writer(request.membership)
    form = StandingForm(request.POST)
    try:
        if not form.is_valid():
            raise Rejected("standing_invalid", "Choose where to put it, and say why.")
        told = form.cleaned_data
        change = put(request.membership, name, told["standing"], reason=told["reason"])
    except AppError as error:
        messages.error(request, error.message)
        return redirect(request, "learning:symbol", name)
    heard = (
        "Scanners are told so from now on."
        if policy_of(request.workspace.pk) == ParameterPolicy.EVIDENCE
        else "Its record says so; the lists for scanners go by another policy."
    )
    label = SymbolState(change.after).label.lower()
    messages.success(request, f"{change.symbol} stands at {label}. {heard}")
    return redirect(request, "learning:symbol", change.symbol)
