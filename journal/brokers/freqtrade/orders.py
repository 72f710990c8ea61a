"""The bot's orders: when each was placed, for what, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator

from journal.brokers.base import InstrumentRow, OrderRole, OrderRow, OrderStatus
from journal.brokers.freqtrade.values import BotOrder, BotTrade, moment, number, truth
from journal.domain.exact import divide
from journal.domain.values import ONE, Side

_ENDS = {
    "closed": OrderStatus.FILLED,
    "canceled": OrderStatus.CANCELLED,
    "cancelled": OrderStatus.CANCELLED,
    "expired": OrderStatus.EXPIRED,
    "rejected": OrderStatus.REJECTED,
}

_PLACED = ("order_date", "order_timestamp", "order_filled_date", "order_filled_timestamp")
_ENDED = ("order_filled_date", "order_filled_timestamp", "order_update_date", *_PLACED)


def read_life(
    trade: BotTrade, order: BotOrder, instrument: InstrumentRow, *, is_entry: bool
) -> Iterator[OrderRow]:
    """Nothing of one without an id: those of backtests. Raises Missing, BadValue."""
    raw = order.raw
    if not raw.get("order_id"):
        return
    size = instrument.multiplier
    quantity, filled = number(raw, "amount", "ft_amount").copy_abs(), number(raw, "filled")
    is_stop = raw.get("ft_order_side") == "stoploss"
    exit_role = OrderRole.STOP_LOSS if is_stop else OrderRole.EXIT
    placed_at = moment(raw, *_PLACED)
    placed = OrderRow(
        row=order.row, account_id="", raw=raw, instrument=instrument, client_order_id="",
        order_id=raw["order_id"][:64], parent_id="", group_id="",
        role=OrderRole.ENTRY if is_entry else exit_role,
        side=Side.BUY if is_entry is not trade.is_short else Side.SELL,
        order_type=raw.get("order_type", "")[:32], time_in_force="",
        quantity=(divide(quantity, size) if size != ONE else quantity) or None,
        limit_price=number(raw, "price", "ft_price") or None,
        stop_price=number(raw, "stop_price") or None, status=OrderStatus.PLACED,
        filled_quantity=None, average_price=None, fee=None, fee_currency="", reason="",
        position_id="", plan_id="", recommendation_id="",
        strategy=trade.raw.get("strategy", "")[:64], happened_at=placed_at,
    )  # fmt: skip
    yield placed
    status = _ENDS.get(raw.get("status", "").lower())
    if status is None or truth(raw, "ft_is_open"):
        return
    ended_at = moment(raw, *_ENDED)
    yield placed._replace(
        status=status,
        filled_quantity=divide(filled, size) if size != ONE else filled,
        average_price=number(raw, "average") or None,
        reason=raw.get("ft_cancel_reason", "")[:128],
        happened_at=max(placed_at, ended_at),
    )
