"""TradeZero: levies in columns of their own, numbers in powers of ten, shorts and covers, the cash of locates."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from journal.brokers.base import CashKind, CashRow, ExecutionRow, StatementInfo
from journal.domain.values import PositionEffect, Side
from tests.brokers.reading import of, parse, problem_codes

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture(scope="module")
def records():
    return parse(SAMPLES / "trades.csv", "tradezero")


@pytest.fixture(scope="module")
def journal():
    return parse(SAMPLES / "cash.csv", "tradezero")


def test_rows_name_their_account_and_currency(records):
    (info,) = of(StatementInfo, records)
    assert (info.account_id, info.base_currency, info.zone) == (
        "QZX06710",
        "USD",
        "America/New_York",
    )


def test_a_purchase_costs_what_its_proceeds_differ_by(records):
    bought = of(ExecutionRow, records)[0]
    assert bought.executed_at == datetime(2027, 6, 24, 14, 29, 39, tzinfo=UTC)
    assert bought.settled_on == date(2027, 6, 28)
    assert (bought.fee, bought.tax) == (Decimal("0.99"), Decimal("0.0330314"))
    assert bought.proceeds - bought.fee - bought.tax == bought.net_cash == Decimal("-589.5190314")


def test_a_sale_yields_less_by_its_costs(records):
    sold = of(ExecutionRow, records)[1]
    assert (sold.side, sold.fee, sold.tax) == (Side.SELL, Decimal("0.99"), Decimal("0.0530314"))
    assert sold.proceeds - sold.fee - sold.tax == sold.net_cash


def test_shorts_open_and_covers_close(records):
    short, cover = of(ExecutionRow, records)[2:4]
    assert (short.side, short.effect, short.quantity) == (Side.SELL, PositionEffect.OPEN, 1000)
    assert (cover.side, cover.effect) == (Side.BUY, PositionEffect.CLOSE)
    # 3200 - 3100, less 1.363 and 1.543
    assert short.net_cash + cover.net_cash == Decimal("97.094")
    # A rebate for liquidity of 0.2 is in the fee.
    assert short.fee == Decimal("1.1")


def test_money_is_right_where_the_sign_of_a_fee_is_not(records):
    odd = of(ExecutionRow, records)[4]
    assert (odd.fee, odd.net_cash) == (1, -301)


def test_what_cannot_be_used_is_told(records):
    assert problem_codes(records) == {"no_direction": 2, "bad_number": 1}
    assert len(of(ExecutionRow, records)) == 5


def test_cash_has_its_kind_and_sign(journal):
    found = [(one.row, one.kind, one.amount, one.is_reversal) for one in of(CashRow, journal)]
    assert found == [
        (2, CashKind.DEPOSIT, 5000, False),
        (3, CashKind.FEE, -15, False),
        (4, CashKind.FEE, -8, False),
        (5, CashKind.FEE, Decimal("0.6"), True),
        (6, CashKind.FEE, Decimal("-0.25"), False),
        (7, CashKind.FEE, -59, False),
        (8, CashKind.WITHDRAWAL, -100, False),
        (9, CashKind.OTHER, 3, False),
    ]
    assert problem_codes(journal) == {"unknown_cash_type": 1, "no_amount": 1}


def test_what_a_locate_is_for_is_in_its_note(journal):
    about = {one.row: one.instrument.symbol for one in of(CashRow, journal) if one.instrument}
    assert about == {4: "MIRL", 5: "MIRL", 6: "BEAR"}
