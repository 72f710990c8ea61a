"""Plans: all of them, one with its history and what came of it, and a new one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import WorkspaceRequest, require_writer
from common.errors import AppError, NotFound, Rejected
from common.htmx import redirect
from common.numbers import write_price, write_quantity
from common.queue import enqueue
from journal import tasks
from journal.domain.chain.terms import PlanStatus, may_become
from journal.filters import PlanFilter
from journal.models import Plan, PlanVersion, Source, Via
from journal.selectors.plan_trades import compare_with_plan, propose_trades
from journal.selectors.plans import current_status, list_plans, read_plans, trades_of_plans
from journal.services.plans.actors import Actor
from journal.services.plans.writing import change_status, create_plan, find_plan, revise_plan
from journal.views.lists import (
    at_bare_address,
    chosen_in,
    days_pills,
    dressed,
    filter_pills,
    page_links,
)
from journal.views.plan_form import NUMBERS, PlanForm, as_text, initial_of

_FILTERS = (
    "text",
    "status",
    "symbol",
    "strategy",
    "source",
    "account",
    "plan_id",
    "recommendation_id",
)
# What the menu “More” of the filter bar holds.
_IN_MENU = {"symbol", "strategy", "source", "account", "start", "end"}
TONES = {
    PlanStatus.PENDING: "badge--accent",
    PlanStatus.TRIGGERED: "badge--warning",
    PlanStatus.FAILED: "badge--error",
}
_TERMS = {
    "symbol": "Symbol",
    "side": "Side",
    "strategy": "Strategy",
    "timeframe": "Timeframe",
    "entry_price": "Entry",
    "entry_price_to": "Entry up to",
    "stop_price": "Stop",
    "target_price": "Target",
    "quantity": "Size",
    "conditions": "Conditions",
    "notes": "Notes",
    "recommendation_id": "Recommendation",
    "expires_at": "Holds until",
}
_STEPS = {
    PlanStatus.TRIGGERED: "Triggered",
    PlanStatus.CANCELLED: "Cancel it",
    PlanStatus.FAILED: "It failed",
    PlanStatus.PENDING: "Take it up again",
}


@dataclass(frozen=True, slots=True)
class Revision:
    """A version with what it changed: (what, before, after), "" where there was or is nothing."""

    version: PlanVersion
    changes: list[tuple[str, str, str]]


def tone(status: str) -> str:
    return TONES.get(PlanStatus(status), "")


def actor_of(request: WorkspaceRequest) -> Actor:
    return Actor(request.user.display_name, Via.PAGE, request.user.pk)


@require_safe
@at_bare_address
def plans(request: HttpRequest) -> HttpResponse:
    filters = PlanFilter(request.GET, queryset=list_plans(), request=request)
    form = filters.form
    own = chosen_in(form)
    page = read_plans(filters.qs, cursor=request.GET.get("cursor", ""))
    trades = trades_of_plans([plan.pk for plan in page.rows])
    context = {
        "form": dressed(form, placeholder="Symbol, strategy, id or note"),
        "has_more_filters": bool(_IN_MENU & own.keys()),
        "pills": _pills(request, form, own),
        "rows": [
            (plan, current_status(plan), tone(current_status(plan)), trades.get(plan.pk, []))
            for plan in page.rows
        ],
        "page": page_links(request, page),
        "is_filtered": bool(own),
        "base_url": request.build_absolute_uri("/").rstrip("/"),
    }
    return render(request, "journal/plans.html", context)


def _pills(request: HttpRequest, form: forms.Form, own: dict[str, Any]) -> list[dict[str, str]]:
    url = "journal:plans"
    return [
        *filter_pills(request, url, form, own, _FILTERS),
        *days_pills(request, url, own),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: WorkspaceRequest) -> HttpResponse:
    require_writer(request.membership)
    form = PlanForm(request.POST or None, initial=_asked_for(request))
    if request.method == "POST" and form.is_valid():
        record = {**form.record(), "source": Source.MANUAL.value}
        try:
            plan, _ = create_plan(request.workspace.pk, record, actor_of(request))
        except Rejected as error:
            _complain(form, error)
        else:
            enqueue(tasks.follow_plan, plan.pk)
            messages.success(request, "Planned. Its trade finds it by itself, or you link it.")
            return redirect(request, "journal:plan", plan.pk)
    return render(
        request, "journal/plan_form.html", {"form": form}, status=422 if form.errors else 200
    )


def _asked_for(request: HttpRequest) -> dict[str, str]:
    """A link may fill in what is known already."""
    return {name: request.GET[name][:64] for name in PlanForm.base_fields if name in request.GET}


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: WorkspaceRequest, plan_id: int) -> HttpResponse:
    require_writer(request.membership)
    plan = _get(plan_id)
    form = PlanForm(request.POST or None, initial=initial_of(plan), plan=plan)
    if request.method == "POST" and form.is_valid():
        try:
            changed = revise_plan(
                plan, form.record(), actor_of(request), reason=form.cleaned_data["reason"]
            )
        except Rejected as error:
            _complain(form, error)
        else:
            if changed:
                enqueue(tasks.follow_plan, plan.pk)
            said = f"Version {plan.version}." if changed else "Nothing was changed."
            messages.success(request, said)
            return redirect(request, "journal:plan", plan.pk)
    context = {"form": form, "plan": plan}
    return render(request, "journal/plan_form.html", context, status=422 if form.errors else 200)


def _complain(form: PlanForm, error: Rejected) -> None:
    for name, words in (error.fields or {"": [error.message]}).items():
        for word in words:
            form.add_error(name if name in form.fields else None, word)


def _get(plan_id: int) -> Plan:
    found = list_plans().filter(pk=plan_id).first()
    if found is None:
        raise NotFound("plan_not_found", "There is no such plan in this workspace.")
    return found


@require_safe
def plan(request: WorkspaceRequest, plan_id: int) -> HttpResponse:
    found = _get(plan_id)
    trades = trades_of_plans([found.pk]).get(found.pk, [])
    status = current_status(found)
    context = {
        "plan": found,
        "status": status,
        "tone": tone(status),
        "conditions": _conditions(found.conditions),
        "trades": [(trade, compare_with_plan(trade)) for trade in trades],
        "proposed": [] if trades else propose_trades(found),
        "revisions": _revisions(found),
        "steps": [(one, tone(one.status)) for one in found.changes.order_by("id")],
        "next_steps": _next_steps(status),
        "may_write": request.membership.can_write,
    }
    return render(request, "journal/plan.html", context)


def _conditions(said: Any) -> dict[str, Any]:
    """As people read them: pairs of an object, lines of a list, else the text itself."""
    if isinstance(said, dict):
        return {"pairs": [(name, as_text(value)) for name, value in said.items()]}
    if isinstance(said, list):
        return {"lines": [as_text(one) for one in said]}
    return {"text": as_text(said)} if said else {}


def _next_steps(status: str) -> list[tuple[str, str]]:
    before = PlanStatus(status)
    return [
        (step.value, words)
        for step, words in _STEPS.items()
        if may_become(before, step) and not (before.is_open and step is PlanStatus.PENDING)
    ]


def _revisions(found: Plan) -> list[Revision]:
    """The newest first."""
    revisions = []
    before: dict[str, Any] = {}
    for version in found.versions.order_by("number"):
        terms = version.terms
        changes = [
            (words, _written(name, before.get(name)), _written(name, terms.get(name)))
            for name, words in _TERMS.items()
            if before.get(name) != terms.get(name)
        ]
        revisions.append(Revision(version, changes))
        before = terms
    return revisions[::-1]


def _written(name: str, value: Any) -> str:
    if name == "conditions":
        return as_text(value)
    if name in NUMBERS and value not in (None, ""):
        return write_quantity(value) if name == "quantity" else write_price(value)
    return str(value or "").replace("T", " ")[:16] if name == "expires_at" else str(value or "")


@require_POST
def step(request: WorkspaceRequest, plan_id: int) -> HttpResponse:
    require_writer(request.membership)
    found = _get(plan_id)
    try:
        change_status(
            found,
            request.POST.get("status", ""),
            actor_of(request),
            reason=request.POST.get("reason", ""),
        )
    except AppError as error:
        messages.error(request, error.message)
    return redirect(request, "journal:plan", found.pk)


def plan_of(reference: str) -> Plan:
    """As a person names it: by its own id or ours."""
    return find_plan(reference.strip())
