"""Orders put together anew from the reports of their lives."""

from __future__ import annotations

from collections.abc import Collection

from journal.domain.order_life import OrderLife, orders_of
from journal.models import BrokerAccount, Order
from journal.selectors.orders import list_linked_moments, list_order_ids
from journal.services.recommendations.standing import refresh_standings


def refresh_orders(account: BrokerAccount, ids: Collection[tuple[str, str]]) -> int:
    """Those that have one of these ids (the sender's, the broker's); counts what is there now."""
    if not ids:
        return 0
    reports, moments = list_linked_moments(account.pk, ids)
    followed = _followed(reports)
    # An order goes by its first report, which may be another one now, or none that counts.
    Order.objects.filter(pk__in=reports).delete()
    lives = orders_of(moments)
    orders = [_order(account, life) for life in lives]
    Order.objects.bulk_create(orders, batch_size=1_000)
    followed.update(order.recommendation_id for order in orders)
    refresh_standings(account.workspace_id, followed)
    return len(lives)


def _followed(ids: Collection[int]) -> set[str]:
    """The recommendations that these orders name."""
    named = Order.objects.filter(pk__in=ids).exclude(recommendation_id="")
    return set(named.values_list("recommendation_id", flat=True))


def rebuild_orders(account: BrokerAccount) -> None:
    """All of the account's."""
    Order.objects.filter(account_id=account.pk).delete()
    refresh_orders(account, list_order_ids(account.pk))


def differing_orders(account: BrokerAccount) -> list[int]:
    """Orders that a rebuild would change, by id."""
    _, moments = list_linked_moments(account.pk, list_order_ids(account.pk))
    wanted = {life.id: _values(_order(account, life)) for life in orders_of(moments)}
    found = {
        order.pk: _values(order) for order in Order.objects.filter(account_id=account.pk).iterator()
    }
    return sorted(id_ for id_ in wanted.keys() | found.keys() if wanted.get(id_) != found.get(id_))


def _values(order: Order) -> dict[str, object]:
    return {field.attname: getattr(order, field.attname) for field in Order._meta.concrete_fields}


def _order(account: BrokerAccount, life: OrderLife) -> Order:
    values = {name: value or "" if name in _TEXTS else value for name, value in life.values.items()}
    return Order(
        id=life.id,
        workspace_id=account.workspace_id,
        account_id=account.pk,
        status=life.status,
        changes=life.changes,
        placed_at=life.placed_at,
        last_at=life.last_at,
        closed_at=life.closed_at,
        **values,
    )


_TEXTS = {
    "client_order_id", "order_id", "parent_id", "group_id", "role", "side", "order_type", "time_in_force",
    "fee_currency", "reason", "position_id", "plan_id", "recommendation_id", "strategy",
}  # fmt: skip
