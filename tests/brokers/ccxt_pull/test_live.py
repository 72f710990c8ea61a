"""What accounts at Bybit and Binance hold now, and closing there: reduce-only, each order once, in both modes."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from journal.brokers.fetchers import get_fetcher
from journal.brokers.fetching import PullFault, Verdict
from journal.brokers.live import MAY_CLOSE, Closing, ClosingOrder, Reading, Settling
from journal.domain.fate import Fate
from journal.domain.values import Side
from tests.brokers.ccxt_pull.pulling import connect, new_clock
from tests.simulators import binance, bybit
from tests.simulators.exchange_orders import TradingBinance, TradingBybit
from tests.simulators.wire import HANG_UP, SILENCE, Response

MADE = {"bybit": TradingBybit, "binance": TradingBinance}
NUMBERS = {"bybit": str(bybit.UID), "binance": str(binance.UID)}
CREATE = {"bybit": "/v5/order/create", "binance": "/fapi/v1/order"}
POSITIONS = {"bybit": "/v5/position/list", "binance": "/fapi/v3/positionRisk"}
# One of two sides in hedge mode, as the exchange and as a ticket.
NET = {"bybit": "0", "binance": "BOTH"}
SHORT = {"bybit": "2", "binance": "SHORT"}
LONG = {"bybit": "1", "binance": "LONG"}
both = pytest.mark.parametrize("slug", MADE)


@pytest.fixture
def broker(slug):
    with MADE[slug](new_clock()) as running:
        running.book.held = {("BTCUSDT", NET[slug]): D("0.1")}
        yield running


@pytest.fixture
def link(broker, slug):
    link = connect(broker.clock, broker, slug)
    yield link
    link.close()


def read(slug, link):
    return get_fetcher(slug).read_account(link, NUMBERS[slug])


def close(slug, link, ticket="", quantity="0.1", side=Side.SELL, name="fbabc-1"):
    held = next(one for one in read(slug, link).holdings if one.ticket == ticket)
    order = ClosingOrder(held.instrument, ticket, side, D(quantity), name)
    return get_fetcher(slug).send_close(link, NUMBERS[slug], order)


def find(slug, link, name="fbabc-1"):
    return get_fetcher(slug).find_order(link, NUMBERS[slug], name)


@both
def test_it_says_what_it_can(slug):
    fetcher = get_fetcher(slug)
    assert isinstance(fetcher, Reading)
    assert isinstance(fetcher, Closing)
    assert isinstance(fetcher, Settling)
    assert MAY_CLOSE in fetcher.credentials


@both
def test_the_whole_account(slug, link):
    asked_at = link.now()
    seen = read(slug, link)
    # When it was begun to ask, and nothing later.
    assert (seen.account_id, seen.is_complete, seen.as_of) == (NUMBERS[slug], True, asked_at)
    assert (seen.equity, seen.balance, seen.margin_used) in ((5100, 5000, 610), (6100, 6000, 610))
    (held,) = seen.holdings
    assert (held.instrument.symbol, held.signed_quantity, held.ticket) == (
        "BTC/USDT:USDT",
        D("0.1"),
        "",
    )
    assert (held.instrument.multiplier, held.average_price, held.price) == (1, 60000, 61000)


@both
def test_coins_that_were_traded_are_held(slug, broker, link):
    if slug == "binance":
        broker.assets = {"USDT": "10", "SOL": "2"}
        link.remember(quotes={"SOL": "USDT"})
        seen = read(slug, link)
        coin = next(one for one in seen.holdings if one.instrument.symbol == "SOL")
        assert (coin.signed_quantity, coin.instrument.currency) == (2, "USDT")
        assert seen.equity is None
        order = ClosingOrder(coin.instrument, "", Side.SELL, D(2), "x")
        reply = get_fetcher(slug).send_close(link, NUMBERS[slug], order)
        assert (reply.fate, reply.is_final) == (Fate.REJECTED, True)


@both
def test_a_key_of_another_account_is_not_read(slug, link):
    with pytest.raises(PullFault) as caught:
        get_fetcher(slug).read_account(link, "1")
    assert caught.value.verdict is Verdict.PERSON


@both
@pytest.mark.parametrize("trouble", [SILENCE, HANG_UP, Response.html(502, "Bad Gateway"), Response.html(200, "x")])  # fmt: skip
def test_a_failed_reading_is_a_fault(slug, broker, link, trouble):
    broker.fail(POSITIONS[slug], trouble, times=99)
    with pytest.raises(PullFault) as caught:
        read(slug, link)
    assert caught.value.verdict is Verdict.LATER


@both
def test_an_order_that_only_reduces(slug, broker, link):
    assert close(slug, link).fate in (Fate.FILLED, Fate.WORKING)
    reply = find(slug, link)
    assert (reply.fate, reply.filled, reply.price) == (Fate.FILLED, D("0.1"), 61000)
    assert not any(broker.book.held.values())
    (sent,) = [one for one in broker.requests if one.method == "POST" and one.path == CREATE[slug]]
    assert b"reduceOnly" in sent.body
    assert b"fbabc-1" in sent.body


@both
def test_one_side_of_two(slug, broker, link):
    broker.book.held = {("BTCUSDT", LONG[slug]): D("0.1"), ("BTCUSDT", SHORT[slug]): D("-0.3")}
    assert {one.ticket: one.signed_quantity for one in read(slug, link).holdings} == {
        LONG[slug]: D("0.1"),
        SHORT[slug]: D("-0.3"),
    }
    close(slug, link, SHORT[slug], "0.3", Side.BUY)
    assert find(slug, link).fate is Fate.FILLED
    assert broker.book.held == {("BTCUSDT", LONG[slug]): D("0.1"), ("BTCUSDT", SHORT[slug]): 0}


@both
def test_what_would_not_reduce_is_not_sent(slug, broker, link):
    for quantity, side in (("0.1", Side.BUY), ("0.2", Side.SELL)):
        assert close(slug, link, quantity=quantity, side=side).fate is Fate.REJECTED
    assert not broker.book.orders


@both
@pytest.mark.parametrize("trouble", [SILENCE, HANG_UP, Response.html(502, "Bad Gateway"), Response.html(200, "x")])  # fmt: skip
def test_no_answer_after_the_order_was_taken_is_unknown_and_found(slug, broker, link, trouble):
    def take(request):
        if request.method != "POST":
            return None
        broker.respond(request)
        return trouble

    broker.fail(CREATE[slug], take)
    assert close(slug, link).fate is Fate.UNKNOWN
    assert find(slug, link).fate is Fate.FILLED
    assert len(broker.book.orders) == 1


@both
def test_an_order_that_did_not_come_is_not_found(slug, broker, link):
    broker.fail(CREATE[slug], SILENCE)
    assert close(slug, link).fate is Fate.UNKNOWN
    assert find(slug, link).fate is Fate.NOT_FOUND


@both
def test_a_name_that_is_known_is_looked_for(slug, broker, link):
    broker.book.held = {("BTCUSDT", NET[slug]): D("0.2")}
    close(slug, link)
    again = close(slug, link)
    assert again.fate is Fate.UNKNOWN
    assert find(slug, link).fate is Fate.FILLED
    assert broker.book.held == {("BTCUSDT", NET[slug]): D("0.1")}


@both
def test_a_key_that_may_not_trade_is_told_for_good(slug, broker, link):
    broker.may_trade = False
    reply = close(slug, link)
    assert (reply.fate, reply.is_final) == (Fate.REJECTED, True)


@both
def test_partial_fills_are_told_as_they_come(slug, broker, link):
    broker.book.in_parts = D("0.04")
    close(slug, link)
    fates = [find(slug, link) for _ in range(2)]
    assert [(one.fate, one.filled) for one in fates] == [
        (Fate.WORKING, D("0.08")),
        (Fate.FILLED, D("0.1")),
    ]


@both
def test_orders_at_work_go_and_a_stop_stays_until_the_position_is_gone(slug, broker, link):
    if slug == "bybit":
        row = {
            "symbol": "BTCUSDT",
            "side": "Sell",
            "qty": "0.1",
            "cumExecQty": "0",
            "createdTime": "1763000000000",
        }
        broker.working = [
            row | {"orderId": "1", "orderLinkId": "a", "price": "70000", "triggerPrice": "", "reduceOnly": False},
            row | {"orderId": "2", "orderLinkId": "b", "price": "0", "triggerPrice": "50000", "reduceOnly": True},
        ]  # fmt: skip
    else:
        row = {
            "symbol": "BTCUSDT",
            "side": "SELL",
            "time": 1763000000000,
            "executedQty": "0",
            "price": "70000",
        }
        broker.working = [
            row | {"orderId": 1, "clientOrderId": "a", "origQty": "0.1", "reduceOnly": False}
        ]
        broker.conditional = [
            row | {"algoId": 2, "clientAlgoId": "b", "quantity": "0.1", "triggerPrice": "50000", "reduceOnly": True}
        ]  # fmt: skip
    seen = read(slug, link)
    assert [(one.client_order_id, one.is_reduce_only) for one in seen.orders] == [
        ("a", False),
        ("b", True),
    ]
    cancel = get_fetcher(slug).cancel_orders
    btc = seen.holdings[0].instrument
    assert cancel(link, NUMBERS[slug], btc)
    assert [one.client_order_id for one in read(slug, link).orders] == ["b"]
    broker.book.held.clear()
    assert cancel(link, NUMBERS[slug], btc)
    assert read(slug, link).orders == ()
