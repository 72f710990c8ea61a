"""Fills, what became of orders, and which lots the broker closed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from journal.brokers.base.contracts import InstrumentRow
from journal.domain import identity
from journal.domain.values import ExecutionKind, PositionEffect, Side

# What a person enters by hand: the least of what is said of a fill.
HAND_AUTHORITY = 22
# Authorities of rows that are no single fill, see ExecutionRow.
ORDER_AUTHORITY = 20
PART_AUTHORITY = 10

POSITION = identity.POSITION


class ReportKind(StrEnum):
    """What an execution row does to the book. CANCEL and its original both stay as evidence."""

    FILL = "fill"
    CANCEL = "cancel"
    CORRECT = "correct"


class ExecutionRow(NamedTuple):
    """One reported fill. `authority`: the higher wins where several sources report one fill (statement 40, a coarser
    one 35, confirmation 30, a program's or a person's word less but above ORDER_AUTHORITY: an order summed up as one
    fill). PART_AUTHORITY: a part of a fill, as sources state it that know round trips only. It gives way to the fill
    that holds it (`trade_id` is that one's `broker_id`, where the source names it), or to the order.

    A fee or tax of None is not stated, which is not the same as one of 0: another source may state it.
    """

    row: int
    account_id: str
    raw: dict[str, str]
    instrument: InstrumentRow
    report: ReportKind
    kind: ExecutionKind
    broker_id: str  # most stable id of the booking row ("" when the source has none)
    exec_id: str  # the exchange's or API's execution id, where a bot would know it
    trade_id: str  # see POSITION
    order_id: str
    order_reference: str
    original_ids: tuple[str, ...]  # CANCEL, CORRECT: any id of the row that is meant
    side: Side
    quantity: Decimal
    price: Decimal
    executed_at: datetime
    zone: str
    reported_on: date | None
    settled_on: date | None
    fee: Decimal | None  # positive costs; commission
    tax: Decimal | None  # positive costs; transaction taxes and levies stated apart
    fee_currency: str  # of both, "" when it is not stated: then the contract's
    fx_rate: Decimal | None  # contract currency -> account base currency
    effect: PositionEffect
    proceeds: Decimal | None  # as stated, signed: money received
    net_cash: Decimal | None
    stated_cost: Decimal | None
    stated_pnl: Decimal | None
    order_type: str
    ordered_at: datetime | None
    exchange: str
    notes: tuple[str, ...]
    authority: int
    record_id: str = (
        ""  # the sender's own name of a captured record: tells fills without an id apart
    )


class OrderStatus(StrEnum):
    """What happened to an order."""

    PLACED = "placed"
    MODIFIED = "modified"
    TRIGGERED = "triggered"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    EXPIRED = "expired"


class OrderRole(StrEnum):
    ENTRY = "entry"
    STOP_LOSS = "stop_loss"
    TAKE_PROFIT = "take_profit"
    EXIT = "exit"


class OrderRow(NamedTuple):
    """One moment in the life of an order. What it leaves open ("" or None) is as the reports before it have it.

    At least one of `client_order_id` (the sender's) and `order_id` (the broker's) is there: reports that share one of
    them speak of the same order. `parent_id` is either id of the order that it protects or belongs to, `group_id` what
    orders have in common of which one cancels the others.
    """

    row: int
    account_id: str
    raw: dict[str, str]
    instrument: InstrumentRow | None
    client_order_id: str
    order_id: str
    parent_id: str
    group_id: str
    role: OrderRole | None
    side: Side | None
    order_type: str
    time_in_force: str
    quantity: Decimal | None
    limit_price: Decimal | None
    stop_price: Decimal | None
    status: OrderStatus
    filled_quantity: Decimal | None
    average_price: Decimal | None
    fee: Decimal | None
    fee_currency: str
    reason: str  # why it was rejected or cancelled, in the broker's words
    position_id: str
    plan_id: str
    recommendation_id: str
    strategy: str
    happened_at: datetime
    record_id: str = ""


class ClosedLotRow(NamedTuple):
    """The broker's own lot match, stated after the closing fill that it belongs to."""

    row: int
    account_id: str
    raw: dict[str, str]
    instrument: InstrumentRow
    closing_broker_id: str  # of the fill that it follows, "" when the file does not tell
    opening_broker_id: str
    quantity: Decimal
    open_price: Decimal
    opened_at: datetime | None
    closed_at: datetime | None
    cost: Decimal | None
    realized_pnl: Decimal | None
