"""What is known of many trades' openings and closings beside their figures: set by set, never trade by trade."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q

from common.sql import fetch
from journal.domain.chain.close_reason import TOLD_BY_KIND, Closing
from journal.domain.chain.links import Known, Naming
from journal.models import NamedFill, Order, Plan
from journal.selectors.joined_fills import fills_of, known_keys
from journal.selectors.prelogged import exits_of, find_prelogged

# Of orders only what tells something of a trade is read.
_ORDER_FIELDS = (
    "pk", "client_order_id", "order_id", "parent_id", "group_id", "role", "order_type", "reason", "plan_id",
    "recommendation_id", "placed_at",
)  # fmt: skip
_PROTECTING = {"stop_loss", "take_profit"}
# By so much an order may be reported after its fills.
_REPORTED_LATE = timedelta(days=30)


class FillFact(NamedTuple):
    """A fill as a part of one trade: `opens` it, or closes it; `goes_through`: it closed it and opened another one."""

    trade_id: int
    execution_id: int
    key: str
    at: datetime
    kind: str
    price: Decimal
    quantity: Decimal
    opens: bool
    goes_through: bool


@dataclass(slots=True)
class Facts:
    """By trade."""

    named: dict[int, list[Naming]] = field(default_factory=lambda: defaultdict(list))
    closings: dict[int, list[Closing]] = field(default_factory=lambda: defaultdict(list))


# Both ways in which a fill is in a leg have an index; one condition for both would use neither.
_FILLS = """
SELECT l.trade_id, e.id, e.fill_key, e.executed_at, e.kind, e.price, coalesce(m.quantity, e.quantity),
    (e.side = 'buy') = (l.direction = 'long'), FALSE
FROM journal_leg l JOIN journal_execution e ON e.leg_id = l.id
LEFT JOIN LATERAL (SELECT sum(quantity) AS quantity FROM journal_lotmatch
                   WHERE closing_id = e.id AND leg_id = l.id) m ON TRUE
WHERE l.account_id = %(account)s AND l.trade_id = ANY(%(trades)s)
UNION ALL
SELECT l.trade_id, e.id, e.fill_key, e.executed_at, e.kind, e.price, coalesce(m.quantity, e.quantity), FALSE, TRUE
FROM journal_leg l JOIN journal_execution e ON e.closed_leg = l.id
LEFT JOIN LATERAL (SELECT sum(quantity) AS quantity FROM journal_lotmatch
                   WHERE closing_id = e.id AND leg_id = l.id) m ON TRUE
WHERE l.account_id = %(account)s AND l.trade_id = ANY(%(trades)s)
"""
# The ids by which the reports of these fills name their orders.
_KNOWN = (
    f"WITH own AS (SELECT unnest(%(keys)s::varchar[]) AS fill_key), known AS ({known_keys('own')})"
)
_WORDS = f"""
{_KNOWN} SELECT DISTINCT known.fill_key, word.id FROM known
JOIN journal_executionreport r ON r.account_id = %(account)s AND r.fill_key = known.key
JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL
CROSS JOIN LATERAL (VALUES (r.order_id), (r.order_reference)) AS word (id)
WHERE word.id <> ''
"""
_TOLD_BY_KIND = """
SELECT DISTINCT l.trade_id FROM journal_execution e JOIN journal_leg l ON l.id = e.leg_id OR l.id = e.closed_leg
WHERE e.account_id = %(account)s AND e.kind = ANY(%(kinds)s)
"""


def read_fills(account_id: int, trade_ids: Collection[int]) -> list[FillFact]:
    rows = fetch(_FILLS, {"account": account_id, "trades": list(trade_ids)})
    return [FillFact._make(row) for row in rows]


def trades_told_by_kind(account_id: int) -> set[int]:
    """Trades with a fill that no order caused: expired, assigned, liquidated."""
    rows = fetch(_TOLD_BY_KIND, {"account": account_id, "kinds": list(TOLD_BY_KIND)})
    return {trade_id for (trade_id,) in rows}


def read_facts(account_id: int, trade_ids: Collection[int], plan_ids: Collection[str]) -> Facts:
    """`plan_ids` are all by which plans of the workspace go: fills of an order of such a name need no order."""
    fills = read_fills(account_id, trade_ids)
    keys = list({fill.key for fill in fills})
    words: dict[str, set[str]] = defaultdict(set)
    for key, word in fetch(_WORDS, {"account": account_id, "keys": keys}):
        words[key].add(word)
    orders = _Orders(account_id, {word for own in words.values() for word in own})
    noted = _noted(account_id, keys)
    facts = Facts()
    for fill in fills:
        own = orders.of(words.get(fill.key, ()))
        if not fill.goes_through:
            facts.named[fill.trade_id] += _namings(fill, own, noted.get(fill.key, ()))
            facts.named[fill.trade_id] += [
                Naming(fill.opens, fill.at, client_order_id=word)
                for word in words.get(fill.key, ())
                if word in plan_ids
            ]
        if not fill.opens:
            facts.closings[fill.trade_id].append(_closing(fill, own))
    _add_prelogged(account_id, trade_ids, facts)
    for trade_id, own_fills in _by_trade(fills).items():
        held = [
            one for fill in own_fills if fill.opens for one in orders.of(words.get(fill.key, ()))
        ]
        facts.named[trade_id] += [
            Naming(False, one.placed_at, one.plan_id, one.recommendation_id, one.client_order_id)
            for one in orders.protecting(held)
        ]
    return facts


def _add_prelogged(account_id: int, trade_ids: Collection[int], facts: Facts) -> None:
    """What an order says that was told before its fills, and the one that told of the end."""
    taken = find_prelogged(account_id, trade_ids).orders
    exits = exits_of(account_id, taken.values())
    for trade_id in taken.keys() & set(trade_ids):
        order = taken[trade_id]
        facts.named[trade_id].append(
            Naming(
                True, order.placed_at, order.plan_id, order.recommendation_id, order.client_order_id
            )
        )
        end = exits.get(order.pk)
        if end is not None:
            facts.closings[trade_id] = [
                one if one.order_known else _told_by(one, end) for one in facts.closings[trade_id]
            ]


def _by_trade(fills: Iterable[FillFact]) -> dict[int, list[FillFact]]:
    found: dict[int, list[FillFact]] = defaultdict(list)
    for fill in fills:
        found[fill.trade_id].append(fill)
    return found


def _namings(
    fill: FillFact, orders: Iterable[Order], noted: Iterable[tuple[str, str]]
) -> list[Naming]:
    named = [
        Naming(fill.opens, fill.at, one.plan_id, one.recommendation_id, one.client_order_id)
        for one in orders
    ]
    return named + [Naming(fill.opens, fill.at, plan, idea) for plan, idea in noted]


def _closing(fill: FillFact, orders: Collection[Order]) -> Closing:
    price = None if fill.kind == "opening" else fill.price
    closing = Closing(fill.quantity, price, fill.kind, at=fill.at)
    if not orders:
        return closing
    return _told_by(closing, min(orders, key=_by_what_it_says))


def _told_by(closing: Closing, told: Order) -> Closing:
    return closing._replace(
        order_known=True,
        role=told.role,
        order_type=told.order_type,
        order_reason=told.reason,
        is_protection=bool(told.parent_id or told.group_id) or told.role in _PROTECTING,
    )


def _by_what_it_says(order: Order) -> tuple[bool, datetime, str, str]:
    return (not order.role, order.placed_at, order.client_order_id, order.order_id)


def _noted(account_id: int, keys: Collection[str]) -> dict[str, list[tuple[str, str]]]:
    """What captured fills name, by the key that the book knows the fill by."""
    own = NamedFill.objects.filter(account_id=account_id)
    if not own.exists():
        return {}
    rows = fetch(
        f"{_KNOWN} SELECT known.fill_key, n.plan_id, n.recommendation_id FROM known "
        "JOIN journal_namedfill n ON n.account_id = %(account)s AND n.key = known.key "
        "JOIN journal_importbatch b ON b.id = n.batch_id AND b.withdrawn_at IS NULL",
        {"account": account_id, "keys": list(keys)},
    )
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for key, plan, idea in rows:
        found[key].append((plan, idea))
    return found


class _Orders:
    """The orders that go by these ids, and what protects them."""

    def __init__(self, account_id: int, words: Collection[str]) -> None:
        wanted = list(words)
        orders = Order.objects.filter(account_id=account_id).only(*_ORDER_FIELDS)
        named = Q(client_order_id__in=wanted) | Q(order_id__in=wanted)
        own = list(orders.filter(named)) if wanted else []
        self._by_word: dict[str, list[Order]] = defaultdict(list)
        for one in own:
            for word in {one.client_order_id, one.order_id} - {""}:
                self._by_word[word].append(one)
        self._by_parent: dict[str, list[Order]] = defaultdict(list)
        parents = list(self._by_word)
        for one in orders.filter(parent_id__in=parents) if parents else ():
            self._by_parent[one.parent_id].append(one)

    def of(self, words: Iterable[str]) -> list[Order]:
        found = {one.pk: one for word in words for one in self._by_word.get(word, ())}
        return list(found.values())

    def protecting(self, orders: Iterable[Order]) -> list[Order]:
        found = {
            one.pk: one
            for order in orders
            for word in (order.client_order_id, order.order_id)
            if word
            for one in self._by_parent.get(word, ())
        }
        return list(found.values())


def read_known_plans(workspace_id: int, account_id: int) -> tuple[Known, dict[int, Plan]]:
    """The plans that trades of this account may belong to."""
    plans = {
        plan.pk: plan
        for plan in Plan.objects.filter(workspace_id=workspace_id).filter(
            Q(account_id=account_id) | Q(account_id=None)
        )
    }
    follow: dict[str, list[int]] = defaultdict(list)
    for plan in plans.values():
        if plan.recommendation_id:
            follow[plan.recommendation_id].append(plan.pk)
    known = Known(
        {plan.plan_id: plan.pk for plan in plans.values()},
        follow,
        {plan.pk: plan.plan_id for plan in plans.values()},
        {plan.pk: plan.recommendation_id for plan in plans.values()},
    )
    return known, plans


def trades_of_keys(account_id: int, keys: Collection[str]) -> set[int]:
    """The trades that the fills of these keys opened, closed or are in, under whichever key they were reported."""
    if not keys:
        return set()
    known = {*keys, *fills_of(account_id, keys).values()}
    rows = fetch(
        "SELECT DISTINCT l.trade_id FROM journal_execution e JOIN journal_leg l ON l.id IN (e.leg_id, e.closed_leg) "
        "WHERE e.account_id = %(account)s AND e.fill_key = ANY(%(keys)s)",
        {"account": account_id, "keys": list(known)},
    )
    return {trade_id for (trade_id,) in rows}


def trades_of_orders(account_id: int, ids: Collection[str]) -> set[int]:
    """The trades with fills that name one of these ids, the broker's or the sender's of an order."""
    wanted = sorted(set(ids) - {""})
    if not wanted:
        return set()
    rows = fetch(
        "SELECT DISTINCT r.fill_key FROM journal_executionreport r "
        "WHERE r.account_id = %(account)s AND r.order_reference <> '' AND r.order_reference = ANY(%(ids)s)",
        {"account": account_id, "ids": wanted},
    )
    found = trades_of_keys(account_id, [key for (key,) in rows])
    return found | _trades_by_broker_order(account_id, wanted)


def _trades_by_broker_order(account_id: int, ids: list[str]) -> set[int]:
    """Ids of executions have no index, their instruments and times have."""
    orders = fetch(
        "SELECT o.instrument_id, o.placed_at, o.order_id FROM journal_order o "
        "WHERE o.account_id = %(account)s AND o.order_id <> '' AND (o.order_id = ANY(%(ids)s) "
        "OR (o.client_order_id <> '' AND o.client_order_id = ANY(%(ids)s)))",
        {"account": account_id, "ids": ids},
    )
    if not orders:
        return set()
    instruments = {instrument_id for instrument_id, _, _ in orders}
    found = fetch(
        "SELECT DISTINCT l.trade_id FROM journal_execution e JOIN journal_leg l ON l.id IN (e.leg_id, e.closed_leg) "
        "WHERE e.account_id = %(account)s AND e.order_id = ANY(%(ids)s) AND e.executed_at >= %(since)s"
        + ("" if None in instruments else " AND e.instrument_id = ANY(%(instruments)s)"),
        {
            "account": account_id,
            "ids": list({order_id for _, _, order_id in orders}),
            "instruments": [one for one in instruments if one is not None],
            "since": min(placed_at for _, placed_at, _ in orders) - _REPORTED_LATE,
        },
    )
    return {trade_id for (trade_id,) in found}
