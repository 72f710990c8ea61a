"""BUX: units, money and fee of a trade in rows of their own, dividends with their tax, splits and a tender offer."""

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
    ProblemRow,
    StatementInfo,
    TransferRow,
)
from journal.domain.corporate import ActionKind
from journal.domain.values import PositionEffect, Side
from tests.brokers.reading import corpus_folder, of, parse, problem_codes

SAMPLE = Path(__file__).parent / "samples" / "transactions.csv"


@pytest.fixture(scope="module")
def records():
    return parse(SAMPLE, "bux")


def fill(records, row):
    (found,) = [one for one in of(ExecutionRow, records) if one.row == row]
    return found


def test_times_are_those_of_amsterdam_in_winter_and_summer(records):
    assert of(StatementInfo, records)[0].base_currency == "EUR"
    assert fill(records, 3).executed_at == datetime(2027, 3, 2, 12, 37, 29, 383_000, tzinfo=UTC)
    assert fill(records, 12).executed_at == datetime(2027, 7, 8, 14, 45, 18, 652_000, tzinfo=UTC)


def test_a_fee_belongs_to_the_trade_of_its_moment(records):
    bought = fill(records, 3)
    assert (bought.fee, bought.net_cash, bought.price) == (
        Decimal("1.5"),
        Decimal("-544.42"),
        Decimal("11.08"),
    )


def test_units_money_and_fee_of_an_order_are_one_fill(records):
    bought = fill(records, 6)
    assert (bought.quantity, bought.price, bought.instrument.currency) == (
        Decimal("0.256"),
        110,
        "USD",
    )
    assert (bought.fee, bought.fee_currency) == (Decimal("0.99"), "EUR")
    assert bought.broker_id == "11111111-2222-3333-4444-555555555555-1"
    # 25 euros for 28.16 dollars
    assert round(bought.proceeds * bought.fx_rate, 10) == -25
    told = [(one.row, one.section) for one in of(OtherRow, records)][:3]
    assert told == [(4, "Fee of a trade"), (5, "Units of a trade"), (7, "Fee of a trade")]


def test_the_stated_profit_is_before_fees(records):
    bought, sold = fill(records, 3), fill(records, 12)
    assert (sold.side, sold.effect, sold.net_cash) == (
        Side.SELL,
        PositionEffect.CLOSE,
        Decimal("239.01"),
    )
    assert (sold.price - bought.price) * sold.quantity == Decimal(
        sold.raw["Profit And Loss Amount"]
    )
    # The book makes its own, with the fees of both.
    assert sold.stated_pnl is None


def test_the_stated_profit_is_used_where_the_purchase_is_not_in_the_file():
    lines = SAMPLE.read_text().splitlines()
    (sold,) = of(ExecutionRow, parse("\n".join([lines[0], lines[11]]), "bux"))
    # 18.40, and its fee is in another row
    assert sold.stated_pnl == Decimal("18.4")


def test_pence_are_pounds(records):
    bought = fill(records, 21)
    assert (bought.instrument.currency, bought.price) == ("GBP", Decimal("1.0625"))
    assert round(bought.proceeds * bought.fx_rate, 10) == Decimal("-12.5")


def test_a_tax_is_what_gross_exceeds_net_by_in_the_money_that_came(records):
    found = [(one.row, one.kind, one.amount) for one in of(CashRow, records) if one.row in (9, 10)]
    assert found == [
        (9, CashKind.DIVIDEND, Decimal("19.29")),
        (9, CashKind.WITHHOLDING_TAX, Decimal("-2.89")),
        (10, CashKind.DIVIDEND, Decimal("0.20")),
        (10, CashKind.WITHHOLDING_TAX, Decimal("-0.03")),
    ]


def test_cash_has_its_kind_and_sign(records):
    found = {one.row: (one.kind, one.amount) for one in of(CashRow, records) if one.row > 10}
    assert found == {
        11: (CashKind.PAYMENT_IN_LIEU, 2),
        16: (CashKind.OTHER, Decimal("4.67")),
        17: (CashKind.INTEREST_RECEIVED, Decimal("0.33")),
        19: (CashKind.TAX, Decimal("-0.84")),
        20: (CashKind.INTEREST_RECEIVED, Decimal("0.11")),
        24: (CashKind.WITHDRAWAL, -1200),
    }


def test_units_out_and_in_are_a_split(records):
    out, into = of(CorporateActionRow, records)[:2]
    assert (out.kind, out.action_id) == (ActionKind.SPLIT, into.action_id)
    assert (out.signed_quantity, into.signed_quantity) == (Decimal("-0.256"), Decimal("1.024"))


def test_money_of_a_tender_offer_pays_for_its_units(records):
    units, money = of(CorporateActionRow, records)[2:]
    assert units.action_id == money.action_id
    assert (units.signed_quantity, money.cash) == (-4, 50)


def test_units_that_leave_without_a_trade(records):
    (moved,) = of(TransferRow, records)
    assert (moved.signed_quantity, moved.kind) == (-5, "Portfolio Transfer")


def test_the_running_balance_is_that_of_all_money(records):
    """The last row that states one and can be read is the withdrawal."""
    total = sum(one.amount for one in of(CashRow, records))
    total += sum(one.cash for one in of(CorporateActionRow, records))
    for one in of(ExecutionRow, records):
        total += round(one.proceeds * one.fx_rate, 10) - one.fee
    assert total == Decimal("3525.95")


def test_what_cannot_be_used_is_told(records):
    assert problem_codes(records) == {"no_direction": 1, "bad_number": 1, "unknown_row_type": 1}


def test_the_corpus():
    """Exceptions: docs/brokers/bux.md."""
    records = parse(corpus_folder("retail_csv") / "bux.csv", "bux")
    assert [(one.row, one.code) for one in of(ProblemRow, records)] == [
        (2, "no_amount"),
        (3, "no_amount"),
        (20, "no_direction"),
    ]
    first, second, abroad, last = of(ExecutionRow, records)
    assert (first.net_cash, first.fee) == (Decimal("-544.42"), Decimal("1.5"))
    assert (second.net_cash, last.net_cash) == (Decimal("-7.08"), -20)
    assert round(abroad.proceeds * abroad.fx_rate, 10) == -10
    out, into = of(CorporateActionRow, records)
    assert (out.signed_quantity, into.signed_quantity) == (-2, 8)
    cash = {one.row: one.amount for one in of(CashRow, records)}
    for row, amount in cash.items():
        (line,) = [one for one in of(CashRow, records) if one.row == row]
        assert amount == Decimal(line.raw["Transaction Amount"])
    assert len(cash) == 15
