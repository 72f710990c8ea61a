"""How the workspace wants differences handled, and by how much figures may differ."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import WorkspaceRequest, require_owner
from common.choices import enum_choices
from common.errors import AppError, NotFound, Rejected
from common.htmx import redirect
from journal.domain.values import AssetClass
from reconciliation.domain.classes import STANDARDS
from reconciliation.domain.words import WORDS
from reconciliation.forms.rules import (
    RulesChangeForm,
    RulesForm,
    ToleranceForm,
    tolerance_rows,
    tolerance_texts,
)
from reconciliation.models import ToleranceVersion
from reconciliation.selectors.pages import versions_of
from reconciliation.selectors.rules import rules_of, tolerances_of
from reconciliation.services.rules import agree_off, change_rules, change_tolerance, keep_on

_NAMES = dict(enum_choices(AssetClass))
_VERDICTS = {"approve": agree_off, "keep": keep_on}
_WAITS = (
    "Two people still have to agree: that one is enough waits for another owner, or for its time."
)


@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: WorkspaceRequest) -> HttpResponse:
    if request.method == "POST":
        require_owner(request.membership)
        return _change(request)
    current = rules_of(request.workspace.pk)
    initial = {"four_eyes": current.four_eyes, "resolves_by_rule": current.resolves_by_rule}
    form_class = (
        RulesChangeForm if current.four_eyes and current.off_asked_at is None else RulesForm
    )
    tolerances = tolerances_of(request.workspace.pk)
    rows = tolerance_rows(tolerances)
    context = {
        "tab": "rules",
        "form": form_class(initial=initial),
        "is_asked_by_me": current.off_asked_by_id == request.user.pk,
        "current": current,
        "tolerances": [
            {"name": _NAMES[one], "slug": one.value, "figures": figures, "is_set": is_set}
            for one, figures, is_set in rows
        ],
        "changes": ToleranceVersion.objects.order_by("-created_at", "-id")[:10],
        "kinds": [
            {"words": WORDS[kind], "standard": standard, "by_rule": standard.by_rule}
            for kind, standard in STANDARDS.items()
        ],
        "is_owner": request.membership.is_owner,
    }
    return render(request, "reconciliation/rules.html", context)


def _change(request: WorkspaceRequest) -> HttpResponse:
    form = RulesChangeForm(request.POST)
    try:
        if form.is_valid():
            held = change_rules(request.membership, **form.cleaned_data)
            waits = held.off_asked_at is not None
            messages.success(request, _WAITS if waits else "Saved. It counts from now on.")
    except AppError as error:
        messages.error(request, error.message)
    return redirect(request, "reconciliation:rules")


@require_POST
def four_eyes(request: WorkspaceRequest) -> HttpResponse:
    """What another owner says to one person being enough; `verdict` is approve or keep."""
    require_owner(request.membership)
    decide = _VERDICTS.get(request.POST.get("verdict", ""))
    if decide is None:
        raise Rejected("verdict_unknown", "Say approve or keep.")
    try:
        held = decide(request.membership)
    except AppError as error:
        messages.error(request, error.message)
    else:
        messages.success(
            request,
            "Two people still have to agree." if held.four_eyes else "One person is enough now.",
        )
    return redirect(request, "reconciliation:rules")


@require_http_methods(["GET", "HEAD", "POST"])
def tolerance(request: WorkspaceRequest, asset_class: str) -> HttpResponse:
    if asset_class not in _NAMES:
        raise NotFound("class_not_found", "There is no such class of instruments.")
    chosen = AssetClass(asset_class)
    current = tolerances_of(request.workspace.pk).of(chosen)
    form = ToleranceForm(request.POST or None, initial=tolerance_texts(current))
    if request.method == "POST":
        require_owner(request.membership)
        if form.is_valid():
            change_tolerance(
                request.membership, chosen, form.values(), reason=form.cleaned_data["reason"]
            )
            messages.success(request, "Saved. Comparisons use it from now on.")
            return redirect(request, "reconciliation:rules")
    context: dict[str, Any] = {
        "tab": "rules",
        "name": _NAMES[asset_class],
        "form": form,
        "versions": versions_of(chosen),
        "is_owner": request.membership.is_owner,
    }
    status = 422 if form.errors else 200
    return render(request, "reconciliation/tolerance.html", context, status=status)
