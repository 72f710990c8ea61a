"""The words of XTB's reports: types of cash operations in several years and languages, and comments of trades."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from journal.brokers.base import CashKind
from journal.domain.values import Side

# "OPEN BUY 34/42.5658 @ 11.7480": 34 of an order for 42.5658. "CLOSE BUY" sells what was bought.
_TRADE = re.compile(r"(OPEN|CLOSE) BUY (\d+(?:\.\d+)?)(?:/\d+(?:\.\d+)?)? @ (\d+(?:\.\d+)?)")
_POSITION = re.compile(r"#(\d+)|\b(?:trade|commission) (\d+)", re.IGNORECASE)
_STOCKS = ("stocks/etf", "stocks", "stock", "etf", "ações/etf")
PURCHASES = frozenset(f"{one} {word}" for one in _STOCKS for word in ("purchase", "buy", "compra"))
SALES = frozenset(f"{one} {word}" for one in _STOCKS for word in ("sale", "sell", "vende"))
# The profit of what was closed: of a CFD, and in reports before 2025 of shares too, whose sale then states their cost.
PROFITS = frozenset({"close trade", "profit/loss (fx/cfd)", "profit/loss"})
COMMISSIONS = frozenset({"commission", "commision"})
CFD_COSTS = frozenset({"swap", "swaps", "rollover", "rollovers"})
CASH = {
    "deposit": CashKind.DEPOSIT,
    "ike deposit": CashKind.DEPOSIT,
    "ikze deposit": CashKind.DEPOSIT,
    "withdrawal": CashKind.WITHDRAWAL,
    "ike withdrawal": CashKind.WITHDRAWAL,
    "ikze withdrawal": CashKind.WITHDRAWAL,
    "ike cash transfer in": CashKind.TRANSFER,
    "ikze cash transfer in": CashKind.TRANSFER,
    "transfer": CashKind.TRANSFER,
    "subaccount transfer": CashKind.TRANSFER,
    "free funds interest": CashKind.INTEREST_RECEIVED,
    "free funds interests": CashKind.INTEREST_RECEIVED,
    "free funds interest tax": CashKind.TAX,
    "free funds interests tax": CashKind.TAX,
    "dividend": CashKind.DIVIDEND,
    "divident": CashKind.DIVIDEND,
    "dividend from foreign company on pl market": CashKind.DIVIDEND,
    "withholding tax": CashKind.WITHHOLDING_TAX,
    "sec fee": CashKind.FEE,
    "stamp duty": CashKind.TAX,
    "tax iftt": CashKind.TAX,
    "spin off": CashKind.OTHER,
    "fractional shares": CashKind.OTHER,
}


class TradeComment(NamedTuple):
    side: Side
    quantity: Decimal
    price: Decimal


def plain(kind: str) -> str:
    return " ".join(kind.lower().replace("free-funds", "free funds").split())


def read_trade(comment: str) -> TradeComment | None:
    match = _TRADE.fullmatch(comment.strip())
    if match is None:
        return None
    side = Side.BUY if match[1] == "OPEN" else Side.SELL
    return TradeComment(side, Decimal(match[2]), Decimal(match[3]))


def position_in(comment: str) -> str:
    """The number of a position that a comment names, "" where it names none."""
    match = _POSITION.search(comment)
    return (match[1] or match[2]) if match else ""
