"""Celery entry points: find the row, call one service."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from celery import Task, current_app, shared_task
from django.conf import settings
from django.core.cache import cache
from django.db.models import Q
from django.utils import timezone
from django_scopes import scope, scopes_disabled
from kombu.exceptions import OperationalError

from accounts.services.assistants import forget_expired
from common.errors import Conflict, Rejected
from common.queue import enqueue
from journal.models import (
    BridgeSeries,
    BrokerAccount,
    FileRemoval,
    ImportBatch,
    ImportState,
    Plan,
    PriceFile,
    PriceFileState,
    PriceSeries,
    Pull,
    PullState,
)
from journal.services import accounts, erasure, idempotency, imports, readings, withdrawal
from journal.services.alerts import delivery
from journal.services.booking import rebook
from journal.services.captures import booking as captures
from journal.services.chain import refresh
from journal.services.plans import sync, writing
from journal.services.prices import files as price_files
from journal.services.prices import replaying
from journal.services.pulls import asking, environment, run, turns
from journal.services.recommendations.asking import COMPOSERS
from journal.services.recommendations.standing import list_lapsed, refresh_standings
from journal.services.webhooks import announcing
from journal.services.webhooks import delivery as webhooks

# A batch is left to whoever enqueued it for this long before it is taken for lost.
_PATIENCE = timedelta(seconds=20)
_WORKER = "worker-answers"
_LOOKS = 3
_CAPTURE_PATIENCE = timedelta(seconds=5)
_DELIVERY_SECONDS = 60
_REPEATABLE = timedelta(hours=24)


def is_worker_there() -> bool:
    """Whether a worker answers. Asked only by pages that wait for one, and at most every few seconds."""
    known: bool | None = cache.get(_WORKER)
    if known is None:
        known = _ask_workers()
        cache.set(_WORKER, known, timeout=5)
    return known


def _ask_workers() -> bool:
    try:
        with current_app.connection_for_write(connect_timeout=2) as broker:
            broker.ensure_connection(max_retries=1, timeout=2)
        return bool(current_app.control.ping(timeout=1.0, limit=1))
    except (OperationalError, OSError):
        return False


def _batch(batch_id: int) -> ImportBatch | None:
    with scopes_disabled():
        return ImportBatch.objects.select_related("file", "account").filter(pk=batch_id).first()


@shared_task(ignore_result=True)
def preview_import(batch_id: int) -> None:
    batch = _batch(batch_id)
    if batch is None or batch.state not in (ImportState.RECEIVED, ImportState.PREVIEWING):
        return
    with scope(workspace=batch.workspace_id):
        _quietly(imports.preview_import, batch)
        batch.refresh_from_db()
        if batch.state == ImportState.QUEUED:
            # Confirmed while it was read: the task that was to import it has found the batch locked.
            _quietly(imports.run_import, batch)


@shared_task(bind=True, ignore_result=True)
def run_import(self: Task[Any, Any], batch_id: int) -> None:
    batch = _batch(batch_id)
    if batch is None or batch.state not in (ImportState.QUEUED, ImportState.RUNNING):
        return
    with scope(workspace=batch.workspace_id):
        try:
            imports.run_import(batch)
            enqueue(hand_up_import, batch.pk)
        except Rejected:
            return
        except Conflict as held:
            # Whoever holds the batch may have been killed a moment ago: its connection ends soon.
            if not self.request.called_directly and self.request.retries < _LOOKS:
                raise self.retry(countdown=4, max_retries=_LOOKS) from held


@shared_task(ignore_result=True)
def hand_up_import(batch_id: int) -> None:
    """What an import says of positions goes to whoever compares them, once it is booked."""
    batch = _batch(batch_id)
    if batch is not None:
        with scope(workspace=batch.workspace_id):
            readings.hand_up(readings.readings_of_batch(batch))


@shared_task(ignore_result=True)
def hand_up_push(connection_id: int) -> None:
    """What a bridge has seen last."""
    with scopes_disabled():
        series = BridgeSeries.objects.filter(connection_id=connection_id, received_at__isnull=False)
        latest = series.select_related("connection").order_by("-received_at").first()
    if latest is not None:
        with scope(workspace=latest.workspace_id):
            readings.hand_up(readings.readings_of_series(latest))


def _quietly(service: Callable[[ImportBatch], object], batch: ImportBatch) -> None:
    """What a person is told through the batch is no error of the worker's."""
    try:
        service(batch)
    except (Rejected, Conflict):
        return


@shared_task(ignore_result=True)
def rebook_account(account_id: int) -> None:
    with scopes_disabled():
        account = BrokerAccount.objects.filter(pk=account_id).first()
    if account is not None:
        with scope(workspace=account.workspace_id):
            asked_at = account.rebook_asked_at
            rebook.rebook_account(account)
            accounts.note_rebooked(account, asked_at=asked_at)


@shared_task(ignore_result=True)
def erase_account(account_id: int) -> None:
    """Does nothing where nobody asked for it. What an import holds up is tried again by schedule."""
    with scopes_disabled():
        account = BrokerAccount.objects.filter(
            pk=account_id, erasure_asked_at__isnull=False
        ).first()
    if account is not None:
        with scope(workspace=account.workspace_id), suppress(Conflict):
            erasure.erase_account(account)


@shared_task(ignore_result=True)
def withdraw_import(batch_id: int) -> None:
    batch = _batch(batch_id)
    if batch is not None:
        with scope(workspace=batch.workspace_id):
            _quietly(withdrawal.withdraw_import, batch)


@shared_task(bind=True, ignore_result=True)
def book_captured(self: Task[Any, Any], workspace_id: int) -> None:
    """All that waits in the workspace."""
    with scope(workspace=workspace_id):
        try:
            while captures.book_captured(workspace_id):
                pass
            if delivery.has_due(workspace_id):
                deliver_alerts.delay()
        except captures.ImportsRunning as running:
            # Otherwise the schedule finds what waits.
            if not self.request.called_directly:
                raise self.retry(countdown=2, max_retries=5) from running


@shared_task(ignore_result=True)
def book_waiting() -> None:
    """Whatever was captured and nobody has taken: the queue was away, or the worker was killed."""
    with scopes_disabled():
        waiting = captures.list_waiting_workspaces(older_than=_CAPTURE_PATIENCE)
    for workspace_id in waiting:
        book_captured.delay(workspace_id)


@shared_task(ignore_result=True)
def resume_imports() -> None:
    """Enqueue again what a dead worker or a lost broker left behind. What is in work is locked and not harmed."""
    before = timezone.now() - _PATIENCE
    with scopes_disabled():
        waiting_accounts = list(
            BrokerAccount.objects.filter(rebook_asked_at__lt=before).values_list("pk", flat=True)
        )
        to_erase = list(
            BrokerAccount.objects.filter(erasure_asked_at__lt=before).values_list("pk", flat=True)
        )
        for removal in FileRemoval.objects.filter(created_at__lt=before):
            erasure.remove_file(removal)
        asked = Q(state__in=[ImportState.RECEIVED, ImportState.QUEUED], created_at__lt=before)
        begun = Q(state__in=[ImportState.PREVIEWING, ImportState.RUNNING, ImportState.WITHDRAWING])
        waiting = list(ImportBatch.objects.filter(asked | begun).values_list("pk", "state"))
        late = PriceFile.objects.filter(state=PriceFileState.WAITING, created_at__lt=before)
        price_file_ids = list(late.values_list("pk", flat=True))
    for file_id in price_file_ids:
        read_price_file.delay(file_id)
    for batch_id, state in waiting:
        _TASK_OF_STATE.get(state, run_import).delay(batch_id)
    for account_id in waiting_accounts:
        rebook_account.delay(account_id)
    for account_id in to_erase:
        erase_account.delay(account_id)


@shared_task(ignore_result=True)
def read_price_file(file_id: int) -> None:
    with scopes_disabled():
        file = PriceFile.objects.filter(pk=file_id, state=PriceFileState.WAITING).first()
    if file is not None:
        with scope(workspace=file.workspace_id):
            price_files.read_price_file(file.pk)


@shared_task(ignore_result=True)
def replay_ignored() -> None:
    """What proposals that nobody followed would have brought, where prices have come to tell it."""
    with scopes_disabled():
        workspace_ids = list(PriceSeries.objects.values_list("workspace_id", flat=True).distinct())
    for workspace_id in workspace_ids:
        with scope(workspace=workspace_id):
            replaying.replay_ignored()


@shared_task(ignore_result=True)
def forget_requests() -> None:
    """Answers to writes over the API are kept for a day: nobody repeats a request later than that."""
    idempotency.forget_requests(before=timezone.now() - _REPEATABLE)
    turns.forget_turns()
    forget_expired(now=timezone.now())


@shared_task(ignore_result=True)
def pull_connection(pull_id: int) -> None:
    """Does nothing where the pull is over, waits for the broker, or is in work elsewhere."""
    with scopes_disabled():
        pull = Pull.objects.filter(pk=pull_id, state__in=Pull.UNFINISHED).first()
    if pull is not None:
        with scope(workspace=pull.workspace_id), suppress(Conflict):
            if run.run_pull(pull).is_finished:
                brought = pull.documents.filter(batch__isnull=False, is_repeat=False)
                for batch_id in brought.values_list("batch_id", flat=True).distinct():
                    enqueue(hand_up_import, batch_id)


@shared_task(ignore_result=True)
def start_pulls() -> None:
    """Ask for the pulls that are due, and take up those that were interrupted or wait for a broker."""
    environment.ensure_environment_connections(settings.ENVIRONMENT_CONNECTIONS)
    now = timezone.now()
    for connection in asking.list_due(now=now):
        with scope(workspace=connection.workspace_id), suppress(Conflict):
            pull_connection.delay(asking.ask_pull(connection).pk)
    with scopes_disabled():
        asked = Q(state=PullState.QUEUED, created_at__lt=now - _PATIENCE)
        begun = Q(state__in=[PullState.RUNNING, PullState.IMPORTING])
        ready = Q(state=PullState.WAITING, resume_at__lte=now)
        for pull_id in Pull.objects.filter(asked | begun | ready).values_list("pk", flat=True):
            pull_connection.delay(pull_id)


@shared_task(ignore_result=True)
def lapse_recommendations() -> None:
    """Write into the log what time has decided. Pages and API say so before that by themselves."""
    with scopes_disabled():
        due: dict[int, list[str]] = {}
        for workspace_id, record_id in list_lapsed():
            due.setdefault(workspace_id, []).append(record_id)
    for workspace_id, record_ids in due.items():
        with scope(workspace=workspace_id):
            refresh_standings(workspace_id, record_ids)


@shared_task(ignore_result=True)
def follow_plan(plan_id: int) -> None:
    """Link the trades that name a plan which was made or revised."""
    with scopes_disabled():
        plan = Plan.objects.filter(pk=plan_id, follow_asked_at__isnull=False).first()
    if plan is not None:
        with scope(workspace=plan.workspace_id):
            refresh.follow_plan(plan)


@shared_task(ignore_result=True)
def keep_plans() -> None:
    """Expire what is over, and follow the plans that the queue has lost."""
    now = timezone.now()
    with scopes_disabled():
        writing.expire_plans(now=now)
        lost = Plan.objects.filter(follow_asked_at__lt=now - _PATIENCE)
        waiting = list(lost.values_list("pk", flat=True))
    for plan_id in waiting:
        follow_plan.delay(plan_id)


@shared_task(ignore_result=True)
def sync_plans() -> None:
    """Outcomes of the last days' trades, should any be missing."""
    with scopes_disabled():
        planned = Plan.objects.order_by().values_list("workspace_id", flat=True).distinct()
        workspaces = list(planned)
    for workspace_id in workspaces:
        with scope(workspace=workspace_id):
            sync.sync_plan_trades(workspace_id)


@shared_task(ignore_result=True)
def deliver_alerts() -> None:
    """All that is due, one channel after the other, for a minute: what a slow service holds up is left to the next
    turn, which does not wait for this one."""
    with scopes_disabled():
        due = delivery.list_due()
    begun = time.monotonic()
    for workspace_id, channel_id in due:
        if time.monotonic() - begun > _DELIVERY_SECONDS:
            return
        with scope(workspace=workspace_id):
            delivery.deliver(channel_id, COMPOSERS)


@shared_task(ignore_result=True)
def forget_alerts() -> None:
    with scopes_disabled():
        delivery.forget_alerts()
        webhooks.forget_events()


@shared_task(ignore_result=True)
def deliver_webhooks() -> None:
    """As `deliver_alerts`, to programs."""
    with scopes_disabled():
        due = webhooks.list_due()
    begun = time.monotonic()
    for workspace_id, delivery_id in due:
        if time.monotonic() - begun > _DELIVERY_SECONDS:
            return
        with scope(workspace=workspace_id):
            webhooks.deliver(delivery_id)


@shared_task(ignore_result=True)
def announce_closed() -> None:
    """Trades that the book has as closed, to the programs that want to know."""
    with scopes_disabled():
        workspace_ids = announcing.list_listening()
    for workspace_id in workspace_ids:
        with scope(workspace=workspace_id):
            announcing.announce_closed(workspace_id)


_TASK_OF_STATE: dict[str, Task[Any, Any]] = {
    ImportState.RECEIVED: preview_import,
    ImportState.PREVIEWING: preview_import,
    ImportState.WITHDRAWING: withdraw_import,
}
