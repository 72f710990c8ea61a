"""A captured moment in the life of an order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from journal.brokers.base import OrderRole, OrderRow, OrderStatus
from journal.brokers.capture.contracts import FIELDS as CONTRACT_FIELDS
from journal.brokers.capture.contracts import read_contract
from journal.brokers.capture.executions import ENVELOPE, SIDES, Desk
from journal.brokers.capture.fields import Fields, choices_of

FIELDS = (
    ENVELOPE
    | CONTRACT_FIELDS
    | {
        "client_order_id", "order_id", "parent_id", "group_id", "role", "side", "order_type", "time_in_force",
        "quantity", "limit_price", "stop_price", "status", "filled_quantity", "average_price", "fee", "fee_currency",
        "reason", "position_id", "plan_id", "recommendation_id", "strategy", "at",
    }
)  # fmt: skip
STATUSES = choices_of(
    OrderStatus,
    new=OrderStatus.PLACED, open=OrderStatus.PLACED, submitted=OrderStatus.PLACED, presubmitted=OrderStatus.PLACED,
    accepted=OrderStatus.PLACED, received=OrderStatus.PLACED, routed=OrderStatus.PLACED, live=OrderStatus.PLACED,
    working=OrderStatus.PLACED, created=OrderStatus.PLACED, replaced=OrderStatus.MODIFIED,
    amended=OrderStatus.MODIFIED, untriggered=OrderStatus.PLACED, partial=OrderStatus.PARTIALLY_FILLED,
    partiallyfilled=OrderStatus.PARTIALLY_FILLED, executed=OrderStatus.FILLED, closed=OrderStatus.FILLED,
    canceled=OrderStatus.CANCELLED, deactivated=OrderStatus.CANCELLED, denied=OrderStatus.REJECTED,
)  # fmt: skip
ROLES = choices_of(
    OrderRole, stop=OrderRole.STOP_LOSS, sl=OrderRole.STOP_LOSS, tp=OrderRole.TAKE_PROFIT, target=OrderRole.TAKE_PROFIT,
    open=OrderRole.ENTRY, close=OrderRole.EXIT,
)  # fmt: skip


def read_order(record: Mapping[str, Any], desk: Desk, row: int = 0) -> OrderRow:
    """Raises BadRecord with what is wrong, by field."""
    fields = Fields(record)
    # A later moment of an order need not say again what it trades.
    instrument = None
    if record.get("symbol") is not None:
        instrument = read_contract(fields, desk.base_currency, desk.broker)
    status = fields.choice("status", STATUSES, needed=True)
    happened_at = fields.moment("at", now=desk.received_at) or desk.received_at
    record_id = str(record.get("record_id", ""))
    client_order_id, order_id = fields.text("client_order_id"), fields.text("order_id")
    read: dict[str, Any] = {
        "parent_id": fields.text("parent_id"),
        "group_id": fields.text("group_id"),
        "role": fields.choice("role", ROLES),
        "side": fields.choice("side", SIDES),
        "order_type": fields.text("order_type", 32).lower().replace(" ", "_"),
        "time_in_force": fields.text("time_in_force", 16),
        "quantity": fields.positive("quantity"),
        "limit_price": fields.number("limit_price"),
        "stop_price": fields.number("stop_price"),
        "filled_quantity": fields.positive("filled_quantity", zero=True),
        "average_price": fields.number("average_price"),
        "fee": fields.number("fee"),
        "fee_currency": fields.text("fee_currency", 12).upper(),
        "reason": fields.text("reason", 255),
        "position_id": fields.text("position_id"),
        "plan_id": fields.text("plan_id"),
        "recommendation_id": fields.text("recommendation_id"),
        "strategy": fields.text("strategy"),
    }
    fields.check()
    assert status is not None
    return OrderRow(
        row=row, account_id=desk.account_id, raw=dict(record), instrument=instrument,
        # An order without any id is known by the record that placed it.
        client_order_id=client_order_id if client_order_id or order_id else record_id,
        order_id=order_id, status=status, happened_at=happened_at, record_id=record_id, **read,
    )  # fmt: skip
