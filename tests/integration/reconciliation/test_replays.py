"""From simulated brokers to the board, over HTTP and twice: pulled, booked, held against what the broker holds. The
second time brings no row and no difference."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal as D
from functools import partial

import pytest
from django.test import override_settings

from journal.domain.values import Side
from journal.models import (
    BrokerAccount,
    CashBalanceReport,
    CashReport,
    Execution,
    ExecutionReport,
    LotMatch,
    NavReport,
    OpenLot,
    Order,
    PullState,
    Trade,
)
from journal.services.desks.opening import open_desk
from journal.services.paper import trading
from journal.services.verification import verify_account
from reconciliation.domain.classes import DivergenceClass as Kind
from reconciliation.models import Divergence, ReconciliationRun, RunOutcome, SnapshotPosition
from reconciliation.services import cycle
from tests.pulling import at_its_time, connect, pull
from tests.simulators import tastytrade
from tests.simulators.bybit import execution
from tests.simulators.exchange import API_KEY, API_SECRET, DAY_MS
from tests.simulators.exchange_orders import TradingBybit
from tests.simulators.link import Clock
from tests.simulators.tastytrade import position, snapshot, trade
from tests.simulators.tastytrade_orders import NUMBER, TradingTastytrade

pytestmark = pytest.mark.django_db
NOON = "2026-11-18T15:00:00+00:00"
BOOK = (
    ExecutionReport, Execution, OpenLot, LotMatch, Trade, CashReport, CashBalanceReport, NavReport, Order, Divergence
)  # fmt: skip


class World:
    """A simulated broker and the connection to it. `add`: somebody trades there; `hide`: the broker says it holds less
    than the book knows of."""

    def __init__(self, workspace, broker, connection, add, hide) -> None:
        self.workspace, self.broker, self.connection = workspace, broker, connection
        self.add, self.hide = add, hide

    def pull(self) -> None:
        done = pull(self.connection, self.broker)
        assert (done.state, done.error_message) == (PullState.DONE, "")

    def run(self) -> ReconciliationRun:
        self.broker.clock.advance(minutes=1)
        with at_its_time(self.broker):
            (done,) = cycle.run_accounts(
                [BrokerAccount.objects.get()],
                source="test",
                clock=self.broker.clock,
                opener=partial(open_desk, clock=self.broker.clock),
            )
        assert done.outcome in (RunOutcome.COMPARED, RunOutcome.PARTIAL), done.error_message
        assert {"positions", "fills"} <= set(done.compared), done.skipped
        return done


class PaperBroker:
    """It lives in this installation: of a simulator it has the clock."""

    def __init__(self) -> None:
        self.clock = Clock(NOON)


@contextmanager
def paper(workspace) -> Iterator[World]:
    broker = PaperBroker()
    terms = {"account": "PAPER-1", "money": "20000", "seed": "5"}
    connection = connect(workspace, broker, "paper", credentials=terms)
    names = iter("abcdefgh")

    def order(symbol, signed):
        side = Side.BUY if signed > 0 else Side.SELL
        wish = trading.Wish(next(names), symbol, side, D(abs(signed)))
        connection.refresh_from_db()
        with at_its_time(broker):
            assert trading.place_order(connection, wish, clock=broker.clock) is not None
        broker.clock.advance(minutes=2)

    order("ACME", 10), order("BETA", -4), order("ACME", -3)
    yield World(workspace, broker, connection, lambda: order("ACME", 2), lambda: order("ACME", -1))


@contextmanager
def tasty(workspace) -> Iterator[World]:
    login = {
        "client_secret": tastytrade.CLIENT_SECRET, "refresh_token": tastytrade.REFRESH_TOKEN,
        "environment": "production",
    }  # fmt: skip
    with (
        TradingTastytrade(Clock(NOON)) as broker,
        override_settings(BROKER_ORIGINS={"https://api.tastyworks.com": broker.url}),
    ):
        account = broker.account(NUMBER, opened_at="2026-08-20T14:00:00.000+00:00")
        account.transactions += [
            trade(1, "2026-09-24T15:00:00.000+00:00", "Buy to Open", 100, "20.00"),
            trade(2, "2026-11-17T15:00:00.000+00:00", "Sell to Close", 40, "22.00"),
        ]
        account.snapshots.append(snapshot("2026-11-17", "5000.0", "6260.0"))
        account.positions.append(position("FERN", 60))
        connection = connect(workspace, broker, "tastytrade", credentials=login)

        def add():
            at = broker.clock.now()
            account.transactions.append(trade(3, f"{at:%Y-%m-%dT%H:%M:%S}.000+00:00", "Buy to Open", 5, "21.00"))  # fmt: skip
            account.positions[0] = position("FERN", 65)
            broker.cash = "4894.90"
            broker.clock.advance(minutes=2)

        def hide():
            account.positions[0] = position("FERN", 50)

        yield World(workspace, broker, connection, add, hide)


@contextmanager
def exchange(workspace) -> Iterator[World]:
    with (
        TradingBybit(Clock(NOON)) as broker,
        override_settings(BROKER_ORIGINS={"https://api.bybit.com": broker.url}),
    ):
        held = broker.book.held

        def make(days_ago, symbol, side, price, size, **more):
            at = int(broker.now - days_ago * DAY_MS)
            broker.executions.append(execution(at, symbol, side, price, size, **more))
            key = symbol, "0"
            held[key] = held.get(key, D(0)) + D(size) * (1 if side == "Buy" else -1)

        make(20, "BTCUSDT", "Buy", "60000", "0.1", execFee="3.3")
        make(10, "BTCUSDT", "Sell", "62000", "0.04", execFee="3.41", closedSize="0.04")
        make(1, "ETHUSDT", "Sell", "60000", "2", execFee="0.5")
        keys = {"api_key": API_KEY, "api_secret": API_SECRET}
        connection = connect(workspace, broker, "bybit", credentials=keys)

        def add():
            make(0, "ETHUSDT", "Buy", "59000", "0.5", execFee="0.1", closedSize="0.5")
            broker.clock.advance(minutes=2)

        def hide():
            held["BTCUSDT", "0"] = D("0.02")

        yield World(workspace, broker, connection, add, hide)


@pytest.fixture(params=[paper, tasty, exchange])
def world(request, workspace):
    with request.param(workspace) as made:
        yield made
        assert verify_account(BrokerAccount.objects.get()) == []


def told():
    return [
        (one.kind, one.key, one.state, one.expected, one.actual) for one in Divergence.objects.all()
    ]


def rows():
    return {model.__name__: sorted(model.objects.values_list("pk", flat=True)) for model in BOOK}


def test_twice_the_same_brings_nothing(world):
    world.pull()
    world.run(), world.run()
    before, lines = rows(), SnapshotPosition.objects.count()
    assert told() == []
    assert before["Execution"]
    assert lines
    world.pull()
    done = [world.run(), world.run()]
    assert rows() == before
    assert [(one.found, one.opened, one.cleared) for one in done] == [(0, 0, 0)] * 2
    assert SnapshotPosition.objects.count() == 2 * lines


def test_what_was_traded_meanwhile_is_told_until_it_is_pulled(world):
    world.pull()
    world.run()
    world.add()
    world.run(), world.run()
    ((kind, _, state, *_),) = told()
    assert (kind, state) == (Kind.QUANTITY, "open")
    world.pull()
    world.run(), world.run()
    ((kind, _, state, *_),) = told()
    assert (kind, state) == (Kind.QUANTITY, "resolved")
    before = rows()
    world.pull()
    assert [world.run().found, world.run().found] == [0, 0], told()
    assert rows() == before


def test_what_differs_is_one_difference_however_often_it_is_read(world):
    world.pull()
    world.hide()
    world.run(), world.run()
    before = rows()
    assert [one[0] for one in told()] == [Kind.QUANTITY]
    if not isinstance(world.broker, PaperBroker):
        # Of the paper account that would bring the fill.
        world.pull()
    world.run(), world.run()
    assert rows() == before
