"""Exchanges without rules of their own, by ccxt's unified methods: OKX and Binance as if they were such."""

from __future__ import annotations

import subprocess
import sys

import pytest

from journal.brokers.fetching import Verdict
from tests.brokers.ccxt_pull.pulling import connect, fault, fills, new_clock, pull
from tests.simulators.binance import Binance, spot_trade
from tests.simulators.exchange import DAY_MS
from tests.simulators.okx import Okx, fill
from tests.simulators.wire import Response


@pytest.fixture
def clock():
    return new_clock()


@pytest.fixture
def broker(clock):
    with Okx(clock) as broker:
        yield broker


@pytest.fixture
def link(clock, broker):
    link = connect(clock, broker, "ccxt", exchange="okx", account="mine")
    yield link
    link.close()


def add(broker, id_, days_ago, **more):
    at = broker.now - int(days_ago * DAY_MS)
    broker.fills.append(fill(id_, at, "TON-USDT", "buy", "5", "1", **more))


def test_trades_are_pulled_and_the_account_is_as_a_person_calls_it(broker, link):
    add(broker, 1, 5)
    (document,) = pull("ccxt", link)
    assert [one.exec_id for one in fills([document])] == ["1"]
    assert document.account_id == "mine"
    assert document.complete_until


def test_a_page_that_was_cut_at_its_beginning_is_looked_behind(broker, link):
    """The exchange answers with the newest hundred, whatever beginning is asked for."""
    for n in range(450):
        add(broker, n, 3.9 - n / 1_000)
    assert len(fills(pull("ccxt", link))) == 450


def test_a_list_whose_last_row_is_gone_may_have_lost_others(broker, link):
    for n in range(3):
        add(broker, n, 3.5 - n / 10)
    calls = []

    def moves(request):
        calls.append(request)
        if len(calls) > 1:
            broker.fills[:] = [
                fill(9, broker.now - int(3.15 * DAY_MS), "TON-USDT", "buy", "5", "1")
            ]

    broker.fail("/api/v5/trade/fills-history", moves, times=99)
    assert fault("ccxt", link).code == "list_moves"


@pytest.mark.parametrize(
    ("credentials", "code"),
    [
        ({"exchange": "atlantis"}, "exchange_unknown"),
        ({"account": ""}, "credentials_missing"),
        ({"symbols": "MOON/USDT"}, "market_unknown"),
    ],
)
def test_what_a_person_has_to_enter(clock, broker, credentials, code):
    given = {"exchange": "okx", "account": "mine"} | credentials
    link = connect(clock, broker, "okx", **{k: v for k, v in given.items() if k != "exchange"})
    link.credentials["exchange"] = given["exchange"]
    found = fault("ccxt", link)
    assert (found.code, found.verdict) == (code, Verdict.PERSON)
    link.close()


def test_an_exchange_that_tells_of_one_market_at_a_time_asks_for_their_names(clock):
    with Binance(clock) as broker:
        broker.spot.append(spot_trade(1, broker.now - DAY_MS, "SOLUSDT", "buy", "150", "2"))
        link = connect(clock, broker, "ccxt", exchange="binance", account="mine")
        broker.fail("/dapi/v1/exchangeInfo", Response.of({"symbols": []}), times=99)
        broker.fail("/sapi/v1/margin", Response.of([]), times=99)
        found = fault("ccxt", link)
        assert (found.code, found.verdict) == ("symbols_needed", Verdict.PERSON)
        link.close()


def test_ccxt_is_loaded_by_pulls_only():
    """It is large; the web server lists fetchers and reads ccxt's documents without it."""
    program = (
        "import sys; from journal.brokers.fetchers import list_fetchers; from journal.brokers.registry import "
        "list_formats; list_fetchers(); list_formats(); "
        "sys.exit(any(name in sys.modules for name in ('ccxt', 'requests', 'aiohttp')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
