"""Revolut's coins: currencies on either side of a number, prices rounded to nothing, coins that pay, two layouts."""

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
from journal.domain.values import AssetClass, PositionEffect, Side
from tests.brokers.reading import corpus_folder, of, parse, problem_codes

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture(scope="module")
def records():
    return parse(SAMPLES / "statement.csv", "revolut_crypto")


@pytest.fixture(scope="module")
def former():
    return parse(SAMPLES / "former.csv", "revolut_crypto")


def fill(records, row):
    (found,) = [one for one in of(ExecutionRow, records) if one.row == row]
    return found


def test_a_fee_comes_on_top_of_a_purchase_and_out_of_a_sale(records):
    bought, sold = fill(records, 2), fill(records, 6)
    assert (bought.price, bought.fee) == (35762, Decimal("5.30"))
    assert bought.net_cash == Decimal("-362.92")
    assert (sold.side, sold.price, sold.net_cash) == (Side.SELL, 40000, Decimal("157.60"))
    assert bought.instrument is sold.instrument
    assert bought.instrument.asset_class is AssetClass.CRYPTO


def test_times_are_of_the_customers_clock_in_winter_and_summer(records):
    assert fill(records, 2).executed_at == datetime(2027, 3, 8, 13, 8, 54, tzinfo=UTC)
    assert fill(records, 6).executed_at == datetime(2027, 7, 12, 14, 56, 16, tzinfo=UTC)


def test_a_coin_worth_less_than_a_cent_has_the_price_of_its_money(records):
    bought = fill(records, 5)
    assert bought.quantity == Decimal("3140.45654399")
    assert round(bought.quantity * bought.price, 12) == Decimal("0.97")
    assert bought.net_cash == Decimal("-1.45")


def test_coins_that_pay_are_sold_and_their_money_is_gone(records):
    paid = fill(records, 7)
    assert (paid.side, paid.instrument.currency) == (Side.SELL, "USD")
    (gone,) = of(CashRow, records)
    assert (gone.kind, gone.amount, gone.currency) == (CashKind.WITHDRAWAL, -41, "USD")


def test_coins_move_with_their_sign_and_staking_moves_none(records):
    assert [(one.kind, one.signed_quantity) for one in of(TransferRow, records)] == [
        ("Send", Decimal("-0.002")),
        ("Receive", Decimal("0.001")),
        ("Staking reward", Decimal("0.00002061")),
        ("Learn reward", Decimal("0.06188988")),
    ]
    assert [one.section for one in of(OtherRow, records)] == ["Stake", "Unstake", "Other"]


def test_what_cannot_be_used_is_told(records):
    assert problem_codes(records) == {
        "no_price": 1, "bad_date": 1, "currency_of_neighbour": 1, "unknown_row_type": 1,
    }  # fmt: skip


def test_rewards_alone_do_not_tell_a_currency():
    text = "Symbol,Type,Quantity,Price,Value,Fees,Date\n"
    text += 'ETH,Staking reward,0.1,,,,"Jul 15, 2027, 12:23:31 AM"\n'
    assert problem_codes(parse(text, "revolut_crypto"))["no_currency"] == 1


def test_the_former_layout_has_utc_and_its_base_currency(former):
    (info,) = of(StatementInfo, former)
    assert info.base_currency == "EUR"
    assert fill(former, 2).executed_at == datetime(2027, 6, 25, 13, 29, 3, tzinfo=UTC)


def test_the_former_layouts_money_is_that_with_fees(former):
    assert fill(former, 2).net_cash == Decimal("-298.3167439")
    assert fill(former, 4).net_cash == 197
    assert (fill(former, 4).side, fill(former, 4).quantity) == (Side.SELL, 600)


def test_the_former_layouts_payment_and_refund(former):
    assert (fill(former, 5).side, fill(former, 6).side) == (Side.SELL, Side.BUY)
    assert [(one.kind, one.amount) for one in of(CashRow, former)] == [
        (CashKind.WITHDRAWAL, -40),
        (CashKind.DEPOSIT, 20),
    ]


def test_the_former_layouts_coins_that_move(former):
    earned, sent = of(TransferRow, former)
    assert (earned.signed_quantity, earned.stated_cost) == (1, Decimal("5.50"))
    assert sent.signed_quantity == -45


def test_what_was_reverted_is_kept_and_what_is_new_is_told(former):
    assert [one.section for one in of(OtherRow, former)] == ["Not completed: REVERTED", "GIFT"]
    assert problem_codes(former) == {"unknown_row_type": 1, "price_of_total": 1}


def test_the_corpus():
    """Every row is read, and the money of purchases is value and fee; exceptions: docs/brokers/revolut.md."""
    records = parse(corpus_folder("retail_csv") / "revolut-crypto.csv", "revolut_crypto")
    lines = (corpus_folder("retail_csv") / "revolut-crypto.csv").read_text().splitlines()
    assert {one.row for one in records} == set(range(1, len(lines) + 1))
    assert set(problem_codes(records)) == {"currency_of_neighbour"}
    fills = of(ExecutionRow, records)
    assert [one.side for one in fills].count(Side.SELL) == 1
    for one in fills:
        value = one.net_cash - one.fee if one.side is Side.SELL else -one.net_cash - one.fee
        assert abs(one.quantity * one.price - value) < Decimal("1e-20")
        assert f"{value:f}" in one.raw["Value"]


def test_sales_close_and_never_open_a_short_position(records):
    found = {(one.side, one.effect) for one in of(ExecutionRow, records)}
    assert found == {(Side.BUY, PositionEffect.OPEN), (Side.SELL, PositionEffect.CLOSE)}
