"""A change of an order as a record of its own."""

from __future__ import annotations

import json
from typing import Any

from common.errors import NotFound, Rejected
from journal.models import BrokerAccount, CapturedKind, CapturedRecord, Order
from journal.selectors.orders import find_order
from journal.services.captures.booking import said_by


def change_of(reference: str, change: Any, *, account_id: int | None) -> dict[str, Any]:
    """The record to be captured for a change of the order that is meant. Raises NotFound and Rejected."""
    if not isinstance(change, dict):
        raise Rejected("invalid", "A change of an order is a JSON object.")
    named = _captured(reference, account_id) or _booked(reference, account_id)
    return {**change, **{name: value for name, value in named.items() if value}}


def _captured(reference: str, account_id: int | None) -> dict[str, str] | None:
    """By the record that placed it, or by the ids that this record gave it."""
    if "\0" in reference:
        return None
    records = CapturedRecord.objects.filter(kind=CapturedKind.ORDER, record_id=reference)
    if account_id is not None:
        records = records.filter(account_id=account_id)
    record = records.first()
    if record is None:
        return None
    ids = _ids(said_by(record))
    if not any(ids.values()):
        ids["client_order_id"] = record.record_id
    return {**ids, **_owner(record.account_id)}


def _booked(reference: str, account_id: int | None) -> dict[str, str]:
    orders = Order.objects.all()
    if account_id is not None:
        orders = orders.filter(account_id=account_id)
    try:
        order = find_order(orders, reference)
    except NotFound:
        waiting = _waiting(reference, account_id)
        if waiting is None:
            raise
        return waiting
    ids = {"client_order_id": order.client_order_id, "order_id": order.order_id}
    return {**ids, **_owner(order.account_id)}


def _waiting(reference: str, account_id: int | None) -> dict[str, str] | None:
    """An order that was reported a moment ago and is not booked yet, by one of its own ids."""
    # Their text narrows down what has to be read: thousands may wait.
    text = json.dumps(reference, ensure_ascii=False)[1:-1]
    records = CapturedRecord.objects.filter(
        kind=CapturedKind.ORDER, batch=None, payload__contains=text
    )
    if account_id is not None:
        records = records.filter(account_id=account_id)
    for record in records.order_by("-id").iterator():
        ids = _ids(said_by(record))
        if reference in ids.values():
            return {**ids, **_owner(record.account_id)}
    return None


def _ids(said: dict[str, Any]) -> dict[str, str]:
    return {name: str(said.get(name) or "") for name in ("client_order_id", "order_id")}


def _owner(account_id: int | None) -> dict[str, str]:
    account = BrokerAccount.objects.filter(pk=account_id or 0).first()
    return {"account": account.broker_id, "broker": account.broker} if account else {}
