"""Locks on new trades: laid by guards, lifted by them, by their time, or by people."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Membership
from common.errors import Conflict, Forbidden
from reconciliation.models import Guard, GuardFiring, TradingLock
from reconciliation.services.guards.saying import tell_locked, tell_unlocked

_REASON_LENGTH = 255


def lay_lock(
    guard: Guard,
    *,
    reason: str,
    at: datetime,
    until: datetime | None = None,
    symbol: str = "",
    firing: GuardFiring | None = None,
) -> TradingLock:
    """One for each guard and symbol: what is locked already stays so, for longer where that is asked for."""
    lock, is_new = TradingLock.objects.get_or_create(
        guard=guard,
        account_id=guard.account_id,
        symbol=symbol,
        lifted_at=None,
        defaults={
            "workspace_id": guard.workspace_id,
            "reason": reason[:_REASON_LENGTH],
            "began_at": at,
            "until": until,
            "firing": firing,
        },
    )
    if not is_new:
        _extend(lock, until, firing)
    else:
        tell_locked(lock)
    return lock


def lift_of(guard: Guard, at: datetime, *, symbol: str | None = None) -> int:
    """What a guard has locked, when it needs it no more. Says how many."""
    rows = TradingLock.objects.filter(guard=guard, lifted_at=None)
    if symbol is not None:
        rows = rows.filter(symbol=symbol)
    locks = list(rows)
    for lock in locks:
        _lift(lock, at, None)
    return len(locks)


@transaction.atomic
def lift(lock: TradingLock, membership: Membership, at: datetime) -> TradingLock:
    """By a person. What a guard that fired has locked is lifted by arming that guard again, which takes two people;
    what the installation asks for, not at all. Raises Conflict, Forbidden."""
    held = TradingLock.objects.select_for_update().get(pk=lock.pk)
    if held.lifted_at is not None:
        return held
    guard = held.guard
    if not membership.can_write:
        raise Forbidden("viewer_cannot_write", "Your role lets you read this workspace only.")
    if guard is not None and guard.is_floor:
        raise Forbidden(
            "floor_of_installation",
            f"“{guard.name}” is asked for by whoever runs this installation.",
        )
    if guard is not None and guard.removed_at is None:
        raise Conflict(
            "lock_of_guard",
            f"“{guard.name}” has locked this. Arm that guard again, or change it, and the lock goes with it.",
        )
    _lift(held, at, membership.user_id)
    return held


def lift_lapsed(now: datetime) -> int:
    """Those whose time is over. Bots are let in at that moment already; this is for the record, and to tell people."""
    rows = TradingLock.objects.filter(lifted_at=None, until__lte=now)
    with transaction.atomic():
        locks = list(rows.select_for_update(skip_locked=True).order_by("pk"))
        for lock in locks:
            assert lock.until is not None
            _lift(lock, lock.until, None)
    return len(locks)


def _extend(lock: TradingLock, until: datetime | None, firing: GuardFiring | None) -> None:
    longer = lock.until is not None and (until is None or until > lock.until)
    if longer or (firing is not None and lock.firing_id is None):
        lock.until = until if longer else lock.until
        lock.firing = lock.firing or firing
        lock.save(update_fields=["until", "firing"])


def _lift(lock: TradingLock, at: datetime, user_id: int | None) -> None:
    lock.lifted_at = at
    lock.lifted_by_id = user_id
    lock.save(update_fields=["lifted_at", "lifted_by"])
    tell_unlocked(lock)
