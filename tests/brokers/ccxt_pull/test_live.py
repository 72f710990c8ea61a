"""What accounts at Bybit, Binance and OKX hold now, and closing there: reduce-only, each order once, in both modes."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from journal.brokers.ccxt_pull.talk import moment
from journal.brokers.fetchers import get_fetcher
from journal.brokers.fetching import PullFault, Verdict
from journal.brokers.live import MAY_CLOSE, Closing, ClosingOrder, Reading, Settling
from journal.domain.fate import Fate
from journal.domain.values import Side
from tests.brokers.ccxt_pull.pulling import connect, new_clock
from tests.simulators import binance, bybit, okx
from tests.simulators.exchange_orders import TradingBinance, TradingBybit
from tests.simulators.okx_orders import TradingOkx
from tests.simulators.wire import HANG_UP, SILENCE, Response

MADE = {"bybit": TradingBybit, "binance": TradingBinance, "okx": TradingOkx}
NUMBERS = {"bybit": str(bybit.UID), "binance": str(binance.UID), "okx": okx.UID}
CREATE = {"bybit": "/v5/order/create", "binance": "/fapi/v1/order", "okx": "/api/v5/trade/order"}
POSITIONS = {
    "bybit": "/v5/position/list", "binance": "/fapi/v3/positionRisk", "okx": "/api/v5/account/positions",
}  # fmt: skip
TICKERS = {
    "bybit": "/v5/market/tickers", "binance": "/fapi/v1/ticker/bookTicker", "okx": "/api/v5/market/ticker",
}  # fmt: skip
MARKET = {"bybit": "BTCUSDT", "binance": "BTCUSDT", "okx": "BTC-USDT-SWAP"}
# One of two sides in hedge mode, as the exchange calls it.
NET = {"bybit": "0", "binance": "BOTH", "okx": "net"}
SHORT = {"bybit": "2", "binance": "SHORT", "okx": "short"}
LONG = {"bybit": "1", "binance": "LONG", "okx": "long"}
SIZE = {"bybit": 1, "binance": 1, "okx": D("0.01")}
every = pytest.mark.parametrize("slug", MADE)


@pytest.fixture
def broker(slug):
    with MADE[slug](new_clock()) as running:
        running.book.held = {(MARKET[slug], NET[slug]): D("0.1")}
        yield running


@pytest.fixture
def link(broker, slug):
    link = connect(broker.clock, broker, slug)
    yield link
    link.close()


def read(slug, link):
    return get_fetcher(slug).read_account(link, NUMBERS[slug])


def close(slug, link, ticket="", quantity="0.1", side=Side.SELL, name="fbabcn1"):
    held = next(one for one in read(slug, link).holdings if one.ticket == ticket)
    order = ClosingOrder(held.instrument, ticket, side, D(quantity), name)
    return get_fetcher(slug).send_close(link, NUMBERS[slug], order)


def find(slug, link, name="fbabcn1"):
    return get_fetcher(slug).find_order(link, NUMBERS[slug], name)


def lose(slug, broker, trouble, *, is_taken):
    """What the exchange answers to an order, whether it took it or not."""

    def answer(request):
        if request.method != "POST" or request.path != CREATE[slug]:
            return None
        if is_taken:
            broker.respond(request)
        return trouble

    broker.fail(CREATE[slug], answer, times=99)


@every
def test_it_says_what_it_can(slug):
    fetcher = get_fetcher(slug)
    assert isinstance(fetcher, Reading)
    assert isinstance(fetcher, Closing)
    assert isinstance(fetcher, Settling)
    assert MAY_CLOSE in fetcher.credentials


@every
def test_the_whole_account(slug, link):
    asked_at = link.now()
    seen = read(slug, link)
    # When it was begun to ask, and nothing later.
    assert (seen.account_id, seen.is_complete, seen.as_of) == (NUMBERS[slug], True, asked_at)
    assert (seen.equity, seen.balance, seen.margin_used) in ((5100, 5000, 610), (6100, 6000, 610))
    assert seen.cash is not None
    (held,) = seen.holdings
    assert (held.instrument.symbol, held.signed_quantity, held.ticket) == (
        "BTC/USDT:USDT",
        D("0.1"),
        "",
    )
    stated = held.instrument.multiplier, held.average_price, held.price
    assert stated == (SIZE[slug], 60000, 61000)


@every
def test_coins_that_were_traded_are_held(slug, broker, link):
    if slug == "binance":
        broker.assets = {"USDT": "10", "SOL": "2"}
    elif slug == "okx":
        broker.coins.append({"ccy": "SOL", "cashBal": "2", "eq": "2", "eqUsd": "300", "upl": ""})
    else:
        broker.spot_coins = [{"coin": "SOL", "walletBalance": "2"}]
    link.remember(quotes={"SOL": "USDT"})
    seen = read(slug, link)
    coin = next(one for one in seen.holdings if one.instrument.symbol == "SOL")
    assert (coin.signed_quantity, coin.instrument.currency) == (2, "USDT")
    assert (coin.bid, coin.ask) == (60999, 61001)
    assert (seen.equity is None) is (slug == "binance")
    assert "SOL" not in seen.cash
    order = ClosingOrder(coin.instrument, "", Side.SELL, D(2), "x")
    reply = get_fetcher(slug).send_close(link, NUMBERS[slug], order)
    assert (reply.fate, reply.is_final) == (Fate.REJECTED, True)
    assert (
        reply.reason
        == "These are coins that are held, not a position: Fillbook does not sell them."
    )
    assert not broker.book.orders


@every
def test_a_key_of_another_account_is_not_read(slug, link):
    with pytest.raises(PullFault) as caught:
        get_fetcher(slug).read_account(link, "1")
    assert caught.value.verdict is Verdict.PERSON


@every
@pytest.mark.parametrize("trouble", [SILENCE, HANG_UP, Response.html(502, "Bad Gateway"), Response.html(200, "x")])  # fmt: skip
def test_a_failed_reading_is_a_fault(slug, broker, link, trouble):
    broker.fail(POSITIONS[slug], trouble, times=99)
    with pytest.raises(PullFault) as caught:
        read(slug, link)
    assert caught.value.verdict is Verdict.LATER


@every
def test_an_order_that_only_reduces(slug, broker, link):
    assert close(slug, link).fate in (Fate.FILLED, Fate.WORKING)
    reply = find(slug, link)
    assert (reply.fate, reply.filled, reply.price) == (Fate.FILLED, D("0.1"), 61000)
    assert not any(broker.book.held.values())
    (sent,) = [one for one in broker.requests if one.method == "POST" and one.path == CREATE[slug]]
    assert b"reduceOnly" in sent.body
    assert b"fbabcn1" in sent.body


@every
def test_one_side_of_two(slug, broker, link):
    broker.book.held = {
        (MARKET[slug], LONG[slug]): D("0.1"),
        (MARKET[slug], SHORT[slug]): D("-0.3"),
    }
    # As the book calls them, by the fills of all exchanges alike: they are held against each other by these names.
    assert {one.ticket: one.signed_quantity for one in read(slug, link).holdings} == {
        "long": D("0.1"),
        "short": D("-0.3"),
    }
    close(slug, link, "short", "0.3", Side.BUY)
    assert find(slug, link).fate is Fate.FILLED
    assert broker.book.held == {
        (MARKET[slug], LONG[slug]): D("0.1"),
        (MARKET[slug], SHORT[slug]): 0,
    }


@every
def test_what_would_not_reduce_is_not_sent(slug, broker, link):
    for quantity, side in (("0.1", Side.BUY), ("0.2", Side.SELL)):
        assert close(slug, link, quantity=quantity, side=side).fate is Fate.REJECTED
    assert not broker.book.orders


@every
@pytest.mark.parametrize("trouble", [SILENCE, HANG_UP, Response.html(502, "Bad Gateway"), Response.html(200, "x")])  # fmt: skip
def test_no_answer_after_the_order_was_taken_is_unknown_and_found(slug, broker, link, trouble):
    lose(slug, broker, trouble, is_taken=True)
    assert close(slug, link).fate is Fate.UNKNOWN
    assert find(slug, link).fate is Fate.FILLED
    assert len(broker.book.orders) == 1


@every
def test_an_order_that_did_not_come_is_not_found(slug, broker, link):
    lose(slug, broker, SILENCE, is_taken=False)
    assert close(slug, link).fate is Fate.UNKNOWN
    assert find(slug, link).fate is Fate.NOT_FOUND


@every
def test_a_name_that_is_known_is_looked_for(slug, broker, link):
    broker.book.held = {(MARKET[slug], NET[slug]): D("0.2")}
    close(slug, link)
    again = close(slug, link)
    assert again.fate is Fate.UNKNOWN
    assert find(slug, link).fate is Fate.FILLED
    assert broker.book.held == {(MARKET[slug], NET[slug]): D("0.1")}


@every
def test_a_key_that_may_not_trade_is_told_for_good(slug, broker, link):
    broker.may_trade = False
    reply = close(slug, link)
    assert (reply.fate, reply.is_final) == (Fate.REJECTED, True)


@every
def test_partial_fills_are_told_as_they_come(slug, broker, link):
    broker.book.in_parts = D("0.04")
    close(slug, link)
    fates = [find(slug, link) for _ in range(2)]
    assert [(one.fate, one.filled) for one in fates] == [
        (Fate.WORKING, D("0.08")),
        (Fate.FILLED, D("0.1")),
    ]


def with_orders_of_bybit(broker):
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


def with_orders_of_okx(broker):
    row = {
        "instType": "SWAP", "instId": "BTC-USDT-SWAP", "side": "sell", "posSide": "net", "cTime": "1763000000000",
        "sz": "0.1", "accFillSz": "0",
    }  # fmt: skip
    broker.working = [
        row | {"ordId": "1", "clOrdId": "a", "px": "70000", "reduceOnly": "false", "algoId": ""}
    ]
    broker.conditional = [
        row | {"algoId": "2", "algoClOrdId": "b", "ordType": "conditional", "slTriggerPx": "50000",
               "slOrdPx": "-1", "reduceOnly": "true", "ordId": "", "sz": "", "closeFraction": "1"}
    ]  # fmt: skip


def with_orders_of_binance(broker):
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


# An order that opens, and a stop that only reduces.
WITH_ORDERS = {"bybit": with_orders_of_bybit, "binance": with_orders_of_binance, "okx": with_orders_of_okx}  # fmt: skip


@every
def test_orders_at_work_go_and_a_stop_stays_until_the_position_is_gone(slug, broker, link):
    WITH_ORDERS[slug](broker)
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


def held_now(slug, link):
    (held,) = read(slug, link).holdings
    return held


@every
def test_bid_and_ask_with_what_can_be_traded_at_them(slug, broker, link):
    held = held_now(slug, link)
    assert (held.bid, held.ask, held.size) == (60999, 61001, D("120.5"))
    assert held.is_halted is (None if slug == "binance" else False)


@every
def test_many_markets_are_asked_for_at_once(slug, broker, link):
    names = {
        "okx": ("BTC-USDT-SWAP", "BTC-USD-SWAP", "BTC-USDT-261225"),
    }.get(slug, ("BTCUSDT", "DOGEUSDT", "SOLUSDT"))  # fmt: skip
    broker.book.held = dict.fromkeys(((name, NET[slug]) for name in names), D(1))
    seen = read(slug, link)
    assert [one.bid for one in seen.holdings] == [60999] * 3
    kinds = 2 if slug == "okx" else 1
    assert len(broker.asked(TICKERS[slug])) <= kinds + 1


@every
@pytest.mark.parametrize("trouble", [SILENCE, HANG_UP, Response.html(502, "Bad Gateway"), Response.html(200, "x"), Response.of([1]), Response.of({"code": "0", "data": [{}], "result": 7})])  # fmt: skip
def test_without_quotes_the_account_is_told_all_the_same(slug, broker, link, trouble):
    broker.fail(TICKERS[slug], trouble, times=99)
    held = held_now(slug, link)
    assert (held.bid, held.ask, held.size, held.price) == (None, None, None, 61000)
    # Once: a close is not held up by what it does not need.
    assert len(broker.asked(TICKERS[slug])) == 1


@every
def test_a_side_that_nobody_quotes_is_unknown(slug, broker, link):
    broker.bid = "0"
    held = held_now(slug, link)
    assert (held.bid, held.ask) == (None, 61001)


@pytest.mark.parametrize("slug", ["bybit", "okx"])
def test_a_market_that_is_halted(slug, broker, link):
    broker.state = "suspend" if slug == "okx" else "Closed"
    assert held_now(slug, link).is_halted is True


@pytest.mark.parametrize("slug", ["binance", "okx"])
def test_the_time_of_a_quote_is_its_own(slug, broker, link):
    broker.quoted_at = broker.now - 3_600_000
    assert held_now(slug, link).price_at == moment(broker.quoted_at)


def test_an_order_that_reaches_okx_too_late_is_not_taken():
    with TradingOkx(new_clock()) as broker:
        broker.book.held = {("BTC-USDT-SWAP", "net"): D("0.1")}
        link = connect(broker.clock, broker, "okx")

        def be_late(request):
            if request.method == "POST":
                broker.skew += 11_000

        broker.fail(CREATE["okx"], be_late, times=99)
        assert close("okx", link).fate is Fate.NEVER
        assert find("okx", link).fate is Fate.NOT_FOUND
        assert not broker.book.orders
        link.close()


def test_what_okx_has_no_closing_order_for():
    """Options are a person's; of margin nobody knows what is borrowed, so the account is not known whole."""
    with TradingOkx(new_clock()) as broker:
        broker.options = [
            okx._market("BTC-USD-261225-100000-C", "OPTION", ctVal="1", ctMult="0.01")
        ]
        broker.book.held = {("BTC-USD-261225-100000-C", "net"): D(3)}
        link = connect(broker.clock, broker, "okx")
        reply = close("okx", link, quantity="3")
        assert (reply.fate, reply.is_final) == (Fate.REJECTED, True)
        assert reply.reason == "OKX has no orders for options that can only close."
        # One contract is a hundredth of a coin.
        (held,) = read("okx", link).holdings
        assert (held.signed_quantity, held.instrument.multiplier) == (3, D("0.01"))
        broker.positions = [
            {"instType": "MARGIN", "instId": "BTC-USDT", "posSide": "net", "pos": "1", "mgnMode": "isolated"}
        ]  # fmt: skip
        assert read("okx", link).lacking == ("margin position BTC-USDT",)
        assert not broker.book.orders
        link.close()
