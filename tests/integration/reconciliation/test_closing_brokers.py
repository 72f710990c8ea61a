"""Closing over HTTP at simulated brokers, with answers that do not come."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from django.test import override_settings

from journal.brokers.fetchers import get_fetcher
from journal.models import BrokerAccount
from journal.services.pulls.connections import create_connection
from reconciliation.domain.closing import Phase
from reconciliation.services.closing.beginning import begin_closing
from tests.closings import MINUTE, NOON, drive, fire, orders_sent, told
from tests.simulators import bybit, tastytrade
from tests.simulators.exchange import API_KEY, API_SECRET
from tests.simulators.exchange_orders import TradingBybit
from tests.simulators.link import Clock
from tests.simulators.tastytrade import BAD_GATEWAY, position
from tests.simulators.tastytrade_orders import NUMBER, ORDERS, TradingTastytrade, held
from tests.simulators.wire import HANG_UP

pytestmark = pytest.mark.django_db
KEYS = {"api_key": API_KEY, "api_secret": API_SECRET, "closing": "yes"}
GRANT = {
    "client_secret": tastytrade.CLIENT_SECRET, "refresh_token": tastytrade.REFRESH_TOKEN,
    "environment": "production", "closing": "yes",
}  # fmt: skip


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


@pytest.mark.parametrize("is_taken", [True, False])
def test_bybit(workspace, is_taken):
    clock = Clock(NOON)
    with TradingBybit(clock) as broker, told() as heard, override_settings(BROKER_ORIGINS={"https://api.bybit.com": broker.url}):  # fmt: skip
        broker.book.held = {("BTCUSDT", "0"): D("0.1"), ("ETHUSDT", "0"): D(-2)}
        lose_the_answer(broker, "/v5/order/create", HANG_UP, is_taken=is_taken)
        root = begin(workspace, "bybit", str(bybit.UID), KEYS, clock)
        drive(root, clock)
        assert (root.phase, root.ended_at - root.began_at < MINUTE) == (Phase.CLOSED, True)
        assert not any(broker.book.held.values())
        assert orders_sent(root) == (2 if is_taken else 3)
        assert [one["event"] for one in heard.news] == ["closing.flat"]


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
