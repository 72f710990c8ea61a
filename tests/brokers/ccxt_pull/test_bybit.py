"""Bybit against a simulator that speaks its protocol: what is pulled, and what becomes of every fault."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from decimal import Decimal as D
from itertools import pairwise

import pytest

from journal.brokers.base import (
    CashKind,
    CashRow,
    ConversionRateRow,
    OptionEventRow,
    PositionRow,
    ProblemRow,
    StatementInfo,
    TransferRow,
)
from journal.brokers.ccxt_pull.talk import ATTEMPTS
from journal.brokers.fetchers import get_fetcher
from journal.brokers.fetching import PullFault, Verdict, Window
from journal.domain.values import ExecutionKind, PositionEffect
from tests.brokers.ccxt_pull.pulling import connect, fault, fills, new_clock, pull, read
from tests.brokers.reading import of
from tests.simulators.bybit import UID, Bybit, error, execution
from tests.simulators.exchange import API_KEY, API_SECRET, DAY_MS
from tests.simulators.wire import HANG_UP, SILENCE, Response

EXECUTIONS = "/v5/execution/list"


@pytest.fixture
def clock():
    return new_clock()


@pytest.fixture
def broker(clock):
    with Bybit(clock) as broker:
        yield broker


@pytest.fixture
def link(clock, broker):
    link = connect(clock, broker, "bybit")
    yield link
    link.close()


def add(broker, days_ago, *what, **more):
    row = execution(broker.now - int(days_ago * DAY_MS), *what, **more)
    broker.executions.append(row)
    return row


def test_everything_that_an_execution_can_be_is_pulled(broker, link):
    add(broker, 9, "SOLUSDT", "Buy", "150", "2", category="spot", execFee="0.002", feeCurrency="SOL",
        closedSize="", createType="")  # fmt: skip
    add(broker, 8, "BTCUSDT", "Buy", "60000", "0.1", execFee="3.3")
    add(
        broker,
        7,
        "BTCUSDT",
        "Sell",
        "61000",
        "0.1",
        execType="Funding",
        execFee="-0.615",
        orderId="",
    )
    add(broker, 6, "BTCUSDT", "Sell", "50000", "0.04", execType="BustTrade", closedSize="0.04")
    add(broker, 5, "BTCUSDT", "Sell", "50100", "0.06", execType="AdlTrade", closedSize="0.06")
    add(broker, 4, "BTCUSD", "Buy", "50000", "1000", category="inverse", execFee="0.000011")
    documents = pull("bybit", link)
    found = fills(documents)
    assert [(one.instrument.symbol, one.kind) for one in found] == [
        ("SOL", ExecutionKind.TRADE),
        ("BTC/USDT:USDT", ExecutionKind.TRADE),
        ("BTC/USDT:USDT", ExecutionKind.LIQUIDATION),
        ("BTC/USDT:USDT", ExecutionKind.LIQUIDATION),
        ("BTC/USD:BTC", ExecutionKind.TRADE),
    ]
    assert [(one.fee, one.fee_currency) for one in found][-1] == (D("0.000011"), "BTC")
    paid = next(one for one in of(CashRow, read(documents)))
    assert (paid.kind, paid.amount) == (CashKind.FUNDING, D("0.615"))
    (info,) = of(StatementInfo, read(documents))
    assert (info.broker, info.account_id) == ("bybit", str(UID))
    assert not [one for one in of(ProblemRow, read(documents)) if one.severity == "error"]


def test_long_lists_are_read_to_their_end_and_rows_that_come_twice_count_once(broker, link):
    for n in range(257):
        add(broker, 3 + n / 10_000, "BTCUSDT", "Buy", "60000", "0.001", execId=f"e-{n}")
    broker.executions.append({**broker.executions[5]})
    found = fills(pull("bybit", link))
    assert len(found) == 257
    assert [one.executed_at for one in found] == sorted(one.executed_at for one in found)
    cursors = {one.params.get("cursor") for one in broker.asked(EXECUTIONS)}
    assert len(cursors - {None}) == 2


def test_no_window_is_longer_than_the_exchange_allows_and_none_leaves_a_gap(broker, link):
    pull("bybit", link, days=40)
    asked = [one.params for one in broker.asked(EXECUTIONS) if one.params["category"] == "spot"]
    spans = sorted((int(one["startTime"]), int(one["endTime"])) for one in asked)
    assert all(until + 1 == since for (_, until), (since, _) in pairwise(spans))
    assert spans[-1][1] - spans[0][0] == 40 * DAY_MS - 1


def test_an_order_tells_which_of_two_positions_a_fill_is_of(broker, link):
    row = add(broker, 3, "BTCUSDT", "Sell", "60000", "0.1")
    broker.rows["/v5/order/history"].append(
        {"orderId": row["orderId"], "symbol": "BTCUSDT", "side": "Sell", "orderStatus": "Filled", "category": "linear",
         "cumExecQty": "0.1", "qty": "0.1", "price": "60000", "avgPrice": "60000", "positionIdx": 2, "orderLinkId": "bot-9",
         "orderType": "Market", "createdTime": str(broker.now - 11 * DAY_MS), "updatedTime": row["execTime"],
         "timeInForce": "GTC", "reduceOnly": False, "cumExecValue": "6000", "cumExecFee": "0"}
    )  # fmt: skip
    (found,) = fills(pull("bybit", link))
    assert (found.trade_id, found.effect) == ("position:BTC/USDT:USDT:short", PositionEffect.OPEN)
    assert found.order_reference == "bot-9"


def test_what_ends_and_what_is_lent_is_pulled_too(broker, link):
    at = str(broker.now - 2 * DAY_MS)
    broker.rows["/v5/asset/delivery-record"] += [
        {"category": "option", "symbol": "BTC-16NOV26-60000-C", "side": "Buy", "position": "0.5", "deliveryTime": at,
         "deliveryPrice": "61000", "strike": "60000", "fee": "1.5", "deliveryRpl": "10"},
        {"category": "option", "symbol": "BTC-16NOV26-60000-P", "side": "Sell", "position": "0.5", "deliveryTime": at,
         "deliveryPrice": "61000", "strike": "60000", "fee": "0", "deliveryRpl": "10"},
    ]  # fmt: skip
    broker.rows["/v5/account/transaction-log"].append(
        {"id": "9", "type": "INTEREST", "transactionTime": at, "currency": "USDT", "change": "-0.07", "symbol": ""}
    )  # fmt: skip
    records = read(pull("bybit", link))
    ended = [(one.side, one.kind, one.price) for one in fills(pull("bybit", link))]
    assert ended == [
        ("sell", ExecutionKind.CASH_SETTLEMENT, 1000),
        ("buy", ExecutionKind.EXPIRY, 0),
    ]
    assert [(one.kind, one.amount) for one in of(CashRow, records)] == [
        (CashKind.INTEREST_PAID, D("-0.07"))
    ]
    assert not of(OptionEventRow, records)


def test_what_is_held_is_asked_for_once_a_day(clock, broker, link):
    broker.positions.append(
        {"category": "linear", "symbol": "ETHUSDT", "side": "Sell", "size": "3", "avgPrice": "2500", "positionIdx": 0,
         "markPrice": "2600", "positionValue": "7800", "unrealisedPnl": "-300", "leverage": "5", "updatedTime": "1"}
    )  # fmt: skip
    broker.coins.append({"coin": "USDT", "walletBalance": "77.5"})
    (first,) = pull("bybit", link)
    (held,) = of(PositionRow, read([first]))
    assert held.signed_quantity == -3
    (again,) = pull("bybit", link)
    assert again.content == b""
    clock.advance(days=1)
    (next_day,) = pull("bybit", link)
    assert of(PositionRow, read([next_day]))


def test_the_same_comes_in_the_same_bytes(clock, broker, link):
    """So that a pull an hour later is no second import."""
    add(broker, 1, "BTCUSD", "Buy", "60000", "1000", category="inverse")
    pull("bybit", link, days=2)
    (one,) = pull("bybit", link, days=2)
    clock.advance(hours=1)
    (other,) = pull("bybit", link, days=2)
    assert one.content == other.content
    assert one.complete_until < other.complete_until
    # What the coin was worth when the day was over; today is not over.
    rates = of(ConversionRateRow, read([other]))
    assert {one.from_currency for one in rates} == {"BTC"}
    assert max(one.reported_on for one in rates).isoformat() == "2026-11-17"


def test_a_late_fill_is_found_by_the_next_pull(clock, broker, link):
    (before,) = pull("bybit", link, days=2)
    add(broker, 0.5, "BTCUSDT", "Buy", "60000", "0.1")
    clock.advance(hours=1)
    assert before.content == b""
    assert len(fills(pull("bybit", link, days=2))) == 1


def test_a_market_that_is_gone_keeps_its_name(broker, link):
    broker.gone.add("ETHUSDT")
    add(broker, 2, "ETHUSDT", "Buy", "2500", "1", execFee="0.5")
    (found,) = fills(pull("bybit", link))
    assert (found.instrument.symbol, found.fee, found.fee_currency) == (
        "ETH/USDT:USDT",
        D("0.5"),
        "USDT",
    )


def test_deposits_and_withdrawals_are_pulled(broker, link):
    at = str(broker.now - 2 * DAY_MS)
    broker.rows["/v5/asset/deposit/query-record"].append(
        {"coin": "SOL", "chain": "SOL", "amount": "5", "txID": "0xfeed", "status": 3, "toAddress": "…", "tag": "",
         "depositFee": "", "successAt": at, "confirmations": "1", "txIndex": "0", "blockHash": ""}
    )  # fmt: skip
    broker.rows["/v5/asset/withdraw/query-record"].append(
        {"coin": "USDT", "chain": "TRX", "amount": "77", "txID": "0xcafe", "status": "success", "toAddress": "…",
         "tag": "", "withdrawFee": "1", "createTime": at, "updateTime": at, "withdrawId": "11", "withdrawType": 0}
    )  # fmt: skip
    records = read(pull("bybit", link))
    (coins,) = of(TransferRow, records)
    assert (coins.instrument.symbol, coins.signed_quantity) == ("SOL", 5)
    assert [(one.kind, one.amount) for one in of(CashRow, records)] == [
        (CashKind.WITHDRAWAL, -77),
        (CashKind.FEE, -1),
    ]


def test_a_key_that_may_not_read_the_wallet_still_brings_trades(broker, link):
    add(broker, 2, "BTCUSDT", "Buy", "60000", "0.1")
    refused = error(10005, "Permission denied for current apikey.")
    broker.fail("/v5/asset/deposit", refused, times=99)
    broker.fail("/v5/asset/withdraw", refused, times=99)
    documents = pull("bybit", link)
    assert len(fills(documents)) == 1
    assert "deposits, withdrawals" in next(
        one.message for one in of(ProblemRow, read(documents)) if one.code == "not_permitted"
    )


# -- faults


@pytest.mark.parametrize(
    "trouble",
    [
        error(10006, "Too many visits. Exceeded the API Rate Limit."),
        error(10016, "System error"),
        error(10000, "Server Timeout"),
        Response.html(502, "Bad Gateway"),
        Response(200, b'{"retCode": 0, "result": {"list": [', cut=20),
        Response(200, b'{"retCode": 0, "result": {"list": ['),
        Response.of({"retCode": 0, "retMsg": "OK", "result": {"list": None}}),
        HANG_UP,
        SILENCE,
        Response(429, b"", headers={"Retry-After": "3"}),
    ],
    ids=["limit", "system", "timeout", "502", "cut", "half", "no list", "hung up", "silence", "429"],
)  # fmt: skip
def test_what_passes_is_asked_again(broker, link, trouble):
    add(broker, 2, "BTCUSDT", "Buy", "60000", "0.1")
    broker.fail(EXECUTIONS, trouble, times=2)
    assert len(fills(pull("bybit", link))) == 1
    assert link.pauses


def test_what_does_not_pass_is_given_up_until_later(broker, link):
    broker.fail(EXECUTIONS, Response.html(503, "Service Unavailable"), times=99)
    found = fault("bybit", link)
    assert (found.code, found.verdict) == ("exchange_failing", Verdict.LATER)
    assert len(broker.asked(EXECUTIONS)) == ATTEMPTS


def test_bybits_403_is_a_limit_that_lasts_ten_minutes(broker, link):
    broker.fail(EXECUTIONS, Response.html(403, "Forbidden"), times=1)
    pull("bybit", link)
    assert max(link.pauses) == 600


def test_a_429_waits_as_long_as_it_says(broker, link):
    broker.fail(EXECUTIONS, Response(429, b"", headers={"Retry-After": "97"}), times=1)
    pull("bybit", link)
    assert max(link.pauses) == 97


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (error(10003, "API key is invalid."), "key_refused"),
        (error(33004, "Your api key has expired."), "key_refused"),
        (error(10004, "error sign!"), "key_refused"),
        (error(10005, "Permission denied for current apikey."), "permission_missing"),
        (error(10010, "Unmatched IP, please check your API key's bound IP addresses."), "permission_missing"),
        (error(10008, "User had been banned"), "account_suspended"),
        (Response.html(403, "blocked from your country"), "place_refused"),
        (Response.html(451, "Unavailable For Legal Reasons"), "place_refused"),
        (Response.html(404, "Not Found"), "request_refused"),
        (error(10001, "params error"), "request_refused"),
    ],
)  # fmt: skip
def test_what_a_person_has_to_change_stops_the_pull_at_once(broker, link, trouble, code):
    broker.fail("/v5/user/query-api", trouble, times=99)
    found = fault("bybit", link)
    assert (found.code, found.verdict) == (code, Verdict.PERSON)
    assert len(broker.asked("/v5/user/query-api")) == 1


@pytest.mark.parametrize("skew", [-25_000, 25_000])
def test_a_clock_that_differs_is_set_by_the_exchanges(clock, skew):
    with Bybit(clock, skew=skew) as broker:
        add(broker, 2, "BTCUSDT", "Buy", "60000", "0.1")
        link = connect(clock, broker, "bybit")
        assert len(fills(pull("bybit", link))) == 1
        link.close()


def test_a_list_that_runs_in_a_circle_is_no_list(broker, link):
    page = {"retCode": 0, "retMsg": "OK", "result": {"list": [execution(broker.now, "BTCUSDT", "Buy", "1", "1")], "nextPageCursor": "x"}}  # fmt: skip
    broker.fail(EXECUTIONS, Response.of(page), times=10_000)
    assert fault("bybit", link).code == "list_moves"


def test_documents_that_were_given_before_a_fault_are_whole(broker, link):
    add(broker, 39, "BTCUSDT", "Buy", "60000", "0.1")
    broker.fail(EXECUTIONS, Response.html(503, "Service Unavailable"), times=99, after=16)
    window = Window(link.now() - timedelta(days=40), link.now())
    source = get_fetcher("bybit").fetch(link, window)
    given = [next(source)]
    with pytest.raises(PullFault):
        next(source)
    assert [len(fills([one])) for one in given] == [1]


def test_no_key_and_no_signature_is_logged(broker, link, caplog):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpcore").setLevel(logging.INFO)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    add(broker, 2, "BTCUSDT", "Buy", "60000", "0.1")
    pull("bybit", link)
    signed = {one.headers.get("x-bapi-sign", "") for one in broker.requests} - {""}
    assert signed
    for secret in (API_KEY, API_SECRET, *signed):
        assert secret not in caplog.text


def test_turns_are_taken_for_every_question_and_name_no_key(broker, link):
    pull("bybit", link)
    assert len(link.turns) == len(broker.requests)
    assert API_KEY not in json.dumps(link.turns)
