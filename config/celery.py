"""Work that is long or scheduled. Every task is safe to run twice, because a killed worker's task runs again.

A task is acknowledged when it is done. One that was taken and not acknowledged comes back in two ways: a worker
that stops or loses the broker puts it back at once; after a `kill -9` the broker hands it out again when the
visibility timeout is over. That timeout is longer than any task may run, so that a task is never given to a
second worker while the first still works on it; `journal.tasks.resume_imports`, once when a worker is ready and
then every minute, picks up interrupted imports long before that, `journal.tasks.start_pulls` likewise pulls.
"""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_ready
from django_structlog.celery.steps import DjangoStructLogInitStep
from kombu import Exchange, Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings

RESUME_IMPORTS = "journal.tasks.resume_imports"
START_PULLS = "journal.tasks.start_pulls"
# What must not wait behind an import of an hour has a queue and workers of its own: hearing brokers, for guards are
# blind without, guards, closing, and telling people.
QUEUE, CLOSING = "fillbook", "closing"
AT_ONCE = (
    "journal.tasks.deliver_alerts", "reconciliation.tasks.begin_closing", "reconciliation.tasks.reconcile_account",
    "reconciliation.tasks.reconcile_accounts", "reconciliation.tasks.reconcile_due",
    "reconciliation.tasks.tend_guards", "reconciliation.tasks.work_closing", "reconciliation.tasks.work_closings",
)  # fmt: skip

app = Celery("fillbook")
app.steps["worker"].add(DjangoStructLogInitStep)
app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options=(
        {"visibility_timeout": settings.TASK_TIME_LIMIT_SECONDS + 300}
        if settings.CELERY_BROKER_URL.startswith(("redis", "valkey"))
        else {}
    ),
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    task_time_limit=settings.TASK_TIME_LIMIT_SECONDS,
    task_soft_time_limit=settings.TASK_TIME_LIMIT_SECONDS - 30,
    task_default_queue=QUEUE,
    # A worker that is not told which takes both.
    task_queues=tuple(Queue(name, Exchange(name), routing_key=name) for name in (QUEUE, CLOSING)),
    task_routes={name: {"queue": CLOSING} for name in AT_ONCE},
    worker_prefetch_multiplier=1,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    worker_hijack_root_logger=False,
    # Python keeps what a large import took; a fresh process gives it back.
    worker_max_memory_per_child=600_000,
    worker_max_tasks_per_child=500,
    timezone="UTC",
    beat_schedule={
        "resume-imports": {
            "task": RESUME_IMPORTS,
            "schedule": 60.0,
            # Missed turns are not made up for.
            "options": {"expires": 55},
        },
        "start-pulls": {
            "task": START_PULLS,
            "schedule": 60.0,
            "options": {"expires": 55},
        },
        "book-waiting": {
            "task": "journal.tasks.book_waiting",
            "schedule": 10.0,
            "options": {"expires": 9},
        },
        "lapse-recommendations": {
            "task": "journal.tasks.lapse_recommendations",
            "schedule": 60.0,
            "options": {"expires": 55},
        },
        "keep-plans": {
            "task": "journal.tasks.keep_plans",
            "schedule": 60.0,
            "options": {"expires": 55},
        },
        "sync-plans": {
            "task": "journal.tasks.sync_plans",
            "schedule": 3600.0,
            "options": {"expires": 3000},
        },
        "deliver-alerts": {
            "task": "journal.tasks.deliver_alerts",
            "schedule": 10.0,
            "options": {"expires": 9},
        },
        "deliver-webhooks": {
            "task": "journal.tasks.deliver_webhooks",
            "schedule": 10.0,
            "options": {"expires": 9},
        },
        "announce-closed": {
            "task": "journal.tasks.announce_closed",
            "schedule": 60.0,
            "options": {"expires": 55},
        },
        "forget-alerts": {
            "task": "journal.tasks.forget_alerts",
            "schedule": 86_400.0,
            "options": {"expires": 3000},
        },
        "measure-waiting": {
            "task": "learning.tasks.measure_waiting",
            "schedule": 30.0,
            "options": {"expires": 25},
        },
        "measure-everything": {
            "task": "learning.tasks.measure_everything",
            "schedule": 86_400.0,
            "options": {"expires": 3000},
        },
        "thin-runs": {
            "task": "learning.tasks.thin_runs",
            "schedule": 86_400.0,
            "options": {"expires": 3000},
        },
        "learn-nightly": {
            "task": "learning.tasks.learn_nightly",
            "schedule": 86_400.0,
            "options": {"expires": 3000},
        },
        "learn-weekly": {
            "task": "learning.tasks.learn_weekly",
            "schedule": 3600.0,
            "options": {"expires": 3000},
        },
        "expose-everybody": {
            "task": "learning.tasks.expose_everybody",
            "schedule": 3600.0,
            "options": {"expires": 3000},
        },
        "replay-ignored": {
            "task": "journal.tasks.replay_ignored",
            "schedule": 3600.0,
            "options": {"expires": 3000},
        },
        "remind": {
            "task": "reconciliation.tasks.remind",
            "schedule": 300.0,
            "options": {"expires": 290},
        },
        "tend-guards": {
            "task": "reconciliation.tasks.tend_guards",
            "schedule": 10.0,
            "options": {"expires": 9},
        },
        "work-closings": {
            "task": "reconciliation.tasks.work_closings",
            "schedule": 1.0,
            "options": {"expires": 5},
        },
        "reconcile-due": {
            "task": "reconciliation.tasks.reconcile_due",
            "schedule": 60.0,
            "options": {"expires": 55},
        },
        "thin-snapshots": {
            "task": "reconciliation.tasks.thin_snapshots",
            "schedule": 86_400.0,
            "options": {"expires": 3000},
        },
        "forget-requests": {
            "task": "journal.tasks.forget_requests",
            "schedule": 3600.0,
            "options": {"expires": 3000},
        },
    },
)
app.autodiscover_tasks()


@setup_logging.connect
def configure_logging(**_kwargs: Any) -> None:
    """Keep Celery from replacing the logging that Django has set up."""


@worker_ready.connect
def resume_at_once(**_kwargs: Any) -> None:
    app.send_task(RESUME_IMPORTS, expires=55)
    app.send_task(START_PULLS, expires=55)
