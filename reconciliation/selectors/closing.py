"""Closes that wait for a worker."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from reconciliation.models import CloseIntent, FiringOutcome, GuardFiring

# A firing is left to whoever wrote it for so long before it is taken for forgotten.
_PATIENCE = timedelta(seconds=3)


def due_intents(*, now: datetime) -> list[int]:
    """Accounts to be made flat, those that began first first. Over all workspaces."""
    free = Q(held_until=None) | Q(held_until__lte=now)
    due = Q(next_at=None) | Q(next_at__lte=now)
    rows = CloseIntent.objects.filter(free, due, root=None, ended_at=None)
    return list(rows.order_by("began_at", "pk").values_list("pk", flat=True))


def unbegun_firings(*, now: datetime) -> list[int]:
    """Firings that close and have not begun to: the queue was away, or the worker was killed. Over all workspaces."""
    rows = GuardFiring.objects.filter(
        begun_at=None, outcome=FiringOutcome.CLOSING, ended_at=None, fired_at__lte=now - _PATIENCE
    )
    return list(rows.order_by("pk").values_list("pk", flat=True))
