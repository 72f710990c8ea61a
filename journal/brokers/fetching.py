"""What a pull is: a broker's API is asked until there are documents that a reader understands.

A fetcher knows one protocol and nothing of the book. What it downloads is handed on as bytes under the slug of the
reader that understands them, and enters the book as any other file does. So nothing is lost between download and book,
and a download can be read again later.

What a fetcher raises is a `PullFault`. Anything else is a bug.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    import httpx

from journal.domain.bars import Bar


class Credential(NamedTuple):
    """What a person enters to connect. All of it is stored encrypted; a secret one is never shown again."""

    name: str
    label: str
    help: str = ""
    is_secret: bool = True
    is_required: bool = True
    choices: tuple[tuple[str, str], ...] = ()


class Window(NamedTuple):
    """From `since` up to and without `until`, aware UTC. One that ends later than now asks for what is held now too."""

    since: datetime
    until: datetime


class Document(NamedTuple):
    """What was downloaded. `format` is the slug of its reader; `account_id` whose it is, "" where it says so itself.

    `complete_until`: the broker will add nothing before this moment; None where nothing can be said. Together with the
    documents of the account since the last one that said so, this one holds everything from that moment (at first:
    from the start of the window) up to this one; or from `since`, where the documents come in another order.
    Empty `content` says that nothing happened in that time, and is no file.
    """

    name: str
    format: str
    content: bytes
    account_id: str = ""
    complete_until: datetime | None = None
    since: datetime | None = None


class Verdict(StrEnum):
    """What is to be done about a pull that failed."""

    LATER = "later"  # by itself: the broker is busy, the network is down
    PERSON = "person"  # not before somebody has changed something: a revoked token, a wrong query
    BLOCKED = "blocked"  # not before `until`, on no account


class PullFault(Exception):
    """`code` is stable, the message says what happened and what to do, and holds no secret.

    `wait` is how long the broker asks to be left alone (LATER), `until` the end of a lockout (BLOCKED): of whomever the
    latest turn was taken for, by whichever connection.
    """

    def __init__(
        self,
        code: str,
        message: str,
        verdict: Verdict,
        *,
        wait: timedelta | None = None,
        until: datetime | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.verdict = verdict
        self.wait = wait
        self.until = until


class Rate(NamedTuple):
    """At most so many calls within `per`."""

    calls: int
    per: timedelta


class Link(Protocol):
    """One connection while it is pulled. Time, waiting and memory are the link's, so that a fetcher has none."""

    @property
    def credentials(self) -> Mapping[str, str]: ...

    @property
    def state(self) -> Mapping[str, Any]:
        """What earlier calls of `remember` left, also those of a worker that was killed."""
        ...

    @property
    def http(self) -> httpx.Client:
        """Writes no secret to any log, and gives up after a while. Follows no redirect by itself."""
        ...

    def remember(self, **values: Any) -> None:
        """Store JSON values at once; None forgets one. It holds whatever becomes of the pull."""
        ...

    def take_turn(self, whom: str, *rates: Rate) -> None:
        """Wait until a call keeps within the rates, shared by all workers. `whom` is what the broker counts by, as
        the token (only a digest of it is kept); the rates of one `whom` are always the same. Raises PullFault while
        `whom` is locked out."""
        ...

    def now(self) -> datetime: ...

    def sleep(self, seconds: float) -> None:
        """Wait; raises PullFault when the pull may not take that long."""
        ...


@runtime_checkable
class Fetcher(Protocol):
    """Stateless: one instance may pull many connections, also at the same time."""

    slug: str
    broker: str  # whose account numbers it speaks of, as in StatementParser
    label: str
    credentials: tuple[Credential, ...]
    # How far before the known end a pull begins, for what the broker adds and corrects late.
    overlap: timedelta
    # How far back the broker's history goes, None when all of it can be had.
    reach: timedelta | None

    def fetch(self, link: Link, window: Window) -> Iterator[Document]:
        """Documents that together hold what happened in the window, oldest first unless they state `since`.
        Duplicates do no harm. Each is stored before the next one is asked for.

        Coming to its end says that the broker has no more of the window. Raises PullFault, also after documents were
        given: they are kept. A pull that was interrupted calls again for what is missing then.
        """
        ...


@runtime_checkable
class Checking(Protocol):
    """A fetcher that can try the credentials at less cost than a pull."""

    def check(self, link: Link) -> str:
        """A sentence on what was found. Raises PullFault."""
        ...


@runtime_checkable
class Pricing(Protocol):
    """A fetcher whose broker tells bars of its markets, too."""

    def exchange_of(self, link: Link) -> str:
        """Whose prices they are."""
        ...

    def bars(self, link: Link, symbol: str, seconds: int, window: Window) -> Iterator[Bar]:
        """Bars of so many seconds that opened in the window, in order. Raises PullFault."""
        ...


@runtime_checkable
class Daily(Protocol):
    """A fetcher whose broker has the figures of a day ready once, at this time. Others are asked every hour."""

    ready_at: time
    ready_zone: str
