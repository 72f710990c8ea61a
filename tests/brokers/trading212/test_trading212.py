"""Trading 212: the account's currency beside that of the price, pence, taxes kept back abroad, splits in two rows."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from journal.brokers.base import (
    CashKind,
    CashRow,
    CorporateActionRow,
    ExecutionRow,
    ProblemRow,
    StatementInfo,
    TransferRow,
)
from tests.brokers.reading import corpus_folder, of, parse, problem_codes

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture(scope="module")
def records():
    return parse(SAMPLES / "history.csv", "trading212")


def fill(records, broker_id):
    (found,) = [one for one in of(ExecutionRow, records) if one.broker_id == broker_id]
    return found


def test_the_currency_of_the_account_is_that_of_its_totals(records):
    assert of(StatementInfo, records)[0].base_currency == "EUR"


def test_times_are_utc_to_the_millisecond(records):
    assert fill(records, "EOF700001").executed_at == datetime(2027, 3, 1, 14, 30, 0, 120_000, UTC)


def test_a_fill_in_the_accounts_currency(records):
    sold = fill(records, "EOF700004")
    assert (sold.quantity, sold.price, sold.fx_rate) == (4, 53, 1)
    # (53 - 50) x 4
    assert (sold.stated_pnl, sold.instrument.isin) == (12, "DE000QXA0001")


def test_a_fill_abroad_has_the_rate_and_the_fee_in_the_accounts_currency(records):
    bought = fill(records, "EOF700002")
    assert (bought.price, bought.instrument.currency) == (40, "USD")
    assert bought.fx_rate == Decimal("0.8")
    assert (bought.fee, bought.fee_currency) == (Decimal("0.12"), "EUR")
    # What was paid is quantity x price x rate and the fee.
    assert bought.quantity * bought.price * bought.fx_rate + bought.fee == Decimal("80.12")


def test_pence_are_pounds(records):
    bought = fill(records, "EOF700003")
    assert (bought.instrument.currency, bought.price) == ("GBP", Decimal("1.25"))
    # 80 pence for a euro
    assert bought.fx_rate == Decimal("1.25")
    assert (bought.tax, bought.fee) == (Decimal("0.78"), 0)
    assert bought.quantity * bought.price * bought.fx_rate + bought.tax == Decimal("157.03")


def test_a_tax_kept_back_in_another_currency_moves_no_cash(records):
    rows = [(one.kind, one.amount, one.currency) for one in of(CashRow, records) if one.row == 7]
    assert rows == [
        (CashKind.DIVIDEND, Decimal("0.34"), "EUR"),
        (CashKind.DIVIDEND, Decimal("0.08"), "USD"),
        (CashKind.WITHHOLDING_TAX, Decimal("-0.08"), "USD"),
    ]


def test_a_tax_kept_back_in_the_accounts_currency_is_taken_off_the_dividend(records):
    rows = [(one.kind, one.amount, one.currency) for one in of(CashRow, records) if one.row == 8]
    assert rows == [
        (CashKind.DIVIDEND, Decimal("2.00"), "EUR"),
        (CashKind.WITHHOLDING_TAX, Decimal("-0.53"), "EUR"),
    ]


def test_a_withdrawal_without_a_sign_leaves(records):
    (out,) = [one for one in of(CashRow, records) if one.kind is CashKind.WITHDRAWAL]
    assert out.amount == -50
    assert [one.amount for one in of(CashRow, records) if one.kind is CashKind.DEPOSIT] == [1000]


def test_a_split_is_one_action_in_two_rows(records):
    out, into = of(CorporateActionRow, records)
    assert (out.signed_quantity, into.signed_quantity) == (Decimal("-2.5"), 10)
    assert out.action_id == into.action_id
    assert out.instrument is into.instrument


def test_shares_sent_elsewhere(records):
    (moved,) = of(TransferRow, records)
    assert (moved.signed_quantity, moved.price) == (-100, Decimal("1.30"))


def test_what_cannot_be_used_is_told(records):
    assert problem_codes(records) == {"unknown_row_type": 1, "bad_date": 1}


def test_a_layout_with_the_currency_in_the_names_of_its_columns():
    records = parse(SAMPLES / "in_pounds.csv", "trading212")
    assert of(StatementInfo, records)[0].base_currency == "GBP"
    (sold,) = of(ExecutionRow, records)
    assert (sold.fee, sold.tax, sold.fee_currency) == (Decimal("0.15"), Decimal("0.02"), "GBP")
    # In pounds, and the contract's own currency is the dollar: not comparable with the book's figure.
    assert sold.stated_pnl is None
    assert 60 * sold.fx_rate - sold.fee - sold.tax == Decimal("47.83")


def test_the_corpus():
    """Its last four rows are of a newer layout under the older header (docs/brokers/trading212.md)."""
    records = parse(corpus_folder("retail_csv") / "trading212.csv", "trading212")
    assert Counter(type(one).__name__ for one in records) == {
        "StatementInfo": 1, "ExecutionRow": 4, "CashRow": 11, "ProblemRow": 4,
    }  # fmt: skip
    assert [one.row for one in of(ProblemRow, records)] == [11, 12, 13, 14]
    for one in of(ExecutionRow, records):
        paid = one.quantity * one.price * one.fx_rate
        assert abs(paid - Decimal(one.raw["Total"])) <= Decimal("0.01")


def test_cash_without_a_currency_is_a_problem():
    text = (SAMPLES / "history.csv").read_text().replace("Currency (Total)", "Remark")
    text = text.replace(',"EUR"', ",")
    records = parse(text, "trading212")
    assert {one.currency for one in of(CashRow, records)} <= {"USD"}
    assert problem_codes(records)["no_currency"] == 5
