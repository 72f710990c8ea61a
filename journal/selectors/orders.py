"""Orders, their lives, and what filled them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Q, QuerySet

from common.errors import NotFound
from common.sql import fetch
from journal.domain.order_life import OrderMoment
from journal.models import Execution, Order, OrderReport

_NAMES = [name for name in OrderMoment._fields if name not in {"id", "source"}]
_MOMENTS = f"""
WITH RECURSIVE linked (id, client_order_id, order_id) AS (
    SELECT id, client_order_id, order_id FROM journal_orderreport
    WHERE account_id = %(account)s AND (
        (client_order_id <> '' AND client_order_id = ANY(%(clients)s))
        OR (order_id <> '' AND order_id = ANY(%(orders)s)))
    UNION
    SELECT r.id, r.client_order_id, r.order_id FROM linked l JOIN journal_orderreport r
    ON r.account_id = %(account)s AND (
        (r.client_order_id <> '' AND r.client_order_id = l.client_order_id)
        OR (r.order_id <> '' AND r.order_id = l.order_id))
)
SELECT r.id, b.withdrawn_at IS NULL, b.reported_by, {", ".join(f"r.{name}" for name in _NAMES)}
FROM linked JOIN journal_orderreport r ON r.id = linked.id
JOIN journal_importbatch b ON b.id = r.batch_id
"""


def list_linked_moments(
    account_id: int, ids: Collection[tuple[str, str]]
) -> tuple[list[int], list[OrderMoment]]:
    """All reports of the orders that have one of the ids (the sender's, the broker's), also by way of other reports:
    the ids of all of them, and those that count."""
    rows = fetch(
        _MOMENTS,
        {
            "account": account_id,
            "clients": [client for client, _ in ids if client],
            "orders": [order for _, order in ids if order],
        },
    )
    effective = [
        OrderMoment(id=id_, source=source, **dict(zip(_NAMES, values, strict=True)))
        for id_, counts, source, *values in rows
        if counts
    ]
    return [row[0] for row in rows], effective


def list_order_ids(account_id: int, batch_id: int | None = None) -> set[tuple[str, str]]:
    """The ids of the account's orders, as its evidence has them."""
    reports = OrderReport.objects.filter(account_id=account_id)
    if batch_id is not None:
        reports = reports.filter(batch_id=batch_id)
    return set(reports.values_list("client_order_id", "order_id").distinct())


def find_order(orders: QuerySet[Order], reference: str) -> Order:
    """By our id, or by either of its own. Raises NotFound, also where it could be several."""
    named = Q(client_order_id=reference) | Q(order_id=reference)
    if reference.isdecimal() and len(reference) < 19:
        named |= Q(pk=int(reference))
    found = list(orders.filter(named).order_by("pk")[:3])
    exact = [one for one in found if str(one.pk) == reference] or found
    if len(exact) != 1:
        many = "Several orders are called" if exact else "There is no order"
        raise NotFound("order_not_found", f"{many} “{reference[:64]}” in this workspace.")
    return exact[0]


def list_history(order: Order) -> list[OrderReport]:
    """The reports of one order that count, the oldest first."""
    ids, _ = list_linked_moments(order.account_id, [(order.client_order_id, order.order_id)])
    reports = OrderReport.objects.filter(pk__in=ids, batch__withdrawn_at=None)
    return list(reports.select_related("batch").order_by("happened_at", "id"))


def fills_of(orders: Iterable[Order]) -> QuerySet[Execution]:
    """The executions that name one of the orders, by the broker's id of it or by its sender's."""
    named = Q(pk__in=[])
    for order in orders:
        own = Q(account_id=order.account_id)
        if order.order_id:
            named |= own & Q(order_id=order.order_id)
        if order.client_order_id:
            named |= own & Q(report__order_reference=order.client_order_id)
    return Execution.objects.filter(named)


def orders_of_trade(trade_id: int) -> list[Order]:
    """The orders that a trade's executions name, and what protects them: the same parent, the same group."""
    rows = fetch(
        "SELECT DISTINCT e.account_id, r.order_id, r.order_reference FROM journal_execution e "
        "JOIN journal_leg l ON l.id = e.leg_id OR l.id = e.closed_leg "
        "JOIN journal_executionreport known ON known.id = e.report_id "
        "JOIN journal_executionreport r ON r.account_id = e.account_id AND r.fill_key = e.fill_key "
        "WHERE l.trade_id = %s AND (r.order_id <> '' OR r.order_reference <> '')",
        [trade_id],
    )
    if not rows:
        return []
    account_id = rows[0][0]
    own = _named(account_id, {one for row in rows for one in row[1:] if one})
    words = {
        word for order in own for word in (order.client_order_id, order.order_id, order.parent_id)
    }
    groups = {order.group_id for order in own} - {""}
    words.discard("")
    family = Order.objects.filter(account_id=account_id).filter(
        Q(parent_id__in=words)
        | Q(client_order_id__in=words)
        | Q(order_id__in=words)
        | Q(group_id__in=groups)
    )
    found: dict[int, Any] = {order.pk: order for order in (*own, *family)}
    return sorted(found.values(), key=lambda order: (order.placed_at, order.pk))


def _named(account_id: int, words: Collection[str]) -> list[Order]:
    orders = Order.objects.filter(account_id=account_id)
    return list(orders.filter(Q(order_id__in=words) | Q(client_order_id__in=words)))
