"""What is kept of what is said of closed trades."""

from __future__ import annotations

from learning.models import TradeInsight


def insight_of(trade_id: int) -> TradeInsight | None:
    """Within the open workspace; None of an open trade, and of one that was not come to yet."""
    return TradeInsight.objects.filter(pk=trade_id).first()
