"""Orders: when each was placed, and what became of it as far as the file knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from journal.brokers.base import POSITION, InstrumentRow, OrderRole, OrderRow, OrderStatus
from journal.brokers.ccxt_json.fills import Desk
from journal.brokers.ccxt_json.item import Item, read_ms
from journal.brokers.text.faults import BadValue, Missing
from journal.domain.values import ZERO, Side

_SIDES = {"buy": Side.BUY, "sell": Side.SELL}
_ENDS = {
    "closed": OrderStatus.FILLED,
    "filled": OrderStatus.FILLED,
    "canceled": OrderStatus.CANCELLED,
    "cancelled": OrderStatus.CANCELLED,
    "partiallyfilledcanceled": OrderStatus.CANCELLED,
    "deactivated": OrderStatus.CANCELLED,
    "expired": OrderStatus.EXPIRED,
    "expired_in_match": OrderStatus.EXPIRED,
    "rejected": OrderStatus.REJECTED,
}


def read_life(item: Item, desk: Desk) -> Iterator[OrderRow]:
    """One moment for its placing, and one for where it stands. Nothing of an order without an id or a time."""
    order_id, stated = item.text("id"), item.text("timestamp")
    if not order_id or not stated:
        return
    placed_at = read_ms(stated)
    quantity, filled = item.number("amount"), item.number("filled") or ZERO
    status = _status(item, quantity, filled)
    placed = _placed(item, desk, placed_at, quantity)
    yield placed
    if status is OrderStatus.PLACED:
        return
    yield placed._replace(
        status=status,
        filled_quantity=filled,
        average_price=item.number("average") if filled else None,
        reason=item.told("rejectReason", "cancelType")[:128]
        if status is not OrderStatus.FILLED
        else "",
        happened_at=max(placed_at, _later(item) or placed_at),
    )


def _placed(item: Item, desk: Desk, at: datetime, quantity: Decimal | None) -> OrderRow:
    symbol = item.text("symbol")
    side = _SIDES.get(item.text("side").lower())
    ticket = _ticket(item)
    return OrderRow(
        row=item.row, account_id=desk.account_id, raw=item.raw, instrument=_contract(item, desk),
        client_order_id=item.text("clientOrderId")[:64], order_id=item.text("id")[:64], parent_id="",
        group_id="", role=_role(item, side, ticket), side=side,
        order_type=item.text("type").lower()[:32], time_in_force=item.text("timeInForce")[:16],
        quantity=quantity.copy_abs() if quantity else None, limit_price=item.number("price") or None,
        stop_price=item.number("triggerPrice", "stopPrice") or None, status=OrderStatus.PLACED,
        filled_quantity=None, average_price=None, fee=None, fee_currency="", reason="",
        position_id=f"{POSITION}{symbol}:{ticket}" if ticket else "", plan_id="",
        recommendation_id="", strategy="", happened_at=at,
    )  # fmt: skip


def _contract(item: Item, desk: Desk) -> InstrumentRow | None:
    try:
        return desk.contracts.instrument(item.text("symbol"))
    except (Missing, BadValue):
        # Its fills, if there are any, tell what is wrong with it.
        return None


def _status(item: Item, quantity: Decimal | None, filled: Decimal) -> OrderStatus:
    """ccxt says that an order is closed that was filled in part and then cancelled."""
    end = _ENDS.get(item.text("status").lower())
    if end is OrderStatus.FILLED and quantity and filled < quantity:
        return OrderStatus.CANCELLED
    if end is not None:
        return end
    return OrderStatus.PARTIALLY_FILLED if filled else OrderStatus.PLACED


def _later(item: Item) -> datetime | None:
    for name in ("lastTradeTimestamp", "lastUpdateTimestamp"):
        if stated := item.text(name):
            return read_ms(stated)
    for name in ("updatedTime", "updateTime", "uTime"):
        if stated := item.told(name):
            return read_ms(stated)
    return None


def _ticket(item: Item) -> str:
    """Of two positions in one contract."""
    index = {"1": "long", "2": "short"}.get(item.told("positionIdx"), "")
    side = item.told("positionSide", "posSide").lower()
    return index or (side if side in ("long", "short") else "")


def _role(item: Item, side: Side | None, ticket: str) -> OrderRole | None:
    """As far as the order says: one that may only reduce a position protects or closes it."""
    closes = item.text("reduceOnly") == "true" or (
        bool(ticket) and (side is Side.SELL) is (ticket == "long")
    )
    kind = f"{item.text('type')} {item.told('stopOrderType', 'origType')}".lower().replace("_", "")
    if "takeprofit" in kind:
        return OrderRole.TAKE_PROFIT
    if "stoploss" in kind or (closes and "stop" in kind):
        return OrderRole.STOP_LOSS
    if closes:
        return OrderRole.EXIT
    return OrderRole.ENTRY if ticket else None
