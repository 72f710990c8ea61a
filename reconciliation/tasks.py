"""Celery entry points of reconciliation: find the rows, call one service."""

from __future__ import annotations

import time

from celery import shared_task
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from common.queue import enqueue
from reconciliation.models import CloseIntent, GuardFiring
from reconciliation.selectors.closing import due_intents, unbegun_firings
from reconciliation.services.closing import beginning, working
from reconciliation.services.guards import changing, ending, listening, locking
from reconciliation.services.guards.acting import accounts_under

# For so long a worker stays with one account that is closed before others have their turn.
_STAY_SECONDS = 20.0
_PAUSE_MAX = 2.0


@shared_task(ignore_result=True)
def tend_guards() -> None:
    """What comes with time: silence, the end of a day, of a lock, of a time to cool off."""
    now = timezone.now()
    with scopes_disabled():
        listening.listen_all(now)
        ending.turn_days(now)
        locking.lift_lapsed(now)
        changing.apply_due(now)


@shared_task(ignore_result=True)
def begin_closing(firing_id: int) -> None:
    """A guard has fired. Does nothing twice."""
    with scopes_disabled():
        firing = GuardFiring.objects.select_related("guard").filter(pk=firing_id).first()
    if firing is None:
        return
    with scope(workspace=firing.workspace_id):
        for intent in beginning.begin_closing(firing, accounts_under(firing.guard)):
            enqueue(work_closing, intent.pk)


@shared_task(ignore_result=True)
def work_closing(intent_id: int) -> None:
    """One account, round after round. Whatever is left when this ends, or is killed, the schedule takes up."""
    with scopes_disabled():
        intent = CloseIntent.objects.filter(pk=intent_id, ended_at=None).first()
    if intent is None:
        return
    begun = time.monotonic()
    with scope(workspace=intent.workspace_id):
        while time.monotonic() - begun < _STAY_SECONDS:
            at = working.work(intent_id)
            if at is None:
                return
            pause = (at - timezone.now()).total_seconds()
            if pause > _PAUSE_MAX:
                return
            time.sleep(max(0.05, pause))


@shared_task(ignore_result=True)
def work_closings() -> None:
    """Every second: firings that nobody has begun to close, and accounts that are due and nobody's."""
    now = timezone.now()
    with scopes_disabled():
        unbegun = unbegun_firings(now=now)
        due = due_intents(now=now)
    for firing_id in unbegun:
        begin_closing.delay(firing_id)
    for intent_id in due:
        work_closing.delay(intent_id)
