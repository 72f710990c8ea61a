"""Connections: what people decide about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import time
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Workspace
from common.errors import Conflict, Rejected
from journal.brokers.fetchers import UnknownFetcher, get_fetcher
from journal.brokers.fetching import Daily, Fetcher, PullFault, Verdict
from journal.models import Connection, Schedule
from journal.selectors.connections import Standing, standings_of
from journal.services.erased import number_hash
from journal.services.pulls.credentials import (
    check_values,
    credentials_of,
    from_environment,
    seal,
)
from journal.services.pulls.schedule import next_turn
from journal.services.pulls.unlearning import excuse_running, forget_coverage

CHANGEABLE = (
    "name", "schedule", "pull_at_minutes", "zone", "account_numbers", "history_from",
)  # fmt: skip
_SCHEDULED = {"schedule", "pull_at_minutes", "zone"}


def fetcher_named(slug: str) -> Fetcher:
    """Raises Rejected."""
    try:
        return get_fetcher(slug)
    except UnknownFetcher as error:
        raise Rejected("fetcher_unknown", str(error), {"fetcher": [str(error)]}) from None


def usual_schedule(fetcher: Fetcher) -> dict[str, Any]:
    """As the broker has its figures ready."""
    if isinstance(fetcher, Daily):
        ready: time = fetcher.ready_at
        minutes = ready.hour * 60 + ready.minute
        return {"schedule": Schedule.DAILY, "pull_at_minutes": minutes, "zone": fetcher.ready_zone}
    return {"schedule": Schedule.HOURLY}


@transaction.atomic
def create_connection(
    workspace_id: int,
    fetcher: Fetcher,
    credentials: Mapping[str, str],
    *,
    user_id: int | None,
    **values: Any,
) -> Connection:
    """Raises Rejected with `fields` where a credential is missing, and Conflict where the same login is connected."""
    sealed = seal(fetcher, check_values(fetcher, credentials))
    _one_at_a_time(workspace_id)
    twins = Connection.objects.filter(fetcher=fetcher.slug, credentials_digest=sealed.digest)
    _refuse_twin(twins)
    connection = Connection(
        workspace_id=workspace_id,
        fetcher=fetcher.slug,
        credentials=sealed.text,
        credentials_digest=sealed.digest,
        created_by_id=user_id,
        **{**usual_schedule(fetcher), "name": fetcher.label, **values},
    )
    # A lockout is the login's, and does not end by connecting it anew.
    former = twins.filter(verdict=Verdict.BLOCKED).order_by("-not_before").first()
    if former is not None:
        for name in ("verdict", "error_code", "error_message", "not_before"):
            setattr(connection, name, getattr(former, name))
    _check(connection)
    connection.next_at = connection.not_before or timezone.now()
    connection.save()
    return connection


def _one_at_a_time(workspace_id: int) -> None:
    """A form that is sent twice at once connects once."""
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace_id)


def _refuse_twin(twins: QuerySet[Connection]) -> None:
    twin = twins.filter(disconnected_at=None).first()
    if twin is not None:
        raise Conflict("already_connected", f"These credentials are connected already: “{twin}”.")


def _check(connection: Connection) -> None:
    """What people may say. Raises ValidationError."""
    fields = {field.name for field in Connection._meta.concrete_fields}
    connection.full_clean(exclude=fields - set(CHANGEABLE))


@transaction.atomic
def change_connection(
    connection: Connection, *, credentials: Mapping[str, str] | None = None, **values: Any
) -> None:
    """Credentials are replaced as a whole. New ones are tried at once. Raises Rejected with `fields`, and
    Conflict where another connection has them.

    What it brought so far is not called complete any more where it is to read more accounts, or another query of them.
    """
    if connection.is_from_environment and credentials:
        raise Rejected(
            "from_environment",
            "This connection's credentials are options of the installation (docs/settings.md) and are changed there.",
        )
    _check_may_be_said(connection, credentials, values)
    changed = {name for name in CHANGEABLE if name in values and getattr(connection, name) != values[name]}  # fmt: skip
    was_for = set(connection.account_numbers)
    for name in changed:
        setattr(connection, name, values[name])
    is_wider = "account_numbers" in changed and _reads_more(connection, was_for)
    if "account_numbers" in changed:
        changed.add("erased")
    _check(connection)
    _save(connection, changed)
    if is_wider:
        forget_coverage(connection)
    if is_wider or "history_from" in changed:
        go_on(connection, is_answer="history_from" in changed)
    if credentials:
        fetcher = fetcher_named(connection.fetcher)
        _replace_credentials(connection, fetcher, credentials)


def _check_may_be_said(
    connection: Connection, credentials: Mapping[str, str] | None, values: Mapping[str, Any]
) -> None:
    """What comes by itself says whose it is, and signs in by itself. Raises Rejected."""
    if connection.is_asked:
        return
    fields = {}
    if values.get("account_numbers", connection.account_numbers) != connection.account_numbers:
        fields["account_numbers"] = (
            "The account of an MT5 connection is set by its bridge: that of the terminal that it runs beside. Make "
            "another connection for another account."
            if connection.is_pushed
            else "The accounts of this connection are set where it is listened for: manage.py capture_ibkr --account."
        )
    if credentials:
        fields["credentials"] = (
            "The secret of an MT5 connection is made here and given to its bridge; it cannot be chosen."
            if connection.is_pushed
            else "This connection has no credentials: TWS or IB Gateway is signed in by itself."
        )
    if fields:
        raise Rejected(
            "set_by_bridge" if connection.is_pushed else "set_by_capture",
            " ".join(fields.values()),
            {name: [words] for name, words in fields.items()},
        )


def _save(connection: Connection, changed: set[str]) -> None:
    if changed & _SCHEDULED and connection.verdict == "":
        connection.next_at = next_turn(connection, after=timezone.now())
        changed.add("next_at")
    if changed:
        connection.save(update_fields=sorted(changed))


def _reads_more(connection: Connection, was_for: set[str]) -> bool:
    """Of which accounts. Whoever names an erased account wants it back."""
    is_for = set(connection.account_numbers)
    broker = fetcher_named(connection.fetcher).broker
    named = {number_hash(broker, number) for number in is_for}
    wanted_back = named & set(connection.erased)
    connection.erased = [one for one in connection.erased if one not in named]
    return bool(wanted_back or (was_for and not (is_for and is_for <= was_for)))


def _replace_credentials(
    connection: Connection, fetcher: Fetcher, credentials: Mapping[str, str]
) -> None:
    values = check_values(fetcher, credentials)
    sealed = seal(fetcher, values)
    _one_at_a_time(connection.workspace_id)
    others = Connection.objects.exclude(pk=connection.pk)
    _refuse_twin(others.filter(fetcher=fetcher.slug, credentials_digest=sealed.digest))
    is_same = connection.credentials_digest == sealed.digest
    reads_the_same = is_same or _reads_the_same(connection, fetcher, values)
    connection.credentials, connection.credentials_digest = sealed.text, sealed.digest
    # What was remembered belongs to the former login.
    connection.state = {}
    connection.save(update_fields=["credentials", "credentials_digest", "state"])
    if not reads_the_same:
        forget_coverage(connection)
    if not is_same:
        excuse_running(connection)
    go_on(connection, is_answer=not is_same)


def _reads_the_same(connection: Connection, fetcher: Fetcher, values: Mapping[str, str]) -> bool:
    """Whether only secrets are new: what is no secret says what is read (a query, an account, an exchange)."""
    try:
        former = credentials_of(connection)
    except PullFault:
        return False
    said = [one.name for one in fetcher.credentials if not one.is_secret]
    return all(former.get(name) == values.get(name) for name in said)


def go_on(connection: Connection, *, is_answer: bool = True) -> None:
    """What stopped for a person goes on. A lockout does not, nor, unless the broker is asked something else now
    (`is_answer`), the time for which it is to be left alone."""
    if connection.verdict == Verdict.BLOCKED:
        return
    peace = connection.not_before
    if peace is not None and timezone.now() < peace and not is_answer:
        return
    connection.failures = 0
    connection.verdict = connection.error_code = connection.error_message = ""
    connection.next_at, connection.not_before = timezone.now(), None
    connection.save(
        update_fields=[
            "failures",
            "verdict",
            "error_code",
            "error_message",
            "next_at",
            "not_before",
        ]
    )


def pause_connection(connection: Connection) -> None:
    """No pull by schedule any more. Asking by hand still works."""
    if connection.paused_at is None:
        connection.paused_at = timezone.now()
        connection.save(update_fields=["paused_at"])


def unpause_connection(connection: Connection) -> None:
    """What was missed in the meantime is asked for next."""
    connection.paused_at = None
    if connection.verdict == "":
        connection.next_at = timezone.now()
    connection.save(update_fields=["paused_at", "next_at"])


@transaction.atomic
def disconnect(connection: Connection) -> None:
    """The credentials are forgotten; what was brought stays. Raises Rejected for one that is in the environment."""
    if connection.is_from_environment and from_environment(connection.fetcher) is not None:
        raise Rejected(
            "from_environment",
            "This connection is from the environment: take its options away there (docs/settings.md), or pause it.",
        )
    if connection.disconnected_at is None:
        connection.disconnected_at = timezone.now()
        connection.credentials, connection.state, connection.next_at = "", {}, None
        connection.save(update_fields=["disconnected_at", "credentials", "state", "next_at"])


def standings_now(connections: Iterable[Connection]) -> dict[int, Standing]:
    """By the connection's number."""
    return standings_of(connections, now=timezone.now())
