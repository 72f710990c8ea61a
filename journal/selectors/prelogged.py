"""Orders that were told as filled before their fills were known, and the trades that their fills turned out to be.

A scanner says that it opened a structure for a price; what its legs were filled at comes from the broker later, and
names nothing. The order is taken over by a trade of the same account and symbol (however either side writes it),
opened within a day of it, the same way, of the same size, at nearly its price, where just one trade is like that and no
other order is: else nobody can tell, and nothing is guessed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import NamedTuple

from common.sql import fetch
from journal.models import Order
from journal.selectors.names import name_key_sql

# How near is near: a day apart, and a hundredth of the price.
_PAIRS = """
SELECT t.id, o.id FROM journal_order o
LEFT JOIN journal_instrument i ON i.id = o.instrument_id
LEFT JOIN LATERAL (
    SELECT r.symbol FROM journal_recommendation r JOIN journal_importbatch b ON b.id = r.batch_id
    WHERE r.workspace_id = o.workspace_id AND r.record_id = o.recommendation_id AND b.withdrawn_at IS NULL
    ORDER BY r.id LIMIT 1) proposed ON o.recommendation_id <> ''
LEFT JOIN journal_plan p ON p.workspace_id = o.workspace_id AND p.plan_id = o.plan_id AND o.plan_id <> ''
JOIN journal_trade t ON t.account_id = o.account_id
    AND t.opened_at BETWEEN o.placed_at - interval '1 day' AND o.placed_at + interval '1 day'
    AND {name} IN ({symbol}, {underlying})
LEFT JOIN journal_structure s ON s.id = t.id
WHERE o.account_id = %(account)s AND o.status = 'filled' AND (o.plan_id <> '' OR o.recommendation_id <> '')
AND o.role IN ('', 'entry') AND o.filled_quantity IS NOT NULL AND {which}
-- Along the index of orders by their latest activity, which comes after they were placed.
AND o.last_at >= t.opened_at - interval '1 day'
AND coalesce(s.units, t.quantity) = o.filled_quantity
AND (t.leg_count > 1 OR o.side = '' OR (o.side = 'buy') = (t.direction = 'long'))
AND (t.leg_count > 1 OR t.average_open IS NULL OR o.average_price IS NULL
     OR abs(t.average_open - o.average_price) <= abs(t.average_open) / 100)
AND NOT EXISTS (SELECT FROM journal_executionreport r JOIN journal_importbatch b ON b.id = r.batch_id
    WHERE r.account_id = o.account_id AND r.order_reference <> '' AND r.order_reference = o.client_order_id
    AND b.withdrawn_at IS NULL)
AND (o.order_id = '' OR NOT EXISTS (SELECT FROM journal_execution e
    WHERE e.account_id = o.account_id AND e.order_id = o.order_id
    AND e.executed_at BETWEEN o.placed_at - interval '2 days' AND o.placed_at + interval '30 days'))
"""
# What one side writes as BRK.B is BRK B with another.
_NAMES = {
    "name": name_key_sql("coalesce(i.symbol, proposed.symbol, p.symbol)"),
    "symbol": name_key_sql("t.symbol"),
    "underlying": name_key_sql("t.underlying"),
}
_BY_TRADE = _PAIRS.format(which="t.id = ANY(%(ids)s)", **_NAMES)
_BY_ORDER = _PAIRS.format(which="o.id = ANY(%(ids)s)", **_NAMES)


class PreLogged(NamedTuple):
    """`orders` by the trade that took each over; `involved` are all trades that could have."""

    orders: dict[int, Order]
    involved: set[int]


def find_prelogged(account_id: int, trade_ids: Collection[int]) -> PreLogged:
    """For these trades, whatever others could have taken their orders over."""
    first = _pairs(_BY_TRADE, account_id, trade_ids)
    if not first:
        return PreLogged({}, set())
    by_order = _pairs(_BY_ORDER, account_id, {order for _, order in first})
    pairs = set(by_order) | set(_pairs(_BY_TRADE, account_id, {trade for trade, _ in by_order}))
    orders_of: dict[int, set[int]] = defaultdict(set)
    trades_of: dict[int, set[int]] = defaultdict(set)
    for trade, order in pairs:
        orders_of[trade].add(order)
        trades_of[order].add(trade)
    sole = {
        trade: order
        for trade, (order, *more) in ((one, sorted(many)) for one, many in orders_of.items())
        if not more and len(trades_of[order]) == 1
    }
    orders = Order.objects.in_bulk(list(sole.values()))
    return PreLogged(
        {trade: orders[order] for trade, order in sole.items()}, {trade for trade, _ in pairs}
    )


def trades_for_orders(account_id: int, words: Collection[str]) -> set[int]:
    """Trades that could have taken over an order with one of these ids, or the one that it closes."""
    wanted = list(words)
    rows = fetch(
        "SELECT id FROM journal_order WHERE account_id = %(account)s AND status = 'filled' "
        "AND ((client_order_id <> '' AND client_order_id = ANY(%(words)s)) "
        "OR (order_id <> '' AND order_id = ANY(%(words)s)))",
        {"account": account_id, "words": wanted},
    )
    return {trade for trade, _ in _pairs(_BY_ORDER, account_id, [id_ for (id_,) in rows])}


def trade_that_took(order: Order) -> int | None:
    """The trade that an order which was told before its fills turned out to be."""
    near = {trade for trade, _ in _pairs(_BY_ORDER, order.account_id, [order.pk])}
    taken = find_prelogged(order.account_id, near).orders
    return next((trade for trade, one in taken.items() if one.pk == order.pk), None)


def exits_of(account_id: int, orders: Iterable[Order]) -> dict[int, Order]:
    """By the id of each of these orders the one that says that it was closed, the latest where there are several."""
    names = {one.client_order_id: one.pk for one in orders if one.client_order_id}
    if not names:
        return {}
    found = Order.objects.filter(
        account_id=account_id, parent_id__in=list(names), role="exit", status="filled"
    )
    return {names[one.parent_id]: one for one in found.order_by("placed_at", "client_order_id")}


def _pairs(statement: str, account_id: int, ids: Collection[int]) -> list[tuple[int, int]]:
    if not ids:
        return []
    return [
        (trade, order)
        for trade, order in fetch(statement, {"account": account_id, "ids": list(ids)})
    ]
