"""Orders, their lives, and what filled them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from django.db.models import Q, QuerySet

from common.errors import NotFound
from common.sql import fetch
from journal.domain.order_life import OrderMoment, OrderStep, histories_of
from journal.models import Execution, ExecutionReport, Order, OrderReport
from journal.selectors import joined_fills
from journal.selectors.keyset import Key, Page, read_page

_LATEST = [Key("last_at", descending=True), Key("id", descending=True)]
_CLOCKS_DIFFER = timedelta(days=2)
# A group that everything belongs to says nothing.
_FAMILY_MAX = 100
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


def read_orders(orders: QuerySet[Order], *, cursor: str = "", limit: int = 50) -> Page[Order]:
    """The latest activity first."""
    return read_page([orders], _LATEST, limit=limit, cursor=cursor)


def get_order(order_id: int) -> Order:
    """Within the open workspace. Raises NotFound for anybody else's."""
    order = Order.objects.select_related("instrument", "account").filter(pk=order_id).first()
    if order is None:
        raise NotFound("order_not_found", "There is no such order in this workspace.")
    return order


def find_order(orders: QuerySet[Order], reference: str) -> Order:
    """By our id, or by either of its own. Raises NotFound, also where it could be several."""
    # No text in the database has a null character.
    reference = reference.replace("\0", "\ufffd")
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
    return list(reports.select_related("batch__file").order_by("happened_at", "id"))


def list_steps(orders: Sequence[Order]) -> dict[int, list[OrderStep]]:
    """What happened to each of these orders of one account, by its id."""
    if not orders:
        return {}
    ids = [(order.client_order_id, order.order_id) for order in orders]
    return histories_of(list_linked_moments(orders[0].account_id, ids)[1])


def fills_of(order: Order) -> list[Execution]:
    """The executions that name the order, by the broker's id of it or by its sender's, in order."""
    # Ids of executions have no index, their instruments and times have: an order is filled while it lives, by clocks
    # that may differ, and as statements may date it.
    own = Execution.objects.filter(account_id=order.account_id)
    near = own.filter(executed_at__gte=order.placed_at - _CLOCKS_DIFFER)
    if order.closed_at is not None:
        near = near.filter(executed_at__lte=order.closed_at + _CLOCKS_DIFFER)
    if order.instrument_id is not None:
        near = near.filter(instrument_id=order.instrument_id)
    found: dict[int, Execution] = {}
    if order.order_id:
        found.update((one.pk, one) for one in _shown(near.filter(order_id=order.order_id)))
    if order.client_order_id:
        reports = ExecutionReport.objects.filter(
            account_id=order.account_id, order_reference=order.client_order_id, batch__withdrawn_at=None
        )  # fmt: skip
        keys = joined_fills.fills_of(
            order.account_id, reports.values_list("fill_key", flat=True).distinct()
        )
        found.update((one.pk, one) for one in _shown(own.filter(fill_key__in=set(keys.values()))))
    return sorted(found.values(), key=lambda one: (one.executed_at, one.sequence, one.pk))


def _shown(executions: QuerySet[Execution]) -> QuerySet[Execution]:
    return executions.select_related("instrument", "leg", "report")


def relatives_of(order: Order) -> list[Order]:
    """What the order protects or belongs to, what protects it, and of which one cancels the others: the oldest first,
    without itself."""
    return [one for one in _with_family(order.account_id, [order]) if one.pk != order.pk]


def orders_of_trade(trade_id: int) -> list[Order]:
    """The orders that a trade's executions name, and what protects them: the same parent, the same group."""
    rows = fetch(
        "SELECT DISTINCT e.account_id, r.order_id, r.order_reference FROM journal_execution e "
        "JOIN journal_leg l ON l.id = e.leg_id OR l.id = e.closed_leg "
        "CROSS JOIN LATERAL (SELECT e.fill_key AS key UNION ALL SELECT j.key FROM journal_joinedfill j "
        "WHERE j.account_id = e.account_id AND j.fill_key = e.fill_key) known "
        "JOIN journal_executionreport r ON r.account_id = e.account_id AND r.fill_key = known.key "
        "JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL "
        "WHERE l.trade_id = %s AND (r.order_id <> '' OR r.order_reference <> '')",
        [trade_id],
    )
    if not rows:
        return []
    account_id = rows[0][0]
    return _with_family(
        account_id, _named(account_id, {one for row in rows for one in row[1:] if one})
    )


def _named(account_id: int, words: Collection[str]) -> list[Order]:
    orders = Order.objects.filter(account_id=account_id).select_related("instrument")
    return list(orders.filter(Q(order_id__in=words) | Q(client_order_id__in=words)))


def _with_family(account_id: int, orders: Sequence[Order]) -> list[Order]:
    """An order's protection may be one cancels the other with something that names no parent: hence two rounds."""
    known = {order.pk: order for order in orders}
    for _ in range(2 if known else 0):
        own = list(known.values())
        ids = {word for one in own for word in (one.client_order_id, one.order_id)} - {""}
        parents = {one.parent_id for one in own} - {""}
        groups = {one.group_id for one in own} - {""}
        family = Order.objects.filter(account_id=account_id).select_related("instrument").filter(
            Q(parent_id__in=ids | parents)
            | Q(client_order_id__in=parents)
            | Q(order_id__in=parents)
            | Q(group_id__in=groups)
        ).exclude(pk__in=known)  # fmt: skip
        fresh = {order.pk: order for order in family[:_FAMILY_MAX]}
        if not fresh:
            break
        known |= fresh
    return sorted(known.values(), key=lambda order: (order.placed_at, order.pk))
