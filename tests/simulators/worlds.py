"""What the tests that run over all fetchers need of each: a broker in which something happened, and logins to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from journal.services.pulls.http import BrokerClient
from tests.simulators import binance, bybit, exchange, ibkr_flex, okx, paper, tastytrade
from tests.simulators.link import Clock, MemoryLink
from tests.simulators.wire import Simulator


@dataclass(frozen=True)
class World:
    """`hosts` are the broker's, which lead to the simulator. `revoked` is a login that worked once."""

    simulator: Simulator | paper.PaperTrouble
    clock: Clock
    hosts: tuple[str, ...]
    credentials: dict[str, str]
    revoked: dict[str, str]

    @property
    def origins(self) -> dict[str, str]:
        """For BROKER_ORIGINS."""
        if isinstance(self.simulator, paper.PaperTrouble):
            return {}
        return {f"https://{host}": self.simulator.url for host in self.hosts}

    def link(self, credentials: dict[str, str] | None = None) -> MemoryLink:
        """With the very client that workers have."""
        link = MemoryLink(self.clock, credentials or self.credentials, {})
        link.http.close()
        link.http = BrokerClient(origins=self.origins, size_max=50_000_000, user_agent="Test/1")
        return link


@contextmanager
def _ibkr_flex() -> Iterator[World]:
    clock = Clock(ibkr_flex.NOW)
    with ibkr_flex.IbkrFlex(clock) as broker:
        broker.fill()
        revoked = {**ibkr_flex.CREDENTIALS, "token": ibkr_flex.TOKEN[::-1]}
        yield World(broker, clock, ibkr_flex.HOSTS, ibkr_flex.CREDENTIALS, revoked)


@contextmanager
def _tastytrade() -> Iterator[World]:
    clock = Clock("2026-11-18T15:02:11+00:00")
    with tastytrade.Tastytrade(clock) as broker:
        account = broker.account("5WX00001")
        account.transactions.append(
            tastytrade.trade(1, "2026-11-10T15:30:00.000+00:00", "Buy to Open", 10, "20.0")
        )
        login = {
            "client_secret": tastytrade.CLIENT_SECRET,
            "refresh_token": tastytrade.REFRESH_TOKEN,
            "environment": "production",
        }
        revoked = {**login, "refresh_token": tastytrade.REFRESH_TOKEN[::-1]}
        hosts = ("api.tastyworks.com", "api.cert.tastyworks.com")
        yield World(broker, clock, hosts, login, revoked)


_REVOKED = {"api_key": exchange.API_KEY[::-1]}
_KEYS = {"api_key": exchange.API_KEY, "api_secret": exchange.API_SECRET}


@contextmanager
def _bybit() -> Iterator[World]:
    clock = Clock("2026-11-18T15:02:11+00:00")
    with bybit.Bybit(clock) as broker:
        at = broker.now - exchange.DAY_MS
        broker.executions.append(bybit.execution(at, "BTCUSDT", "Buy", "60000", "0.1"))
        yield World(broker, clock, ("api.bybit.com",), _KEYS, _KEYS | _REVOKED)


@contextmanager
def _binance() -> Iterator[World]:
    clock = Clock("2026-11-18T15:02:11+00:00")
    with binance.Binance(clock) as broker:
        at = broker.now - exchange.DAY_MS
        broker.spot.append(binance.spot_trade(1, at, "SOLUSDT", "buy", "150", "2"))
        hosts = ("api.binance.com", "fapi.binance.com")
        yield World(broker, clock, hosts, _KEYS, _KEYS | _REVOKED)


@contextmanager
def _okx() -> Iterator[World]:
    clock = Clock("2026-11-18T15:02:11+00:00")
    with okx.Okx(clock) as broker:
        at = broker.now - exchange.DAY_MS
        broker.fills.append(okx.fill(1, at, "TON-USDT", "buy", "5", "10"))
        keys = _KEYS | {"passphrase": okx.PASSPHRASE}
        yield World(broker, clock, ("www.okx.com",), keys, keys | _REVOKED)


@contextmanager
def _ccxt() -> Iterator[World]:
    """Any other exchange by ccxt's unified methods alone: OKX once more, as if it were one."""
    with _okx() as world:
        named = {"exchange": "okx", "account": "mine"}
        yield replace(world, credentials=world.credentials | named, revoked=world.revoked | named)


@contextmanager
def _paper() -> Iterator[World]:
    """The broker is inside; its ledgers are the test's own."""
    clock = Clock("2026-11-18T15:02:11+00:00")
    with paper.paper_broker(clock) as trouble:
        revoked = paper.TERMS | {"money": "nothing"}
        yield World(trouble, clock, (), paper.TERMS, revoked)


# By the slug of the fetcher.
WORLDS: dict[str, Callable[[], Iterator[World]]] = {
    "ibkr_flex": _ibkr_flex,
    "tastytrade": _tastytrade,
    "bybit": _bybit,
    "binance": _binance,
    "okx": _okx,
    "ccxt": _ccxt,
    "paper": _paper,
}
