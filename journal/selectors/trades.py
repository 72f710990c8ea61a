"""What pages and API ask about trades, beyond one query set."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from common.errors import NotFound
from journal.domain.chain.close_reason import CloseReason
from journal.models import Trade, TradeChain, TradeTag


def get_trade(trade_id: int) -> Trade:
    """Within the open workspace. Raises NotFound for anybody else's."""
    trade = Trade.objects.select_related("account").filter(pk=trade_id).first()
    if trade is None:
        raise NotFound("trade_not_found", "There is no such trade in this workspace.")
    return trade


def tags_of(trade_ids: Collection[int]) -> dict[int, list[str]]:
    """Names of tags by trade, in alphabetical order."""
    names: dict[int, list[str]] = defaultdict(list)
    rows = TradeTag.objects.filter(trade_id__in=trade_ids).order_by("tag__name")
    for trade_id, name in rows.values_list("trade_id", "tag__name"):
        if trade_id is not None and name not in names[trade_id]:
            names[trade_id].append(name)
    return dict(names)


def chains_of(trade_ids: Collection[int]) -> dict[int, TradeChain]:
    """What the trades followed from and why they ended, where anything is known of it."""
    return TradeChain.objects.select_related("plan").in_bulk(list(trade_ids))


def close_reason_of(trade: Trade, chain: TradeChain | None) -> str:
    """ "" while it is open."""
    if trade.closed_at is None:
        return ""
    return (chain.close_reason if chain is not None else "") or CloseReason.UNKNOWN.value
