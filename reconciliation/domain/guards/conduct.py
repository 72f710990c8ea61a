"""Limits on how somebody trades, apart from what it costs: streaks of losses, how often, how much at once, in what.

Each rule looks back over closed trades (or at what is open) and says what is locked, until when, and by which figures.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from journal.domain.values import ZERO


class Closed(NamedTuple):
    """`net` in the account's currency; one that is unknown is no loss and no win."""

    closed_at: datetime
    on: date
    symbol: str
    net: Decimal | None
    is_stopped: bool = False


class Watch(StrEnum):
    """LOSSES: so many in a row. STOPS: so many stopped out. COOLDOWN: after every close. TRADES: so many a day.
    POSITIONS: so many at once. LOW_PROFIT: symbols that brought less than `at_least` together."""

    LOSSES = "losses"
    STOPS = "stops"
    COOLDOWN = "cooldown"
    TRADES = "trades"
    POSITIONS = "positions"
    LOW_PROFIT = "low_profit"


class Rule(NamedTuple):
    """`number` is how many are too many (for LOW_PROFIT: how many are enough to judge), over the last `within`; then
    nothing new for `pause`. `by_symbol`: in each symbol by itself."""

    watch: Watch
    number: int = 1
    within: timedelta = timedelta(days=1)
    pause: timedelta = timedelta(hours=1)
    by_symbol: bool = False
    at_least: Decimal = ZERO


class Lock(NamedTuple):
    """`symbol` "" is all of them; `until` None as long as it is so (a limit of the day, or of what is open)."""

    watch: Watch
    symbol: str
    until: datetime | None
    figure: str


def locks(
    rule: Rule, trades: Iterable[Closed], open_count: int, now: datetime, today: date
) -> list[Lock]:
    """What the rule locks now. `trades` in any order; those that close later than `now` do not count."""
    if rule.watch is Watch.POSITIONS:
        return [Lock(rule.watch, "", None, str(open_count))] if open_count >= rule.number else []
    known = sorted((one for one in trades if one.closed_at <= now), key=lambda one: one.closed_at)
    if rule.watch is Watch.TRADES:
        count = sum(one.on == today for one in known)
        return [Lock(rule.watch, "", None, str(count))] if count >= rule.number else []
    by_symbol: dict[str, list[Closed]] = defaultdict(list)
    for one in known:
        by_symbol[one.symbol if rule.by_symbol or rule.watch is Watch.LOW_PROFIT else ""].append(
            one
        )
    found = (_locked(rule, symbol, own) for symbol, own in sorted(by_symbol.items()))
    return [one for one in found if one is not None and one.until is not None and one.until > now]


def _locked(rule: Rule, symbol: str, trades: Sequence[Closed]) -> Lock | None:
    """The lock that the latest trade at which the rule held has begun, whether it is over or not."""
    for last in range(len(trades), 0, -1):
        end = trades[last - 1].closed_at
        recent = [one for one in trades[:last] if end - one.closed_at < rule.within]
        figure = _figure(rule, recent)
        if figure is not None:
            return Lock(rule.watch, symbol, end + rule.pause, figure)
    return None


def _figure(rule: Rule, recent: Sequence[Closed]) -> str | None:
    """What the rule holds against these trades as the last of them closed; None where nothing."""
    if rule.watch is Watch.COOLDOWN:
        return "1"
    if rule.watch is Watch.LOSSES:
        lost = [one.net is not None and one.net < 0 for one in recent[-rule.number :]]
        return str(rule.number) if len(lost) == rule.number and all(lost) else None
    if rule.watch is Watch.STOPS:
        stopped = sum(one.is_stopped for one in recent)
        return str(stopped) if recent[-1].is_stopped and stopped >= rule.number else None
    told = [one.net for one in recent if one.net is not None]
    total = sum(told, ZERO)
    return format(total, "f") if len(told) >= rule.number and total < rule.at_least else None
