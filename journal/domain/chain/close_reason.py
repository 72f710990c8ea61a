"""Why a trade was closed: from the order that closed it, from the kind of its fill, or by the price of its plan.

Several closings: the reason of those that closed the largest part, and that it was not the only one is said. What
nothing tells is unknown; a price alone tells only where a plan had a stop or target just there, and then says so.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from journal.domain.exact import divide
from journal.domain.values import ZERO, Direction, ExecutionKind


class CloseReason(StrEnum):
    STOP = "stop"
    TARGET = "target"
    MANUAL = "manual"
    EXPIRY = "expiry"
    ASSIGNMENT = "assignment"
    EXERCISE = "exercise"
    LIQUIDATION = "liquidation"
    GUARD = "guard"
    TRANSFER = "transfer"
    CORPORATE_ACTION = "corporate_action"
    UNKNOWN = "unknown"


class ReasonBy(StrEnum):
    """What tells it."""

    PERSON = "person"
    ORDER = "order"
    FILL = "fill"
    PRICE = "price"
    NOTHING = "nothing"


class Closing(NamedTuple):
    """A fill that closed a part of a trade, with what is known of its order. Empty text leaves open.

    `order_known`: there is an order, whatever it says.
    """

    quantity: Decimal
    price: Decimal | None
    kind: str = ExecutionKind.TRADE
    order_known: bool = False
    role: str = ""
    order_type: str = ""
    order_reason: str = ""
    is_protection: bool = False
    at: datetime | None = None


class Exits(NamedTuple):
    """What the plan of the trade says of its end."""

    direction: str
    stop_price: Decimal | None = None
    target_price: Decimal | None = None


class Closed(NamedTuple):
    reason: CloseReason
    by: ReasonBy
    is_mixed: bool


UNTOLD = Closed(CloseReason.UNKNOWN, ReasonBy.NOTHING, False)
# By how much of its price a stop may have slipped and still be told by the price alone.
_SLACK = Decimal("0.001")
_KINDS = {
    ExecutionKind.EXPIRY: CloseReason.EXPIRY,
    ExecutionKind.CASH_SETTLEMENT: CloseReason.EXPIRY,
    ExecutionKind.ASSIGNMENT: CloseReason.ASSIGNMENT,
    ExecutionKind.EXERCISE: CloseReason.EXERCISE,
    ExecutionKind.LIQUIDATION: CloseReason.LIQUIDATION,
    ExecutionKind.TRANSFER: CloseReason.TRANSFER,
    ExecutionKind.CORPORATE_ACTION: CloseReason.CORPORATE_ACTION,
}
TOLD_BY_KIND = tuple(kind.value for kind in _KINDS)
_ROLES = {"stop_loss": CloseReason.STOP, "take_profit": CloseReason.TARGET}
# Words of programs and people; the first that fits counts.
_WORDS = (
    (re.compile(r"guard|drawdown|kill|circuit|risk_?limit|risk limit"), CloseReason.GUARD),
    (re.compile(r"liquidat|margin|stop.?out"), CloseReason.LIQUIDATION),
    (re.compile(r"assign"), CloseReason.ASSIGNMENT),
    (re.compile(r"exercis"), CloseReason.EXERCISE),
    (re.compile(r"expir|\bdte\b"), CloseReason.EXPIRY),
    (re.compile(r"profit|target|\btp\b|\broi\b"), CloseReason.TARGET),
    (re.compile(r"stop|\bsl\b|\bloss\b"), CloseReason.STOP),
    (re.compile(r"manual|hand|user|discretion"), CloseReason.MANUAL),
)


def why_closed(closings: Iterable[Closing], exits: Exits | None = None) -> Closed:
    """Of a trade with at least one closing; UNTOLD where there is none."""
    parts: dict[CloseReason, Decimal] = defaultdict(lambda: ZERO)
    by: dict[CloseReason, set[ReasonBy]] = defaultdict(set)
    for one in closings:
        reason, told = _reason(one, exits)
        parts[reason] += one.quantity
        by[reason].add(told)
    if not parts:
        return UNTOLD
    order = list(CloseReason)
    largest = min(parts, key=lambda reason: (-parts[reason], order.index(reason)))
    # The weakest of what tells it: a part that only its price tells is no surer for the others.
    told = max(by[largest], key=list(ReasonBy).index)
    return Closed(largest, told, len(parts) > 1)


def parts_closed(
    closings: Iterable[Closing], exits: Exits | None = None
) -> dict[CloseReason, tuple[Decimal, Decimal]]:
    """How much was closed for each reason, and at what on average. What has no price is in none."""
    parts: dict[CloseReason, tuple[Decimal, Decimal]] = defaultdict(lambda: (ZERO, ZERO))
    for one in closings:
        if one.price is not None and one.quantity:
            size, value = parts[reason := _reason(one, exits)[0]]
            parts[reason] = (size + one.quantity, value + one.quantity * one.price)
    return {reason: (size, divide(value, size)) for reason, (size, value) in parts.items()}


def _reason(one: Closing, exits: Exits | None) -> tuple[CloseReason, ReasonBy]:
    kind = _KINDS.get(ExecutionKind(one.kind))
    if kind is not None:
        return kind, ReasonBy.FILL
    told = _by_order(one)
    if told is not None:
        return told, ReasonBy.ORDER
    told = _by_price(one, exits)
    if told is not None:
        return told, ReasonBy.PRICE
    return CloseReason.UNKNOWN, ReasonBy.NOTHING


def _by_order(one: Closing) -> CloseReason | None:
    """Its role, else what it says of itself, else what it is."""
    if not one.order_known:
        return None
    said = _ROLES.get(one.role) or _in_words(one.order_reason)
    if said is None and one.role == "exit":
        said = CloseReason.MANUAL
    return said or _by_type(one.order_type.lower(), is_protection=one.is_protection)


def _by_type(words: str, *, is_protection: bool) -> CloseReason | None:
    if "liquidat" in words:
        return CloseReason.LIQUIDATION
    if "stop" in words or "trail" in words:
        return CloseReason.STOP
    return CloseReason.TARGET if is_protection and "limit" in words else None


def _in_words(text: str) -> CloseReason | None:
    text = text.lower().replace("_", " ")
    return next((reason for words, reason in _WORDS if words.search(text)), None)


def _by_price(one: Closing, exits: Exits | None) -> CloseReason | None:
    """At the planned stop or a little worse, at the planned target or better."""
    if exits is None or one.price is None:
        return None
    sign = 1 if exits.direction == Direction.LONG else -1
    if exits.stop_price is not None:
        slack = abs(exits.stop_price) * _SLACK
        if abs(one.price - exits.stop_price) <= slack:
            return CloseReason.STOP
    if exits.target_price is not None:
        slack = abs(exits.target_price) * _SLACK
        if sign * (one.price - exits.target_price) >= -slack:
            return CloseReason.TARGET
    return None
