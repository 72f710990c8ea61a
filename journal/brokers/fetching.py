"""What a pull is: a broker's API is asked until there are documents that a reader understands.

A fetcher knows one protocol and nothing of the book. What it downloads is handed on as bytes under the slug of the
reader that understands them, and enters the book as any other file does. So nothing is lost between download and book,
and a download can be read again later.

What a fetcher raises is a `PullFault`. Anything else is a bug.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, Protocol, runtime_checkable

import httpx


class Credential(NamedTuple):
    """What a person enters to connect. All of it is stored encrypted; a secret one is never shown again."""

    name: str
    label: str
    help: str = ""
    is_secret: bool = True
    is_required: bool = True
    choices: tuple[tuple[str, str], ...] = ()


class Window(NamedTuple):
    """From `since` up to and without `until`, aware UTC."""

    since: datetime
    until: datetime


class Document(NamedTuple):
    """What was downloaded. `format` is the slug of its reader; `account_id` whose it is, "" where it says so itself.

    `complete_until`: the broker will add nothing before this moment; None where nothing can be said.
    """

    name: str
    format: str
    content: bytes
    account_id: str = ""
    complete_until: datetime | None = None


class Verdict(StrEnum):
    """What is to be done about a pull that failed."""

    LATER = "later"  # by itself: the broker is busy, the network is down
    PERSON = "person"  # not before somebody has changed something: a revoked token, a wrong query
    BLOCKED = "blocked"  # not before `until`, on no account


class PullFault(Exception):
    """`code` is stable, the message says what happened and what to do, and holds no secret.

    `wait` is how long the broker asks to be left alone (LATER), `until` the end of a lockout (BLOCKED).
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
        """Wait until a call keeps within the rates, shared by all workers. `whom` is what the broker counts by."""
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
        """Documents that together hold what happened in the window, oldest first. Duplicates do no harm.

        Raises PullFault, also after documents were given: they are kept.
        """
        ...
