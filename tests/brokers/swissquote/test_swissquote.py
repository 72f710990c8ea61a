"""Swissquote: several currencies, several fills of one order in one second, costs within the net amount."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from journal.brokers.base import CashKind, CashRow, ExecutionRow
from journal.domain.values import Side
from tests.brokers.reading import corpus_folder, of, parse, problem_codes

SAMPLE = Path(__file__).parent / "samples" / "transactions.csv"


@pytest.fixture(scope="module")
def records():
    return parse(SAMPLE, "swissquote")


def test_fills_of_one_second_come_oldest_first(records):
    assert [(one.row, one.side, one.quantity) for one in of(ExecutionRow, records)] == [
        (7, Side.BUY, 40),
        (6, Side.BUY, 60),
        (5, Side.SELL, 100),
    ]
    first, second, sold = of(ExecutionRow, records)
    assert first.executed_at == sold.executed_at == datetime(2027, 2, 10, 14, 30, 2, tzinfo=UTC)
    assert (first.order_id, first.broker_id) == (second.order_id, "") == ("21000004", "")
    # (21.50 - 20.00) x 100 less 13
    assert sum(one.net_cash for one in of(ExecutionRow, records)) == 137


def test_cash_and_its_costs(records):
    found = sorted((one.row, one.kind, one.amount, one.currency) for one in of(CashRow, records))
    assert found == [
        (2, CashKind.FEE, -2, "CHF"),
        (2, CashKind.WITHDRAWAL, -2000, "CHF"),
        (3, CashKind.TRANSFER, 1900, "EUR"),
        (4, CashKind.TRANSFER, -2000, "CHF"),
        (8, CashKind.DIVIDEND, 100, "CHF"),
        (8, CashKind.WITHHOLDING_TAX, -35, "CHF"),
        (9, CashKind.FEE, -50, "CHF"),
        (9, CashKind.FEE, Decimal("-3.85"), "CHF"),
        (10, CashKind.INTEREST_PAID, Decimal("-0.01"), "CHF"),
    ]


def test_what_cannot_be_used_is_told(records):
    assert problem_codes(records) == {"unknown_row_type": 1}


def test_the_corpus():
    """All 21 rows, and the money of each is its net amount to the cent."""
    records = parse(corpus_folder("retail_csv") / "swissquote.csv", "swissquote")
    assert Counter(type(one).__name__ for one in records) == {
        "StatementInfo": 1, "ExecutionRow": 10, "CashRow": 14,
    }  # fmt: skip
    for one in of(ExecutionRow, records):
        signed = one.quantity * one.price * (1 if one.side is Side.SELL else -1)
        assert (signed - one.fee).quantize(Decimal("0.01")) == Decimal(one.raw["Net Amount"])
    moved: Counter[int] = Counter()
    for one in of(CashRow, records):
        moved[one.row] += one.amount
        assert one.raw["Currency"] == one.currency
    stated = {one.row: Decimal(one.raw["Net Amount"]) for one in of(CashRow, records)}
    assert moved == stated


def test_money_that_lost_its_sign_does_not_turn_a_trade_around():
    text = (Path(__file__).parent / "samples/transactions.csv").read_text()
    records = parse(text.replace(";-", ";"), "swissquote")
    assert problem_codes(records)["no_direction"] == 2
