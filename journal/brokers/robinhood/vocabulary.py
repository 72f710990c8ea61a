"""What Robinhood's codes mean, in the column Trans Code."""

from __future__ import annotations

from typing import NamedTuple

from journal.brokers.base import CashKind
from journal.domain.values import ExecutionKind, PositionEffect, Side


class Trade(NamedTuple):
    side: Side
    is_option: bool = False
    effect: PositionEffect = PositionEffect.UNKNOWN


class End(NamedTuple):
    """`was_short` None: the row itself says it."""

    kind: ExecutionKind
    was_short: bool | None = None


TRADES = {
    "Buy": Trade(Side.BUY),
    "Sell": Trade(Side.SELL),
    "BTO": Trade(Side.BUY, True, PositionEffect.OPEN),
    "BTC": Trade(Side.BUY, True, PositionEffect.CLOSE),
    "STO": Trade(Side.SELL, True, PositionEffect.OPEN),
    "STC": Trade(Side.SELL, True, PositionEffect.CLOSE),
}
ENDS = {
    "OEXP": End(ExecutionKind.EXPIRY),
    "OASGN": End(ExecutionKind.ASSIGNMENT, was_short=True),
    "OEXCS": End(ExecutionKind.EXERCISE, was_short=False),
    "OEXC": End(ExecutionKind.EXERCISE, was_short=False),
}
CASH = {
    "ACH": CashKind.DEPOSIT,
    "RTP": CashKind.DEPOSIT,
    "WIRE": CashKind.DEPOSIT,
    "CDIV": CashKind.DIVIDEND,
    "MDIV": CashKind.PAYMENT_IN_LIEU,
    "DTAX": CashKind.WITHHOLDING_TAX,
    "INT": CashKind.INTEREST_RECEIVED,
    "MINT": CashKind.INTEREST_PAID,
    "SLIP": CashKind.INTEREST_RECEIVED,
    "GOLD": CashKind.FEE,
    "AFEE": CashKind.FEE,
    "DFEE": CashKind.FEE,
    "ITRF": CashKind.TRANSFER,
    "ACATI": CashKind.TRANSFER,
    "ACATO": CashKind.TRANSFER,
    "CIL": CashKind.OTHER,
    "OTHER": CashKind.OTHER,
}
