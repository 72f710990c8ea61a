"""Asking for a pull: by a person or a program now, and what is due by schedule."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django_scopes import scopes_disabled

from common.errors import Conflict, Rejected
from journal.brokers.fetching import Checking
from journal.models import LIVE, PUSHED, Connection, Pull, PullKind, PullState
from journal.services.pulls.connections import fetcher_named


def ask_pull(
    connection: Connection,
    *,
    days_back: int | None = None,
    kind: PullKind = PullKind.PULL,
    user_id: int | None = None,
    source: str = "schedule",
) -> Pull:
    """A pull that a worker is to run. Raises Conflict where one is under way, or the broker must be left alone."""
    if connection.disconnected_at is not None:
        raise Conflict("disconnected", "This connection was taken away. Connect the broker anew.")
    if connection.is_pushed:
        raise Rejected(
            "pushed_by_bridge",
            "Nothing is asked here: the bridge beside the terminal pushes by itself. Look whether it runs there.",
        )
    if connection.is_live:
        raise Rejected(
            "heard_live",
            "Nothing is asked here: manage.py capture_ibkr listens as long as it runs. Look whether it does.",
        )
    refuse_while_blocked(connection)
    if kind == PullKind.CHECK and not isinstance(fetcher_named(connection.fetcher), Checking):
        raise Rejected("no_check", "This broker is tested by pulling from it.")
    try:
        with transaction.atomic():
            return Pull.objects.create(
                workspace_id=connection.workspace_id,
                connection=connection,
                kind=kind,
                days_back=days_back,
                asked_by_id=user_id,
                source=source,
            )
    except IntegrityError:
        under_way = connection.pulls.filter(state__in=Pull.UNFINISHED).first()
        number = f" (number {under_way.pk})" if under_way else ""
        raise Conflict(
            "pull_running",
            f"A pull of this connection is under way{number}. Wait until it is over.",
        ) from None


def refuse_while_blocked(connection: Connection) -> None:
    until = connection.not_before
    if until is not None and timezone.now() < until:
        at = timezone.localtime(until)
        raise Conflict(
            "broker_wants_peace",
            f"The broker must not be asked before {at:%d %b %Y %H:%M} ({at.tzname()}). It is asked then by itself. "
            f"The reason: {connection.error_message}",
        )


def list_due(*, now: datetime) -> list[Connection]:
    """In all workspaces."""
    with scopes_disabled():
        due = Connection.objects.filter(next_at__lte=now, paused_at=None, disconnected_at=None)
        due = due.exclude(fetcher__in=PUSHED | LIVE)
        idle = due.exclude(pulls__state__in=[PullState(state) for state in Pull.UNFINISHED])
        return list(idle.order_by("next_at"))
