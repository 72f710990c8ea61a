"""/health: 200 when database, broker, a worker and one that closes answer; 503 with the one that does not.

The answer is kept for a few seconds, because asking the workers means waiting for the first to speak up, and
anybody may call this.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.celery import CLOSING, app

KEPT_SECONDS = 3.0
WORKER_TIMEOUT_SECONDS = 1.5
BROKER_TIMEOUT_SECONDS = 2

_kept: tuple[float, dict[str, str]] | None = None


def check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def check_broker() -> None:
    with app.connection_for_write(connect_timeout=BROKER_TIMEOUT_SECONDS) as broker:
        broker.ensure_connection(max_retries=1, timeout=BROKER_TIMEOUT_SECONDS)


def check_worker() -> None:
    others = f"^(?!{CLOSING}@)"
    if not app.control.ping(
        timeout=WORKER_TIMEOUT_SECONDS, limit=1, pattern=others, matcher="pcre"
    ):
        raise TimeoutError


def check_closing() -> None:
    """Workers are known by their names: a queue that nobody reads would show only when something has to be closed."""
    found = app.control.ping(
        timeout=WORKER_TIMEOUT_SECONDS, limit=1, pattern=f"{CLOSING}@*", matcher="glob"
    )
    if not found:
        raise TimeoutError


CHECKS: tuple[tuple[str, Callable[[], None]], ...] = (
    ("database", check_database),
    ("broker", check_broker),
    ("worker", check_worker),
    ("closing", check_closing),
)


def _state() -> dict[str, str]:
    """Part -> "ok" or "no answer". What exactly went wrong stays in the logs."""
    parts: dict[str, str] = {}
    for name, check in CHECKS:
        if name in ("worker", "closing") and parts["broker"] != "ok":
            parts[name] = "no answer"
            continue
        try:
            check()
        except Exception:
            parts[name] = "no answer"
        else:
            parts[name] = "ok"
    return parts


@never_cache
@require_safe
def health(_request: HttpRequest) -> JsonResponse:
    global _kept  # noqa: PLW0603  (one small value per process)
    if _kept is None or time.monotonic() - _kept[0] > KEPT_SECONDS:
        _kept = (time.monotonic(), _state())
    parts = _kept[1]
    healthy = all(state == "ok" for state in parts.values())
    return JsonResponse(
        {"status": "ok" if healthy else "unavailable", **parts}, status=200 if healthy else 503
    )
