"""What an order of the API asks for, in the words of captured orders."""

from __future__ import annotations

from typing import Any

from journal.brokers.ibkr_tws.values import Record, filled, nonzero, number, positive, word

_SIDES = {"BUY": "buy", "SELL": "sell", "SSHORT": "sell", "SLONG": "sell"}
_TYPES = {
    "MKT": "market", "LMT": "limit", "STP": "stop", "STP LMT": "stop_limit", "TRAIL": "trailing_stop",
    "TRAIL LIMIT": "trailing_stop_limit", "MIT": "market_if_touched", "LIT": "limit_if_touched",
    "MOC": "market_on_close", "LOC": "limit_on_close", "MTL": "market_to_limit", "MIDPRICE": "midprice",
    "REL": "relative", "STP PRT": "stop_with_protection", "MKT PRT": "market_with_protection",
}  # fmt: skip
# Which of the two prices of an order mean something: the API fills the other one with 0, or with an amount.
_LIMITED = ("LMT", "STP LMT", "TRAIL LIMIT", "LIT", "LOC", "PEG MID", "REL", "MIDPRICE")
_TRIGGERED = ("STP", "STP LMT", "STP PRT", "MIT", "LIT")
_TRAILING = ("TRAIL", "TRAIL LIMIT")
_STOPS = ("STP", "STP LMT", "STP PRT", "TRAIL", "TRAIL LIMIT")
_TARGETS = ("LMT", "LIT", "MIT", "LOC", "REL")


def terms(order: Any) -> Record:
    """`order`: action, totalQuantity, orderType, lmtPrice, auxPrice, trailStopPrice, tif, ocaGroup."""
    kind = kind_of(order)
    limit = kind in _LIMITED
    return filled(
        {
            "side": _SIDES.get(word(order.action).upper()),
            "quantity": positive(order.totalQuantity),
            "order_type": _TYPES.get(kind, kind.lower().replace(" ", "_"))[:32],
            "limit_price": (number if kind == "LMT" else nonzero)(order.lmtPrice)
            if limit
            else None,
            "stop_price": _stop(order, kind),
            "time_in_force": word(order.tif, 16),
            "group_id": word(order.ocaGroup),
        }
    )


def kind_of(order: Any) -> str:
    return word(order.orderType).upper()


def role_of_child(order: Any) -> str:
    """Of an order that was attached to another one. "" for a hedge, which protects nothing of its parent's."""
    if word(getattr(order, "hedgeType", "")):
        return ""
    kind = kind_of(order)
    if kind in _STOPS:
        return "stop_loss"
    return "take_profit" if kind in _TARGETS else "exit"


def _stop(order: Any, kind: str) -> str | None:
    if kind in _TRAILING:
        return nonzero(order.trailStopPrice)
    return nonzero(order.auxPrice) if kind in _TRIGGERED else None
