"""What Schwab calls what, in the column Action."""

from __future__ import annotations

from typing import NamedTuple

from journal.brokers.base import CashKind
from journal.domain.corporate import ActionKind
from journal.domain.values import ExecutionKind, PositionEffect, Side

_Effect = PositionEffect
_Kind = CashKind


class Trade(NamedTuple):
    side: Side
    effect: PositionEffect = PositionEffect.UNKNOWN


TRADES = {
    "Buy": Trade(Side.BUY),
    "Sell": Trade(Side.SELL),
    "Reinvest Shares": Trade(Side.BUY),
    "Sell Short": Trade(Side.SELL, _Effect.OPEN),
    "Buy to Cover": Trade(Side.BUY, _Effect.CLOSE),
    "Buy to Open": Trade(Side.BUY, _Effect.OPEN),
    "Buy to Close": Trade(Side.BUY, _Effect.CLOSE),
    "Sell to Open": Trade(Side.SELL, _Effect.OPEN),
    "Sell to Close": Trade(Side.SELL, _Effect.CLOSE),
}
ENDS = {
    "Expired": ExecutionKind.EXPIRY,
    "Assigned": ExecutionKind.ASSIGNMENT,
    "Exchange or Exercise": ExecutionKind.EXERCISE,
}
ACTIONS = {
    "Stock Split": ActionKind.SPLIT,
    "Reverse Split": ActionKind.REVERSE_SPLIT,
    "Stock Div Dist": ActionKind.STOCK_DIVIDEND,
    "Spin-off": ActionKind.SPIN_OFF,
    "Stock Merger": ActionKind.MERGER,
    "Cash Merger": ActionKind.MERGER,
    "Cash/Stock Merger": ActionKind.MERGER,
    "Name Change": ActionKind.SYMBOL_CHANGE,
    "Conversion": ActionKind.MERGER,
    "Full Redemption": ActionKind.MATURITY,
}
# Units that move without a trade, or cash that moves between accounts, by whether the row has a quantity.
MOVES = frozenset(
    {
        "Journal",
        "Journaled Shares",
        "Internal Transfer",
        "Security Transfer",
        "Stock Plan Activity",
        "Shares In",
        "Shares Out",
    }
)
_CASH = {
    _Kind.DIVIDEND: (
        "Cash Dividend", "Dividend", "Qualified Dividend", "Qual Div Reinvest",
        "Reinvest Dividend", "Non-Qualified Div", "Non-Qualified Div Adj", "Special Dividend",
        "Special Qual Div", "Special Non Qual Div", "Pr Yr Cash Div", "Pr Yr Div Reinvest",
        "Pr Yr Non-Qual Div", "Pr Yr Special Div", "Long Term Cap Gain", "Short Term Cap Gain",
        "Long Term Cap Gain Reinvest", "Short Term Cap Gain Reinvest", "Return Of Capital",
    ),
    _Kind.PAYMENT_IN_LIEU: ("Substitute Payment", "Sub Div"),
    _Kind.INTEREST_RECEIVED: (
        "Credit Interest", "Bank Interest", "Bond Interest", "CD Interest", "Margin Interest",
    ),
    _Kind.FEE: ("Advisor Fee", "Service Fee", "ADR Mgmt Fee", "Foreign Fee", "Misc Fee"),
    _Kind.WITHHOLDING_TAX: (
        "NRA Tax Adj", "NRA Withholding", "Foreign Tax Paid", "Tax Withholding",
        "IRS Withhold Adj",
    ),
    _Kind.DEPOSIT: (
        "MoneyLink Transfer", "MoneyLink Deposit", "Wire Sent", "Wire Received", "Wire Funds",
        "Wire Funds Received", "Funds Received", "Funds Paid", "Deposit", "ATM Withdrawal",
        "Visa Purchase",
    ),
    _Kind.ADJUSTMENT: ("Adjustment", "Misc Credits", "Misc Cash Entry"),
    _Kind.OTHER: ("Cash In Lieu", "Promotional Award"),
}  # fmt: skip
CASH = {name: kind for kind, names in _CASH.items() for name in names}
