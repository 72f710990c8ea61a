"""What E*TRADE calls what. Upper and lower case do not count."""

from __future__ import annotations

from typing import NamedTuple

from journal.brokers.base import CashKind
from journal.domain.values import ExecutionKind, PositionEffect, Side

_Effect = PositionEffect
_Kind = CashKind


class Trade(NamedTuple):
    side: Side
    effect: PositionEffect = PositionEffect.UNKNOWN


TRADES = {
    "bought": Trade(Side.BUY),
    "sold": Trade(Side.SELL),
    "sold short": Trade(Side.SELL, _Effect.OPEN),
    "bought to cover": Trade(Side.BUY, _Effect.CLOSE),
    "bought to open": Trade(Side.BUY, _Effect.OPEN),
    "bought to close": Trade(Side.BUY, _Effect.CLOSE),
    "sold to open": Trade(Side.SELL, _Effect.OPEN),
    "sold to close": Trade(Side.SELL, _Effect.CLOSE),
}
EXPIRED = frozenset({"option expired", "option expiration", "expired"})
# Assigned is only what was sold, exercised only what was bought.
ENDS = {
    "option assigned": (ExecutionKind.ASSIGNMENT, Side.BUY),
    "option assignment": (ExecutionKind.ASSIGNMENT, Side.BUY),
    "assigned": (ExecutionKind.ASSIGNMENT, Side.BUY),
    "option exercised": (ExecutionKind.EXERCISE, Side.SELL),
    "option exercise": (ExecutionKind.EXERCISE, Side.SELL),
    "exercised": (ExecutionKind.EXERCISE, Side.SELL),
}
_CASH = {
    _Kind.DIVIDEND: (
        "dividend", "qualified dividend", "return of capital", "capital gain", "lt cap gain distribution",
        "st cap gain distribution",
    ),
    _Kind.INTEREST_RECEIVED: ("interest", "interest income", "margin interest"),
    _Kind.FEE: ("fee", "service fee", "misc fee", "adr fee"),
    _Kind.WITHHOLDING_TAX: ("foreign tax withheld", "foreign tax paid", "tax withholding"),
    _Kind.DEPOSIT: (
        "online transfer", "electronic transfer", "funds received", "direct deposit", "wire", "ach", "deposit",
        "withdrawal", "check",
    ),
    _Kind.TRANSFER: ("transfer", "funds transferred", "journal"),
    _Kind.ADJUSTMENT: ("adjustment",),
    _Kind.OTHER: ("cash in lieu",),
}  # fmt: skip
CASH = {name: kind for kind, names in _CASH.items() for name in names}
# What a row without a type is, by a word of its description.
DESCRIBED = (
    ("EXPIR", "expired"),
    ("ASSIGN", "assigned"),
    ("EXERCIS", "exercised"),
    ("TRANSFER", "transfer"),
    ("TRNSFR", "transfer"),
    ("ACH ", "ach"),
    ("WIRE ", "wire"),
    ("INTEREST", "interest"),
    ("(PERIOD ", "interest"),
    ("DIVIDEND", "dividend"),
)
OPENING = (("OPENING", PositionEffect.OPEN), ("CLOSING", PositionEffect.CLOSE))
