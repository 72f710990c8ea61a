"""DEGIRO: columns without names, currencies in the names of others, commas, pence, several fills of one order."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from journal.brokers.base import ExecutionRow, StatementInfo
from journal.domain.values import Side
from tests.brokers.reading import of, parse, problem_codes

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture(scope="module")
def records():
    return parse(SAMPLES / "english.csv", "degiro")


def at_row(records, row):
    (found,) = [one for one in of(ExecutionRow, records) if one.row == row]
    return found


def test_the_accounts_currency_is_in_the_names_of_its_columns(records):
    assert of(StatementInfo, records)[0].base_currency == "EUR"


def test_times_are_those_of_amsterdam(records):
    assert at_row(records, 2).executed_at == datetime(2027, 6, 3, 14, 5, tzinfo=UTC)


def test_every_total_follows_from_its_fill(records):
    for one in of(ExecutionRow, records):
        value = one.quantity * one.price * one.fx_rate
        signed = -value if one.side is Side.BUY else value
        total = Decimal(one.raw["Total EUR"].replace(",", "."))
        assert (signed - one.fee).quantize(Decimal("0.01")) == total
        assert one.fee_currency == "EUR"


def test_a_sale_abroad(records):
    sold = at_row(records, 2)
    assert (sold.side, sold.quantity, sold.price, sold.instrument.currency) == (
        Side.SELL,
        4,
        55,
        "USD",
    )
    # AutoFX and the order's costs
    assert sold.fee == Decimal("2.50")
    assert sold.fx_rate == Decimal(200) / 220
    assert sold.order_id == "39e444b5-8f9d-40e0-a475-3dda3f6cfbb2"


def test_pence_are_pounds(records):
    bought = at_row(records, 3)
    assert (bought.instrument.currency, bought.price, bought.fx_rate) == (
        "GBP",
        Decimal("1.25"),
        Decimal("1.2"),
    )


def test_equal_fills_of_one_order_are_two_and_stand_before_the_sale_of_their_minute(records):
    sold, second, first = (at_row(records, row) for row in (4, 5, 6))
    assert first.executed_at == second.executed_at == sold.executed_at
    assert [one.row for one in of(ExecutionRow, records)] == [2, 3, 6, 5, 4, 7]
    assert first._replace(row=0) == second._replace(row=0)
    assert first.broker_id == ""


def test_a_time_that_is_none_is_told(records):
    assert problem_codes(records) == {"bad_date": 1}


def test_a_file_in_dutch():
    records = parse(SAMPLES / "dutch.csv", "degiro")
    assert of(StatementInfo, records)[0].base_currency == "EUR"
    (bought,) = of(ExecutionRow, records)
    assert (bought.price, bought.instrument.currency, bought.fee, bought.fee_currency) == (
        40,
        "USD",
        1,
        "EUR",
    )
    assert bought.quantity * bought.price * bought.fx_rate == 100


def test_a_sale_that_lost_its_sign_is_no_purchase():
    text = (SAMPLES / "english.csv").read_text().replace(",-4,", ",4,")
    records = parse(text, "degiro")
    assert problem_codes(records)["no_direction"] == 1
    assert 2 not in [one.row for one in of(ExecutionRow, records)]


def test_a_price_below_nothing_is_a_problem():
    text = (SAMPLES / "english.csv").read_text().replace('"55,0000"', '"-55,0000"')
    assert problem_codes(parse(text, "degiro"))["bad_value"] == 1


def test_costs_whose_column_was_taken_out_are_not_stated():
    text = (SAMPLES / "dutch.csv").read_text().replace("Transactiekosten", "Notities")
    (bought,) = of(ExecutionRow, parse(text, "degiro"))
    assert bought.fee is None
