"""Why trades were closed, in the words of who closed them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np

from common.sql import fetch
from journal.domain.chain.close_reason import CloseReason
from journal.models import Order
from learning.domain.trades import Trades

_AT_ONCE = 2_000
_REASON_MAX = 60
USUAL: Mapping[str, str] = {
    CloseReason.STOP: "Stop loss",
    CloseReason.TARGET: "Profit target",
    CloseReason.MANUAL: "Closed by hand",
    CloseReason.EXPIRY: "Expiry",
    CloseReason.ASSIGNMENT: "Assignment",
    CloseReason.EXERCISE: "Exercise",
    CloseReason.LIQUIDATION: "Liquidation",
    CloseReason.GUARD: "Guard",
    CloseReason.TRANSFER: "Transfer",
    CloseReason.CORPORATE_ACTION: "Corporate action",
    CloseReason.UNKNOWN: "",
}
# The reason that the latest closing order of each trade was placed with.
_SAID = """
WITH closing AS (
    SELECT l.trade_id, l.account_id, e.fill_key, e.executed_at FROM journal_leg l
    JOIN journal_execution e ON e.leg_id = l.id
    WHERE l.trade_id = ANY(%(trades)s) AND (e.side = 'buy') <> (l.direction = 'long')
    UNION ALL
    SELECT l.trade_id, l.account_id, e.fill_key, e.executed_at FROM journal_leg l
    JOIN journal_execution e ON e.closed_leg = l.id WHERE l.trade_id = ANY(%(trades)s)
), named AS (
    SELECT c.trade_id, c.account_id, c.executed_at, r.order_id, r.order_reference FROM closing c
    JOIN journal_executionreport r ON r.account_id = c.account_id AND r.fill_key = c.fill_key
), said AS (
    SELECT n.trade_id, n.executed_at, o.id, o.reason FROM named n JOIN journal_order o
    ON o.account_id = n.account_id AND o.client_order_id = n.order_reference AND n.order_reference <> ''
    WHERE o.reason <> '' AND o.placed_at <= %(as_of)s
    UNION ALL
    SELECT n.trade_id, n.executed_at, o.id, o.reason FROM named n JOIN journal_order o
    ON o.account_id = n.account_id AND o.order_id = n.order_id AND n.order_id <> ''
    WHERE o.reason <> '' AND o.placed_at <= %(as_of)s
)
SELECT DISTINCT ON (trade_id) trade_id, reason FROM said ORDER BY trade_id, executed_at DESC, id
"""


def close_words(workspace_id: int, trade_ids: Sequence[int], as_of: datetime) -> dict[int, str]:
    """By trade, where an order that closed it said why."""
    if not Order.objects.filter(workspace_id=workspace_id).exclude(reason="").exists():
        return {}
    found: dict[int, str] = {}
    for start in range(0, len(trade_ids), _AT_ONCE):
        wanted = {"trades": list(trade_ids[start : start + _AT_ONCE]), "as_of": as_of}
        found |= {id_: said.strip()[:_REASON_MAX] for id_, said in fetch(_SAID, wanted)}
    return found


def in_words(trades: Trades, said: Mapping[int, str]) -> Trades:
    """The same with reasons in words: what an order said, else what the book knows it for."""
    codes, known = trades.groups["close_reason"], trades.words["close_reason"]
    told = [
        said.get(int(key)) or ("" if code < 0 else USUAL.get(known[code], known[code]))
        for key, code in zip(trades.key, codes, strict=True)
    ]
    words = tuple(sorted(set(told) - {""}))
    place = {word: code for code, word in enumerate(words)}
    fresh = np.array([place.get(word, -1) for word in told], dtype=np.int64)
    return type(trades)(
        trades.key, trades.opened, trades.closed, trades.known_at, trades.pnl, trades.r, trades.result, trades.week,
        {**trades.groups, "close_reason": fresh}, {**trades.words, "close_reason": words}, trades.features,
    )  # fmt: skip
