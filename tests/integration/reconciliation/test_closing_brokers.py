"""Closing over HTTP at simulated brokers, with answers that do not come."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal as D

import pytest
from django.db import transaction
from django.test import override_settings

from journal.brokers.fetchers import get_fetcher
from journal.models import BrokerAccount
from journal.services.pulls.connections import create_connection
from reconciliation.domain.closing import Phase
from reconciliation.services.closing.beginning import begin_closing
from tests.closings import MINUTE, NOON, Reaper, drive, fire, orders_sent, told
from tests.effort import EXHAUSTIVE
from tests.simulators import binance, bybit, okx, tastytrade
from tests.simulators.exchange import API_KEY, API_SECRET
from tests.simulators.exchange_orders import TradingBinance, TradingBybit
from tests.simulators.link import Clock
from tests.simulators.okx_orders import TradingOkx
from tests.simulators.tastytrade import BAD_GATEWAY, position
from tests.simulators.tastytrade_orders import NUMBER, ORDERS, TradingTastytrade, held
from tests.simulators.wire import HANG_UP

pytestmark = pytest.mark.django_db
KEYS = {"api_key": API_KEY, "api_secret": API_SECRET, "closing": "yes"}
OKX_KEYS = KEYS | {"passphrase": okx.PASSPHRASE}
GRANT = {
    "client_secret": tastytrade.CLIENT_SECRET, "refresh_token": tastytrade.REFRESH_TOKEN,
    "environment": "production", "closing": "yes",
}  # fmt: skip


class Undo(Exception):
    pass


def begin(workspace, slug, number, login, clock):
    create_connection(workspace.pk, get_fetcher(slug), login, user_id=None)
    account = BrokerAccount.objects.create(workspace=workspace, broker=slug, broker_id=number)
    now = clock.now()
    (root,) = begin_closing(fire(workspace, account, now), [account.pk], now=now)
    return root


def lose_the_answer(broker, path, answer, *, is_taken):
    def lose(request):
        if request.method != "POST" or request.path != path:
            return None
        if is_taken:
            broker.respond(request)
        broker._faults.clear()
        return answer

    broker.fail(path, lose, times=99)


@dataclass(frozen=True)
class Exchange:
    simulator: type[TradingBybit | TradingBinance | TradingOkx]
    number: str
    hosts: tuple[str, ...]
    create: str
    held: dict[tuple[str, str], D]

    @property
    def keys(self) -> dict[str, str]:
        return OKX_KEYS if self.simulator is TradingOkx else KEYS

    def origins(self, url: str) -> dict[str, str]:
        return {f"https://{host}": url for host in self.hosts}


EXCHANGES = {
    "bybit": Exchange(
        TradingBybit, str(bybit.UID), ("api.bybit.com",), "/v5/order/create",
        {("BTCUSDT", "0"): D("0.1"), ("ETHUSDT", "0"): D(-2)},
    ),
    "binance": Exchange(
        TradingBinance, str(binance.UID), ("api.binance.com", "fapi.binance.com"), "/fapi/v1/order",
        {("BTCUSDT", "LONG"): D("0.1"), ("BTCUSDT", "SHORT"): D("-0.3")},
    ),
    "okx": Exchange(
        TradingOkx, okx.UID, ("www.okx.com",), "/api/v5/trade/order",
        {("BTC-USDT-SWAP", "net"): D(10), ("BTC-USD-SWAP", "net"): D(-3)},
    ),
}  # fmt: skip
exchanges = pytest.mark.parametrize("slug", EXCHANGES)


@exchanges
@pytest.mark.parametrize("is_taken", [True, False])
def test_exchanges(workspace, slug, is_taken):
    clock, one = Clock(NOON), EXCHANGES[slug]
    with one.simulator(clock) as broker, told() as heard, override_settings(BROKER_ORIGINS=one.origins(broker.url)):  # fmt: skip
        broker.book.held = dict(one.held)
        lose_the_answer(broker, one.create, HANG_UP, is_taken=is_taken)
        root = begin(workspace, slug, one.number, one.keys, clock)
        drive(root, clock)
        assert (root.phase, root.ended_at - root.began_at < MINUTE) == (Phase.CLOSED, True)
        assert not any(broker.book.held.values())
        assert orders_sent(root) == (2 if is_taken else 3)
        assert [one["event"] for one in heard.news] == ["closing.flat"]


@pytest.mark.parametrize(
    ("slug", "every"),
    [("okx", 5), ("bybit", 15), ("binance", 15)]
    + [pytest.param(slug, 1, marks=EXHAUSTIVE) for slug in EXCHANGES],
)
def test_exchanges_with_the_worker_killed_at_every_step(workspace, slug, every):
    """Flat each time, within a minute, told once, and nothing is ever sold twice."""
    kills, one = 0, EXCHANGES[slug]
    while True:
        clock, reaper = Clock(NOON), Reaper(kills)
        with one.simulator(clock) as broker, told() as heard, override_settings(BROKER_ORIGINS=one.origins(broker.url)):  # fmt: skip
            (key, held), *_ = one.held.items()
            broker.book.held = {key: held}
            with suppress(Undo), transaction.atomic():
                root = begin(workspace, slug, one.number, one.keys, clock)
                with reaper.at_work():
                    drive(root, clock)
                assert (root.phase, root.ended_at - root.began_at <= MINUTE) == (Phase.CLOSED, True)
                assert broker.book.held == {key: 0}
                assert sum(order["filled"] for order in broker.book.orders.values()) == abs(held)
                assert [one["event"] for one in heard.news] == ["closing.flat"]
                raise Undo
        if not reaper.has_killed:
            break
        kills += every
    assert kills > 20


@pytest.mark.parametrize("is_taken", [True, False])
def test_tastytrade(workspace, is_taken):
    clock = Clock(NOON)
    with TradingTastytrade(clock) as broker, told() as heard, override_settings(BROKER_ORIGINS={"https://api.tastyworks.com": broker.url}):  # fmt: skip
        account = broker.account(NUMBER)
        account.positions += [position("FERN", 40), position("MOSS", -3)]
        lose_the_answer(broker, ORDERS, BAD_GATEWAY, is_taken=is_taken)
        root = begin(workspace, "tastytrade", NUMBER, GRANT, clock)
        drive(root, clock)
        assert (root.phase, root.ended_at - root.began_at < MINUTE) == (Phase.CLOSED, True)
        assert held(account) == {}
        assert len(broker.placed) == 2
        assert orders_sent(root) == (2 if is_taken else 3)
        assert [one["event"] for one in heard.news] == ["closing.flat"]


def test_a_future_at_tastytrade_is_told_at_once(workspace):
    clock = Clock(NOON)
    with TradingTastytrade(clock) as broker, told() as heard, override_settings(BROKER_ORIGINS={"https://api.tastyworks.com": broker.url}):  # fmt: skip
        row = position("/ESZ6", 1, **{"instrument-type": "Future", "multiplier": 50})
        broker.account(NUMBER).positions.append(row)
        root = begin(workspace, "tastytrade", NUMBER, GRANT, clock)
        drive(root, clock)
        assert root.phase == Phase.ESCALATED
        (news,) = heard.of("closing.escalated")
        assert "Sell 1 /ESZ26: 1 held" in news["lines"][0]
        assert not broker.placed
