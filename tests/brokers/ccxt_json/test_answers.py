"""Answers of exchanges that somebody saved as they came, and exchanges' names of markets."""

from __future__ import annotations

from decimal import Decimal as D
from pathlib import Path

import pytest

from journal.brokers.base import CashBalanceRow, ExecutionRow, PositionRow, UnreadableStatement
from journal.brokers.ccxt_json import symbols
from journal.brokers.registry import detect
from journal.brokers.text.faults import BadValue
from journal.domain.values import PositionEffect, Side
from tests.brokers.reading import corpus_folder, of, parse

SAMPLES = Path(__file__).parent / "samples"
SLUG = "ccxt_json"


def fills_of(name):
    records = parse(SAMPLES / name, SLUG)
    return records[0], of(ExecutionRow, records)


def test_bybits_answer_is_read_oldest_first():
    info, fills = fills_of("bybit_execution_list.json")
    assert (info.broker, info.account_id) == ("bybit", "")
    assert [(one.side, one.quantity, one.fee, one.fee_currency) for one in fills] == [
        (Side.BUY, 100, D("0.1"), "XRP"),
        (Side.SELL, D("99.9"), D("0.0547"), "USDT"),
    ]
    assert fills[0].instrument.symbol == "XRP"


def test_binances_answer_of_futures_is_read():
    info, fills = fills_of("binance_user_trades.json")
    assert info.broker == "binance"
    assert [(one.broker_id, one.side, one.stated_pnl) for one in fills] == [
        ("DOGE/USDT:USDT:5001", Side.SELL, None),
        ("DOGE/USDT:USDT:5002", Side.BUY, D("9.945")),
    ]


def test_okxs_answer_is_read_with_fees_as_costs():
    info, fills = fills_of("okx_fills.json")
    assert info.broker == "okx"
    assert [(one.fee, one.fee_currency, one.order_reference) for one in fills] == [
        (D("0.01"), "TON", "hand"),
        (D("-0.0051948"), "USDT", ""),
    ]


@pytest.mark.parametrize(
    ("name", "category", "symbol"),
    [
        ("BTCUSDT", "spot", "BTC/USDT"),
        ("BTCUSDT", "linear", "BTC/USDT:USDT"),
        ("BTCPERP", "linear", "BTC/USDC:USDC"),
        ("1000PEPEUSDT", "linear", "1000PEPE/USDT:USDT"),
        ("DOTUSD", "inverse", "DOT/USD:DOT"),
        ("BTC-25DEC26", "linear", "BTC/USDC:USDC-261225"),
        ("BTCUSDT-5JUN26", "linear", "BTC/USDT:USDT-260605"),
        ("ETH-25DEC26-2500-P", "option", "ETH/USDC:USDC-261225-2500-P"),
        ("ETH-25DEC26-2500-P-USDT", "option", "ETH/USDT:USDT-261225-2500-P"),
    ],
)
def test_bybits_markets(name, category, symbol):
    assert symbols.from_bybit(name, category) == symbol
    assert symbols.read_symbol(symbol).symbol == symbol


@pytest.mark.parametrize(
    ("name", "is_contract", "symbol"),
    [
        ("BNBBTC", False, "BNB/BTC"),
        ("BTCFDUSD", False, "BTC/FDUSD"),
        ("DOGEUSDT", True, "DOGE/USDT:USDT"),
        ("BTCUSDT_261225", True, "BTC/USDT:USDT-261225"),
        ("BNBUSD_PERP", True, "BNB/USD:BNB"),
        ("BTCUSD_261225", True, "BTC/USD:BTC-261225"),
    ],
)
def test_binances_markets(name, is_contract, symbol):
    assert symbols.from_binance(name, is_contract=is_contract) == symbol


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("TON-USDT", "TON/USDT"),
        ("BTC-USDT-SWAP", "BTC/USDT:USDT"),
        ("BTC-USD-SWAP", "BTC/USD:BTC"),
        ("BTC-USD-261225", "BTC/USD:BTC-261225"),
        ("BTC-USD-261225-100000-C", "BTC/USD:BTC-261225-100000-C"),
    ],
)
def test_okxs_markets(name, symbol):
    assert symbols.from_okx(name) == symbol


@pytest.mark.parametrize("name", ["", "USDT", "BTC", "BTC-USDT-MOON"])
def test_what_is_no_market_is_none(name):
    with pytest.raises(BadValue):
        symbols.from_okx(name)
    with pytest.raises(BadValue):
        symbols.from_binance(name, is_contract=False)


# -- other people's recorded answers


def corpus(path):
    data = (corpus_folder("crypto") / path).read_bytes()
    assert detect(data[: 64 * 1024], "").slug == SLUG
    return parse(data, SLUG)


def test_recorded_executions_of_bybit():
    fills = of(ExecutionRow, corpus("bybit/_http_get_executions.json"))
    assert [
        (one.instrument.symbol, one.side, one.quantity, one.price, one.fee, one.effect)
        for one in fills
    ] == [
        ("BTC/USDT:USDT", Side.BUY, D("0.1"), 50000, D("0.015"), PositionEffect.OPEN),
        ("ETH/USDT:USDT", Side.SELL, D("0.5"), 3000, D("0.9"), PositionEffect.OPEN),
    ]
    assert [-one.proceeds for one in fills] == [5000, -1500]  # execValue


def test_recorded_trades_of_binance():
    (fill,) = of(ExecutionRow, corpus("binance/http_json_account_trades_response.json"))
    assert (fill.instrument.symbol, fill.instrument.currency) == ("BNB", "BTC")
    assert (fill.fee, fill.fee_currency, fill.proceeds) == (D("10.1"), "BNB", D("-48.000012"))


def test_recorded_positions_and_balances():
    held = of(PositionRow, corpus("bybit/_http_get_positions.json"))
    assert [(one.instrument.symbol, one.signed_quantity) for one in held] == [
        ("BTC/USDT:USDT", D("0.5")),
        ("ETH/USDT:USDT", -5),
    ]
    (one,) = of(PositionRow, corpus("binance/http_json_position_risk.json"))
    assert (one.signed_quantity, one.value) == (D("0.001"), 51)
    (one,) = of(CashBalanceRow, corpus("bybit/_http_get_wallet_balance.json"))
    assert (one.currency, one.ending_cash) == ("USDT", D("1000.5"))
    (one,) = of(CashBalanceRow, corpus("binance/http_json_balance.json"))
    assert one.ending_cash == D("122.12345678")


@pytest.mark.parametrize(
    "path", ["bybit/_http_get_orders_history.json", "binance/http_json_all_orders_response.json"]
)
def test_recorded_orders_that_were_not_filled_are_kept(path):
    assert not of(ExecutionRow, corpus(path))


def test_recorded_funding_rates_are_no_payments():
    with pytest.raises(UnreadableStatement) as refusal:
        corpus("bybit/_http_get_funding_history.json")
    assert refusal.value.code == "market_data"
