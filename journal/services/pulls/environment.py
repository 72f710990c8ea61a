"""Connections that the operator has set up by options of the installation."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import timezone
from django_scopes import scope

from accounts.models import Workspace
from journal.brokers.fetchers import get_fetcher
from journal.brokers.fetching import Fetcher
from journal.models import Connection, Origin
from journal.services.pulls.connections import go_on, usual_schedule
from journal.services.pulls.credentials import seal
from journal.services.pulls.unlearning import excuse_running, forget_coverage


def ensure_environment_connections(options: Mapping[str, Mapping[str, str]]) -> None:
    """In the first workspace, once there is one."""
    workspace = Workspace.objects.order_by("pk").first()
    if workspace is None:
        return
    with scope(workspace=workspace):
        for slug, values in options.items():
            _ensure(workspace.pk, get_fetcher(slug), values)


def _ensure(workspace_id: int, fetcher: Fetcher, values: Mapping[str, str]) -> None:
    digest = seal(fetcher, values).digest
    connection, is_new = Connection.objects.get_or_create(
        workspace_id=workspace_id,
        fetcher=fetcher.slug,
        origin=Origin.ENVIRONMENT,
        defaults={
            **usual_schedule(fetcher),
            "name": fetcher.label,
            "credentials_digest": digest,
            "next_at": timezone.now(),
        },
    )
    is_gone = connection.disconnected_at is not None
    if is_gone or (not is_new and connection.credentials_digest != digest):
        connection.credentials_digest, connection.state = digest, {}
        connection.disconnected_at = None
        connection.save(update_fields=["credentials_digest", "state", "disconnected_at"])
        # Nobody knows whether the token is new, or the query.
        forget_coverage(connection)
        excuse_running(connection)
        go_on(connection)
