"""Kraken: pairs without a sign between them, trades in two ledger entries, pending deposits, fees in the coin."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from journal.brokers.base import (
    CashKind,
    CashRow,
    ExecutionRow,
    OtherRow,
    StatementInfo,
    TransferRow,
)
from journal.brokers.kraken.assets import asset_name, split_pair
from journal.domain.values import Side
from tests.brokers.reading import of, parse, problem_codes

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture(scope="module")
def trades():
    return parse(SAMPLES / "trades.csv", "kraken")


@pytest.fixture(scope="module")
def ledgers():
    return parse(SAMPLES / "ledgers.csv", "kraken")


@pytest.mark.parametrize(
    ("pair", "assets"),
    [
        ("XXBTZEUR", ("BTC", "EUR")),
        ("XBTUSD", ("BTC", "USD")),
        ("XETHXXBT", ("ETH", "BTC")),
        ("XRPEUR", ("XRP", "EUR")),
        ("USDTZUSD", ("USDT", "USD")),
        ("SOLUSDC", ("SOL", "USDC")),
        ("DOT/USD", ("DOT", "USD")),
        ("ZEURZUSD", ("EUR", "USD")),
        ("FOOBAR", None),
        ("EUR", None),
    ],
)
def test_a_pair_is_base_and_quote(pair, assets):
    assert split_pair(pair) == assets


def test_names_of_assets():
    names = ("XXBT", "XBT.M", "ZEUR", "DOT.S", "XXDG", "ZEC", "USDC")
    assert [asset_name(name) for name in names] == [
        "BTC",
        "BTC",
        "EUR",
        "DOT",
        "DOGE",
        "ZEC",
        "USDC",
    ]


def test_a_trade(trades):
    bought = of(ExecutionRow, trades)[0]
    assert bought.broker_id == "TQXA01-AAAAA-BBBBB1"
    assert bought.executed_at == datetime(2027, 9, 1, 10, 30, 0, 123_400, UTC)
    assert (bought.side, bought.quantity, bought.price) == (
        Side.BUY,
        Decimal("0.5"),
        Decimal("42000.50"),
    )
    assert (bought.fee, bought.fee_currency, bought.instrument.symbol) == (
        Decimal("33.60"),
        "EUR",
        "BTC",
    )


def test_a_trade_on_margin_and_one_against_a_coin(trades):
    _, _, margin, coin = of(ExecutionRow, trades)
    assert (margin.notes, margin.instrument.currency) == (("MARGIN",), "USD")
    assert (coin.instrument.symbol, coin.instrument.currency, coin.fee_currency) == (
        "ETH",
        "BTC",
        "BTC",
    )


def test_a_pair_that_is_not_known_is_told(trades):
    assert problem_codes(trades) == {"bad_value": 1}


def test_two_entries_are_one_fill_and_the_same_as_in_the_trades(trades, ledgers):
    bought, swapped = of(ExecutionRow, ledgers)
    assert bought.broker_id == of(ExecutionRow, trades)[0].broker_id
    assert (bought.quantity, bought.price, bought.fee) == (
        Decimal("0.5"),
        Decimal("42000.5"),
        Decimal("33.6"),
    )
    assert bought.authority < of(ExecutionRow, trades)[0].authority
    # 300 for 2 SOL, of which 0.02 were kept as the fee
    assert (swapped.quantity, swapped.price) == (2, 150)
    assert (swapped.fee, swapped.fee_currency) == (Decimal("0.02"), "SOL")


def test_coins_that_come_and_go(ledgers):
    sent, earned = of(TransferRow, ledgers)
    assert (sent.instrument.symbol, sent.signed_quantity) == ("BTC", Decimal("-0.0501"))
    assert sent.instrument.currency == "EUR"
    assert (earned.instrument.symbol, earned.signed_quantity, earned.kind) == (
        "DOT",
        Decimal("2.5"),
        "staking",
    )


def test_cash(ledgers):
    assert [(one.kind, one.amount, one.currency) for one in of(CashRow, ledgers)] == [
        (CashKind.DEPOSIT, 25000, "EUR"),
        (CashKind.FEE, Decimal("-0.15"), "EUR"),
        (CashKind.WITHDRAWAL, -1000, "EUR"),
        (CashKind.FEE, Decimal("-0.9"), "EUR"),
    ]


def test_what_stands_twice_or_stays_in_the_account_is_kept_only(ledgers):
    sections = [one.section for one in of(OtherRow, ledgers)]
    assert sections == ["Pending", "Trades", "Trades", "Own wallets", "teleport"]


def test_the_balance_follows_from_the_records(ledgers):
    """The last balance less the two entries that cannot be used, which make 0 together."""
    cash = sum(one.amount for one in of(CashRow, ledgers))
    cash += sum(one.proceeds for one in of(ExecutionRow, ledgers))
    cash -= sum(one.fee for one in of(ExecutionRow, ledgers) if one.fee_currency == "EUR")
    assert cash == Decimal("2665.1")
    assert of(StatementInfo, ledgers)[0].base_currency == "EUR"


def test_half_a_trade_is_told(ledgers):
    assert problem_codes(ledgers) == {"no_counterpart": 1, "unknown_row_type": 1}
