"""One connection while it is pulled: what a fetcher has of the world (`journal.brokers.fetching.Link`)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from types import MappingProxyType, TracebackType
from typing import Any

from django.conf import settings

from journal.brokers.fetching import PullFault, Rate, Verdict
from journal.models import Pull
from journal.services.locks import HeldConnection
from journal.services.pulls.clock import Clock
from journal.services.pulls.credentials import scrub
from journal.services.pulls.http import BrokerClient
from journal.services.pulls.turns import check_unlocked, lock_out, reserve_turn
from journal.services.pulls.unchanged import PullInterrupted, is_unchanged, remember

# How long a worker waits for a broker that prepares something, before it does other work; and how long it works on
# one pull at all. The pull goes on later where it stopped.
PATIENCE = timedelta(minutes=2)
RUN = timedelta(minutes=30)
GOES_ON_AFTER = timedelta(minutes=1)
USER_AGENT = "Fillbook/0.1"


class Postponed(PullFault):
    """Nothing is wrong: the pull goes on in a while, where it stopped."""

    def __init__(self) -> None:
        super().__init__(
            "still_waiting", "The broker is still at work.", Verdict.LATER, wait=GOES_ON_AFTER
        )


class StoredLink:
    """`close` it when the pull is over."""

    def __init__(
        self,
        pull: Pull,
        credentials: Mapping[str, str],
        *,
        clock: Clock,
        held: HeldConnection,
    ) -> None:
        self._pull = pull
        self._connection = pull.connection
        self._credentials = MappingProxyType(dict(credentials))
        self._clock = clock
        self._held = held
        self._begun = clock.now()
        self._waited = timedelta()
        # Whom the broker counted the latest call for.
        self._whom = ""

    @property
    def credentials(self) -> Mapping[str, str]:
        return self._credentials

    @property
    def state(self) -> Mapping[str, Any]:
        return MappingProxyType(self._connection.state)

    @cached_property
    def http(self) -> BrokerClient:
        return BrokerClient(
            origins=settings.BROKER_ORIGINS,
            size_max=settings.STATEMENT_SIZE_MAX_BYTES,
            user_agent=USER_AGENT,
        )

    def remember(self, **values: Any) -> None:
        self._check_held()
        if not remember(self._connection, values):
            raise PullInterrupted("The connection was changed.")

    def take_turn(self, whom: str, *rates: Rate) -> None:
        self._check_held()
        at = reserve_turn(whom, rates, now=self.now())
        self._wait(at - self.now())
        # Another worker may have been locked out while this one waited.
        check_unlocked(whom, now=self.now())
        self._whom = whom

    def now(self) -> datetime:
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        self._check_held()
        time = timedelta(seconds=seconds)
        self._waited += time
        if self._waited > PATIENCE:
            raise Postponed
        self._wait(time)

    def note(self, words: str) -> None:
        """What a person who watches is told."""
        Pull.objects.filter(pk=self._pull.pk).update(note=words[:255])

    def _wait(self, time: timedelta) -> None:
        if self.now() + time > self._begun + RUN:
            raise Postponed
        # A microsecond too early is too early.
        seconds = math.ceil(max(0.0, time.total_seconds()) * 1000) / 1000
        if seconds:
            self._clock.sleep(seconds)

    def _check_held(self) -> None:
        if not self._held.is_held():
            raise PullInterrupted("The lock on the connection is lost.")
        if not is_unchanged(self._connection):
            raise PullInterrupted("The connection was changed.")

    def __enter__(self) -> StoredLink:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if isinstance(error, PullFault) and error.verdict is Verdict.BLOCKED and self._whom:
            # It is not this connection's alone: another one of the same token must not go on asking.
            error.message = scrub(error.message, self._credentials.values())
            lock_out(self._whom, error)
        if "http" in self.__dict__:
            self.http.close()
