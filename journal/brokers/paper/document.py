"""What happened at the paper broker in a stretch of time, as the document that its reader reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from journal.brokers.base import InstrumentRow
from journal.brokers.fetching import Window
from journal.brokers.paper.ledger import Ledger, PaperOrder
from journal.domain.values import AssetClass, Side

MARK = "fillbook_paper"
VERSION = 1
_ENDS = {"filled": "filled", "cancelled": "cancelled", "rejected": "rejected"}


def write_history(ledger: Ledger, account: str, window: Window, at: datetime) -> bytes:
    """Empty where nothing happened."""
    until = min(window.until, at)
    parts: dict[str, list[dict[str, Any]]] = {
        "cash": [
            {"id": one.id, "amount": _written(one.amount), "at": one.at.isoformat(), "text": one.text}
            for one in ledger.flows
            if window.since <= one.at <= until
        ],
        "orders": [
            said
            for order in ledger.orders.values()
            for said in _moments(order, ledger)
            if window.since <= datetime.fromisoformat(said["at"]) <= until
        ],
        "fills": [
            {
                "id": one.id, "order": f"O{ledger.orders[one.client_id].number}", "client_order": one.client_id,
                "symbol": one.symbol, "side": one.side, "quantity": _written(one.quantity),
                "price": _written(one.price), "fee": _written(one.fee), "at": one.at.isoformat(),
            }
            for one in ledger.fills
            if window.since <= one.at <= until
        ],
    }  # fmt: skip
    if not any(parts.values()):
        return b""
    midnight = until.replace(hour=0, minute=0, second=0, microsecond=0)
    closed = {}
    if ledger.opened_at is not None and ledger.opened_at < midnight:
        closed = {
            "on": (midnight - timedelta(days=1)).date().isoformat(),
            "cash": _written(_cash_before(ledger, midnight)),
        }
    head = {
        MARK: VERSION,
        "account": account,
        "currency": ledger.currency,
        "since": window.since.isoformat(),
        "until": until.isoformat(),
        "closed_day": closed,
    }
    return json.dumps({**head, **parts}, indent=1).encode()


def _cash_before(ledger: Ledger, moment: datetime) -> Decimal:
    """What all has made of it until then."""
    cash = sum((one.amount for one in ledger.flows if one.at < moment), Decimal(0))
    for fill in ledger.fills:
        if fill.at < moment:
            paid = fill.quantity * fill.price
            cash += (-paid if fill.side is Side.BUY else paid) - fill.fee
    return cash


def share(symbol: str, currency: str) -> InstrumentRow:
    return InstrumentRow("", AssetClass.STOCK, symbol, currency, Decimal(1))


def _moments(order: PaperOrder, ledger: Ledger) -> Iterator[dict[str, Any]]:
    """Its placing, and where it stands: each of them once it has happened."""
    fills = (
        [one for one in ledger.fills if one.client_id == order.client_id] if order.filled else []
    )
    said = {
        "id": f"O{order.number}",
        "client_order": order.client_id,
        "symbol": order.symbol,
        "side": order.side,
        "type": _type(order),
        "quantity": _written(order.quantity),
        "limit_price": _written(order.limit_price),
        "stop_price": _written(order.stop_price),
        "reduces": order.is_reduce_only,
    }  # fmt: skip
    yield {**said, "status": "placed", "at": order.placed_at.isoformat()}
    ended_at = order.ended_at or (fills[-1].at if fills else None)
    if ended_at is None:
        return
    spent = sum((one.quantity * one.price for one in fills), Decimal(0))
    yield {
        **said,
        "status": _ENDS.get(order.state, "partially_filled"),
        "filled": _written(order.filled),
        "average_price": _written(spent / order.filled) if order.filled else None,
        "reason": order.reason,
        "at": ended_at.isoformat(),
    }


def _type(order: PaperOrder) -> str:
    if order.stop_price is not None:
        return "stop_limit" if order.limit_price is not None else "stop"
    return "limit" if order.limit_price is not None else "market"


def _written(value: Decimal | None) -> str | None:
    return f"{value:f}" if value is not None else None
