"""Coinbase: a preamble with the account, signs in front of numbers, swaps, coins that come without a trade."""

from __future__ import annotations

from collections import Counter
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
from journal.domain.values import AssetClass, Side
from tests.brokers.reading import corpus_folder, of, parse, problem_codes

SAMPLE = Path(__file__).parent / "samples" / "transactions.csv"


@pytest.fixture(scope="module")
def records():
    return parse(SAMPLE, "coinbase")


def at_row(records, row, kind=ExecutionRow):
    return [one for one in of(kind, records) if one.row == row]


def test_the_account_is_named_above_the_table(records):
    (info,) = of(StatementInfo, records)
    assert (info.account_id, info.base_currency) == ("1a2b3c4d-1111-4222-8333-444455556666", "EUR")
    assert [one.section for one in of(OtherRow, records)][:2] == ["Preamble", "Preamble"]


def test_a_purchase_costs_its_total_and_not_the_markets_price(records):
    (bought,) = at_row(records, 12)
    assert (bought.quantity, bought.price) == (Decimal("0.1"), 39500)
    # 4000 were paid for coins of 3950: what is in between went to Coinbase, whatever part of it is called a fee.
    assert (bought.fee, bought.net_cash) == (50, -4000)
    assert bought.executed_at == datetime(2027, 4, 2, 10, tzinfo=UTC)
    assert (bought.instrument.symbol, bought.instrument.asset_class) == ("BTC", AssetClass.CRYPTO)


def test_a_sale_yields_its_total(records):
    (sold,) = at_row(records, 10)
    assert (sold.side, sold.quantity, sold.price) == (Side.SELL, Decimal("0.05"), 40000)
    assert (sold.fee, sold.net_cash) == (20, 1980)


def test_a_coin_bought_with_another_is_priced_in_it(records):
    (bought,) = at_row(records, 11)
    assert (bought.instrument.currency, bought.price, bought.fee) == ("USDC", 1950, 5)


def test_a_swap_is_a_sale_and_a_purchase_at_one_value(records):
    sold, bought = at_row(records, 9)
    assert (sold.side, sold.instrument.symbol, sold.price) == (Side.SELL, "BTC", 40000)
    assert (bought.side, bought.instrument.symbol, bought.price) == (Side.BUY, "ETH", 2000)
    assert sold.quantity * sold.price == bought.quantity * bought.price == 800
    assert sold.broker_id != bought.broker_id


def test_earned_coins_cost_what_they_were_worth(records):
    (earned,) = at_row(records, 8, TransferRow)
    assert (earned.signed_quantity, earned.stated_cost) == (Decimal("0.0005"), 1)


def test_sent_coins_leave_and_money_is_cash(records):
    (sent,) = at_row(records, 7, TransferRow)
    assert (sent.signed_quantity, sent.stated_cost) == (Decimal("-0.01"), None)
    assert [(one.kind, one.amount) for one in of(CashRow, records)] == [
        (CashKind.WITHDRAWAL, -50),
        (CashKind.DEPOSIT, 5000),
    ]


def test_what_cannot_be_used_is_told(records):
    assert problem_codes(records) == {"unknown_row_type": 1, "no_counterpart": 1, "coin_swap": 1}
    assert [one.section for one in of(OtherRow, records)][2:] == [
        "Retail Staking Transfer",
        "Wormhole",
    ]


def test_the_corpus():
    records = parse(corpus_folder("retail_csv") / "coinbase.csv", "coinbase")
    assert Counter(type(one).__name__ for one in records) == {
        "StatementInfo": 1, "ExecutionRow": 6, "TransferRow": 4, "ProblemRow": 1,
    }  # fmt: skip
    assert problem_codes(records) == {"coin_swap": 1}
    bought = [one for one in of(ExecutionRow, records) if one.raw["Transaction Type"] == "Buy"]
    assert [one.net_cash for one in bought] == [-70, -70]
    assert all(abs(one.quantity * one.price + one.fee - 70) < Decimal("1e-20") for one in bought)
