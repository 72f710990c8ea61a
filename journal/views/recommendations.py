"""Recommendations: what waits for a decision, all of them, one with everything that is known of it, and a new one."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import WorkspaceRequest, require_writer
from common.errors import AppError, Conflict, Unavailable
from common.htmx import redirect
from common.queue import enqueue_soon
from journal import tasks
from journal.domain.standing import SETTLED, Standing
from journal.filters import RecommendationFilter
from journal.models import CapturedKind, DecidedVia, Pool, Recommendation, Trade
from journal.selectors.orders import fills_of
from journal.selectors.plans import list_plans
from journal.selectors.recommendations import (
    find_recommendation,
    list_decisions,
    list_outcomes,
    list_recommendations,
    newest_outcomes,
    orders_following,
    read_recommendations,
    waiting,
)
from journal.services.captures.receiving import Sender, receive_records
from journal.services.recommendations.deciding import decide, person
from journal.views.lists import (
    at_bare_address,
    chosen_in,
    days_pills,
    dressed,
    filter_pills,
    page_links,
)
from journal.views.orders import order_lines
from journal.views.recommendation_form import LegFormSet, RecommendationForm

_FILTERS = (
    "text", "status", "pool", "symbol", "strategy", "scanner", "source", "account", "record_id",
    "needs_approval",
)  # fmt: skip
# What the menu “More” of the filter bar holds.
_IN_MENU = {"symbol", "strategy", "scanner", "source", "account", "start", "end"}
_WAITING_MAX = 8
TONES = {
    Standing.APPROVED: "badge--accent",
    Standing.EXECUTED: "badge--accent",
}
SAID = {
    "approved": "Approved",
    "rejected": "Rejected",
    "ignored": "Ignored",
    "recommended": "Taken back: it waits for a decision again",
}


def tone(status: str, pool: str = "") -> str:
    """What waits for a person wants to be seen; what is over does not."""
    if status == Standing.RECOMMENDED and pool == Pool.SHOWN:
        return "badge--warning"
    return TONES.get(Standing(status), "")


@require_safe
@at_bare_address
def recommendations(request: WorkspaceRequest) -> HttpResponse:
    filters = RecommendationFilter(request.GET, queryset=list_recommendations(), request=request)
    form = filters.form
    own = chosen_in(form)
    page = read_recommendations(filters.qs, cursor=request.GET.get("cursor", ""))
    is_first = not own and not request.GET.get("cursor")
    asked = _waiting() if is_first else []
    outcomes = newest_outcomes([one.record_id for one in page.rows])
    followed = {one.standing.trade_id for one in page.rows} - {None}
    trades = Trade.objects.in_bulk(followed)
    context = {
        "form": dressed(form, placeholder="Symbol, strategy, scanner or id"),
        "has_more_filters": bool(_IN_MENU & own.keys()),
        "pills": _pills(request, form, own),
        "waiting": asked[:_WAITING_MAX],
        "more_wait": len(asked) > _WAITING_MAX,
        "rows": [
            (
                one,
                tone(one.status, one.pool),
                outcomes.get(one.record_id),
                trades.get(one.standing.trade_id),
            )
            for one in page.rows
        ],
        "page": page_links(request, page),
        "is_filtered": bool(own),
        "may_decide": request.membership.can_write,
        "base_url": request.build_absolute_uri("/").rstrip("/"),
    }
    return render(request, "journal/recommendations.html", context)


def _waiting() -> list[Recommendation]:
    """One more than is shown. Those that wait for their bot's sake come first, then those that end soonest."""
    rows = list_recommendations().filter(standing__in=waiting())
    return list(rows.order_by("-needs_approval", "standing__lapses_at", "-id")[: _WAITING_MAX + 1])


def _pills(request: HttpRequest, form: forms.Form, own: dict[str, Any]) -> list[dict[str, str]]:
    url = "journal:recommendations"
    words = {"needs_approval": "Yes" if own.get("needs_approval") else "No"}
    return [
        *filter_pills(request, url, form, own, _FILTERS, words=words),
        *days_pills(request, url, own),
    ]


@require_safe
def recommendation(request: WorkspaceRequest, reference: str) -> HttpResponse:
    try:
        found = _find(reference)
    except Unavailable:
        # It came this moment: the page asks again by itself.
        context = {"reference": reference}
        return render(request, "journal/recommendation_waits.html", context, status=202)
    return render(request, "journal/recommendation.html", page_of(found, request))


def _find(reference: str) -> Recommendation:
    rows = list_recommendations().select_related("standing", "batch", "account")
    return find_recommendation(rows, reference)


def page_of(found: Recommendation, request: WorkspaceRequest) -> dict[str, Any]:
    orders = orders_following(found.workspace_id, [found.record_id])
    status = found.status
    trade_ids = {fill.leg.trade_id for order in orders for fill in fills_of(order) if fill.leg}
    if found.standing.trade_id is not None:
        trade_ids.add(found.standing.trade_id)
    plans = list(list_plans().filter(recommendation_id=found.record_id))
    outcomes = list_outcomes(found.record_id)
    return {
        "proposal": found,
        "status": status,
        "tone": tone(status, found.pool),
        "may_decide": request.membership.can_write and Standing(status) not in SETTLED,
        "decisions": [(one, tone(one.verdict)) for one in list_decisions(found.record_id)],
        "features": _features(found),
        "leg_extras": _extras(found),
        "parameters": [
            (name, ", ".join(map(str, value)) if isinstance(value, list) else value)
            for name, value in found.parameters.items()
        ],
        "orders": [
            line
            for account_id in dict.fromkeys(order.account_id for order in orders)
            for line in order_lines([one for one in orders if one.account_id == account_id])
        ],
        "trades": list(Trade.objects.filter(pk__in=trade_ids).order_by("opened_at", "id")),
        "plans": plans,
        "plan_url": _plan_url(found, status) if request.membership.can_write and not plans else "",
        "outcome": outcomes[0] if outcomes else None,
        "earlier_outcomes": outcomes[1:],
    }


_PLANNED = ("symbol", "side", "strategy", "entry_price", "stop_price", "target_price", "quantity")


def _plan_url(found: Recommendation, status: str) -> str:
    """The form of a plan with what the recommendation says; none where nobody can follow it any more."""
    if status not in (Standing.RECOMMENDED, Standing.APPROVED):
        return ""
    terms = {name: getattr(found, name) for name in _PLANNED}
    said = {
        name: f"{value:f}" if isinstance(value, Decimal) else value
        for name, value in terms.items()
        if value not in (None, "")
    }
    said["recommendation_id"] = found.record_id
    if found.account_id is not None:
        said["account"] = found.account_id
    return f"{reverse('journal:plan-new')}?{urlencode(said)}"


_LEG = {"side", "right", "strike", "expiry_on", "quantity", "price", "symbol"}


def _extras(found: Recommendation) -> list[tuple[dict[str, Any], list[tuple[str, Any]]]]:
    """Each leg with what was said of it beside what every leg has."""
    return [
        (_dated(leg), [(name, value) for name, value in leg.items() if name not in _LEG])
        for leg in found.legs
    ]


def _dated(leg: dict[str, Any]) -> dict[str, Any]:
    expiry = leg.get("expiry_on")
    return {**leg, "expiry_on": date.fromisoformat(expiry)} if expiry else leg


def _features(found: Recommendation) -> list[dict[str, Any]]:
    made_at = found.recommended_at.isoformat()
    return [
        {
            "name": name,
            "value": said["value"],
            "older": datetime.fromisoformat(said["as_of"]) if said["as_of"] != made_at else None,
            "beside": [one for one in said.items() if one[0] not in ("value", "as_of")],
        }
        for name, said in found.features.items()
    ]


@require_POST
def decision(request: WorkspaceRequest, reference: str) -> HttpResponse:
    """From the list or the page, with the status that the person saw."""
    require_writer(request.membership)
    found = _find(reference)
    verdict = request.POST.get("verdict", "")
    try:
        changed = decide(
            found,
            verdict,
            person(request.user, DecidedVia.PAGE),
            reason=request.POST.get("reason", ""),
            seen=request.POST.get("seen", ""),
        )
    except Conflict as error:
        messages.warning(request, error.message)
    else:
        words = SAID[verdict] if changed else "It stood so already"
        messages.success(request, f"{found}: {words}.")
    if request.POST.get("next") == "list":
        return redirect(request, "journal:recommendations")
    return redirect(request, "journal:recommendation", found.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: WorkspaceRequest) -> HttpResponse:
    require_writer(request.membership)
    form = RecommendationForm(request.POST or None)
    legs = LegFormSet(request.POST or None, prefix="legs")
    if request.method == "POST" and form.is_valid() and legs.is_valid():
        answer = _entered(request, form, legs)
        if answer is not None:
            return answer
    status = 422 if form.is_bound else 200
    context = {"form": form, "legs": legs}
    return render(request, "journal/recommendation_new.html", context, status=status)


def _entered(request: WorkspaceRequest, form: RecommendationForm, legs: Any) -> HttpResponse | None:
    """Through the same door as what bots report. None where it does not go through: the form says why."""
    sender = Sender(workspace_id=request.workspace.pk, user_id=request.user.pk)
    record = form.record(legs)
    try:
        (receipt,) = receive_records(sender, CapturedKind.RECOMMENDATION, [record])
    except AppError as error:
        form.add_error(None, error.message)
        return None
    if not receipt.is_taken:
        form.add_error(None, receipt.message)
        return None
    enqueue_soon(tasks.book_captured, request.workspace.pk, seconds=0.1)
    return redirect(request, "journal:recommendation", receipt.record_id)
