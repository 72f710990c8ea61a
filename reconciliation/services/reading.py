"""Asking brokers what accounts hold: side by side, each with its own time, and with no transaction of ours open.

What comes back is a whole word, or unknown with the reason; never flat for want of an answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

import structlog
from django.db import connections
from django_scopes import scope

from journal.brokers.fetching import PullFault
from journal.brokers.live import AccountReading
from journal.models import BrokerAccount, Connection
from journal.services.desks.desk import Desk
from journal.services.pulls.clock import SYSTEM, Clock
from reconciliation.models import Heard

logger = structlog.get_logger(__name__)

SECONDS = 20.0
_SIDE_BY_SIDE = 16
# What an asked broker calls now may not be older than this, nor from the future by more.
_OLDEST = timedelta(minutes=5)
_AHEAD = timedelta(minutes=2)
_LATE = "older_answer"

Opener = Callable[[Connection], AbstractContextManager[Desk]]


@dataclass(frozen=True, slots=True)
class Word:
    """What was heard of one account. Without `reading` nobody knows what it holds: `code` and `error` say why.

    `took` is the broker's own answer time.
    """

    account: BrokerAccount
    connection: Connection | None
    heard: Heard
    began_at: datetime
    received_at: datetime
    took: timedelta = timedelta()
    reading: AccountReading | None = None
    code: str = ""
    error: str = ""

    @property
    def is_whole(self) -> bool:
        return self.reading is not None and not self.code

    @property
    def is_late(self) -> bool:
        """A later answer is known already."""
        return self.code == _LATE


def read_accounts(
    asked: Sequence[tuple[BrokerAccount, Connection | None]],
    *,
    opener: Opener,
    clock: Clock = SYSTEM,
    seconds: float = SECONDS,
    at: datetime | None = None,
) -> list[Word]:
    """In the order of `asked`; `at` is now, where the caller has just looked. Accounts of one connection are read one
    after the other, connections side by side."""
    began_at = at or clock.now()
    by_connection: dict[int, list[tuple[BrokerAccount, Connection]]] = defaultdict(list)
    words: dict[int, Word] = {}
    for account, connection in asked:
        if connection is None:
            words[account.pk] = unheard(
                account, None, began_at, "no_connection",
                "No connection of this workspace can tell what the account holds.",
            )  # fmt: skip
        else:
            by_connection[connection.pk].append((account, connection))
    jobs = [partial(_read_all, some, opener, began_at) for some in by_connection.values()]
    if len(jobs) == 1:
        words |= jobs[0]()
    elif jobs:
        words |= _side_by_side(jobs, list(by_connection.values()), seconds, began_at)
    return [words[account.pk] for account, _ in asked]


def unheard(
    account: BrokerAccount, connection: Connection | None, at: datetime, code: str, error: str
) -> Word:
    return Word(account, connection, Heard.ASKED, at, at, code=code, error=error)


def _side_by_side(
    jobs: Sequence[Callable[[], dict[int, Word]]],
    asked: Sequence[Sequence[tuple[BrokerAccount, Connection]]],
    seconds: float,
    began_at: datetime,
) -> dict[int, Word]:
    """A broker that does not answer in time holds up nobody else: what it says later is not waited for."""
    pool = ThreadPoolExecutor(max_workers=min(_SIDE_BY_SIDE, len(jobs)), thread_name_prefix="desk")
    futures: list[Future[dict[int, Word]]] = [pool.submit(_in_thread, job) for job in jobs]
    rounds = -(-len(jobs) // _SIDE_BY_SIDE)
    longest = max(len(some) for some in asked)
    wait(futures, timeout=(seconds + 1) * longest * rounds)
    pool.shutdown(wait=False, cancel_futures=True)
    words: dict[int, Word] = {}
    for future, some in zip(futures, asked, strict=True):
        if future.done() and not future.cancelled():
            words |= future.result()
            continue
        for account, connection in some:
            words[account.pk] = unheard(
                account,
                connection,
                began_at,
                "read_timed_out",
                "The broker did not answer in time.",
            )
    return words


def _in_thread(job: Callable[[], dict[int, Word]]) -> dict[int, Word]:
    try:
        return job()
    finally:
        connections.close_all()


def _read_all(
    some: Sequence[tuple[BrokerAccount, Connection]],
    opener: Opener,
    began_at: datetime,
) -> dict[int, Word]:
    connection = some[0][1]
    started = monotonic()
    words: dict[int, Word] = {}
    try:
        with scope(workspace=connection.workspace_id), opener(connection) as desk:
            for account, _ in some:
                words[account.pk] = _read(desk, account, connection, began_at, started)
    except PullFault as fault:
        code, error = fault.code, fault.message
    except Exception as mistake:
        # One broker's reader that fails holds up no other.
        logger.exception("reader_failed", connection=connection.pk)
        code, error = "reader_failed", f"The reader failed ({type(mistake).__name__})."
    else:
        return words
    for account, _ in some:
        words.setdefault(account.pk, unheard(account, connection, began_at, code, error))
    return words


def _read(
    desk: Desk,
    account: BrokerAccount,
    connection: Connection,
    since: datetime,
    started: float,
) -> Word:
    """`started` is `since` by a clock that never jumps."""
    asked = monotonic()
    began_at = since + timedelta(seconds=asked - started)
    try:
        reading = desk.read(account.broker_id)
    except PullFault as fault:
        took = timedelta(seconds=monotonic() - asked)
        return Word(
            account, connection, Heard.ASKED, began_at, began_at + took, took, code=fault.code, error=fault.message
        )  # fmt: skip
    took = timedelta(seconds=monotonic() - asked)
    word = Word(account, connection, Heard.ASKED, began_at, began_at + took, took, reading)
    return judged(word, oldest=_OLDEST)


def judged(
    word: Word, *, oldest: timedelta | None, latest: Mapping[int, datetime] | None = None
) -> Word:
    """With what makes it unfit to be compared, if anything does. `latest` are moments of what was heard before."""
    reading = word.reading
    assert reading is not None
    found = _unfit(reading, word, oldest, (latest or {}).get(word.account.pk))
    if found is None:
        return word
    code, error = found
    return Word(
        word.account, word.connection, word.heard, word.began_at, word.received_at, word.took, reading, code, error
    )  # fmt: skip


def _unfit(
    reading: AccountReading, word: Word, oldest: timedelta | None, latest: datetime | None
) -> tuple[str, str] | None:
    if reading.account_id and reading.account_id != word.account.broker_id:
        return "another_account", "The broker answered for another account."
    if not reading.is_complete and not (
        word.heard == Heard.STATEMENT and set(reading.lacking) <= {"orders"}
    ):
        return "half_answer", f"The broker’s answer lacks: {', '.join(reading.lacking)}."
    if oldest is not None and word.received_at - reading.as_of > oldest:
        return "stale_answer", f"The broker’s answer is of {reading.as_of:%Y-%m-%d %H:%M:%S} UTC."
    if reading.as_of - word.received_at > _AHEAD:
        return (
            "ahead_answer",
            f"The broker’s answer is of {reading.as_of:%Y-%m-%d %H:%M:%S} UTC, which is to come.",
        )
    if latest is not None and reading.as_of < latest:
        return (
            _LATE,
            f"A later answer, of {latest:%Y-%m-%d %H:%M:%S} UTC, is known already.",
        )
    return None
