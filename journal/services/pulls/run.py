"""One pull, from asking the broker to the book. Safe to run again wherever it stopped.

What was downloaded is kept before the next thing is asked for, what the fetcher has to remember at once, and how the
asking ended before anything is imported. So a worker that dies anywhere leaves a pull that the next one takes up.
"""

from __future__ import annotations

import logging
import traceback
from datetime import timedelta

import httpx
from django.db import Error as DatabaseTrouble

from common.errors import AppError, Conflict, Rejected, Unavailable
from journal.brokers.fetchers import UnknownFetcher, get_fetcher
from journal.brokers.fetching import Checking, Fetcher, PullFault, Verdict
from journal.models import ImportBatch, ImportState, Pull, PullKind, PullState
from journal.reading.reader import ReaderStopped
from journal.services.imports import run_import
from journal.services.locks import HeldConnection, hold_connection
from journal.services.prices.fetching import fetch_prices
from journal.services.pulls.clock import SYSTEM, Clock
from journal.services.pulls.credentials import credentials_of, scrub, secrets_of
from journal.services.pulls.documents import Intake
from journal.services.pulls.link import GOES_ON_AFTER, Postponed, StoredLink
from journal.services.pulls.outcome import finish_pull
from journal.services.pulls.unchanged import PullInterrupted, is_unchanged
from journal.services.pulls.windows import settle_window, windows_of

logger = logging.getLogger(__name__)

ATTEMPTS_MAX = 5
# However often a pull goes on: a broker that takes longer has forgotten it.
LONGEST = timedelta(hours=24)
_UNFINISHED_IMPORTS = (ImportState.RECEIVED, ImportState.QUEUED, ImportState.RUNNING)


def run_pull(pull: Pull, *, clock: Clock = SYSTEM) -> Pull:
    """The pull as it is afterwards: over, waiting for the broker, or waiting for an import.

    Raises Conflict while another worker pulls the same connection.
    """
    with hold_connection(pull.connection_id) as held:
        if held is None:
            raise Conflict(
                "pull_running", "Another worker is asking this broker for this connection."
            )
        pull = Pull.objects.select_related("connection").get(pk=pull.pk)
        is_early = pull.resume_at is not None and clock.now() < pull.resume_at
        if not (pull.is_finished or is_early):
            _go(pull, clock, held)
    pull.refresh_from_db()
    return pull


def _go(pull: Pull, clock: Clock, held: HeldConnection) -> None:
    if pull.state != PullState.IMPORTING:
        _begin(pull, clock)
        try:
            fault = _ask(pull, clock, held)
        except PullInterrupted:
            return
        if fault is not None and not is_unchanged(pull.connection):
            # It is not what people have made of it since that is to blame: the schedule takes the pull up anew.
            return
        if isinstance(fault, Postponed):
            _put_off(pull, PullState.WAITING, clock)
            return
        _note_asked(pull, fault)
    if _import(pull):
        finish_pull(pull, now=clock.now())
    else:
        _put_off(pull, PullState.IMPORTING, clock)


def _begin(pull: Pull, clock: Clock) -> None:
    pull.state = PullState.RUNNING
    pull.attempts += 1
    pull.started_at = pull.started_at or clock.now()
    pull.resume_at = None
    pull.save(update_fields=["state", "attempts", "started_at", "resume_at"])


def _put_off(pull: Pull, state: PullState, clock: Clock) -> None:
    """The pull goes on in a while; nothing is wrong with it."""
    pull.state, pull.attempts = state, 0
    pull.resume_at = clock.now() + GOES_ON_AFTER if state == PullState.WAITING else None
    pull.save(update_fields=["state", "attempts", "resume_at"])


def _ask(pull: Pull, clock: Clock, held: HeldConnection) -> PullFault | None:
    """None when the broker has given all that there is."""
    secrets: list[str] = []
    try:
        _check_going(pull, clock)
        fetcher = get_fetcher(pull.connection.fetcher)
        credentials = credentials_of(pull.connection)
        secrets = secrets_of(fetcher, credentials)
        with StoredLink(pull, credentials, clock=clock, held=held) as link:
            if pull.kind == PullKind.CHECK:
                _check(pull, fetcher, link)
            else:
                _fetch(pull, fetcher, link, clock)
                fetch_prices(pull.connection, fetcher, link)
    except PullFault as fault:
        fault.message = scrub(fault.message, secrets)
        return fault
    except (PullInterrupted, DatabaseTrouble):
        # Nobody's fault but the database's: the pull is taken up when that is back.
        raise
    except UnknownFetcher:
        return PullFault(
            "fetcher_unknown",
            "This version of Fillbook cannot ask this broker any more. Disconnect it.",
            Verdict.PERSON,
        )
    except httpx.TransportError as error:
        return PullFault(
            "broker_unreachable",
            f"The broker did not answer ({type(error).__name__}).",
            Verdict.LATER,
        )
    except AppError as error:
        verdict = Verdict.LATER if isinstance(error, Unavailable | Conflict) else Verdict.PERSON
        return PullFault(error.code, error.message, verdict)
    except Exception:
        # The text of an exception may hold anything, so it does not reach the log as it is.
        logger.error("pull_broke %s", scrub(traceback.format_exc(), secrets))
        return PullFault(
            "pull_broke",
            "Fillbook did not understand what the broker answered, or failed otherwise. The log of the worker says "
            "more. Nothing that was downloaded is lost.",
            Verdict.LATER,
        )
    return None


def _check_going(pull: Pull, clock: Clock) -> None:
    connection, now = pull.connection, clock.now()
    if connection.disconnected_at is not None:
        raise PullFault("disconnected", "The connection was taken away.", Verdict.PERSON)
    if connection.not_before is not None and now < connection.not_before:
        raise PullFault(
            connection.error_code, connection.error_message, Verdict.BLOCKED, until=connection.not_before
        )  # fmt: skip
    if pull.attempts > ATTEMPTS_MAX:
        raise PullFault(
            "pull_gave_up",
            f"The worker was stopped {ATTEMPTS_MAX} times in the middle of this pull. The log of the worker says why.",
            Verdict.LATER,
        )
    if pull.started_at is not None and now - pull.started_at > LONGEST:
        raise PullFault(
            "pull_too_long", "The broker did not get ready within a day.", Verdict.LATER
        )


def _check(pull: Pull, fetcher: Fetcher, link: StoredLink) -> None:
    if isinstance(fetcher, Checking):
        pull.note = fetcher.check(link)[:255]
        pull.save(update_fields=["note"])


def _fetch(pull: Pull, fetcher: Fetcher, link: StoredLink, clock: Clock) -> None:
    settle_window(pull, fetcher, now=clock.now())
    left_out: set[str] = set()
    # What happened last is wanted most.
    for window in reversed(windows_of(pull, fetcher)):
        intake = Intake(pull, fetcher, window)
        for document in fetcher.fetch(link, window):
            intake.take(document)
        intake.end()
        left_out |= intake.left_out
    if left_out:
        names = ", ".join(sorted(left_out))
        pull.note = f"Left out, because the connection is not to fill them: {names}."[:255]
        pull.save(update_fields=["note"])


def _note_asked(pull: Pull, fault: PullFault | None) -> None:
    """How the asking ended, before anything is imported: it is not asked again for that."""
    pull.state, pull.attempts = PullState.IMPORTING, 0
    if fault is not None:
        pull.verdict, pull.error_code = fault.verdict, fault.code[:64]
        pull.error_message = fault.message
        pull.wait, pull.blocked_until = fault.wait or timedelta(), fault.until
    pull.save(
        update_fields=[
            "state", "attempts", "verdict", "error_code", "error_message", "wait", "blocked_until",
        ]
    )  # fmt: skip


def _import(pull: Pull) -> bool:
    """Whether everything that was brought is imported or refused. The oldest first: so least is booked twice."""
    batches = ImportBatch.objects.filter(
        pull_documents__pull=pull, state__in=_UNFINISHED_IMPORTS
    ).select_related("file", "account")
    is_over = True
    for batch in batches.order_by("pull_documents__since", "pk"):
        try:
            run_import(batch)
        except Rejected:
            continue
        except (Conflict, ReaderStopped):
            # Another worker is at it, or it is tried again by schedule.
            is_over = False
    return is_over
