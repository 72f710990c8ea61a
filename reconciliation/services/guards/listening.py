"""Guards that hear nothing: told louder and louder, and acted for as each of them is set."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from reconciliation.domain.guards.machine import WATCHING
from reconciliation.domain.guards.watching import wait
from reconciliation.models import Guard, GuardFiring, GuardKind, GuardSample
from reconciliation.services.guards.acting import Moment, act
from reconciliation.services.guards.keeping import keep, kept_of, version_of

# No guard minds a silence that is shorter.
_SHORTEST = timedelta(seconds=10)
_AT_ONCE = 200


def listen_all(now: datetime) -> list[GuardFiring]:
    """One step for each guard that was silent for too long, of all workspaces. Says which fired: those that are to
    flatten blindly."""
    fired: list[GuardFiring] = []
    last = 0
    while True:
        with transaction.atomic():
            guards = list(_silent(now).filter(pk__gt=last)[:_AT_ONCE])
            for guard in guards:
                firing = _listen(guard, now)
                fired += [firing] if firing is not None else []
        if len(guards) < _AT_ONCE:
            return fired
        last = guards[-1].pk


def _silent(now: datetime) -> QuerySet[Guard]:
    rows = Guard.objects.filter(
        kind=GuardKind.LIMIT,
        state__in=[state.value for state in WATCHING],
        removed_at=None,
        version__isnull=False,
    ).exclude(seen_at__gt=now - _SHORTEST)
    # One that hears something now is locked, and not silent.
    locked = rows.select_for_update(of=("self",), skip_locked=True)
    return locked.select_related("version").order_by("pk")


def _listen(guard: Guard, now: datetime) -> GuardFiring | None:
    look = wait(version_of(guard), kept_of(guard), now)
    if not look.steps:
        return None
    keep(guard, look.kept)
    guard.save(update_fields=["state", "memory"])
    sample = GuardSample.objects.create(
        workspace_id=guard.workspace_id,
        account_id=guard.account_id,
        guard=guard,
        at=now,
        state=guard.state,
        steps=[step.value for step in look.steps],
        doubt="silence",
    )
    return act(guard, look.steps, Moment(now, None, sample))
