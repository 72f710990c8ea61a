"""Work for Celery, handed over when the transaction commits."""

from __future__ import annotations

import logging
import threading
import time
from functools import partial
from typing import Any

from celery import Task
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

# Until when a task that this process has sent has not begun.
_under_way: dict[tuple[str, tuple[int | str, ...]], float] = {}
_REMEMBERED_MAX = 10_000
_lock = threading.Lock()


def enqueue(task: Task[Any, Any], *args: int | str) -> None:
    """A broker that is away does not undo what was written: what is unfinished is found and enqueued by schedule."""
    transaction.on_commit(partial(_send, task, args))


def enqueue_soon(task: Task[Any, Any], *args: int | str, seconds: float) -> None:
    """Once for all that ask within so many seconds. The task then runs after the last of them, and has to look for
    everything that waits; what this process does not know of is found by schedule."""
    transaction.on_commit(partial(_send_once, task, args, seconds))


def _send_once(task: Task[Any, Any], args: tuple[int | str, ...], seconds: float) -> None:
    now = time.monotonic()
    with _lock:
        if now < _under_way.get((task.name, args), 0.0):
            return
        if len(_under_way) > _REMEMBERED_MAX:
            _under_way.clear()
        _under_way[task.name, args] = now + seconds
    _send(task, args, countdown=seconds)


def _send(task: Task[Any, Any], args: tuple[int | str, ...], **options: Any) -> None:
    try:
        task.apply_async(args, **options)
    except OperationalError:
        logger.warning("queue_unreachable", extra={"task": task.name})
