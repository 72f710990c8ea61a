"""How the workspace wants differences handled, and by how much figures may differ."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.requests import WorkspaceRequest, require_owner
from common.choices import enum_choices
from common.errors import NotFound
from common.htmx import redirect
from journal.domain.values import AssetClass
from reconciliation.domain.classes import STANDARDS
from reconciliation.domain.words import WORDS
from reconciliation.forms.rules import RulesForm, ToleranceForm, tolerance_rows, tolerance_texts
from reconciliation.models import ToleranceVersion
from reconciliation.selectors.pages import versions_of
from reconciliation.selectors.rules import rules_of, tolerances_of
from reconciliation.services.rules import change_rules, change_tolerance

_NAMES = dict(enum_choices(AssetClass))


@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: WorkspaceRequest) -> HttpResponse:
    if request.method == "POST":
        require_owner(request.membership)
        form = RulesForm(request.POST)
        if form.is_valid():
            change_rules(request.membership, **form.cleaned_data)
            messages.success(request, "Saved. It counts from now on.")
        return redirect(request, "reconciliation:rules")
    current = rules_of(request.workspace.pk)
    tolerances = tolerances_of(request.workspace.pk)
    rows = tolerance_rows(tolerances)
    context = {
        "tab": "rules",
        "form": RulesForm(
            initial={"four_eyes": current.four_eyes, "resolves_by_rule": current.resolves_by_rule}
        ),
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
