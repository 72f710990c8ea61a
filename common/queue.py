"""Work for Celery, handed over when the transaction commits."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from celery import Task
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def enqueue(task: Task[Any, Any], *args: int | str) -> None:
    """A broker that is away does not undo what was written: what is unfinished is found and enqueued by schedule."""
    transaction.on_commit(partial(_send, task, args))


def _send(task: Task[Any, Any], args: tuple[int | str, ...]) -> None:
    try:
        task.delay(*args)
    except OperationalError:
        logger.warning("queue_unreachable", extra={"task": task.name})
