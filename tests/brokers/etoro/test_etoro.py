"""eToro: positions in dollars that open and close as wholes, brackets, and numbers of two notations in one file."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from journal.brokers.base import CashKind, CashRow, ClosedLotRow, ExecutionRow, StatementInfo
from journal.domain.values import AssetClass, Side
from tests.brokers.reading import corpus_folder, of, parse, problem_codes

SAMPLE = Path(__file__).parent / "samples" / "account_activity.csv"


@pytest.fixture(scope="module")
def records():
    return parse(SAMPLE, "etoro")


def fill(records, broker_id):
    (found,) = [one for one in of(ExecutionRow, records) if one.broker_id == broker_id]
    return found


def profits(records):
    """Stated profit and that of the two fills, of positions that open and close in the file."""
    opened = {one.broker_id[5:]: one for one in of(ExecutionRow, records) if one.side is Side.BUY}
    for closed in of(ExecutionRow, records):
        start = opened.get(closed.broker_id.removeprefix("close:"))
        if start is not None and closed is not start:
            made = closed.quantity * closed.price - start.quantity * start.price
            yield closed.stated_pnl, made.quantize(Decimal("0.01"))


def test_the_account_is_in_dollars_and_days_come_first(records):
    assert of(StatementInfo, records)[0].base_currency == "USD"
    assert fill(records, "open:3000000001").executed_at == datetime(2027, 5, 4, 14, 30, tzinfo=UTC)


def test_the_profit_is_the_brokers_own_to_the_cent(records):
    assert list(profits(records)) == [(-12, -12), (60, 60)]


def test_a_closed_position_names_its_opening(records):
    assert [
        (one.opening_broker_id, one.cost, one.realized_pnl) for one in of(ClosedLotRow, records)
    ] == [
        ("open:3000000003", 100, -12),
        ("open:3000000001", 500, 60),
    ]


def test_what_is_quoted_in_euros_is_held_in_dollars(records):
    bought = fill(records, "open:3000000002")
    assert (bought.instrument.symbol, bought.instrument.currency, bought.price) == (
        "KRN",
        "USD",
        100,
    )


def test_a_cfd_is_not_the_share(records):
    contract = fill(records, "open:3000000003").instrument
    assert (contract.symbol, contract.asset_class) == ("GLD/USD", AssetClass.CFD)


def test_cash_has_its_kind_and_sign(records):
    assert [(one.kind, one.amount, one.is_reversal) for one in of(CashRow, records)] == [
        (CashKind.DEPOSIT, Decimal("1620.00"), False),
        (CashKind.FEE, Decimal("-8.10"), False),
        (CashKind.FEE, Decimal("-0.15"), False),
        (CashKind.FEE, Decimal("0.05"), True),
        (CashKind.DIVIDEND, Decimal("0.85"), False),
        (CashKind.TAX, Decimal("-6.97"), False),
        (CashKind.WITHDRAWAL, Decimal("-100.00"), False),
        # Decimal commas among decimal points: this number can be read in one way only.
        (CashKind.INTEREST_RECEIVED, Decimal("1.25"), False),
    ]


def test_the_balance_follows_from_the_records(records):
    cash = sum(one.amount for one in of(CashRow, records))
    cash += sum(one.net_cash for one in of(ExecutionRow, records))
    assert cash == Decimal("1304.93")


def test_what_cannot_be_used_is_told(records):
    assert problem_codes(records) == {"unknown_row_type": 1, "no_quantity": 1, "margin_price": 1}


def test_the_corpus():
    """All rows, and the profit of the one position that opens and closes in the file."""
    records = parse(corpus_folder("retail_csv") / "etoro.csv", "etoro")
    assert Counter(type(one).__name__ for one in records) == {
        "StatementInfo": 1, "ExecutionRow": 9, "ClosedLotRow": 4, "CashRow": 18, "OtherRow": 1,
        "ProblemRow": 1,
    }  # fmt: skip
    assert problem_codes(records) == {"margin_price": 1}
    assert list(profits(records)) == [(Decimal("192.16"), Decimal("192.16"))]
    for lot in of(ClosedLotRow, records):
        assert lot.realized_pnl + lot.cost == Decimal(lot.raw["Amount"].strip().replace(",", "."))


ETORO = (
    "Date;Type;Details;Amount;Units;Realized Equity Change;Realized Equity;Balance;Position ID;Asset type;NWA\n"
    "13/05/2027 14:30:00;Open Position;QXA/USD;500;4,125;0;1000;500;3000000009;Stocks;0\n"
)


def test_between_semicolons_a_comma_is_the_decimal_separator_where_nothing_else_tells():
    (bought,) = of(ExecutionRow, parse(ETORO, "etoro"))
    assert bought.quantity == Decimal("4.125")


def test_dates_that_contradict_each_other_do_not_say_which_number_is_the_month():
    rows = "".join(
        ETORO.splitlines(keepends=True)[1].replace("13/05", day).replace("09;", f"1{number};")
        for number, day in enumerate(("13/05", "05/14", "03/06"))
    )
    text = ETORO.splitlines(keepends=True)[0] + rows
    records = parse(text, "etoro")
    assert problem_codes(records)["ambiguous_date"] == 1
    assert len(of(ExecutionRow, records)) == 2
    assert len(of(ExecutionRow, parse(text, "etoro", day_first=True))) == 3
