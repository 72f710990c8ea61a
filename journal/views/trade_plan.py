"""The plan of a trade on its page: what was planned beside what was done, and a person's word on both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.requests import WorkspaceRequest, require_writer
from common.errors import AppError
from common.htmx import redirect
from journal.domain.chain.close_reason import CloseReason, ReasonBy
from journal.models import CloseReasonNote, ConfirmedLink, Order, Plan, Trade
from journal.selectors.plan_trades import chain_of, compare_chain, propose_plans
from journal.selectors.plans import has_plans
from journal.selectors.trades import get_trade
from journal.services.chain.saying import (
    confirm_link,
    correct_close_reason,
    forget_link,
    refuse_link,
)
from journal.views.plans import plan_of

REASONS = [(one.value, one.value.replace("_", " ").capitalize()) for one in CloseReason]


def plan_card(trade: Trade, orders: list[Order]) -> dict[str, Any]:
    """What the trade's page shows of its plan. Whoever plans nothing is not told that he does not."""
    chain = chain_of(trade)
    planned = compare_chain(trade, chain, orders)
    plans = has_plans() if planned is None else True
    return {
        "chain": chain,
        "planned": planned,
        "has_plans": plans,
        "proposals": propose_plans(trade) if plans and planned is None else [],
        "said": _said(trade) if plans else [],
        "others": list(Plan.objects.filter(pk__in=chain.other_plans)) if chain is not None else [],
        "reasons": REASONS,
        "reason_note": _note(trade)
        if chain is not None and chain.reason_by == ReasonBy.PERSON
        else None,
    }


def _said(trade: Trade) -> list[ConfirmedLink]:
    return list(ConfirmedLink.objects.filter(trade_id=trade.pk).select_related("plan", "author"))


def _note(trade: Trade) -> CloseReasonNote | None:
    notes = CloseReasonNote.objects.filter(trade_id=trade.pk)
    return notes.select_related("author").first()


@require_POST
def link(request: WorkspaceRequest, trade_id: int) -> HttpResponse:
    """Confirm a plan, refuse it, or forget what was said of it: `answer` is yes, no or forget."""
    says: dict[str, Callable[[Trade, Plan], None]] = {
        "yes": lambda trade, plan: confirm_link(trade, plan, author_id=request.user.pk),
        "no": lambda trade, plan: refuse_link(trade, plan, author_id=request.user.pk),
        "forget": forget_link,
    }
    require_writer(request.membership)
    trade = get_trade(trade_id)
    say = says.get(request.POST.get("answer", ""))
    if say is not None:
        try:
            say(trade, plan_of(request.POST.get("plan", "")))
        except AppError as error:
            messages.error(request, error.message)
    return redirect(request, f"{reverse('journal:trade', args=[trade.pk])}#plan")


@require_POST
def close_reason(request: WorkspaceRequest, trade_id: int) -> HttpResponse:
    require_writer(request.membership)
    trade = get_trade(trade_id)
    try:
        correct_close_reason(
            trade,
            close_reason=request.POST.get("close_reason", ""),
            reason=request.POST.get("reason", ""),
            author_id=request.user.pk,
        )
    except AppError as error:
        messages.error(request, error.message)
    return redirect(request, f"{reverse('journal:trade', args=[trade.pk])}#plan")
