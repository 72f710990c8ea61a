"""What the exchange's own row says of a fill beyond ccxt's structure: why it happened, what it did to the position,
and which of two positions in one contract it belongs to.

Told by the names of its fields, so that answers of an exchange under another of its names are understood as well.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from journal.brokers.ccxt_json.item import Item
from journal.brokers.text.numbers import read_number
from journal.domain.values import ZERO, ExecutionKind, PositionEffect, Side

_LONG, _SHORT = "long", "short"
# Bybit's execType, beside Trade and Funding.
_BYBIT_KINDS = {
    "BustTrade": ExecutionKind.LIQUIDATION,
    "AdlTrade": ExecutionKind.LIQUIDATION,
    "Settle": ExecutionKind.CASH_SETTLEMENT,
    "SessionSettlePnL": ExecutionKind.CASH_SETTLEMENT,
    "Delivery": ExecutionKind.CASH_SETTLEMENT,
}
_BYBIT_TRADES = frozenset({"Trade", "BlockTrade", "MovePosition", "FutureSpread", "UNKNOWN", ""})
# How Binance names the orders that it places itself.
_BINANCE_KINDS = (
    ("autoclose-", ExecutionKind.LIQUIDATION),
    ("adl_autoclose", ExecutionKind.LIQUIDATION),
    ("settlement_autoclose-", ExecutionKind.CASH_SETTLEMENT),
    ("delivery_autoclose-", ExecutionKind.CASH_SETTLEMENT),
)
# OKX's subType of a fill.
_OKX_KINDS = {
    **dict.fromkeys(map(str, (*range(100, 110), 125, 126, 127, 128)), ExecutionKind.LIQUIDATION),
    **dict.fromkeys(("112", "113"), ExecutionKind.CASH_SETTLEMENT),
    **dict.fromkeys(("170", "171"), ExecutionKind.CASH_SETTLEMENT),
    "172": ExecutionKind.EXPIRY,
}


class Told(NamedTuple):
    """`ticket`: "long" or "short" where the account holds both of one contract apart. `pnl` is before fees."""

    kind: ExecutionKind = ExecutionKind.TRADE
    effect: PositionEffect = PositionEffect.UNKNOWN
    ticket: str = ""
    pnl: Decimal | None = None
    notes: tuple[str, ...] = ()
    unknown: str = ""  # a kind of fill that this version does not know


def is_funding(item: Item) -> bool:
    """Bybit states what is paid for holding a contract among the fills."""
    return item.told("execType") == "Funding"


def tell(item: Item, side: Side, order: Item | None, *, is_hedged: bool) -> Told:
    """`order` is that of the fill, where the file has it; `is_hedged` that the account holds longs and shorts of its
    contract apart."""
    if item.told("execId"):
        return _bybit(item, side, order, is_hedged=is_hedged)
    if item.told("commissionAsset"):
        return _binance(item, side, order)
    if item.told("instId"):
        return _okx(item, side)
    return Told()


def _bybit(item: Item, side: Side, order: Item | None, *, is_hedged: bool) -> Told:
    stated = item.told("execType")
    kind = _BYBIT_KINDS.get(stated, ExecutionKind.TRADE)
    quantity, closed = item.number("amount") or ZERO, item.told_number("closedSize")
    effect = PositionEffect.UNKNOWN
    if item.told("createType") or closed is not None:
        effect = _effect(closed or ZERO, quantity)
    ticket = ""
    if order is not None and order.told("positionIdx") in ("1", "2"):
        ticket = _LONG if order.told("positionIdx") == "1" else _SHORT
        effect = _of_ticket(ticket, side)
    elif is_hedged and effect in (PositionEffect.OPEN, PositionEffect.CLOSE):
        is_long = (effect is PositionEffect.OPEN) is (side is Side.BUY)
        ticket = _LONG if is_long else _SHORT
    notes = (stated.upper(),) if stated not in _BYBIT_TRADES else ()
    is_known = stated in _BYBIT_KINDS or stated in _BYBIT_TRADES
    return Told(kind, effect, ticket, None, notes, "" if is_known else stated)


def _effect(closed: Decimal, quantity: Decimal) -> PositionEffect:
    if not closed:
        return PositionEffect.OPEN
    return PositionEffect.CLOSE if closed >= quantity else PositionEffect.CLOSE_OPEN


def _binance(item: Item, side: Side, order: Item | None) -> Told:
    client_id = "" if order is None else order.text("clientOrderId")
    kind = next(
        (kind for start, kind in _BINANCE_KINDS if client_id.startswith(start)), ExecutionKind.TRADE
    )
    notes = ("ADL",) if client_id.startswith("adl_autoclose") else ()
    ticket = {"LONG": _LONG, "SHORT": _SHORT}.get(item.told("positionSide"), "")
    pnl = item.told_number("realizedPnl")
    return Told(kind, _of_ticket(ticket, side), ticket, pnl or None, notes)


def _okx(item: Item, side: Side) -> Told:
    sub_type = item.told("subType")
    stated = item.told("posSide")
    ticket = stated if stated in (_LONG, _SHORT) and item.told("instType") != "OPTION" else ""
    pnl = item.told_number("fillPnl")
    kind = _OKX_KINDS.get(sub_type, ExecutionKind.TRADE)
    notes = ("ADL",) if sub_type in ("125", "126", "127", "128") else ()
    return Told(kind, _of_ticket(ticket, side), ticket, pnl or None, notes)


def _of_ticket(ticket: str, side: Side) -> PositionEffect:
    """Unknown without one: a profit says that something was closed, and not that nothing was opened behind it."""
    if not ticket:
        return PositionEffect.UNKNOWN
    closes = (ticket == _LONG) is (side is Side.SELL)
    return PositionEffect.CLOSE if closes else PositionEffect.OPEN


def amount_of_funding(item: Item) -> Decimal | None:
    """Positive where it reaches the account. Bybit's rows state a fee, and ccxt's structure of them that same fee."""
    if item.told("execFee"):
        return (read_number(item.told("execFee")) or ZERO).copy_negate()
    return item.number("amount")
