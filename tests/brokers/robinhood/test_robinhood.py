"""Robinhood: codes, brackets, an S behind what is short, descriptions of several lines, a disclaimer at the end."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from journal.brokers.base import CashKind, CashRow, CorporateActionRow, ExecutionRow, OtherRow
from journal.domain.values import ExecutionKind, PositionEffect, Right, Side
from tests.brokers.reading import of, parse, problem_codes

SAMPLE = Path(__file__).parent / "samples" / "activity.csv"


@pytest.fixture(scope="module")
def records():
    return parse(SAMPLE, "robinhood")


def fills(records, symbol):
    """Oldest first."""
    found = [one for one in of(ExecutionRow, records) if one.instrument.symbol == symbol]
    return sorted(found, key=lambda one: one.executed_at)


def test_an_option_that_was_sold_short_and_expired(records):
    sold, expired = fills(records, "VORN 7/16/2027 Call $120.00")
    contract = sold.instrument
    assert (contract.underlying_symbol, contract.strike, contract.right) == (
        "VORN",
        120,
        Right.CALL,
    )
    assert (contract.expiry_on, contract.multiplier) == (date(2027, 7, 16), 100)
    assert (sold.side, sold.effect, sold.price) == (Side.SELL, PositionEffect.OPEN, Decimal("0.40"))
    # 2 x 100 x 0.40 = 80.00, of which 79.92 arrived
    assert (sold.fee, sold.net_cash) == (Decimal("0.08"), Decimal("79.92"))
    assert (expired.kind, expired.side, expired.quantity) == (ExecutionKind.EXPIRY, Side.BUY, 2)


def test_an_assignment_and_its_shares(records):
    sold, assigned = fills(records, "QXA 7/23/2027 Put $55.00")
    (shares,) = fills(records, "QXA")
    assert (assigned.kind, assigned.side) == (ExecutionKind.ASSIGNMENT, Side.BUY)
    assert (shares.kind, shares.price, shares.quantity) == (ExecutionKind.ASSIGNMENT, 55, 100)
    assert shares.instrument.cusip == "74QXA1239"
    assert sold.fee == Decimal("0.05")


def test_a_day_trade_is_long_although_the_file_is_newest_first(records):
    bought, sold = fills(records, "MIRL")
    assert (bought.side, sold.side) == (Side.BUY, Side.SELL)
    assert bought.executed_at == sold.executed_at == datetime(2027, 7, 7, 4, tzinfo=UTC)
    assert bought.net_cash + sold.net_cash == Decimal("19.98")


def test_a_rounded_price_is_that_of_the_money(records):
    (bought,) = fills(records, "SPLT")
    assert bought.fee == 0
    assert abs(bought.quantity * bought.price - Decimal("10.05")) < Decimal("1e-20")


def test_a_split_states_what_came_on_top(records):
    (split,) = of(CorporateActionRow, records)
    assert (split.kind, split.signed_quantity, split.instrument.symbol) == ("split", 90, "SPLT")


def test_cash_has_its_kind_and_sign(records):
    found = sorted(of(CashRow, records), key=lambda one: one.row)
    assert [(one.kind, one.amount) for one in found] == [
        (CashKind.WITHDRAWAL, Decimal("-50.00")),
        (CashKind.DIVIDEND, Decimal("3.00")),
        (CashKind.FEE, Decimal("-0.02")),
        (CashKind.FEE, Decimal("-5.00")),
        (CashKind.OTHER, Decimal("0.10")),
        (CashKind.DEPOSIT, Decimal("10000.00")),
    ]


def test_the_disclaimer_is_kept(records):
    (footer,) = [one for one in of(OtherRow, records) if one.section == "Footer"]
    assert footer.raw == {"Amount": "The data provided is for informational purposes only."}


def test_what_cannot_be_used_is_told(records):
    assert problem_codes(records) == {
        "no_symbol": 1, "unknown_cash_type": 1, "fee_of_total": 1, "day_only": 1,
    }  # fmt: skip


def test_a_number_that_is_none_is_told():
    text = SAMPLE.read_text().replace('"STO","2"', '"STO","two"')
    (bad,) = [one for one in parse(text, "robinhood") if getattr(one, "code", "") == "bad_number"]
    assert "Quantity “two” is not a number" in bad.message
