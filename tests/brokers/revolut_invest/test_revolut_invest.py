"""Revolut's stocks: costs inside totals, currency signs and codes, a comma among points, splits, a takeover for cash."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from journal.brokers.base import (
    CashKind,
    CashRow,
    CorporateActionRow,
    ExecutionRow,
    OtherRow,
    StatementInfo,
)
from journal.domain.corporate import ActionKind
from journal.domain.values import PositionEffect, Side
from tests.brokers.reading import corpus_folder, of, parse, problem_codes

SAMPLE = Path(__file__).parent / "samples" / "statement.csv"


@pytest.fixture(scope="module")
def records():
    return parse(SAMPLE, "revolut_invest")


def fill(records, row):
    (found,) = [one for one in of(ExecutionRow, records) if one.row == row]
    return found


def test_the_file_names_neither_account_nor_base_currency(records):
    (info,) = of(StatementInfo, records)
    assert (info.account_id, info.base_currency, info.zone) == ("", "", "UTC")


def test_times_are_utc(records):
    assert fill(records, 3).executed_at == datetime(2027, 2, 2, 14, 30, 10, 514_000, UTC)


def test_costs_are_what_a_total_holds_beyond_rounding(records):
    bought = fill(records, 4)
    # 0.33333333 x 300.10 = 100.03, and a dollar
    assert (bought.fee, bought.net_cash) == (1, Decimal("-101.03"))
    assert round(bought.quantity * bought.price, 10) == Decimal("100.03")


def test_a_price_rounded_to_cents_is_that_of_the_money(records):
    sold = fill(records, 5)
    assert (sold.side, sold.quantity, sold.price, sold.fee) == (
        Side.SELL,
        4,
        Decimal("59.995"),
        0,
    )
    assert (sold.net_cash, sold.order_type) == (Decimal("239.98"), "STOP")


def test_a_comma_is_a_decimal_point_where_it_can_be_nothing_else(records):
    assert fill(records, 13).quantity == Decimal("0.76672417")
    assert fill(records, 13).instrument.currency == "EUR"


def test_pence_are_pounds(records):
    bought = fill(records, 14)
    assert (bought.instrument.currency, bought.price, bought.net_cash) == (
        "GBP",
        Decimal("1.25"),
        -125,
    )


def test_a_split_states_what_came_on_top(records):
    (split,) = [one for one in of(CorporateActionRow, records) if one.kind is ActionKind.SPLIT]
    assert (split.signed_quantity, split.instrument.symbol) == (18, "QXA")


def test_units_and_money_of_a_takeover_are_one_action(records):
    units, money = [one for one in of(CorporateActionRow, records) if one.kind is ActionKind.MERGER]
    assert units.action_id == money.action_id
    assert (units.signed_quantity, units.cash) == (-3, 0)
    assert (money.signed_quantity, money.cash) == (0, 45)


def test_units_that_change_companies_stay_in_the_account(records):
    (kept,) = [one for one in of(OtherRow, records) if one.section.startswith("TRANSFER")]
    assert kept.row == 11


def test_cash_has_its_kind_and_sign(records):
    found = [(one.row, one.kind, one.amount, one.is_reversal) for one in of(CashRow, records)]
    assert found == [
        (2, CashKind.DEPOSIT, Decimal("5000.00"), False),
        (7, CashKind.DIVIDEND, Decimal("0.85"), False),
        (8, CashKind.WITHHOLDING_TAX, Decimal("-0.15"), False),
        (9, CashKind.FEE, Decimal("-0.02"), False),
        (10, CashKind.FEE, Decimal("0.01"), True),
        (12, CashKind.TRANSFER, Decimal("-0.01"), False),
        (18, CashKind.WITHDRAWAL, Decimal("-30.93"), False),
        (19, CashKind.OTHER, Decimal("0.55"), False),
    ]


def test_what_cannot_be_used_is_told(records):
    assert problem_codes(records) == {
        "no_quantity": 1, "bad_number": 1, "fee_of_total": 1, "unknown_cash_type": 1,
        "unknown_row_type": 1,
    }  # fmt: skip


def test_dates_of_the_oldest_files_are_not_guessed():
    text = (
        "Date,Ticker,Type,Quantity,Price per share,Total Amount,Currency,FX Rate\n"
        "10/03/2027 17:48:01,QXA,BUY,2,30.00,60.00,USD,1.1383211000\n"
    )
    assert problem_codes(parse(text, "revolut_invest")) == {"ambiguous_date": 1}
    (bought,) = of(ExecutionRow, parse(text, "revolut_invest", day_first=True))
    assert bought.executed_at == datetime(2027, 3, 10, 17, 48, 1, tzinfo=UTC)


def test_the_corpus():
    """Every row is read, and the money of trades is what the file states; exceptions: docs/brokers/revolut.md."""
    records = parse(corpus_folder("retail_csv") / "revolut-invest.csv", "revolut_invest")
    fills = of(ExecutionRow, records)
    assert [(one.net_cash, one.fee) for one in fills] == [
        (Decimal("-85.11"), 0),
        (Decimal("80.34"), Decimal("0.02")),
        (-50, 0),
        (-20, 0),
    ]
    assert sum(one.amount for one in of(CashRow, records)) == Decimal("-25.65")
    assert len(of(CorporateActionRow, records)) == 1
    assert [one.row for one in of(OtherRow, records)] == [8, 11]
    assert problem_codes(records) == {"fee_of_total": 1}


def test_sales_close_and_never_open_a_short_position(records):
    found = {(one.side, one.effect) for one in of(ExecutionRow, records)}
    assert found == {(Side.BUY, PositionEffect.OPEN), (Side.SELL, PositionEffect.CLOSE)}
