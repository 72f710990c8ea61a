"""A connection for tests of fetchers: its clock stands still but for what waits, and its memory is a dict.

with Tastytrade(clock) as broker:
    link = MemoryLink(clock, {"refresh_token": …}, {"api.tastyworks.com": broker.url})
    documents = list(fetcher.fetch(link, window))
"""

from __future__ import annotations

import json
from collections import deque
from datetime import UTC, datetime, timedelta

import httpx

from journal.brokers.fetching import PullFault, Rate, Verdict


class Clock:
    def __init__(self, at: str | datetime) -> None:
        self._now = datetime.fromisoformat(at) if isinstance(at, str) else at
        assert self._now.tzinfo is UTC or self._now.utcoffset() == timedelta(0)

    def now(self) -> datetime:
        return self._now

    def advance(self, seconds: float = 0, **more: float) -> None:
        self._now += timedelta(seconds=seconds, **more)

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)


class Rerouted(httpx.BaseTransport):
    """Sends what is meant for a broker's host to a simulator on this machine. Any other host is a bug.

    `patience`: seconds after which a silent one is given up, however long the asker would have waited.
    """

    def __init__(self, hosts: dict[str, str], patience: float) -> None:
        self._hosts = {host: httpx.URL(url) for host, url in hosts.items()}
        self._patience = patience
        # Making a TLS context takes longer than most tests.
        self._inner = httpx.HTTPTransport(verify=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert request.url.scheme == "https", f"{request.url} is not asked over TLS"
        assert request.url.host in self._hosts, f"{request.url.host} is nobody's host"
        here = self._hosts[request.url.host]
        asked = request.extensions.get("timeout", {})
        request.extensions["timeout"] = {
            name: self._patience if seconds is None else min(seconds, self._patience)
            for name, seconds in asked.items()
        }
        request.url = request.url.copy_with(scheme=here.scheme, host=here.host, port=here.port)
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


class MemoryLink:
    """`patience`: seconds that a pull may spend waiting before it is given up."""

    def __init__(
        self,
        clock: Clock,
        credentials: dict[str, str],
        hosts: dict[str, str],
        *,
        patience: float = 3600.0,
        timeout: float = 1.0,
    ) -> None:
        self.clock = clock
        self.credentials = credentials
        self.state: dict[str, object] = {}
        self.http = httpx.Client(
            transport=Rerouted(hosts, timeout), timeout=timeout, trust_env=False
        )
        self.turns: list[str] = []
        self.pauses: list[float] = []
        self._patience = patience
        self._taken: dict[tuple[str, Rate], deque[datetime]] = {}

    def remember(self, **values: object) -> None:
        for name, value in json.loads(json.dumps(values)).items():
            if value is None:
                self.state.pop(name, None)
            else:
                self.state[name] = value

    def take_turn(self, whom: str, *rates: Rate) -> None:
        self.turns.append(whom)
        for rate in rates:
            taken = self._taken.setdefault((whom, rate), deque(maxlen=rate.calls))
            if len(taken) == rate.calls:
                wait = (taken[0] + rate.per - self.clock.now()).total_seconds()
                self.clock.advance(max(0.0, wait))
            taken.append(self.clock.now())

    def now(self) -> datetime:
        return self.clock.now()

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        if sum(self.pauses) > self._patience:
            raise PullFault("out_of_time", "The pull took too long.", Verdict.LATER)
        self.clock.advance(seconds)

    def close(self) -> None:
        self.http.close()
