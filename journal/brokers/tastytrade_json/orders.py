"""Orders of the API: when each was placed, and how it ended. A fill is told by its leg, whatever the status says."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from journal.brokers.base import ExecutionRow, OrderRole, OrderRow, OrderStatus, Record
from journal.brokers.tastytrade.kinds import MOVES, Move
from journal.brokers.tastytrade.reader import TransactionReader
from journal.brokers.tastytrade.row import read_money, words
from journal.brokers.tastytrade_json.cells import raw_of, text_of
from journal.brokers.tastytrade_json.naming import naming
from journal.brokers.text.faults import BadDate, Missing
from journal.brokers.text.moments import read_when
from journal.brokers.text.numbers import read_number
from journal.domain.exact import divide
from journal.domain.values import ZERO, PositionEffect

_UTC = ZoneInfo("UTC")
_ENDS = {
    "filled": OrderStatus.FILLED,
    "cancelled": OrderStatus.CANCELLED,
    "canceled": OrderStatus.CANCELLED,
    "removed": OrderStatus.CANCELLED,
    "partially removed": OrderStatus.CANCELLED,
    "replaced": OrderStatus.CANCELLED,
    "expired": OrderStatus.EXPIRED,
    "rejected": OrderStatus.REJECTED,
}


class _Leg(NamedTuple):
    """The only leg of an order, or what is left of several: nothing that is of all of them."""

    raw: dict[str, str]
    move: Move | None
    quantity: Decimal | None
    filled: Decimal | None
    average: Decimal | None
    last_at: datetime | None


class Orders:
    """What orders say of themselves, and of the fills that follow them in the document."""

    def __init__(self, reader: TransactionReader) -> None:
        self._reader = reader
        self._orders: dict[str, dict[str, str]] = {}

    def read(self, row: int, item: dict[str, Any], zone: ZoneInfo) -> list[Record]:
        """One moment for its placing, and one for what became of it. Raises Missing, BadValue."""
        raw = raw_of(item)
        self._orders[text_of(raw, "id")] = raw
        placed_at = _instant(raw, "received-at") or _instant(raw, "live-at")
        if placed_at is None:
            raise Missing("no_date", "it states no date")
        leg = _leg(item)
        placed = self._row(row, raw, leg, placed_at, zone)
        status = _status(raw, leg)
        if status is OrderStatus.PLACED:
            return [placed]
        later_at = max(placed_at, _later(raw, leg, status) or placed_at)
        return [
            placed,
            placed._replace(
                status=status,
                filled_quantity=leg.filled,
                average_price=leg.average,
                reason=text_of(raw, "reject-reason") or _replacement(raw),
                happened_at=later_at,
            ),
        ]

    def complete(self, record: Record) -> Record:
        """The fill with what its order says."""
        if not isinstance(record, ExecutionRow) or record.order_id not in self._orders:
            return record
        raw = self._orders[record.order_id]
        return record._replace(
            order_type=text_of(raw, "order-type")[:32],
            ordered_at=_instant(raw, "received-at"),
            order_reference=text_of(raw, "external-identifier")[:128],
        )

    def _row(
        self, row: int, raw: dict[str, str], leg: _Leg, at: datetime, zone: ZoneInfo
    ) -> OrderRow:
        named = leg.raw | {"account-number": text_of(raw, "account-number")}
        underlying = {"underlying-symbol": text_of(raw, "underlying-symbol")}
        has_contract = bool(text_of(leg.raw, "symbol"))
        return OrderRow(
            row=row,
            account_id=text_of(raw, "account-number"),
            raw=raw,
            instrument=self._reader.contract_of(naming(row, underlying | named, at.date(), zone))
            if has_contract
            else None,
            client_order_id=text_of(raw, "external-identifier")[:64],
            order_id=text_of(raw, "id"),
            parent_id="",
            group_id=text_of(raw, "complex-order-id"),
            role=_role(raw, leg),
            side=leg.move.side if leg.move else None,
            order_type=words(text_of(raw, "order-type")).replace(" ", "_"),
            time_in_force=text_of(raw, "time-in-force")[:16],
            quantity=leg.quantity or read_number(text_of(raw, "size")),
            limit_price=read_money(text_of(raw, "price")),
            stop_price=read_money(text_of(raw, "stop-trigger")),
            status=OrderStatus.PLACED,
            filled_quantity=None,
            average_price=None,
            fee=None,
            fee_currency="",
            reason="",
            position_id="",
            plan_id="",
            recommendation_id="",
            strategy="",
            happened_at=at,
        )


def _leg(item: dict[str, Any]) -> _Leg:
    listed = item.get("legs")
    legs = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    if len(legs) != 1:
        return _Leg({}, None, None, None, None, _last_fill(legs))
    raw = raw_of(legs[0])
    quantity = read_number(text_of(raw, "quantity"))
    left = read_number(text_of(raw, "remaining-quantity"))
    fills = _fills(legs)
    sizes = [read_number(text_of(one, "quantity")) or ZERO for one in fills]
    prices = [read_money(text_of(one, "fill-price")) or ZERO for one in fills]
    filled = sum(sizes, ZERO)
    money = sum((size * price for size, price in zip(sizes, prices, strict=True)), ZERO)
    if not filled and quantity is not None and left is not None:
        filled = quantity - left
    return _Leg(
        raw,
        MOVES.get(words(text_of(raw, "action"))),
        quantity,
        filled or None,
        divide(money, filled) if money and filled else None,
        _last_fill(legs),
    )


def _fills(legs: list[dict[str, Any]]) -> list[dict[str, str]]:
    listed = [one.get("fills") for one in legs]
    return [
        raw_of(one)
        for fills in listed
        if isinstance(fills, list)
        for one in fills
        if isinstance(one, dict)
    ]


def _last_fill(legs: list[dict[str, Any]]) -> datetime | None:
    moments = [at for one in _fills(legs) if (at := _instant(one, "filled-at")) is not None]
    return max(moments, default=None)


def _status(raw: dict[str, str], leg: _Leg) -> OrderStatus:
    """Some say “Live” and carry their last fill already."""
    end = _ENDS.get(words(text_of(raw, "status")))
    if end is not None:
        return end
    if leg.filled is None:
        return OrderStatus.PLACED
    is_whole = leg.quantity is not None and leg.filled >= leg.quantity
    return OrderStatus.FILLED if is_whole else OrderStatus.PARTIALLY_FILLED


def _later(raw: dict[str, str], leg: _Leg, status: OrderStatus) -> datetime | None:
    """When it came to that. `updated-at` counts milliseconds, and moves for other reasons too."""
    if status in (OrderStatus.FILLED, OrderStatus.PARTIALLY_FILLED) and leg.last_at is not None:
        return leg.last_at
    return _instant(raw, "cancelled-at") or _instant(raw, "terminal-at")


def _role(raw: dict[str, str], leg: _Leg) -> OrderRole | None:
    """Of one leg: futures do not say whether they open or close."""
    if leg.move is None or leg.move.effect is PositionEffect.UNKNOWN:
        return None
    if leg.move.effect is PositionEffect.OPEN:
        return OrderRole.ENTRY
    if words(text_of(raw, "order-type")).startswith("stop"):
        return OrderRole.STOP_LOSS
    return OrderRole.TAKE_PROFIT if text_of(raw, "complex-order-id") else OrderRole.EXIT


def _replacement(raw: dict[str, str]) -> str:
    other = text_of(raw, "replacing-order-id")
    return f"Replaced by order {other}" if other and other != "0" else ""


def _instant(raw: dict[str, str], name: str) -> datetime | None:
    try:
        return read_when(text_of(raw, name)).instant(_UTC)
    except BadDate:
        return None
