"""One pull, from asking the broker to the book. Safe to run again wherever it stopped.

What was downloaded is kept before the next thing is asked for, what the fetcher has to remember at once, and how the
asking ended before anything is imported. So a worker that dies anywhere leaves a pull that the next one takes up.
"""

from __future__ import annotations

import contextlib
import logging
import traceback
from datetime import timedelta
from typing import Any

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
from journal.services.pulls.states import check_held, write_state
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
    """As far as it goes. Where somebody else has taken the pull up meanwhile, its end is theirs to write."""
    with contextlib.suppress(PullInterrupted):
        if pull.state != PullState.IMPORTING and not _is_asked(pull, clock, held):
            return
        if _import(pull):
            check_held(held)
            finish_pull(pull, now=clock.now())
        else:
            _put_off(pull, held, PullState.IMPORTING, clock)


def _is_asked(pull: Pull, clock: Clock, held: HeldConnection) -> bool:
    """Whether the asking is over, well or not. Raises PullInterrupted."""
    _begin(pull, clock)
    fault = _ask(pull, clock, held)
    if fault is not None and not is_unchanged(pull.connection):
        # It is not what people have made of it since that is to blame: the schedule takes the pull up anew.
        return False
    if isinstance(fault, Postponed):
        _put_off(pull, held, PullState.WAITING, clock)
        return False
    _note_asked(pull, held, fault)
    return True


def _begin(pull: Pull, clock: Clock) -> None:
    write_state(
        pull,
        state=PullState.RUNNING,
        attempts=pull.attempts + 1,
        started_at=pull.started_at or clock.now(),
        resume_at=None,
    )


def _put_off(pull: Pull, held: HeldConnection, state: PullState, clock: Clock) -> None:
    """The pull goes on in a while; nothing is wrong with it."""
    resume_at = clock.now() + GOES_ON_AFTER if state == PullState.WAITING else None
    check_held(held)
    write_state(pull, state=state, attempts=0, resume_at=resume_at)


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
        intake = Intake(pull, fetcher, window, clock=clock)
        for document in fetcher.fetch(link, window):
            intake.take(document)
        intake.end()
        left_out |= intake.left_out
    if left_out:
        names = ", ".join(sorted(left_out))
        pull.note = f"Left out, because the connection is not to fill them: {names}."[:255]
        pull.save(update_fields=["note"])


def _note_asked(pull: Pull, held: HeldConnection, fault: PullFault | None) -> None:
    """How the asking ended, before anything is imported: it is not asked again for that."""
    ended: dict[str, Any] = {}
    if fault is not None:
        ended = {
            "verdict": fault.verdict,
            "error_code": fault.code[:64],
            "error_message": fault.message,
            "wait": fault.wait or timedelta(),
            "blocked_until": fault.until,
        }
    check_held(held)
    write_state(pull, state=PullState.IMPORTING, attempts=0, **ended)


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
