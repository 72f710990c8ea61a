"""Rules of conduct over the trades of the book: after trades close, and as time goes by.

A rule that holds locks new trades, in one symbol or all, and lets them be when it holds no more. One firing tells of
each new lock; nothing is closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from journal.domain.trading_day import trading_day
from journal.domain.values import TradingDay
from reconciliation.domain.guards.changes import ConductVersion
from reconciliation.domain.guards.conduct import Lock, Rule, Watch, locks
from reconciliation.domain.guards.machine import State
from reconciliation.models import FiringOutcome, Guard, GuardFiring, GuardKind, TradingLock
from reconciliation.selectors.closed_trades import closed_trades, count_open, longest_look
from reconciliation.services.guards.acting import accounts_under
from reconciliation.services.guards.keeping import lock_guard, values_of
from reconciliation.services.guards.locking import lay_lock, lift_of
from reconciliation.services.guards.saying import say

_WORDS = {
    Watch.LOSSES: "{figure} losses in a row",
    Watch.STOPS: "stopped out {figure} times",
    Watch.COOLDOWN: "a pause after every trade",
    Watch.TRADES: "{figure} trades today",
    Watch.POSITIONS: "{figure} positions at once",
    Watch.LOW_PROFIT: "{figure} earned by it lately",
}


def check_conduct(now: datetime, account_ids: Sequence[int] | None = None) -> list[GuardFiring]:
    """All that is armed, or what watches these accounts. In any scope or none; says what fired."""
    rows = Guard.objects.filter(
        kind=GuardKind.CONDUCT, state=State.ARMED, removed_at=None, version__isnull=False
    )
    if account_ids is not None:
        rows = rows.filter(account_id__in=account_ids) | rows.filter(account=None)
    fired = [_check(pk, now) for pk in rows.order_by("pk").values_list("pk", flat=True)]
    return [firing for firing in fired if firing is not None]


@transaction.atomic
def _check(guard_id: int, now: datetime) -> GuardFiring | None:
    guard = lock_guard(guard_id)
    assert guard.version is not None
    version = values_of(guard.kind, guard.version.values)
    if guard.state != State.ARMED or not isinstance(version, ConductVersion):
        return None
    found = _locks(guard, version.rule, now)
    held = {lock.symbol: lock for lock in TradingLock.objects.filter(guard=guard, lifted_at=None)}
    for symbol in held.keys() - {one.symbol for one in found}:
        lift_of(guard, now, symbol=symbol)
    new = [one for one in found if one.symbol not in held]
    firing = _fire(guard, new, now) if new else None
    for one in found:
        reason = f"{guard.name}: {_words(one)}."
        lay_lock(guard, reason=reason, at=now, until=one.until, symbol=one.symbol, firing=firing)
    return firing


def _locks(guard: Guard, rule: Rule, now: datetime) -> list[Lock]:
    account_ids = accounts_under(guard)
    # What closed before the guard was armed was nobody's rule yet.
    since = longest_look(rule.within + rule.pause, now)
    trades = closed_trades(account_ids, max(since, guard.armed_at or since), now)
    day = guard.account.trading_day if guard.account is not None else TradingDay("UTC")
    return locks(rule, trades, count_open(account_ids), now, trading_day(now, day))


def _fire(guard: Guard, new: Sequence[Lock], now: datetime) -> GuardFiring:
    assert guard.version is not None
    figures = {one.symbol or "all": one.figure for one in new}
    firing = GuardFiring.objects.create(
        workspace_id=guard.workspace_id,
        guard=guard,
        account_id=guard.account_id,
        version=guard.version,
        fired_at=now,
        figures=figures,
        outcome=FiringOutcome.BLOCKED,
        ended_at=now,
    )
    lines = [f"{one.symbol or 'All markets'}: {_words(one)}." for one in new]
    say(guard, "conduct", now, f"A pause: {guard.name}", lines, figures=figures)
    return firing


def _words(lock: Lock) -> str:
    return _WORDS[lock.watch].format(figure=lock.figure)
