"""One connection while it is open: what a fetcher has of the world where somebody waits for the answer.

Unlike a pull's link it needs no row of its own and no lock: reading an account does no harm while it is pulled, and a
close must not wait until a history of years is in. Turns are shared with pulls, so the broker counts all of it as one;
but a desk may go a little faster than they may, so that a long pull does not hold up a close.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any

from django.conf import settings

from journal.brokers.fetching import PullFault, Rate, Verdict
from journal.models import Connection
from journal.services.pulls.clock import Clock
from journal.services.pulls.http import BrokerClient
from journal.services.pulls.link import USER_AGENT
from journal.services.pulls.turns import check_unlocked, reserve_turn
from journal.services.pulls.unchanged import remember

# By how much more than a pull. Their own rates leave at least so much of what the broker allows.
_HEADROOM = (5, 4)


class DeskLink:
    """`seconds` is how long one call may take, from `begin` on. `close` it in the end."""

    def __init__(
        self,
        connection: Connection,
        credentials: Mapping[str, str],
        *,
        seconds: float,
        clock: Clock,
    ) -> None:
        self._connection = connection
        self._credentials = MappingProxyType(dict(credentials))
        self._seconds = seconds
        self._clock = clock
        # Whom the broker counted the latest call for.
        self.whom = ""
        self.begin()

    def begin(self) -> None:
        """Another call: its time begins now."""
        self._begun = time.monotonic()
        self._slept = 0.0

    def left(self) -> float:
        return self._seconds - self._slept - (time.monotonic() - self._begun)

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
            seconds_left=self.left,
        )

    def remember(self, **values: Any) -> None:
        if not remember(self._connection, values):
            raise changed()

    def take_turn(self, whom: str, *rates: Rate) -> None:
        more, than = _HEADROOM
        faster = [Rate(max(rate.calls + 1, rate.calls * more // than), rate.per) for rate in rates]
        now = self.now()
        at = reserve_turn(whom, faster, now=now)
        self.sleep((at - now).total_seconds())
        check_unlocked(whom, now=self.now())
        self.whom = whom

    def now(self) -> datetime:
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            return
        if seconds >= self.left():
            raise too_slow(self._seconds)
        # A microsecond too early is too early.
        seconds = math.ceil(seconds * 1000) / 1000
        begun = time.monotonic()
        self._clock.sleep(seconds)
        # Time that passed on another clock than this machine's.
        self._slept += max(0.0, seconds - (time.monotonic() - begun))

    def close(self) -> None:
        if "http" in self.__dict__:
            self.http.close()


def too_slow(seconds: float) -> PullFault:
    return PullFault(
        "desk_too_slow", f"The broker gave no answer within {seconds:g} seconds.", Verdict.LATER
    )


def changed() -> PullFault:
    return PullFault(
        "connection_changed", "The connection was changed or taken away.", Verdict.LATER
    )
