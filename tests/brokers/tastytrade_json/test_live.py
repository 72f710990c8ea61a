"""What a tastytrade account holds now, and closing there: nothing but what closes, each order once."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal as D

import httpx
import pytest

from journal.brokers.fetching import PullFault, Verdict
from journal.brokers.live import Closing, ClosingOrder, Reading, Settling
from journal.brokers.tastytrade_json.fetcher import Tastytrade
from journal.domain.fate import Fate
from journal.domain.values import AssetClass, Side
from tests.simulators import tastytrade
from tests.simulators.link import Clock, MemoryLink
from tests.simulators.tastytrade import BAD_GATEWAY, SLOW_DOWN, order, position
from tests.simulators.tastytrade_orders import NUMBER, ORDERS, TradingTastytrade, held
from tests.simulators.wire import HANG_UP, SILENCE, Response

NOW = datetime(2026, 11, 18, 15, 2, 11, tzinfo=UTC)
CALL = {
    "instrument-type": "Equity Option", "underlying-symbol": "FERN", "multiplier": 100,
    "average-open-price": "1.25", "mark-price": "2.00", "mark": "600.0",
}  # fmt: skip
OPTION = "FERN  261218C00022000"
broken_posts = pytest.mark.parametrize(
    "trouble", [SILENCE, HANG_UP, BAD_GATEWAY, Response(200, b""), Response.html(200, "Sorry")]
)


@pytest.fixture
def broker():
    with TradingTastytrade(Clock(NOW)) as running:
        account = running.account(NUMBER)
        account.positions += [
            position("FERN", 40, **{"mark-price": "21.6", "mark": "864.0"}),
            position(OPTION, -3, **CALL),
        ]
        yield running


@pytest.fixture
def account(broker):
    return broker.accounts[NUMBER]


@pytest.fixture
def link(broker):
    login = {
        "client_secret": tastytrade.CLIENT_SECRET, "refresh_token": tastytrade.REFRESH_TOKEN,
        "environment": "production",
    }  # fmt: skip
    link = MemoryLink(broker.clock, login, {"api.tastyworks.com": broker.url}, timeout=0.3)
    yield link
    link.close()


def read(link):
    return Tastytrade().read_account(link, NUMBER)


def close(link, symbol="FERN", quantity=40, side=Side.SELL, client_id="fbabc-1"):
    found = {one.instrument.symbol: one.instrument for one in read(link).holdings}
    wanted = ClosingOrder(found[symbol], "", side, D(quantity), client_id)
    return Tastytrade().send_close(link, NUMBER, wanted)


def test_it_reads_closes_and_settles():
    assert isinstance(Tastytrade(), Reading)
    assert isinstance(Tastytrade(), Closing)
    assert isinstance(Tastytrade(), Settling)


def test_the_whole_account(broker, link):
    broker.placed.append(
        order(1, "2026-11-18T14:00:00+00:00", status="Live", **{"external-identifier": "mine", "legs": [
            {"symbol": "FERN", "instrument-type": "Equity", "action": "Sell to Close", "quantity": 10,
             "remaining-quantity": 6}]})
    )  # fmt: skip
    broker.placed.append(order(2, "2026-11-18T14:00:00+00:00", status="Filled"))
    seen = read(link)
    assert (seen.account_id, seen.as_of, seen.currency, seen.lacking) == (NUMBER, NOW, "USD", ())
    assert (seen.equity, seen.balance, seen.margin_used) == (7100, 5000, 1050)
    assert seen.cash == {"USD": 5000}
    share, option = seen.holdings
    assert (share.instrument.symbol, share.signed_quantity, share.average_price) == ("FERN", 40, 20)
    assert (share.price, share.price_at, share.open_pnl) == (D("21.6"), NOW, 64)
    assert (option.instrument.asset_class, option.signed_quantity) == (AssetClass.OPTION, -3)
    assert (option.price, option.open_pnl) == (2, -225)
    (working,) = seen.orders
    assert (working.order_id, working.client_order_id, working.side) == ("1", "mine", Side.SELL)
    assert (working.quantity, working.filled_quantity, working.is_reduce_only) == (10, 4, False)


@pytest.mark.parametrize(("path", "part"), [("/orders/live", "orders"), ("/balances", "balances")])
def test_what_does_not_come_is_lacking(broker, link, path, part):
    broker.fail(f"/accounts/{NUMBER}{path}", BAD_GATEWAY, times=99)
    seen = read(link)
    assert (seen.lacking, seen.is_complete, len(seen.holdings)) == ((part,), False, 2)


@pytest.mark.parametrize("trouble", [SILENCE, BAD_GATEWAY, Response.html(200, "Sorry")])
def test_without_positions_nothing_is_told(broker, link, trouble):
    broker.fail(f"/accounts/{NUMBER}/positions", trouble, times=99)
    with pytest.raises(PullFault) as caught:
        read(link)
    assert caught.value.verdict is Verdict.LATER


def test_a_position_that_is_not_understood_is_not_left_out(account, link):
    account.positions[0]["quantity-direction"] = "Sideways"
    with pytest.raises(PullFault):
        read(link)


@pytest.mark.parametrize(
    ("symbol", "quantity", "side"), [("FERN", 40, Side.SELL), (OPTION, 3, Side.BUY)]
)
def test_an_order_that_only_closes(broker, link, symbol, quantity, side):
    reply = close(link, symbol, quantity, side)
    assert (reply.fate, reply.filled, reply.price) == (Fate.FILLED, quantity, D("21.5"))
    assert symbol not in held(broker.accounts[NUMBER])
    (placed,) = broker.placed
    assert placed["external-identifier"] == "fbabc-1"
    assert placed["legs"][0]["action"] == f"{side.value.title()} to Close"
    assert placed["legs"][0]["instrument-type"] in ("Equity", "Equity Option")
    assert placed["advanced-instructions"] == {"strict-position-effect-validation": True}
    assert "ext-client-order-id" not in placed
    assert Tastytrade().find_order(link, NUMBER, "fbabc-1") == reply


def test_nothing_that_would_not_close_is_sent(broker, link):
    for quantity, side in ((40, Side.BUY), (41, Side.SELL)):
        assert close(link, quantity=quantity, side=side).fate is Fate.REJECTED
    broker.accounts[NUMBER].positions = [position("MOSS", 1)]
    with pytest.raises(KeyError):
        close(link)
    assert not [one for one in broker.requests if one.method == "POST" and "orders" in one.path]


def test_a_future_is_a_persons(broker, account, link):
    account.positions = [position("/ESZ6", 1, **{"instrument-type": "Future", "multiplier": 50})]
    (holding,) = read(link).holdings
    reply = Tastytrade().send_close(
        link, NUMBER, ClosingOrder(holding.instrument, "", Side.SELL, D(1), "x")
    )
    assert (reply.fate, reply.is_final) == (Fate.REJECTED, True)
    assert not broker.placed


@broken_posts
def test_no_answer_after_the_order_was_taken_is_unknown_and_found(broker, account, link, trouble):
    def take(request):
        if request.method == "POST":
            broker.respond(request)
            return trouble
        return None

    broker.fail(ORDERS, take, times=2, after=2)
    reply = close(link)
    assert reply.fate is Fate.UNKNOWN
    assert len(broker.placed) == 1
    assert Tastytrade().find_order(link, NUMBER, "fbabc-1").fate is Fate.FILLED
    assert held(account) == {OPTION: -3}


@broken_posts
def test_no_answer_to_the_dry_run_means_that_nothing_was_sent(broker, link, trouble):
    broker.fail(f"{ORDERS}/dry-run", trouble)
    assert close(link).fate is Fate.NEVER
    assert not broker.placed
    assert Tastytrade().find_order(link, NUMBER, "fbabc-1").fate is Fate.NOT_FOUND


def test_a_broker_that_is_not_there_has_taken_nothing(broker, link):
    found = {one.instrument.symbol: one.instrument for one in read(link).holdings}
    wanted = ClosingOrder(found["FERN"], "", Side.SELL, D(40), "x")

    def gone(request: httpx.Request) -> httpx.Response:
        if request.url.path == ORDERS:
            raise httpx.ConnectError("refused")
        return broker_answers(request)

    inner = link.http._transport
    broker_answers = inner.handle_request
    link.http._transport = httpx.MockTransport(gone)
    assert Tastytrade().send_close(link, NUMBER, wanted).fate is Fate.NEVER


def test_refusals_by_kind(broker, link):
    broker.is_session_offline = True
    reply = close(link)
    assert (reply.fate, reply.is_final) == (Fate.REJECTED, False)
    assert "session_offline" in reply.reason
    broker.is_session_offline, broker.scope = False, "read openid"
    reply = close(link)
    assert (reply.fate, reply.is_final) == (Fate.REJECTED, True)
    broker.scope = "read trade"
    broker.fail(ORDERS, SLOW_DOWN, after=1)
    assert close(link).fate is Fate.NEVER
    assert not broker.placed


def test_a_token_that_was_withdrawn_is_renewed_and_the_order_sent_once(broker, link):
    broker.fail(f"{ORDERS}/dry-run", lambda _: broker.withdraw_tokens())
    assert close(link).fate is Fate.FILLED
    assert len(broker.placed) == 1


def test_partial_fills_are_told_as_they_come(broker, link):
    broker.in_steps = 15
    assert close(link).fate is Fate.WORKING
    find = Tastytrade().find_order
    fates = [find(link, NUMBER, "fbabc-1") for _ in range(3)]
    assert [one.filled for one in fates] == [15, 30, 40]
    assert [one.fate for one in fates] == [Fate.WORKING, Fate.WORKING, Fate.FILLED]


def test_a_close_that_comes_too_late_opens_nothing(broker, account, link):
    found = {one.instrument.symbol: one.instrument for one in read(link).holdings}
    wanted = ClosingOrder(found["FERN"], "", Side.SELL, D(40), "x")

    def close_by_hand(request):
        if request.method == "POST":
            account.positions = account.positions[1:]

    broker.fail(f"{ORDERS}/dry-run", close_by_hand)
    reply = Tastytrade().send_close(link, NUMBER, wanted)
    assert (reply.fate, reply.is_final) == (Fate.REJECTED, False)
    assert held(account) == {OPTION: -3}


def test_orders_at_work_are_taken_back_whole(broker, link):
    legs = [
        {"symbol": "FERN", "instrument-type": "Equity", "action": "Sell to Close", "quantity": 10}
    ]
    other = [
        {"symbol": "MOSS", "instrument-type": "Equity", "action": "Buy to Open", "quantity": 1}
    ]
    at = "2026-11-18T14:00:00+00:00"
    broker.placed += [
        order(1, at, status="Live", legs=legs),
        order(2, at, status="Live", legs=legs, **{"complex-order-id": 77}),
        order(3, at, status="Live", legs=legs, **{"complex-order-id": 77}),
        order(4, at, status="Live", legs=other),
        order(5, at, status="Filled", legs=legs),
    ]  # fmt: skip
    share = read(link).holdings[0].instrument
    assert Tastytrade().cancel_orders(link, NUMBER, share)
    assert [one["status"] for one in broker.placed] == ["Cancelled"] * 3 + ["Live", "Filled"]
    deleted = [one.path for one in broker.requests if one.method == "DELETE"]
    assert deleted == [f"/accounts/{NUMBER}/complex-orders/77", f"{ORDERS}/1"]
    broker.placed[0]["status"] = "Live"
    broker.fail(f"{ORDERS}/1", BAD_GATEWAY)
    assert not Tastytrade().cancel_orders(link, NUMBER, share)


QUOTES = "/market-data/by-type"


def quote(kind, bid, ask, sizes=("7.0", "12.0"), **more):
    said = {
        "instrument-type": kind, "updated-at": "2026-11-18T15:02:01.500Z", "bid": bid, "bid-size": sizes[0],
        "ask": ask, "ask-size": sizes[1], "mark": "21.6", "is-trading-halted": False, "halt-start-time": -1,
    }  # fmt: skip
    return said | more


def test_quotes_come_with_what_is_held(broker, link):
    broker.quotes = {
        "FERN": quote("Equity", "21.55", "21.65", **{"is-trading-halted": True}),
        OPTION: quote("Equity Option", "1.95", "2.05"),
    }
    shares, call = read(link).holdings
    assert (shares.bid, shares.ask, shares.is_halted) == (D("21.55"), D("21.65"), True)
    # Whether 7 are shares or hundreds of them is not said.
    assert shares.size is None
    assert (call.bid, call.ask, call.size, call.is_halted) == (D("1.95"), D("2.05"), 7, False)
    assert call.price == 2
    assert shares.price_at == call.price_at == datetime(2026, 11, 18, 15, 2, 1, 500_000, UTC)
    (asked,) = broker.asked(QUOTES)
    assert asked.params == {"equity": "FERN", "equity-option": OPTION}


def test_an_account_that_is_told_no_quotes_is_told_all_the_same(broker, link):
    seen = read(link)
    held = seen.holdings[0]
    assert (held.bid, held.ask, held.size, held.is_halted) == (None, None, None, None)
    assert held.price_at == seen.as_of


@pytest.mark.parametrize(
    "trouble",
    [SILENCE, HANG_UP, BAD_GATEWAY, SLOW_DOWN, Response.html(200, "x"), tastytrade.error(403, "not_permitted"),
     Response.of({"data": {"items": [7, {"symbol": 1}, {"symbol": "FERN", "bid": "much"}]}}), Response.of({"data": {}})],
)  # fmt: skip
def test_without_quotes_the_account_is_whole(broker, link, trouble):
    broker.fail(QUOTES, trouble, times=99)
    seen = read(link)
    assert seen.is_complete
    assert [one.bid for one in seen.holdings] == [None, None]
    # Once: a close is not held up by what it does not need.
    assert len(broker.asked(QUOTES)) == 1


def test_a_hundred_symbols_at_once(broker, account, link):
    account.positions[:] = [position(f"F{number}", 1) for number in range(150)]
    broker.quotes = {f"F{number}": quote("Equity", "1", "2") for number in range(150)}
    assert {one.bid for one in read(link).holdings} == {1}
    assert len(broker.asked(QUOTES)) == 2
