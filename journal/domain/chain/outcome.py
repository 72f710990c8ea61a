"""What came of a plan: the figures of the closed trades that are linked to it.

While any of them is open, or there is none, nothing came of it yet. A sum of which a part is not known is not known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from journal.domain.chain.close_reason import CloseReason
from journal.domain.exact import divide
from journal.domain.values import ZERO


class TradeEnd(NamedTuple):
    """A trade of the plan; `net_pnl` is in `currency`, `net_base` in `base`. None is not known, or not yet."""

    symbol: str
    quantity: Decimal
    closed_at: datetime | None
    average_close: Decimal | None
    net_pnl: Decimal | None
    currency: str
    net_base: Decimal | None
    base: str
    close_reason: str


class Outcome(NamedTuple):
    profit_loss: Decimal | None = None
    currency: str = ""
    exit_price: Decimal | None = None
    close_time: datetime | None = None
    close_reason: str = ""


def outcome_of(trades: Sequence[TradeEnd]) -> Outcome:
    """`exit_price` is the average by quantity, None for trades in several contracts."""
    times = [one.closed_at for one in trades if one.closed_at is not None]
    if not trades or len(times) < len(trades):
        return Outcome()
    profit_loss, currency = _sum(trades)
    return Outcome(profit_loss, currency, _exit(trades), max(times), _reason(trades))


def _sum(trades: Sequence[TradeEnd]) -> tuple[Decimal | None, str]:
    """In the traded currency where there is one, else in the base currency."""
    own = {one.currency for one in trades}
    bases = {one.base for one in trades}
    if len(own) == 1:
        return _known_sum([one.net_pnl for one in trades]), own.pop()
    if len(bases) == 1:
        return _known_sum([one.net_base for one in trades]), bases.pop()
    return None, ""


def _known_sum(amounts: Sequence[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, ZERO) if len(known) == len(amounts) else None


def _exit(trades: Sequence[TradeEnd]) -> Decimal | None:
    prices = [one.average_close for one in trades if one.average_close is not None]
    if len(prices) < len(trades) or len({one.symbol for one in trades}) > 1:
        return None
    if len(set(prices)) == 1:
        return prices[0]
    size = sum((one.quantity for one in trades), ZERO)
    value = sum((one.quantity * one.average_close for one in trades if one.average_close), ZERO)
    return divide(value, size) if size else None


def _reason(trades: Sequence[TradeEnd]) -> str:
    parts: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for one in trades:
        parts[one.close_reason or CloseReason.UNKNOWN] += one.quantity
    order = [reason.value for reason in CloseReason]
    return min(parts, key=lambda reason: (-parts[reason], order.index(reason)))
