"""Entries by hand, as the document that the form writes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from journal.brokers.base import (
    CashKind,
    CashRow,
    ExecutionRow,
    ProblemRow,
    StatementInfo,
    UnreadableStatement,
)
from journal.domain.values import Side
from tests.brokers.reading import of, parse

SAMPLE = Path(__file__).parent / "samples" / "trade.json"


def entry(**changes) -> str:
    return json.dumps({**json.loads(SAMPLE.read_text()), **changes})


def test_an_entry_says_whose_it_is_and_counts_least():
    records = parse(SAMPLE, "manual_entry")
    (info,) = of(StatementInfo, records)
    assert (info.account_id, info.broker, info.base_currency, info.zone) == (
        "M-1",
        "manual",
        "USD",
        "America/New_York",
    )
    assert info.generated_at == datetime(2027, 3, 5, 18, tzinfo=UTC)
    bought, sold = of(ExecutionRow, records)
    assert (bought.side, bought.quantity, bought.price, bought.fee) == (
        Side.BUY,
        10,
        Decimal("20.5"),
        1,
    )
    assert (sold.side, sold.fee) == (Side.SELL, None)
    assert bought.executed_at == datetime(2027, 3, 1, 15, tzinfo=UTC)
    assert {one.authority for one in (bought, sold)} == {22}
    assert (bought.record_id, bought.broker_id, bought.raw["notes"]) == ("3f1:1", "", "as planned")


def test_a_fill_that_cannot_be_is_told_and_the_others_are_read():
    (problem,) = of(ProblemRow, parse(SAMPLE, "manual_entry"))
    assert (problem.row, problem.code) == (3, "bad_entry")
    assert "quantity" in problem.message
    assert "ten" in problem.message


@pytest.mark.parametrize(
    "text",
    [
        "{", "[]", "{}", entry(fillbook_entry=2), entry(fills=[]), entry(fills={}), entry(fills=[{}] * 1001),
        entry(entered_at="yesterday"), entry(entered_at=5), SAMPLE.read_text()[:-5], " " * (1024**2 + 2),
    ],
)  # fmt: skip
def test_what_is_no_entry_is_refused(text):
    with pytest.raises(UnreadableStatement) as refusal:
        parse(text, "manual_entry")
    assert refusal.value.code == "not_entry"


@pytest.mark.parametrize("fill", [None, 5, "x", {}, {"side": "buy"}, {"executed_at": "9999-99-99"}])
def test_odd_fills_are_problems(fill):
    (problem,) = of(ProblemRow, parse(entry(fills=[fill]), "manual_entry"))
    assert problem.code == "bad_entry"


CASH = {"record_id": "c1", "kind": "interest_paid", "amount": "-3.20", "currency": "USD",
        "occurred_at": "2027-03-01T10:00:00-05:00", "notes": "By telephone"}  # fmt: skip


def test_cash_is_read_beside_fills_or_alone():
    (row,) = of(CashRow, parse(entry(cash=[CASH]), "manual_entry"))
    assert (row.kind, row.amount, row.currency, row.description) == (
        CashKind.INTEREST_PAID,
        Decimal("-3.20"),
        "USD",
        "By telephone",
    )
    # No id of a broker: a statement that states the same money is its twin.
    assert (row.broker_id, row.row, row.occurred_at) == (
        "",
        4,
        datetime(2027, 3, 1, 15, tzinfo=UTC),
    )
    assert of(CashRow, parse(entry(fills=[], cash=[CASH]), "manual_entry"))


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "gift"}, {"amount": "0"}, {"amount": "NaN"}, {"amount": "1e400"}, {"amount": None}, {"currency": ""},
        {"occurred_at": "yesterday"}, {"occurred_at": "2099-01-01T00:00:00Z"},
    ],
)  # fmt: skip
def test_cash_that_cannot_be_is_told(change):
    records = parse(entry(fills=[], cash=[{**CASH, **change}]), "manual_entry")
    (problem,) = of(ProblemRow, records)
    assert problem.code == "bad_entry"
    assert next(iter(change)) in problem.message
