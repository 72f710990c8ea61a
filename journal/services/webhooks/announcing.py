"""What happens in the book itself, to programs: trades that are closed, recommendations that come. Each once, however
often the book is derived anew."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Min
from django.utils import timezone

from journal.models import Pool, Recommendation, Trade, WebhookEndpoint
from journal.services.alerts.telling import News, tell_all
from journal.services.webhooks.emitting import live_endpoints

TRADE_CLOSED = "trade.closed"
RECOMMENDATION_CREATED = "recommendation.created"
# Statements come a day late, and over a weekend three; what is older is history that was imported.
_RECENT = timedelta(days=4)
_TURN_MAX = 500


def list_listening() -> list[int]:
    """Workspaces in which some program wants to know of closed trades."""
    live = WebhookEndpoint.objects.filter(removed_at=None, disabled_at=None, paused_at=None)
    listening = live.filter(wanted__contains=[TRADE_CLOSED]).order_by()
    return list(listening.values_list("workspace_id", flat=True).distinct())


def announce_closed(workspace_id: int) -> None:
    """Those that were closed since the first of its endpoints is there."""
    endpoints = live_endpoints().filter(wanted__contains=[TRADE_CLOSED])
    since = endpoints.aggregate(since=Min("created_at"))["since"]
    if since is None:
        return
    now = timezone.now()
    closed = Trade.objects.filter(
        workspace_id=workspace_id,
        last_at__gte=max(since, now - _RECENT),
        closed_at__gte=max(since, now - _RECENT),
        closed_at__lte=now,
    )
    trades = closed.select_related("account").order_by("-last_at", "-id")[:_TURN_MAX]
    tell_all([_news_of_trade(one) for one in trades])


def announce_recommendations(workspace_id: int, record_ids: Collection[str]) -> None:
    """Of those that are shown. Asks once and no more where no program wants to know."""
    wanted = live_endpoints().filter(wanted__contains=[RECOMMENDATION_CREATED])
    if not wanted.filter(workspace_id=workspace_id).exists():
        return
    found = Recommendation.objects.filter(
        workspace_id=workspace_id, record_id__in=record_ids, pool=Pool.SHOWN
    )
    tell_all([_news_of_recommendation(one) for one in found.order_by("id")])


def _news_of_trade(trade: Trade) -> News:
    closed_at = trade.closed_at
    assert closed_at is not None
    # Its number changes where the book is grouped anew; that it was opened and closed then does not.
    name = (
        f"{trade.account_id}:{trade.symbol}:{trade.opened_at.timestamp()}:{closed_at.timestamp()}"
    )
    return News(
        topic=TRADE_CLOSED,
        workspace_id=trade.workspace_id,
        account_id=trade.account_id,
        key=name,
        state="closed",
        subject=f"{trade.symbol} closed",
        url_path=f"/trades/{trade.pk}",
        event=TRADE_CLOSED,
        data={
            "trade": trade.pk,
            "symbol": trade.symbol,
            "underlying": trade.underlying,
            "asset_class": trade.asset_class,
            "direction": trade.direction,
            "quantity": _text(trade.quantity),
            "opened_at": trade.opened_at.isoformat(),
            "closed_at": closed_at.isoformat(),
            "net_pnl": _text(trade.net_pnl),
            "currency": trade.currency,
            "result": trade.result,
        },
    )


def _news_of_recommendation(proposal: Recommendation) -> News:
    figures = ("quantity", "entry_price", "stop_price", "target_price", "probability")
    data: dict[str, Any] = {name: _text(getattr(proposal, name)) for name in figures}
    return News(
        topic=RECOMMENDATION_CREATED,
        workspace_id=proposal.workspace_id,
        account_id=proposal.account_id,
        key=proposal.record_id,
        state="created",
        subject=f"{proposal} recommended",
        url_path=f"/recommendations/{proposal.pk}",
        event=RECOMMENDATION_CREATED,
        data={
            "record_id": proposal.record_id,
            "symbol": proposal.symbol,
            "side": proposal.side,
            "strategy": proposal.strategy,
            "scanner": proposal.scanner,
            "needs_approval": proposal.needs_approval,
            **data,
        },
    )


def _text(number: Decimal | None) -> str | None:
    return None if number is None else f"{number.normalize():f}"
