"""What a transaction is, by its words. The layout of 16 columns has no sub-type: there its text says it."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

from journal.brokers.tastytrade.row import Transaction
from journal.domain.corporate import ActionKind
from journal.domain.values import ExecutionKind, PositionEffect, Side


class What(StrEnum):
    TRADE = "trade"
    REMOVAL = "removal"  # an option ends
    DELIVERY = "delivery"  # what an exercise or assignment brings or takes
    ACTION = "action"  # one of the two rows of a corporate action
    TRANSFER = "transfer"
    SETTLEMENT = "settlement"  # a future ends
    MONEY = "money"
    UNKNOWN = "unknown"


class Move(NamedTuple):
    side: Side
    effect: PositionEffect


MOVES = {
    "buy to open": Move(Side.BUY, PositionEffect.OPEN),
    "buy to close": Move(Side.BUY, PositionEffect.CLOSE),
    "sell to open": Move(Side.SELL, PositionEffect.OPEN),
    "sell to close": Move(Side.SELL, PositionEffect.CLOSE),
    # Futures: whether they open or close is for the book to say.
    "buy": Move(Side.BUY, PositionEffect.UNKNOWN),
    "sell": Move(Side.SELL, PositionEffect.UNKNOWN),
}
REMOVALS = {
    "expiration": ExecutionKind.EXPIRY,
    "assignment": ExecutionKind.ASSIGNMENT,
    "exercise": ExecutionKind.EXERCISE,
    "cash settled assignment": ExecutionKind.CASH_SETTLEMENT,
    "cash settled exercise": ExecutionKind.CASH_SETTLEMENT,
}
# Who is assigned was short, who exercises was long. Only an expiration leaves it open.
SIDES_OF_REMOVALS = {
    "assignment": Side.BUY,
    "cash settled assignment": Side.BUY,
    "exercise": Side.SELL,
    "cash settled exercise": Side.SELL,
}
ACTIONS = {
    "forward split": ActionKind.SPLIT,
    "stock split": ActionKind.SPLIT,
    "reverse split": ActionKind.REVERSE_SPLIT,
    "symbol change": ActionKind.SYMBOL_CHANGE,
    "stock merger": ActionKind.MERGER,
    "cash merger": ActionKind.MERGER,
    "merger": ActionKind.MERGER,
    "spinoff": ActionKind.SPIN_OFF,
    "spin off": ActionKind.SPIN_OFF,
    "stock dividend": ActionKind.STOCK_DIVIDEND,
    "special dividend": ActionKind.OTHER,
}
_TRANSFERS = ("acat", "transfer", "acat transfer", "account transfer")
_SETTLEMENTS = ("futures settlement", "future settlement")
_OTHERS = {"trade": What.TRADE, "money movement": What.MONEY}
_RECEIVED = {
    **dict.fromkeys(MOVES, What.DELIVERY),
    **dict.fromkeys(REMOVALS, What.REMOVAL),
    **dict.fromkeys(ACTIONS, What.ACTION),
    **dict.fromkeys(_TRANSFERS, What.TRANSFER),
    **dict.fromkeys(_SETTLEMENTS, What.SETTLEMENT),
}
_ENDS = re.compile(r"\bremoval of\b.*\bdue to (expiration|assignment|exercise)\b", re.IGNORECASE)
_HAPPENS = re.compile(
    r"^\s*(forward split|stock split|reverse split|symbol change|stock merger|cash merger|merger|spin-?off|"
    r"stock dividend|special dividend)\b",
    re.IGNORECASE,
)


def sub_kind_of(one: Transaction) -> str:
    """The sub-type as stated, else as the text describes it, else the action."""
    if one.sub_kind:
        return one.sub_kind
    if match := _ENDS.search(one.description):
        return match[1].lower()
    if match := _HAPPENS.match(one.description):
        return match[1].lower().replace("-", "")
    return one.action


def what_is(one: Transaction) -> What:
    if one.kind == "receive deliver":
        return _RECEIVED.get(sub_kind_of(one), What.UNKNOWN)
    return _OTHERS.get(one.kind, What.UNKNOWN)


def move_of(one: Transaction) -> Move | None:
    return MOVES.get(one.action) or MOVES.get(one.sub_kind)
