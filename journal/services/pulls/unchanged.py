"""Whether a connection is still what a pull began with: the same login, the same accounts, and not taken away.

A pull of another one must not go on: it would ask with credentials that were taken back, and call complete what it was
not asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from journal.models import Connection


class PullInterrupted(Exception):
    """The pull is somebody else's now: it was taken away, its connection has changed, or the lock on it is lost."""


def unchanged(begun_with: Connection) -> QuerySet[Connection]:
    """The row, if it is still the same."""
    return Connection.objects.filter(
        pk=begun_with.pk,
        disconnected_at=begun_with.disconnected_at,
        credentials_digest=begun_with.credentials_digest,
        account_numbers=begun_with.account_numbers,
    )


def remember(begun_with: Connection, values: Mapping[str, Any]) -> bool:
    """Keeps `values` in the connection's state beside what others keep there meanwhile; None takes one out.
    False where the connection was changed: then nothing is kept."""
    with transaction.atomic():
        held = unchanged(begun_with).select_for_update(no_key=True).first()
        if held is None:
            return False
        kept = {**held.state, **values}
        state = {name: value for name, value in kept.items() if value is not None}
        unchanged(begun_with).update(state=state)
    begun_with.state = state
    return True


def is_unchanged(begun_with: Connection) -> bool:
    return unchanged(begun_with).exists()


def hold_unchanged(begun_with: Connection) -> None:
    """Nobody changes it before the transaction ends. Raises PullInterrupted where somebody has."""
    if not unchanged(begun_with).select_for_update(no_key=True).exists():
        raise PullInterrupted("The connection was changed.")
