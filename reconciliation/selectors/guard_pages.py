"""Guards as pages show them: where they stand, what they saw, what they did, and what is locked."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from common.errors import NotFound
from journal.selectors.keyset import Key, Page, read_page
from reconciliation.domain.guards.machine import State
from reconciliation.models import (
    ChangeState,
    CloseIntent,
    CloseStep,
    Guard,
    GuardFiring,
    GuardSample,
    GuardVersion,
    TradingLock,
)
from reconciliation.selectors.locks import in_force

# In these a person has to look, or to arm it again.
_WANTING = (
    State.CONFIRMING,
    State.SUSPECT,
    State.STALE,
    State.FIRED,
    State.FLAT_CONFIRMED,
    State.PARTIAL,
    State.FAILED,
    State.LOCKED,
)
_NEWEST_SAMPLE = [Key("at", descending=True), Key("id", descending=True)]


def guards() -> QuerySet[Guard]:
    return Guard.objects.filter(removed_at=None)


def wanting_somebody() -> QuerySet[Guard]:
    return guards().filter(state__in=_WANTING)


def waiting_changes() -> QuerySet[GuardVersion]:
    return GuardVersion.objects.filter(state=ChangeState.WAITING, guard__removed_at=None)


def locks_in_force() -> QuerySet[TradingLock]:
    now = timezone.now()  # noqa: TID251 - a lock is in force at the moment in which it is asked for
    return in_force(TradingLock.objects.all(), now)


def list_guards() -> list[Guard]:
    rows = guards().select_related("account", "version", "created_by")
    return list(rows.order_by("account__broker", "account__broker_id", "kind", "name", "id"))


def latest_samples(found: Collection[Guard]) -> dict[int, GuardSample]:
    """The newest of each, by the guard's id."""
    rows = GuardSample.objects.filter(guard__in=[one.pk for one in found])
    newest = rows.order_by("guard_id", "-at", "-id").distinct("guard_id")
    return {row.guard_id: row for row in newest}


def list_waiting_changes() -> list[GuardVersion]:
    rows = waiting_changes().select_related("guard", "guard__account", "guard__version", "asked_by")
    return list(rows.order_by("asked_at", "id"))


def list_locks() -> list[TradingLock]:
    return list(locks_in_force().select_related("account", "guard").order_by("-began_at", "-id"))


def get_guard(guard_id: int) -> Guard:
    """Within the open workspace, also one that was removed. Raises NotFound for anybody else's."""
    rows = Guard.objects.select_related("account", "version", "created_by")
    found = rows.filter(pk=guard_id).first()
    if found is None:
        raise NotFound("guard_not_found", "There is no such guard in this workspace.")
    return found


def get_version(version_id: int) -> GuardVersion:
    rows = GuardVersion.objects.select_related("guard", "guard__account", "guard__version")
    found = rows.filter(pk=version_id).first()
    if found is None:
        raise NotFound("change_not_found", "There is no such change in this workspace.")
    return found


def get_lock(lock_id: int) -> TradingLock:
    found = TradingLock.objects.select_related("account", "guard").filter(pk=lock_id).first()
    if found is None:
        raise NotFound("lock_not_found", "There is no such lock in this workspace.")
    return found


def versions_of(guard: Guard) -> list[GuardVersion]:
    """The latest first."""
    return list(guard.versions.select_related("asked_by", "decided_by").order_by("-number"))


def read_samples(guard: Guard, *, cursor: str = "", limit: int = 50) -> Page[GuardSample]:
    rows = GuardSample.objects.filter(guard=guard)
    return read_page([rows], _NEWEST_SAMPLE, limit=limit, cursor=cursor)


def firings_of(guard: Guard, limit: int = 20) -> list[GuardFiring]:
    """With what was closed for them, step by step."""
    steps = CloseStep.objects.order_by("id")
    intents = CloseIntent.objects.select_related("account", "connection", "instrument")
    closing = intents.order_by("id").prefetch_related(Prefetch("steps", queryset=steps))
    rows = guard.firings.select_related("version", "sample", "account")
    return list(rows.prefetch_related(Prefetch("intents", queryset=closing))[:limit])


def samples_before(firing: GuardFiring, limit: int = 30) -> list[GuardSample]:
    """What led to it, the newest first: all that the guard saw up to the moment in which it fired."""
    rows = GuardSample.objects.filter(guard_id=firing.guard_id, at__lte=firing.fired_at)
    return list(rows.order_by("-at", "-id")[:limit])
