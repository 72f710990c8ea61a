"""Backtests, which never happened, and trades of the bot's API."""

from __future__ import annotations

import json
from decimal import Decimal as D
from pathlib import Path

import pytest

from journal.brokers.base import ExecutionRow, ProblemRow, UnreadableStatement
from journal.brokers.registry import detect
from journal.domain.values import AssetClass, PositionEffect, Severity, Side
from tests.brokers.reading import corpus_folder, of, parse, problem_codes

SAMPLES = Path(__file__).parent / "samples"
SLUG = "freqtrade_json"


def backtest():
    return json.loads((SAMPLES / "backtest.json").read_text())


def test_a_backtest_is_of_no_exchange_and_says_what_it_is():
    records = parse(SAMPLES / "backtest.json", SLUG)
    info = records[0]
    assert (info.broker, info.account_id, info.base_currency) == ("backtest", "", "USDT")
    assert info.is_hedging
    (told,) = of(ProblemRow, records)
    assert (told.code, told.severity) == ("simulated", Severity.WARNING)
    assert "never happened" in told.message
    assert "a backtest of Zigzag" in told.message


def test_orders_and_trades_of_a_backtest_are_fills():
    fills = of(ExecutionRow, parse(SAMPLES / "backtest.json", SLUG))
    assert [
        (one.instrument.symbol, one.side, one.quantity, one.price, one.fee, one.effect)
        for one in fills
    ] == [
        ("SOL", Side.BUY, 2, 150, D("0.3"), PositionEffect.OPEN),
        ("SOL", Side.SELL, 2, 156, D("0.312"), PositionEffect.CLOSE),
        ("BTC/USDT:USDT", Side.SELL, D("0.01"), 60000, D("0.3"), PositionEffect.OPEN),
        ("BTC/USDT:USDT", Side.BUY, D("0.01"), 61000, D("0.305"), PositionEffect.CLOSE),
    ]
    assert [one.trade_id for one in fills][::2] == ["position:1", "position:4"]
    assert fills[2].instrument.asset_class is AssetClass.FUTURE
    assert fills[1].notes == ("roi",)


def test_trades_of_the_api_are_of_their_exchange():
    records = parse(SAMPLES / "trades.json", SLUG)
    assert records[0].broker == "binance"
    bought, sold = of(ExecutionRow, records)
    assert (bought.fee, bought.fee_currency, bought.order_id) == (D("0.00005"), "BNB", "b1")
    assert (sold.fee, sold.fee_currency, sold.order_type) == (D("0.05"), "USDT", "market")
    assert (bought.trade_id, problem_codes(records)) == ("", {"order_rows_booked": 1})


def test_several_strategies_are_several_accounts():
    found = backtest()
    found["strategy"]["Other"] = found["strategy"]["Zigzag"]
    with pytest.raises(UnreadableStatement) as refusal:
        parse(json.dumps(found), SLUG)
    assert refusal.value.code == "several_accounts"


@pytest.mark.parametrize("found", [[], {}, {"trades": [1]}, {"strategy": {"A": {"trades": []}}}, 7])
def test_a_file_without_trades_is_refused(found):
    with pytest.raises(UnreadableStatement) as refusal:
        parse(json.dumps(found), SLUG)
    assert refusal.value.code == "no_trades"


def test_a_real_backtest_has_the_profit_of_each_trade():
    """In this file `profit_abs` is before fees, and `profit_ratio` after them: all 179, none left out."""
    path = corpus_folder("crypto") / "freqtrade_backtest_result.json"
    data = path.read_bytes()
    assert detect(data[: 64 * 1024], "").slug == SLUG
    fills = of(ExecutionRow, parse(data, SLUG))
    (result,) = json.loads(data, parse_float=D)["strategy"].values()
    trades = result["trades"]
    assert len(fills) == 2 * len(trades) == 358
    for bought, sold, trade in zip(fills[::2], fills[1::2], trades, strict=True):
        paid, received = bought.quantity * bought.price, sold.quantity * sold.price
        assert abs(received - paid - trade["profit_abs"]) < D("1e-15")
        ratio = (received - sold.fee) / (paid + bought.fee) - 1
        assert abs(ratio - trade["profit_ratio"]) < D("6e-9")
    gain = sum(one.quantity * one.price * (1 if one.side is Side.SELL else -1) for one in fills)
    assert abs(gain - result["profit_total_abs"]) < D("1e-13")
