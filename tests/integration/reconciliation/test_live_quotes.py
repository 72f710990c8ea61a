"""Guards of markets on brokers as they are asked: over the wire at Bybit, by its bridge at MetaTrader."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal as D
from functools import partial
from unittest import mock

import pytest
import time_machine
from django.test import override_settings
from fillbook_client.address import Address

from journal.brokers.fetchers import get_fetcher
from journal.models import BrokerAccount
from journal.services.desks.opening import open_desk
from journal.services.pulls.connections import create_connection
from reconciliation.domain.guards.changes import MarketVersion
from reconciliation.domain.guards.market import MarketLimits
from reconciliation.models import GuardSample, LogEvent, ReconciliationLog, TradingLock
from reconciliation.services import cycle
from reconciliation.services.guards.changing import create_guard
from tests.closings import NOON
from tests.integration.reconciliation.test_closing_bridge import Desk, Wire
from tests.people import alice
from tests.simulators import bybit
from tests.simulators.exchange import API_KEY, API_SECRET
from tests.simulators.exchange_orders import TradingBybit
from tests.simulators.link import Clock

pytestmark = pytest.mark.django_db
BLOCKS = MarketVersion(MarketLimits(size=D(50)), blocks=True, is_armed=True)
LOGIN = {"api_key": API_KEY, "api_secret": API_SECRET, "passphrase": ""}
BTC = "BTC/USDT:USDT"


class Watched:
    """An account that is read every minute under a guard of markets."""

    def __init__(self, account, clock) -> None:
        self.account, self.clock = account, clock
        self.guard = create_guard(alice(), account, BLOCKS, clock.now(), name="Markets")

    def read(self, times: int = 1) -> str:
        """What the guard made of the last one: the troubles of the market."""
        for _ in range(times):
            self.clock.advance(60)
            opener = partial(open_desk, clock=self.clock)
            (run,) = cycle.run_accounts(
                [self.account], source="test", clock=self.clock, opener=opener
            )
            assert run.error_code == ""
        return GuardSample.objects.filter(guard=self.guard).order_by("-at", "-pk")[0].doubt

    @property
    def locked(self) -> list[str]:
        return list(TradingLock.objects.filter(lifted_at=None).values_list("symbol", flat=True))

    @property
    def said(self) -> list[str]:
        rows = ReconciliationLog.objects.filter(
            event=LogEvent.WARNING, message__startswith="Markets"
        )
        return list(rows.order_by("pk").values_list("message", flat=True))


@pytest.fixture
def exchange():
    with TradingBybit(Clock(NOON)) as broker, override_settings(BROKER_ORIGINS={"https://api.bybit.com": broker.url}):  # fmt: skip
        broker.book.held = {("BTCUSDT", "0"): D("0.1")}
        yield broker


@pytest.fixture
def watched(workspace, exchange):
    create_connection(workspace.pk, get_fetcher("bybit"), LOGIN, user_id=None)
    account = BrokerAccount.objects.create(
        workspace=workspace, broker="bybit", broker_id=str(bybit.UID), base_currency="USD"
    )
    found = Watched(account, exchange.clock)
    # What is usual is learnt from what moves.
    for price in range(8):
        exchange.bid, exchange.ask = f"{60999 + price % 2}", f"{61001 + price % 2}"
        assert found.read() == ""
    return found


def test_a_wide_spread_at_bybit(exchange, watched):
    exchange.bid, exchange.ask = "60990", "61010"
    watched.read()
    assert watched.read() == f"{BTC}: wide_spread"
    assert (watched.locked, watched.said) == ([BTC], [f"Markets: {BTC}, its spread is wide."])
    exchange.bid, exchange.ask = "60999", "61001"
    assert watched.read(3) == ""
    assert watched.locked == []


def test_little_to_trade_at_bybit(exchange, watched):
    exchange.size = "3"
    assert watched.read(2) == f"{BTC}: thin"
    assert watched.said == [f"Markets: {BTC}, too little can be traded in it."]


def test_a_halt_at_bybit_is_known_at_once(exchange, watched):
    exchange.state = "Closed"
    assert watched.read() == f"{BTC}: halted"
    assert (watched.locked, watched.said) == ([BTC], [f"Markets: {BTC}, it is halted."])


def test_without_quotes_nothing_is_made_of_it(exchange, watched):
    for path in ("/v5/market/tickers", "/v5/market/instruments-info"):
        exchange.fail(path, bybit.error(10016, "Server error"), times=99)
    assert watched.read(3) == ""
    assert (watched.locked, watched.said) == ([], [])


@pytest.fixture
def terminal(workspace, tmp_path):
    with (
        time_machine.travel(datetime(2026, 11, 18, 15, tzinfo=UTC), tick=False) as time,
        mock.patch.object(Address, "connect", return_value=Wire()),
    ):
        made = Desk(time, workspace, tmp_path / "mt5.sqlite")
        made.go_on()
        made.hold(0.3)
        yield made
        if made.bridge is not None:
            made.bridge.close()


def test_a_price_that_stands_still_in_a_terminal_is_old(terminal):
    """The terminal goes on telling a price, and the bridge goes on looking: only the tick says how old it is."""
    watched = Watched(terminal.account, terminal)
    for pip in range(6):
        terminal.mt5.quotes["EURUSD"] = (1.1 + pip % 2 / 10_000, 1.1001 + pip % 2 / 10_000)
        terminal.mt5.tick()
        assert watched.read() == ""
    assert watched.read(3) == "EURUSD: stale_price"
    assert watched.locked == ["EURUSD"]
    assert watched.said == ["Markets: EURUSD, its price is too old."]


def test_a_wide_spread_and_a_halt_in_a_terminal(terminal):
    watched = Watched(terminal.account, terminal)
    for pip in range(6):
        terminal.mt5.quotes["EURUSD"] = (1.1 + pip % 2 / 10_000, 1.1001 + pip % 2 / 10_000)
        terminal.mt5.tick()
        assert watched.read() == ""
    terminal.mt5.quotes["EURUSD"] = (1.095, 1.105)
    for _ in range(2):
        terminal.mt5.tick()
        found = watched.read()
    assert found == "EURUSD: wide_spread"
    terminal.mt5.trade_mode = 0
    terminal.mt5.tick()
    assert watched.read() == "EURUSD: halted, wide_spread"
    assert watched.said == ["Markets: EURUSD, its spread is wide."]
