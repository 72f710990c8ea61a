"""What a connection can do, and opening it for a short time: to read what an account holds, and to close a position."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

from journal.brokers.fetchers import UnknownFetcher, get_fetcher
from journal.brokers.fetching import Fetcher, PullFault, Verdict
from journal.brokers.live import MAY_CLOSE, Ability, Closing, Reading, Settling
from journal.models import Connection
from journal.services.desks.bridge import BridgeDesk, of_bridge
from journal.services.desks.desk import Desk
from journal.services.desks.fetcher import FetcherDesk
from journal.services.desks.link import DeskLink
from journal.services.pulls.clock import SYSTEM, Clock
from journal.services.pulls.credentials import credentials_of, secrets_of

SECONDS = 20.0
_PUSHED = frozenset({Ability.READ_HISTORY, Ability.STREAM})


def abilities_of(connection: Connection) -> frozenset[Ability]:
    """What can be done through it as it is set up now: closing only where a person has allowed it."""
    if connection.disconnected_at is not None:
        return frozenset()
    if connection.is_pushed:
        return _PUSHED | of_bridge(connection)
    if not connection.is_asked:
        return _PUSHED
    try:
        fetcher = get_fetcher(connection.fetcher)
    except UnknownFetcher:
        return frozenset()
    found = {Ability.READ_HISTORY}
    if isinstance(fetcher, Reading):
        found.add(Ability.READ_POSITIONS)
    if isinstance(fetcher, Closing) and _may_close(connection, fetcher):
        found.add(Ability.CLOSE)
    return frozenset(found)


@contextmanager
def open_desk(
    connection: Connection, *, timeout: float = SECONDS, clock: Clock = SYSTEM
) -> Iterator[Desk]:
    """`timeout`: seconds that each call may take. Raises PullFault (PERSON, BLOCKED) where it cannot be opened."""
    _check_open(connection, clock)
    if connection.is_pushed:
        yield BridgeDesk(connection, seconds=timeout, clock=clock)
        return
    if not connection.is_asked:
        raise _no_desk()
    try:
        fetcher = get_fetcher(connection.fetcher)
    except UnknownFetcher:
        raise _no_desk() from None
    credentials = credentials_of(connection)
    link = DeskLink(connection, credentials, seconds=timeout, clock=clock)
    try:
        yield FetcherDesk(
            fetcher,
            link,
            secrets_of(fetcher, credentials),
            may_close=allows_closing(fetcher, credentials),
        )
    finally:
        link.close()


def settles_within(connection: Connection) -> timedelta | None:
    """An order that is not found so long after it was sent never arrived. None: not finding it proves nothing."""
    try:
        fetcher = get_fetcher(connection.fetcher)
    except UnknownFetcher:
        return None
    return fetcher.settles_within if isinstance(fetcher, Settling) else None


def allows_closing(fetcher: Fetcher, credentials: Mapping[str, str]) -> bool:
    """A fetcher that asks for leave to close has it only where a person gave it."""
    if all(one.name != MAY_CLOSE.name for one in fetcher.credentials):
        return True
    return credentials.get(MAY_CLOSE.name) == "yes"


def _may_close(connection: Connection, fetcher: Fetcher) -> bool:
    try:
        return allows_closing(fetcher, credentials_of(connection))
    except PullFault:
        return False


def _check_open(connection: Connection, clock: Clock) -> None:
    if connection.disconnected_at is not None:
        raise PullFault("disconnected", "The connection was taken away.", Verdict.PERSON)
    if connection.not_before is not None and clock.now() < connection.not_before:
        raise PullFault(
            connection.error_code, connection.error_message, Verdict.BLOCKED, until=connection.not_before
        )  # fmt: skip


def _no_desk() -> PullFault:
    return PullFault(
        "not_offered",
        "Through this connection Fillbook can neither ask for positions nor close them.",
        Verdict.PERSON,
    )
