"""One pull of a crypto exchange that is on this machine, and what its reader makes of the documents."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import timedelta

import pytest

from journal.brokers.base import ExecutionRow, ParseOptions, Record
from journal.brokers.fetchers import get_fetcher
from journal.brokers.fetching import Document, PullFault, Window
from journal.brokers.registry import get_parser
from tests.brokers.reading import of
from tests.simulators.exchange import API_KEY, API_SECRET
from tests.simulators.link import Clock, MemoryLink
from tests.simulators.okx import PASSPHRASE
from tests.simulators.wire import Simulator

# A Wednesday.
NOW = "2026-11-18T15:00:00+00:00"
HOSTS = {
    "bybit": ("api.bybit.com",),
    "binance": ("api.binance.com", "fapi.binance.com", "dapi.binance.com"),
    "okx": ("www.okx.com",),
}


def new_clock() -> Clock:
    return Clock(NOW)


def connect(clock: Clock, broker: Simulator, slug: str, **credentials: str) -> MemoryLink:
    given = {"api_key": API_KEY, "api_secret": API_SECRET, "passphrase": PASSPHRASE, **credentials}
    hosts = HOSTS[credentials.get("exchange", slug)]
    return MemoryLink(clock, given, dict.fromkeys(hosts, broker.url), timeout=0.3)


def pull(slug: str, link: MemoryLink, **back: float) -> list[Document]:
    now = link.now()
    window = Window(now - timedelta(**(back or {"days": 10})), now + timedelta(days=1))
    return list(get_fetcher(slug).fetch(link, window))


def fault(slug: str, link: MemoryLink, **back: float) -> PullFault:
    with pytest.raises(PullFault) as caught:
        pull(slug, link, **back)
    return caught.value


def read(documents: Iterable[Document]) -> list[Record]:
    records: list[Record] = []
    for one in documents:
        if one.content:
            parser = get_parser(one.format)
            assert parser.recognises(one.content[: 64 * 1024], one.name)
            records += parser.parse(io.BytesIO(one.content), ParseOptions())
    return records


def fills(documents: Iterable[Document]) -> list[ExecutionRow]:
    return of(ExecutionRow, read(documents))
