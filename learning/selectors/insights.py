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


# Of the whole workspace, where the process is of the trade itself.
WITHHELD: dict[str, Any] = {
    "bet": None,
    "luck": None,
    "taught": None,
    "facts": [],
    "classic_text": [],
}


def blocks_of(insight: TradeInsight, *, process_only: bool) -> dict[str, Any]:
    """The four blocks with their figures; None or empty what is not told where the process alone may be."""
    told = insight.told
    blocks = {
        **{name: told[name] for name in ("process", "bet", "luck", "taught")},
        "facts": [one["fact"] for one in told["chips"]],
        "classic_text": insight.classic_text,
    }
    return blocks | WITHHELD if process_only else blocks
