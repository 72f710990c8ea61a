"""Celery entry points of reconciliation: find the rows, call one service."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import timedelta

import structlog
from celery import shared_task
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from common.errors import AppError, Conflict
from common.queue import enqueue
from journal.models import BrokerAccount
from journal.services.pulls.asking import ask_pull
from journal.tasks import pull_connection
from reconciliation.models import CloseIntent, GuardFiring, ReconciliationRun
from reconciliation.selectors.board import list_approved, list_to_read_again
from reconciliation.selectors.closing import due_intents, unbegun_firings
from reconciliation.services import cycle, reminding, resolving, rules, thinning
from reconciliation.services.closing import beginning, working
from reconciliation.services.guards import changing, conduct, ending, listening, locking
from reconciliation.services.guards.acting import accounts_under

# For so long a worker stays with one account that is closed before others have their turn.
_STAY_SECONDS = 20.0
_PAUSE_MAX = 2.0

logger = structlog.get_logger(__name__)
# Longer than any run takes: whoever died in one lets go of its accounts by then.
_HELD_SECONDS = 300
# What was approved is carried out at once; what is older was interrupted.
_INTERRUPTED = timedelta(minutes=1)


@shared_task(ignore_result=True)
def tend_guards() -> None:
    """What comes with time: silence, the end of a day, of a lock, of a time to cool off."""
    now = timezone.now()
    with scopes_disabled():
        listening.listen_all(now)
        ending.settle_left_over(now)
        ending.turn_days(now)
        locking.lift_lapsed(now)
        changing.apply_due(now)
        rules.apply_due(now)
        conduct.check_conduct(now)


@shared_task(ignore_result=True)
def remind() -> None:
    """Of profit targets that are reached and of what expires soon."""
    now = timezone.now()
    with scopes_disabled():
        workspace_ids = reminding.list_wanting()
    for workspace_id in sorted(workspace_ids):
        with scope(workspace=workspace_id):
            reminding.remind(workspace_id, now)


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


@shared_task(ignore_result=True)
def reconcile_due() -> None:
    """Every account that a broker can be asked about, in handfuls; and what was approved and interrupted."""
    with scopes_disabled():
        workspaces = cycle.list_due()
    for account_ids in workspaces.values():
        for place in range(0, len(account_ids), cycle.CHUNK):
            reconcile_accounts.delay(account_ids[place : place + cycle.CHUNK])
    finish_approved()


@shared_task(ignore_result=True)
def reconcile_accounts(account_ids: list[int]) -> None:
    """Of one workspace. An account that another worker is at is left to that one."""
    with scopes_disabled():
        rows = BrokerAccount.objects.filter(pk__in=account_ids, erasure_asked_at=None)
        accounts = list(rows.order_by("pk"))
    _reconcile(accounts, source="schedule", asked_by_id=None)


@shared_task(ignore_result=True)
def reconcile_account(account_id: int, source: str = "api", asked_by_id: int | None = None) -> None:
    """Now, because somebody asked."""
    with scopes_disabled():
        accounts = list(BrokerAccount.objects.filter(pk=account_id, erasure_asked_at=None))
    _reconcile(accounts, source=source, asked_by_id=asked_by_id)


@shared_task(ignore_result=True)
def finish_approved() -> None:
    """What was approved is done, though whoever was to do it was killed."""
    with scopes_disabled():
        waiting = list(list_approved(before=timezone.now() - _INTERRUPTED))
    for divergence in waiting:
        with scope(workspace=divergence.workspace_id):
            try:
                resolving.finish(divergence)
            except AppError as error:
                logger.warning("remedy_failed", divergence=divergence.pk, code=error.code)


@shared_task(ignore_result=True)
def thin_snapshots() -> None:
    """Lines of old snapshots, but for the last of each day; what guards saw, but for the last of each hour and what
    led to something."""
    with scopes_disabled():
        now = timezone.now()
        thinning.thin_lines(before=now - timedelta(days=settings.SNAPSHOT_LINES_DAYS))
        thinning.thin_samples(before=now - timedelta(days=settings.GUARD_SAMPLES_DAYS))


def _reconcile(
    accounts: Sequence[BrokerAccount], *, source: str, asked_by_id: int | None
) -> list[ReconciliationRun]:
    held = [one for one in accounts if cache.add(_key(one.pk), 1, timeout=_HELD_SECONDS)]
    try:
        runs = cycle.run_accounts(held, source=source, asked_by_id=asked_by_id)
    finally:
        cache.delete_many([_key(one.pk) for one in held])
    _read_again(runs)
    return runs


def _key(account_id: int) -> str:
    return f"reconciling-{account_id}"


def _read_again(runs: Iterable[ReconciliationRun]) -> None:
    """Where something is missing, the broker's history is pulled: most often a fill came late."""
    found = [run for run in runs if run.found]
    if not found:
        return
    with scopes_disabled():
        connections = list_to_read_again(found, now=timezone.now())
    for connection in connections:
        with scope(workspace=connection.workspace_id), suppress(AppError, Conflict):
            enqueue(pull_connection, ask_pull(connection, source="reconcile").pk)
