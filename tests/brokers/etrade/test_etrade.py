"""E*TRADE: two layouts, types that are missing, options in words, ends booked days later, dividends that buy units."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from journal.brokers.base import (
    CashKind,
    CashRow,
    ExecutionRow,
    OptionEventKind,
    OptionEventRow,
    OtherRow,
    StatementInfo,
)
from journal.domain.values import AssetClass, ExecutionKind, PositionEffect, Right, Side
from tests.brokers.reading import of, parse, problem_codes

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture(scope="module")
def former():
    return parse(SAMPLES / "former.csv", "etrade")


@pytest.fixture(scope="module")
def current():
    return parse(SAMPLES / "current.csv", "etrade")


def fill(records, row):
    (found,) = [one for one in of(ExecutionRow, records) if one.row == row]
    return found


def test_the_number_is_masked_so_the_file_names_no_account(former, current):
    for records in (former, current):
        (info,) = of(StatementInfo, records)
        assert (info.account_id, info.base_currency, info.zone) == ("", "USD", "America/New_York")


def test_of_one_day_the_lower_line_came_first(former):
    rows = [one.row for one in of(ExecutionRow, former) if one.instrument.symbol == "MIRL"]
    assert rows == [10, 9, 8]
    assert fill(former, 8).executed_at == datetime(2027, 12, 10, 5, tzinfo=UTC)


def test_levies_inside_the_amount_are_in_the_price(former):
    sold = fill(former, 8)
    assert (sold.side, sold.price, sold.net_cash) == (
        Side.SELL,
        Decimal("21.849"),
        Decimal("218.49"),
    )


def test_a_row_without_a_type_is_a_trade_by_the_sign_of_its_units(former):
    sold, bought = fill(former, 11), fill(former, 12)
    assert (sold.side, sold.quantity, sold.fee) == (Side.SELL, 5, Decimal("2.68"))
    # 3972.31 came, 2.68 was kept: 3974.99 for 500
    assert (sold.price, sold.net_cash) == (Decimal("7.94998"), Decimal("3972.31"))
    assert (bought.side, bought.net_cash) == (Side.BUY, Decimal("-10.12"))
    contract = sold.instrument
    assert (contract.symbol, contract.asset_class) == ("VORN 12/13/2027 150 P", AssetClass.OPTION)
    assert (contract.expiry_on, contract.strike, contract.right, contract.multiplier) == (
        date(2027, 12, 13),
        150,
        Right.PUT,
        100,
    )


def test_a_description_may_say_that_an_option_was_opened(former):
    assert fill(former, 15).effect is PositionEffect.OPEN


def test_a_dividend_with_units_is_a_purchase_for_the_dividend(former, current):
    bought = fill(former, 6)
    assert (bought.instrument.asset_class, bought.net_cash) == (AssetClass.FUND, Decimal("-81.33"))
    assert round(bought.quantity * bought.price, 10) == Decimal("81.33")
    assert fill(current, 22).net_cash == Decimal("-12.34")


def test_ends_of_options_without_a_type_are_told_by_the_description(former):
    (ended,) = of(OptionEventRow, former)
    assert (ended.kind, ended.signed_quantity) == (OptionEventKind.EXPIRY, 3)
    assert (ended.happened_on, ended.is_directed) == (date(2027, 11, 26), False)


def test_cash_without_a_type_has_its_kind_by_the_description(former):
    found = {one.row: (one.kind, one.amount, one.description) for one in of(CashRow, former)}
    assert found == {
        7: (
            CashKind.DIVIDEND,
            Decimal("81.33"),
            "Dividend: QUIXA GLOBAL FUND RECORD 12/10/27 PAY 12/13/27",
        ),
        13: (CashKind.TRANSFER, Decimal("1901.1"), "INTERNAL FUND TRANSFER"),
        14: (CashKind.TRANSFER, Decimal("-1901.1"), "INTERNAL FUND TRANSFER"),
        16: (CashKind.INTEREST_RECEIVED, Decimal("0.08"), "NORTH BANK N.A. (Period 11/13-11/30)"),
        18: (CashKind.OTHER, Decimal("5.00"), "A GIFT FROM THE MOON"),
        19: (CashKind.DEPOSIT, 500, "Transfer: ACH DEPOSIT REFID:12312312312;"),
    }


def test_an_assignment_counts_on_its_own_day_with_its_shares(current):
    assigned, shares, sold = (fill(current, row) for row in (15, 17, 16))
    assert (assigned.kind, assigned.side, assigned.quantity) == (
        ExecutionKind.ASSIGNMENT,
        Side.BUY,
        2,
    )
    assert (shares.kind, shares.price) == (ExecutionKind.ASSIGNMENT, 370)
    # Assigned on the 4th, booked on the 5th, on which the shares were sold.
    assert assigned.executed_at == shares.executed_at == datetime(2027, 3, 4, 21, 20, tzinfo=UTC)
    assert sold.executed_at == datetime(2027, 3, 5, 5, tzinfo=UTC)


def test_an_expiry_is_directed_only_where_its_sign_says_so(current):
    (unsigned,) = of(OptionEventRow, current)
    assert (unsigned.instrument.strike, unsigned.happened_on) == (380, date(2027, 3, 5))
    gone = fill(current, 14)
    assert (gone.kind, gone.side) == (ExecutionKind.EXPIRY, Side.SELL)
    assert gone.executed_at == datetime(2027, 3, 5, 21, 20, tzinfo=UTC)


def test_options_are_opened_and_closed_by_their_types(current):
    opened, covered = fill(current, 20), fill(current, 19)
    assert (opened.side, opened.effect, opened.instrument.symbol) == (
        Side.BUY,
        PositionEffect.OPEN,
        "QXB 03/19/2027 312.5 P",
    )
    assert (covered.side, covered.effect, covered.fee) == (
        Side.BUY,
        PositionEffect.CLOSE,
        Decimal("2.58"),
    )


def test_cash_has_its_kind_and_sign(current):
    found = {one.row: (one.kind, one.amount) for one in of(CashRow, current)}
    assert found == {
        8: (CashKind.INTEREST_RECEIVED, Decimal("0.09")),
        9: (CashKind.WITHDRAWAL, Decimal("-28000.0")),
        10: (CashKind.ADJUSTMENT, Decimal("63.46")),
        11: (CashKind.ADJUSTMENT, Decimal("-63.46")),
        12: (CashKind.INTEREST_PAID, Decimal("-63.46")),
        21: (CashKind.DIVIDEND, Decimal("12.34")),
    }


def test_what_cannot_be_used_is_told_and_notes_are_kept(current):
    assert problem_codes(current) == {
        "bad_number": 1, "no_direction": 1, "day_only": 1, "unknown_row_type": 1,
    }  # fmt: skip
    assert [one.row for one in of(OtherRow, current) if one.section == "Footer"] == [26]
