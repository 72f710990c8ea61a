"""Celery entry points of reconciliation: find the rows, call one service."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone
from django_scopes import scopes_disabled

from reconciliation.services.guards import changing, ending, listening, locking


@shared_task(ignore_result=True)
def tend_guards() -> None:
    """What comes with time: silence, the end of a day, of a lock, of a time to cool off."""
    now = timezone.now()
    with scopes_disabled():
        listening.listen_all(now)
        ending.turn_days(now)
        locking.lift_lapsed(now)
        changing.apply_due(now)
