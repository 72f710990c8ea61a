"""Schwab's transactions: newest first, days alone, ends of options, actions in two halves, and a total at the end."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
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
    TransferRow,
    UnreadableStatement,
)
from journal.domain.corporate import ActionKind
from journal.domain.values import AssetClass, ExecutionKind, PositionEffect, Right, Side
from tests.brokers.reading import corpus_folder, of, parse, problem_codes

SAMPLE = Path(__file__).parent / "samples" / "options_and_actions.csv"


@pytest.fixture(scope="module")
def records():
    return parse(SAMPLE, "schwab")


def fills(records, symbol):
    return [one for one in of(ExecutionRow, records) if one.instrument.symbol == symbol]


def test_the_statement_is_in_dollars_and_new_york(records):
    (info,) = of(StatementInfo, records)
    assert (info.account_id, info.base_currency, info.zone) == ("", "USD", "America/New_York")


def test_every_line_becomes_a_record(records):
    assert {one.row for one in records} >= set(range(2, 29))
    assert [one.raw for one in of(OtherRow, records) if one.section == "Footer"] == [
        {"Date": "Transactions Total", "Amount": "$3,575.34"}
    ]


def test_an_option_is_read_from_its_symbol(records):
    opened, closed = fills(records, "VORN 01/21/2028 1,250.00 C")
    contract = opened.instrument
    assert contract is closed.instrument
    assert contract.asset_class is AssetClass.OPTION
    assert (contract.underlying_symbol, contract.expiry_on) == ("VORN", date(2028, 1, 21))
    assert (contract.strike, contract.right, contract.multiplier) == (1250, Right.CALL, 100)
    assert (opened.side, opened.effect) == (Side.BUY, PositionEffect.OPEN)
    assert (closed.side, closed.effect) == (Side.SELL, PositionEffect.CLOSE)
    # (31.00 - 28.50) x 100 less 0.66 twice
    assert opened.net_cash + closed.net_cash == Decimal("248.68")
    assert (closed.proceeds, closed.fee) == (3100, Decimal("0.66"))


def test_of_one_day_the_lower_line_came_first(records):
    bought, sold = fills(records, "MIRL")
    assert (bought.side, sold.side) == (Side.BUY, Side.SELL)
    assert bought.executed_at == sold.executed_at == datetime(2027, 12, 2, 5, tzinfo=UTC)


def test_an_expiry_counts_after_the_trades_of_the_day_that_it_is_as_of(records):
    expired, sold = fills(records, "QXA 12/10/2027 70.00 C")
    assert expired.kind is ExecutionKind.EXPIRY
    assert (expired.side, expired.quantity, expired.price) == (Side.BUY, 2, 0)
    assert sold.executed_at == datetime(2027, 12, 10, 5, tzinfo=UTC)
    assert expired.executed_at == datetime(2027, 12, 10, 21, 20, tzinfo=UTC)
    assert expired.reported_on == date(2027, 12, 13)


def test_shares_of_an_assignment_are_told_from_a_purchase(records):
    (assigned,) = [one for one in of(ExecutionRow, records) if one.row == 3]
    (shares,) = fills(records, "QXA")
    assert (assigned.kind, assigned.side) == (ExecutionKind.ASSIGNMENT, Side.BUY)
    assert (shares.kind, shares.quantity, shares.price) == (ExecutionKind.ASSIGNMENT, 100, 55)
    assert shares.executed_at == assigned.executed_at == datetime(2027, 12, 17, 21, 20, tzinfo=UTC)


def test_the_halves_of_a_reverse_split_are_one_ticker(records):
    old, new = [one for one in of(CorporateActionRow, records) if one.row in (12, 13)]
    assert new.kind is ActionKind.REVERSE_SPLIT
    assert new.action_id == old.action_id
    assert (new.instrument.symbol, old.instrument.symbol) == ("TANQ", "TANQ")
    assert (new.signed_quantity, old.signed_quantity) == (12, -120)


def test_a_split_counts_from_the_day_of_its_booking(records):
    (split,) = [one for one in of(CorporateActionRow, records) if one.kind is ActionKind.SPLIT]
    assert (split.signed_quantity, split.effective_at) == (
        90,
        datetime(2027, 11, 30, 5, tzinfo=UTC),
    )


def test_kinds_of_instruments(records):
    (bill,) = fills(records, "912XX7AB1")
    assert (bill.instrument.asset_class, bill.instrument.multiplier) == (
        AssetClass.BOND,
        Decimal("0.01"),
    )
    assert bill.quantity * bill.price * bill.instrument.multiplier == 9900
    assert fills(records, "QZFMX")[0].instrument.asset_class is AssetClass.FUND


def test_cash_has_its_kind_and_sign(records):
    found = {one.row: (one.kind, one.amount, one.is_reversal) for one in of(CashRow, records)}
    assert found == {
        2: (CashKind.WITHDRAWAL, Decimal("-1500.00"), False),
        19: (CashKind.WITHHOLDING_TAX, Decimal("-4.50"), False),
        20: (CashKind.DIVIDEND, Decimal("30.00"), False),
        23: (CashKind.DIVIDEND, Decimal("100.00"), False),
        24: (CashKind.INTEREST_PAID, Decimal("-2.75"), False),
        27: (CashKind.DEPOSIT, Decimal("25000.00"), False),
    }


def test_shares_that_move_without_a_trade(records):
    (moved,) = of(TransferRow, records)
    assert (moved.instrument.symbol, moved.signed_quantity, moved.kind) == (
        "MIRL",
        -20,
        "Journaled Shares",
    )


def test_all_money_of_the_file_is_in_the_records(records):
    """The total at the end less the row of an unknown kind (1.00) and the one that cannot be read (-10.00)."""
    total = sum(one.amount for one in of(CashRow, records))
    total += sum(one.net_cash or 0 for one in of(ExecutionRow, records))
    assert total == Decimal("3575.34") - 1 + 10


def test_what_cannot_be_used_is_told(records):
    assert problem_codes(records) == {"bad_number": 1, "unknown_row_type": 1, "day_only": 1}
    (bad,) = [one for one in records if getattr(one, "code", "") == "bad_number"]
    assert bad.row == 26
    assert "Quantity “ten” is not a number" in bad.message


def test_a_row_that_was_cut_off_is_no_trade():
    text = SAMPLE.read_text()
    cut = text[: text.index('"$12.00"') + 5]
    records = parse(cut, "schwab")
    assert problem_codes(records)["row_cut"] == 1


def test_a_file_with_other_columns_is_refused():
    with pytest.raises(UnreadableStatement) as refusal:
        parse(SAMPLE.read_text().replace("Fees & Comm", "Costs"), "schwab")
    assert refusal.value.code == "header_missing"


def test_the_corpus():
    """Every row is read, and the money of rows is what the file states; exceptions: docs/brokers/schwab.md."""
    records = parse(corpus_folder("retail_csv") / "schwab.csv", "schwab")
    assert Counter(type(one).__name__ for one in records) == {
        "StatementInfo": 1, "ExecutionRow": 43, "CashRow": 64, "CorporateActionRow": 11,
        "TransferRow": 1, "OtherRow": 1, "ProblemRow": 1,
    }  # fmt: skip
    assert problem_codes(records) == {"day_only": 1}
    amounts = [
        one.raw.get("Amount", "0")
        for one in records
        if not isinstance(one, OtherRow) and hasattr(one, "raw")
    ]
    stated = sum(Decimal(one.replace("$", "").replace(",", "")) for one in amounts)
    total = sum(one.amount for one in of(CashRow, records))
    assert total + sum(one.net_cash or 0 for one in of(ExecutionRow, records)) == stated


def test_a_sale_may_cost_more_than_it_yields():
    text = (
        '"Date","Action","Symbol","Description","Quantity","Price","Fees & Comm","Amount"\n'
        '"12/03/2027","Sell to Close","QXA 12/10/2027 70.00 C","CALL QUIXA INC $70 EXP 12/10/27","1","$0.01","$1.32",'
        '"-$0.32"\n'
    )
    (sold,) = of(ExecutionRow, parse(text, "schwab"))
    assert (sold.side, sold.price, sold.fee, sold.net_cash) == (
        Side.SELL,
        Decimal("0.01"),
        Decimal("1.32"),
        Decimal("-0.32"),
    )
