"""What is kept of what is said of closed trades, and to whom how much of it is told."""

from __future__ import annotations

from typing import Any

from journal.models import BrokerAccount
from learning.models import TradeInsight


def insight_of(trade_id: int) -> TradeInsight | None:
    """Within the open workspace; None of an open trade, and of one that was not come to yet."""
    return TradeInsight.objects.filter(pk=trade_id).first()


def knows_of_others(account_id: int | None) -> bool:
    """Whether odds, luck and lessons are of other accounts too than the one that a token is limited to, if it is."""
    return account_id is not None and BrokerAccount.objects.exclude(pk=account_id).exists()


def blocks_of(insight: TradeInsight, *, process_only: bool) -> dict[str, Any]:
    """The four blocks with their figures. The process is of the trade itself; all else is made from trades of the whole
    workspace, and None or empty where the process alone may be told."""
    told = insight.told
    if process_only:
        return {
            "process": told["process"],
            "bet": None,
            "luck": None,
            "taught": None,
            "facts": [],
            "classic_text": [],
        }
    return {
        **{name: told[name] for name in ("process", "bet", "luck", "taught")},
        "facts": [one["fact"] for one in told["chips"]],
        "classic_text": insight.classic_text,
    }
