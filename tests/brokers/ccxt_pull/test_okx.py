"""OKX against a simulator: lists that go back from an id, sizes of contracts, what ends."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from journal.brokers.base import (
    CashKind,
    CashRow,
    OptionEventRow,
    OrderRole,
    OrderRow,
    OrderStatus,
    PositionRow,
    TransferRow,
)
from journal.brokers.fetching import Verdict
from journal.domain.values import ExecutionKind, PositionEffect
from tests.brokers.ccxt_pull.pulling import connect, fault, fills, new_clock, pull, read
from tests.brokers.reading import of
from tests.simulators.exchange import DAY_MS
from tests.simulators.okx import BUSY, SLOW_DOWN, UID, Okx, bill, error, fill
from tests.simulators.wire import Response

FILLS = "/api/v5/trade/fills-history"


@pytest.fixture
def clock():
    return new_clock()


@pytest.fixture
def broker(clock):
    with Okx(clock) as broker:
        yield broker


@pytest.fixture
def link(clock, broker):
    link = connect(clock, broker, "okx")
    yield link
    link.close()


def add(broker, id_, days_ago, *what, **more):
    broker.fills.append(fill(id_, broker.now - int(days_ago * DAY_MS), *what, **more))


def test_fills_of_every_kind_are_pulled_with_the_size_of_their_contract(broker, link):
    add(broker, 1, 5, "TON-USDT", "buy", "5", "10", fee="-0.01", feeCcy="TON")
    add(broker, 2, 4, "BTC-USDT-SWAP", "sell", "60000", "3", posSide="short", fillPnl="0")
    add(broker, 3, 3, "BTC-USD-SWAP", "buy", "50000", "2", feeCcy="BTC", fee="-0.000002")
    add(broker, 4, 2, "BTC-USDT-261225", "buy", "61000", "1", fee="0.02", execType="M")
    (document,) = pull("okx", link)
    found = fills([document])
    assert [
        (one.instrument.symbol, one.instrument.multiplier, one.fee, one.fee_currency)
        for one in found
    ] == [
        ("TON", 1, D("0.01"), "TON"),
        ("BTC/USDT:USDT", D("0.01"), D("0.1"), "USDT"),
        ("BTC/USD:BTC", 100, D("0.000002"), "BTC"),
        ("BTC/USDT:USDT-261225", D("0.01"), D("-0.02"), "USDT"),
    ]
    assert found[1].trade_id == "position:BTC/USDT:USDT:short"
    assert found[2].instrument.inverse
    assert document.account_id == UID


def test_a_liquidation_and_a_profit_are_told(broker, link):
    add(broker, 1, 5, "BTC-USDT-SWAP", "sell", "60000", "3", subType="104", fillPnl="-30")
    (found,) = fills(pull("okx", link))
    assert (found.kind, found.effect) == (ExecutionKind.LIQUIDATION, PositionEffect.UNKNOWN)
    assert found.stated_pnl == -30


def test_long_lists_are_read_back_to_their_beginning(broker, link):
    for n in range(345):
        add(broker, n, 5 - n / 1_000, "TON-USDT", "buy", "5", "1")
    assert len(fills(pull("okx", link))) == 345
    spot = [one for one in broker.asked(FILLS) if one.params["instType"] == "SPOT"]
    assert len(spot) == 4


def test_a_page_that_is_not_older_is_no_page(broker, link):
    page = {"code": "0", "msg": "", "data": [fill(n, broker.now - DAY_MS, "TON-USDT", "buy", "5", "1") for n in range(100, 0, -1)]}  # fmt: skip
    broker.fail(FILLS, Response.of(page), times=10_000)
    assert fault("okx", link).code == "list_moves"


def test_funding_and_interest_are_pulled_and_trades_are_not_told_twice(broker, link):
    at = broker.now - DAY_MS
    broker.bills += [
        bill(1, at, "8", "-0.5", subType="173"),
        bill(2, at, "7", "-0.03", market=""),
        bill(3, at, "2", "-100"),
    ]
    found = {(one.kind, one.amount) for one in of(CashRow, read(pull("okx", link)))}
    assert found == {(CashKind.FUNDING, D("-0.5")), (CashKind.INTEREST_PAID, D("-0.03"))}


def test_what_ends_is_closed(broker, link):
    at = broker.now - DAY_MS
    add(broker, 1, 5, "BTC-USDT-261225", "buy", "61000", "2")
    broker.bills += [
        bill(1, at, "3", "10", market="BTC-USDT-261225", subType="112", sz="2", px="62000"),
        bill(2, at, "3", "0.1", market="BTC-USD-261113-50000-C", subType="170", sz="4", px="62500"),
        bill(3, at, "3", "0", market="BTC-USD-261113-90000-C", subType="172", sz="5"),
    ]
    records = read(pull("okx", link))
    bought, ended = fills(pull("okx", link))
    assert (ended.kind, ended.price, ended.instrument) == (
        ExecutionKind.CASH_SETTLEMENT,
        62000,
        bought.instrument,
    )
    # Options' sizes are stated by their market only, which is gone: told, and never guessed.
    assert not of(OptionEventRow, records)


def test_orders_are_pulled_with_what_became_of_them(broker, link):
    add(broker, 1, 5, "BTC-USDT-SWAP", "sell", "60000", "3")
    at = str(broker.now - 5 * DAY_MS)
    broker.orders += [
        {"instType": "SWAP", "instId": "BTC-USDT-SWAP", "ordId": str(n), "clOrdId": f"bot{n}", "side": "sell", "px": "60000",
         "sz": "3", "accFillSz": "0", "avgPx": "", "state": "canceled", "ordType": "limit", "posSide": "net",
         "reduceOnly": "true", "cTime": at, "uTime": at, "fee": "", "feeCcy": "", "tdMode": "cross", "fillTime": ""}
        for n in range(8, 158)
    ]  # fmt: skip
    lives = of(OrderRow, read(pull("okx", link)))
    assert len(lives) == 300
    assert (lives[0].status, lives[1].status) == (OrderStatus.PLACED, OrderStatus.CANCELLED)
    assert (lives[0].client_order_id, lives[0].role) == ("bot8", OrderRole.EXIT)


def test_what_is_held_is_pulled(broker, link):
    broker.positions.append(
        {"instId": "BTC-USDT-SWAP", "instType": "SWAP", "pos": "-3", "posSide": "net", "avgPx": "60000", "markPx": "61000",
         "upl": "-30", "notionalUsd": "1830", "lever": "10", "mgnMode": "cross", "uTime": "1795000000000", "cTime": "1"}
    )  # fmt: skip
    (held,) = of(PositionRow, read(pull("okx", link)))
    assert (held.signed_quantity, held.instrument.multiplier) == (-3, D("0.01"))


def test_deposits_are_pulled(broker, link):
    broker.deposits.append(
        {"ccy": "TON", "amt": "7", "chain": "TON", "depId": "88", "state": "2", "txId": "0xfeed", "from": "", "to": "…",
         "ts": str(broker.now - DAY_MS)}
    )  # fmt: skip
    (coins,) = of(TransferRow, read(pull("okx", link)))
    assert (coins.instrument.symbol, coins.signed_quantity) == ("TON", 7)


@pytest.mark.parametrize("trouble", [SLOW_DOWN, BUSY, error("50026", "System error")])
def test_what_passes_is_asked_again(broker, link, trouble):
    add(broker, 1, 5, "TON-USDT", "buy", "5", "10")
    broker.fail(FILLS, trouble, times=2)
    assert len(fills(pull("okx", link))) == 1
    assert link.pauses


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (error("50105", "Request header OK-ACCESS-PASSPHRASE incorrect.", 401), "key_refused"),
        (error("50111", "Invalid OK-ACCESS-KEY", 401), "key_refused"),
        (error("50119", "API key doesn't exist", 401), "key_refused"),
        (error("50120", "This API key doesn't have permission to use this function", 401), "permission_missing"),
        (error("50110", "Your IP is not included in your API key's IP whitelist.", 401), "permission_missing"),
    ],
)  # fmt: skip
def test_what_a_person_has_to_change_stops_the_pull(broker, link, trouble, code):
    broker.fail("/api/v5/account/config", trouble, times=99)
    found = fault("okx", link)
    assert (found.code, found.verdict) == (code, Verdict.PERSON)


def test_a_wrong_passphrase_is_a_persons(clock, broker):
    link = connect(clock, broker, "okx", passphrase="another")
    assert fault("okx", link).code == "key_refused"
    link.close()


def test_a_clock_that_differs_is_set_by_the_exchanges(clock):
    with Okx(clock, skew=45_000) as broker:
        add(broker, 1, 5, "TON-USDT", "buy", "5", "10")
        link = connect(clock, broker, "okx")
        assert len(fills(pull("okx", link))) == 1
        link.close()
