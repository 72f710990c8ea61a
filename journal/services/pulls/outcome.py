"""What a pull came to, and what follows for its connection."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.db import transaction

from journal.brokers.fetching import Verdict
from journal.models import Connection, ImportBatch, ImportState, Pull, PullKind, PullState
from journal.services.pulls.schedule import next_try, next_turn
from journal.services.pulls.states import write_state

# A download that ended early or a storage that was full: the same again may well be whole.
_PASSING = frozenset(
    {
        "broken_json", "broken_xml", "empty_file", "import_gave_up", "service_error", "service_receipt",
        "stored_file_damaged", "stored_file_missing", "stored_file_unreadable", "truncated", "web_page",
    }
)  # fmt: skip
_LONGEST_BLOCK = timedelta(days=2)


@transaction.atomic
def finish_pull(pull: Pull, *, now: datetime) -> None:
    """Called when everything that the pull brought is imported or refused. Raises PullInterrupted where another worker
    has ended it meanwhile: what it made of the connection stands."""
    connection = Connection.objects.select_for_update().get(pk=pull.connection_id)
    _note_refused(pull)
    write_state(
        pull,
        state=PullState.FAILED if pull.verdict else PullState.DONE,
        finished_at=now,
        **{name: getattr(pull, name) for name in ("verdict", "error_code", "error_message")},
    )
    connection.tried_at = now
    if not pull.verdict:
        _succeed(connection, pull, now)
    else:
        _fail(connection, pull, now)
    connection.save(
        update_fields=[
            "tried_at", "succeeded_at", "failures", "verdict", "error_code", "error_message", "next_at",
            "not_before",
        ]
    )  # fmt: skip


def _note_refused(pull: Pull) -> None:
    """A file that could not be imported is a failure of the pull, unless something worse is."""
    refused = (
        ImportBatch.objects.filter(pull_documents__pull=pull, state=ImportState.FAILED)
        .select_related("file")
        .order_by("pk")
        .first()
    )
    if refused is None or pull.verdict in (Verdict.PERSON, Verdict.BLOCKED):
        return
    passes = refused.error_code in _PASSING
    pull.verdict = Verdict.LATER if passes else Verdict.PERSON
    pull.error_code = refused.error_code
    pull.error_message = (
        f"“{refused.title}” was downloaded but could not be imported: {refused.error_message}"
    )


def _succeed(connection: Connection, pull: Pull, now: datetime) -> None:
    turn = next_turn(connection, after=now)
    if pull.kind == PullKind.CHECK and turn is not None:
        # Nothing was brought: what is due stays due, and what failed has nothing in its way any more.
        turn = now if connection.verdict else connection.next_at or turn
    connection.failures = 0
    connection.verdict = connection.error_code = connection.error_message = ""
    connection.not_before = None
    connection.next_at = turn
    if pull.kind == PullKind.PULL:
        connection.succeeded_at = now


def _fail(connection: Connection, pull: Pull, now: datetime) -> None:
    connection.failures = min(connection.failures + 1, 1_000)
    connection.verdict = pull.verdict
    connection.error_code, connection.error_message = pull.error_code, pull.error_message
    if pull.verdict == Verdict.PERSON:
        connection.next_at = None
    elif pull.verdict == Verdict.BLOCKED:
        until = pull.blocked_until or now + _LONGEST_BLOCK
        connection.next_at = connection.not_before = until
    else:
        chance = random.random()  # noqa: S311 - to spread, not to hide
        connection.next_at = next_try(connection.failures, after=now, wait=pull.wait, chance=chance)
        connection.not_before = now + pull.wait if pull.wait else None
