"""A ledger as JSON values, and back: numbers as text, digit for digit, times in ISO 8601."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from journal.brokers.paper.ledger import Ledger, PaperFill, PaperFlow, PaperOrder
from journal.brokers.paper.prices import Market, Shock
from journal.domain.values import Side


def dump(ledger: Ledger) -> dict[str, Any]:
    return {
        "currency": ledger.currency,
        "cash": str(ledger.cash),
        "seed": ledger.seed,
        "opened_at": _text(ledger.opened_at),
        "at": _text(ledger.at),
        "positions": {symbol: str(units) for symbol, units in ledger.positions.items()},
        "averages": {symbol: str(price) for symbol, price in ledger.averages.items()},
        "orders": [_dump_order(order) for order in ledger.orders.values()],
        "fills": [
            [
                one.id, one.client_id, one.symbol, one.side, str(one.quantity), str(one.price), str(one.fee),
                _text(one.at),
            ]
            for one in ledger.fills
        ],
        "flows": [[one.id, str(one.amount), _text(one.at), one.text] for one in ledger.flows],
        "outages": [[_text(since), _text(until)] for since, until in ledger.outages],
        "shocks": [[_text(one.at), str(one.change), one.seconds, one.symbol] for one in ledger.shocks],
        "refused": ledger.refused,
        "markets": [
            [one.symbol, one.start, str(one.tick), one.per_second, one.spread, _text(one.since)]
            for one in ledger.markets.values()
        ],
    }  # fmt: skip


def load(said: dict[str, Any]) -> Ledger:
    orders = [_load_order(one) for one in said["orders"]]
    markets = [
        Market(symbol, start, Decimal(tick), per_second, spread, _when(since))
        for symbol, start, tick, per_second, spread, since in said["markets"]
    ]
    return Ledger(
        currency=said["currency"],
        cash=Decimal(said["cash"]),
        positions={symbol: Decimal(units) for symbol, units in said["positions"].items()},
        averages={symbol: Decimal(price) for symbol, price in said["averages"].items()},
        orders={order.client_id: order for order in orders},
        fills=[
            PaperFill(id_, client_id, symbol, Side(side), Decimal(quantity), Decimal(price), Decimal(fee), _moment(at))
            for id_, client_id, symbol, side, quantity, price, fee, at in said["fills"]
        ],
        flows=[PaperFlow(id_, Decimal(amount), _moment(at), text) for id_, amount, at, text in said["flows"]],
        outages=[(_moment(since), _moment(until)) for since, until in said["outages"]],
        shocks=[Shock(_moment(at), Decimal(change), *more) for at, change, *more in said["shocks"]],
        refused=list(said["refused"]),
        markets={market.symbol: market for market in markets},
        seed=said["seed"],
        opened_at=_when(said["opened_at"]),
        at=_when(said["at"]),
    )  # fmt: skip


def _dump_order(order: PaperOrder) -> dict[str, Any]:
    return {
        "client_id": order.client_id,
        "number": order.number,
        "symbol": order.symbol,
        "side": order.side,
        "quantity": str(order.quantity),
        "placed_at": _text(order.placed_at),
        "limit_price": _number(order.limit_price),
        "stop_price": _number(order.stop_price),
        "is_reduce_only": order.is_reduce_only,
        "is_triggered": order.is_triggered,
        "filled": str(order.filled),
        "state": order.state,
        "reason": order.reason,
        "ended_at": _text(order.ended_at),
        "parts": [[_text(at), str(quantity)] for at, quantity in order.parts],
    }


def _load_order(said: dict[str, Any]) -> PaperOrder:
    numbers = {
        name: Decimal(said[name]) if said[name] is not None else None
        for name in ("limit_price", "stop_price")
    }
    exact = {name: Decimal(said[name]) for name in ("quantity", "filled")}
    return PaperOrder(
        **{
            **said, **numbers, **exact,
            "side": Side(said["side"]),
            "placed_at": _moment(said["placed_at"]),
            "ended_at": _when(said["ended_at"]),
            "parts": [(_moment(at), Decimal(quantity)) for at, quantity in said["parts"]],
        }
    )  # fmt: skip


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def _number(value: Decimal | None) -> str | None:
    return str(value) if value is not None else None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _when(text: str | None) -> datetime | None:
    return _moment(text) if text is not None else None
