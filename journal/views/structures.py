"""Which legs are one trade: joined and split by hand."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from accounts.requests import WorkspaceRequest, require_writer
from common.errors import NotFound
from common.htmx import redirect
from common.words import whole_numbers
from journal.models import Trade
from journal.selectors.trades import get_trade
from journal.services.structures import group_by_evidence, join_trades, split_trade


@require_POST
def join(request: WorkspaceRequest, trade_id: int) -> HttpResponse:
    require_writer(request.membership)
    chosen = whole_numbers(request.POST.getlist("trade"))
    others = list(Trade.objects.filter(pk__in=chosen))
    if len(others) < len(chosen):
        raise NotFound("trade_not_found", "One of these trades is not there any more. Look again.")
    joined = join_trades([get_trade(trade_id), *others], author_id=request.user.pk)
    return redirect(request, "journal:trade", joined.pk)


@require_POST
def split(request: WorkspaceRequest, trade_id: int) -> HttpResponse:
    """The chosen legs become a trade of their own; with none chosen every leg does."""
    require_writer(request.membership)
    legs = whole_numbers(request.POST.getlist("leg"))
    first = split_trade(get_trade(trade_id), leg_ids=legs, author_id=request.user.pk)
    return redirect(request, "journal:trade", first.pk)


@require_POST
def regroup(request: WorkspaceRequest, trade_id: int) -> HttpResponse:
    require_writer(request.membership)
    found = group_by_evidence(get_trade(trade_id))
    return redirect(request, "journal:trade", found.pk)
