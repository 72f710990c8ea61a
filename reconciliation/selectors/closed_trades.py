"""Closed trades and what is open, as rules of conduct look at them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from journal.brokers.base import OrderRole
from journal.models import Execution, Order, Trade
from reconciliation.domain.guards.conduct import Closed

# Rules look back over the last trades within their time; more than these no rule wants.
TRADES_MAX = 1_000


def closed_trades(account_ids: Sequence[int], since: datetime, until: datetime) -> list[Closed]:
    """Oldest first. Stopped out is what an order with the role of a stop has closed."""
    stops = Order.objects.filter(
        account_id=OuterRef("account_id"), order_id=OuterRef("order_id"), role=OrderRole.STOP_LOSS
    ).exclude(order_id="")
    stopped = Execution.objects.filter(
        account_id=OuterRef("account_id"),
        leg__trade_id=OuterRef("pk"),
        executed_at=OuterRef("closed_at"),
    ).filter(Exists(stops))
    rows = Trade.objects.filter(
        account_id__in=account_ids, closed_at__gt=since, closed_at__lte=until
    ).annotate(is_stopped=Exists(stopped))
    newest = rows.order_by("-closed_at", "-pk").values_list(
        "closed_at", "closed_on", "underlying", "symbol", "net_base", "cost_known", "is_stopped"
    )[:TRADES_MAX]
    return [
        Closed(at, on, underlying or symbol, net if known else None, is_stopped)
        for at, on, underlying, symbol, net, known, is_stopped in reversed(newest)
        if at is not None and on is not None
    ]


def count_open(account_ids: Sequence[int]) -> int:
    return Trade.objects.filter(account_id__in=account_ids, closed_at=None).count()


def longest_look(within: timedelta, now: datetime) -> datetime:
    """From when on trades matter to a rule: a day at least, since some count by the day."""
    return now - max(within, timedelta(days=2))
