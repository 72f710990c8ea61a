"""The connection that the pages show of a service that listens, and what it says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from common.secrets import digest
from journal.brokers.fetching import Verdict
from journal.models import Connection, Schedule
from journal.services.imports import check_zone
from journal.services.pulls.unlearning import forget_coverage

FETCHER = "ibkr_tws"
LABEL = "Interactive Brokers TWS"
NEW_YORK = "America/New_York"
# When the service is to be heard of again, at the latest.
NEXT = timedelta(minutes=1)


class Halted(Exception):
    """A person wants nothing of the connection: it is paused."""


class TakenAway(Halted):
    """For good."""


@transaction.atomic
def ensure_connection(
    workspace_id: int, host: str, port: int, client_id: int, *, numbers: Sequence[str], zone: str
) -> Connection:
    """The same one for the same place and client. Raises Rejected for a zone that does not exist."""
    check_zone(zone)
    place = f"{host}:{port}"
    values = {"zone": zone or NEW_YORK, "account_numbers": sorted(set(numbers))}
    mark = digest(f"{FETCHER}:{place}:{client_id}")
    known = Connection.objects.filter(
        workspace_id=workspace_id, fetcher=FETCHER, credentials_digest=mark, disconnected_at=None
    ).first()
    if known is None:
        return Connection.objects.create(
            workspace_id=workspace_id, fetcher=FETCHER, name=f"TWS at {place}", credentials_digest=mark,
            schedule=Schedule.MANUAL, **values,
        )  # fmt: skip
    was_for, is_for = set(known.account_numbers), set(numbers)
    for name, value in values.items():
        setattr(known, name, value)
    if was_for and not (is_for and is_for <= was_for):
        # What was called complete was so without the accounts that are wanted now.
        forget_coverage(known)
    known.save(update_fields=list(values))
    return known


def read_wanted(connection_id: int) -> Connection:
    """As it stands now. Raises Halted where a person wants nothing of it."""
    connection = Connection.objects.get(pk=connection_id)
    if connection.disconnected_at is not None:
        raise TakenAway("The connection was taken away on the page Connections.")
    if connection.paused_at is not None:
        raise Halted("The connection is paused on the page Connections.")
    return connection


def tell_trouble(connection_id: int, verdict: Verdict, code: str, message: str) -> None:
    now = timezone.now()
    Connection.objects.filter(pk=connection_id).update(
        verdict=verdict, error_code=code, error_message=message, tried_at=now, next_at=now + NEXT
    )


def tell_well(connection_id: int) -> None:
    now = timezone.now()
    Connection.objects.filter(pk=connection_id).update(
        verdict="", error_code="", error_message="", failures=0, tried_at=now, succeeded_at=now, next_at=now + NEXT
    )  # fmt: skip
