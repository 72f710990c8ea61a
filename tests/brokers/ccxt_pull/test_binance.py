"""Binance against a simulator: which markets are asked, and that nothing is called complete before all were."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from journal.brokers.base import CashBalanceRow, CashKind, CashRow, PositionRow, StatementInfo
from journal.brokers.ccxt_pull import binance_spot
from journal.brokers.fetching import Verdict
from journal.domain.values import ExecutionKind
from tests.brokers.ccxt_pull.pulling import connect, fault, fills, new_clock, pull, read
from tests.brokers.reading import of
from tests.simulators.binance import (
    BANNED,
    SLOW_DOWN,
    UID,
    Binance,
    error,
    futures_trade,
    income,
    spot_trade,
)
from tests.simulators.exchange import DAY_MS
from tests.simulators.wire import HANG_UP, Response

MY_TRADES = "/api/v3/myTrades"
USER_TRADES = "/fapi/v1/userTrades"


@pytest.fixture
def clock():
    return new_clock()


@pytest.fixture
def broker(clock):
    with Binance(clock) as broker:
        yield broker


@pytest.fixture
def link(clock, broker):
    link = connect(clock, broker, "binance")
    yield link
    link.close()


def spot(broker, id_, days_ago, *what, **more):
    at = broker.now - int(days_ago * DAY_MS)
    broker.spot.append(spot_trade(id_, at, *what, **more))
    broker.changed_at = max(broker.changed_at, at)


def futures(broker, id_, days_ago, *what, **more):
    at = broker.now - int(days_ago * DAY_MS)
    broker.futures.append(futures_trade(id_, at, *what, **more))
    symbol = what[0]
    broker.incomes.append(income(id_, at, "COMMISSION", "-0.1", symbol))


def asked_markets(broker):
    return {one.params["symbol"] for one in broker.asked(MY_TRADES)}


def test_a_coin_that_was_bought_and_sold_again_is_found_though_none_is_held(broker, link):
    spot(broker, 5, 400, "SOLBTC", "buy", "0.002", "10", commission="0.01", commissionAsset="SOL")
    spot(
        broker, 9, 3, "SOLBTC", "sell", "0.003", "9.99", commission="0.00003", commissionAsset="BTC"
    )
    documents = pull("binance", link, days=500)
    found = fills(documents)
    assert [(one.broker_id, one.fee_currency) for one in found] == [
        ("SOL/BTC:5", "SOL"),
        ("SOL/BTC:9", "BTC"),
    ]
    assert all(one.complete_until for one in documents)
    assert {one.account_id for one in of(StatementInfo, read(documents))} == {str(UID)}


def test_every_market_is_asked_again_only_after_the_account_changed(clock, broker, link):
    spot(broker, 5, 3, "SOLUSDT", "buy", "150", "1")
    pull("binance", link)
    assert asked_markets(broker) == set(broker.pairs)
    broker.requests.clear()
    (again,) = pull("binance", link)
    assert asked_markets(broker) == {"SOLUSDT"}
    assert again.complete_until
    # It trades in another market: found at once only if its coins are held, and for sure a day later.
    spot(broker, 77, 0, "SOLBTC", "buy", "0.002", "1")
    clock.advance(hours=1)
    (unsure,) = pull("binance", link)
    assert unsure.complete_until is None
    clock.advance(days=1)
    documents = pull("binance", link)
    assert [one.exec_id for one in fills(documents)] == ["5", "77"]
    assert documents[-1].complete_until


def test_markets_between_coins_that_are_held_are_asked_at_once(clock, broker, link):
    pull("binance", link)
    broker.assets = {"SOL": "1", "BTC": "1", "USDT": "0"}
    spot(broker, 77, 0, "SOLBTC", "buy", "0.002", "1")
    clock.advance(hours=1)
    assert [one.exec_id for one in fills(pull("binance", link))] == ["77"]


def test_an_interrupted_search_goes_on_where_it_stopped(broker, link, monkeypatch):
    monkeypatch.setattr(binance_spot, "_SWEEP_STEP", 1)
    spot(broker, 5, 3, "SOLUSDT", "buy", "150", "1")
    broker.fail(MY_TRADES, HANG_UP, times=99, after=3)
    assert fault("binance", link).verdict is Verdict.LATER
    broker.mend()
    broker.requests.clear()
    assert len(fills(pull("binance", link))) == 1
    assert asked_markets(broker) == {"SOLBTC", "SOLUSDT"}


def test_trades_are_read_by_id_to_their_end(broker, link):
    for n in range(2_345):
        spot(broker, 100 + n, 5 - n / 1_000, "SOLUSDT", "buy", "150", "0.01")
    assert len(fills(pull("binance", link))) == 2_345
    firsts = [int(one.params["fromId"]) for one in broker.asked(MY_TRADES) if one.params["limit"] == "1000"]  # fmt: skip
    assert firsts == [0, 1_100, 2_100]


def test_the_next_pull_begins_behind_what_is_old(clock, broker, link):
    for n in range(10):
        spot(broker, 100 + n, 9 - n, "SOLUSDT", "buy", "150", "0.01")
    pull("binance", link, days=20)
    broker.requests.clear()
    clock.advance(hours=1)
    assert [one.exec_id for one in fills(pull("binance", link, days=3))] == ["107", "108", "109"]
    (only,) = broker.asked(MY_TRADES)
    assert int(only.params["fromId"]) == 105


def test_ids_that_go_back_are_no_list(broker, link):
    spot(broker, 5, 3, "SOLUSDT", "buy", "150", "1")
    rows = [{**broker.spot[0], "id": 9}, {**broker.spot[0], "id": 8}]
    broker.fail(MY_TRADES, Response.of(rows), times=99, after=len(broker.pairs))
    assert fault("binance", link).code == "list_moves"


def test_only_the_named_markets_are_asked(clock, broker):
    spot(broker, 5, 3, "SOLUSDT", "buy", "150", "1")
    spot(broker, 6, 3, "BTCUSDT", "buy", "60000", "1")
    link = connect(clock, broker, "binance", symbols="sol/usdt, DOGE/USDT:USDT")
    futures(broker, 1, 2, "DOGEUSDT", "sell", "0.1", "100")
    broker.incomes.clear()
    (document,) = pull("binance", link)
    assert [one.instrument.symbol for one in fills([document])] == ["SOL", "DOGE/USDT:USDT"]
    assert asked_markets(broker) == {"SOLUSDT"}
    assert document.complete_until
    link.close()


def test_futures_are_asked_where_the_income_names_them(broker, link):
    futures(
        broker,
        1,
        5,
        "DOGEUSDT",
        "sell",
        "0.12",
        "1000",
        commission="0.00009",
        commissionAsset="BNB",
    )
    futures(broker, 2, 4, "DOGEUSDT", "buy", "0.11", "1000", realizedPnl="10")
    broker.incomes += [
        income(31, broker.now - 4 * DAY_MS, "FUNDING_FEE", "0.33"),
        income(32, broker.now - 4 * DAY_MS, "REALIZED_PNL", "10"),
        income(33, broker.now - 4 * DAY_MS, "INSURANCE_CLEAR", "-1.5"),
    ]
    documents = pull("binance", link)
    first, second = fills(documents)
    assert (first.fee, first.fee_currency, second.stated_pnl) == (D("0.00009"), "BNB", D("9.9"))
    assert [(one.kind, one.amount) for one in of(CashRow, read(documents))] == [
        (CashKind.FUNDING, D("0.33")),
        (CashKind.FEE, D("-1.5")),
    ]
    assert {one.params["symbol"] for one in broker.asked(USER_TRADES)} == {"DOGEUSDT"}


def test_a_full_page_of_futures_trades_is_followed_by_id(broker, link):
    for n in range(1_500):
        broker.futures.append(futures_trade(n, broker.now - 3 * DAY_MS + n, "DOGEUSDT", "buy", "0.1", "1"))  # fmt: skip
    broker.incomes.append(income(1, broker.now - 3 * DAY_MS, "COMMISSION", "-0.1"))
    assert len(fills(pull("binance", link))) == 1_500


def test_a_full_page_of_income_is_followed_by_time(broker, link):
    at = broker.now - 3 * DAY_MS
    broker.incomes += [income(n, at + n, "FUNDING_FEE", "0.01") for n in range(1_234)]
    assert len(of(CashRow, read(pull("binance", link)))) == 1_234


def test_income_of_one_instant_that_fills_a_page_is_not_taken_for_all(broker, link):
    broker.incomes += [income(n, broker.now - DAY_MS, "FUNDING_FEE", "0.01") for n in range(1_234)]
    assert fault("binance", link).code == "list_moves"


def test_a_liquidation_is_known_by_its_order(broker, link):
    futures(broker, 1, 2, "DOGEUSDT", "sell", "0.12", "1000", orderId=4711)
    broker.forced.append(
        {"orderId": 4711, "symbol": "DOGEUSDT", "status": "FILLED", "clientOrderId": "autoclose-1605", "price": "0.1",
         "avgPrice": "0.12", "origQty": "1000", "executedQty": "1000", "side": "SELL", "positionSide": "BOTH",
         "type": "LIMIT", "time": broker.now - 2 * DAY_MS, "updateTime": broker.now - 2 * DAY_MS}
    )  # fmt: skip
    (found,) = fills(pull("binance", link))
    assert (found.kind, found.order_reference) == (ExecutionKind.LIQUIDATION, "autoclose-1605")


def test_what_is_held_in_both_wallets_is_one_balance(broker, link):
    broker.positions.append(
        {"symbol": "DOGEUSDT", "positionAmt": "-50", "entryPrice": "0.1", "markPrice": "0.2", "positionSide": "BOTH",
         "unRealizedProfit": "-5", "notional": "-10", "updateTime": broker.now}
    )  # fmt: skip
    records = read(pull("binance", link))
    (balance,) = of(CashBalanceRow, records)
    assert (balance.currency, balance.ending_cash) == ("USDT", D("1250.5"))
    (position,) = of(PositionRow, records)
    assert position.signed_quantity == -50


def test_a_key_without_futures_reads_spot(broker, link):
    broker.has_futures = False
    spot(broker, 5, 3, "SOLUSDT", "buy", "150", "1")
    assert len(fills(pull("binance", link))) == 1
    assert not broker.asked("/fapi/v1/userTrades")


def test_a_ban_is_not_answered_with_more_questions(broker, link):
    broker.fail("/api/v3/account", BANNED, times=99)
    found = fault("binance", link)
    assert (found.code, found.verdict, found.wait.total_seconds()) == (
        "banned",
        Verdict.LATER,
        1800,
    )
    assert len(broker.asked("/api/v3/account")) == 1


def test_a_limit_waits_as_long_as_it_says(broker, link):
    broker.fail("/api/v3/account", SLOW_DOWN, times=1)
    pull("binance", link)
    assert max(link.pauses) == 7


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (error(-2015, "Invalid API-key, IP, or permissions for action.", 401), "key_refused"),
        (error(-2014, "API-key format invalid.", 401), "key_refused"),
        (error(-1022, "Signature for this request is not valid."), "key_refused"),
        (Response.of({"code": 0, "msg": "Service unavailable from a restricted location according to 'b. Eligibility'"}, 451),
         "place_refused"),
    ],
)  # fmt: skip
def test_what_a_person_has_to_change_stops_the_pull(broker, link, trouble, code):
    broker.fail("/api/v3/account", trouble, times=99)
    found = fault("binance", link)
    assert (found.code, found.verdict) == (code, Verdict.PERSON)


@pytest.mark.parametrize("skew", [-25_000, 25_000])
def test_a_clock_that_differs_is_set_by_the_exchanges(clock, skew):
    with Binance(clock, skew=skew) as broker:
        spot(broker, 5, 2, "SOLUSDT", "buy", "150", "1")
        link = connect(clock, broker, "binance")
        assert len(fills(pull("binance", link))) == 1
        link.close()


def test_deposits_are_pulled(broker, link):
    broker.deposits.append(
        {"id": "769800519366885376", "amount": "5.5", "coin": "USDT", "network": "TRX", "status": 1, "address": "…",
         "txId": "0xfeed", "insertTime": broker.now - DAY_MS, "transferType": 0, "confirmTimes": "1/1"}
    )  # fmt: skip
    (paid,) = of(CashRow, read(pull("binance", link)))
    assert (paid.kind, paid.amount) == (CashKind.DEPOSIT, D("5.5"))
