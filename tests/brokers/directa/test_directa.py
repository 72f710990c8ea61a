"""Directa: a preamble, days alone, prices only in the money, costs in rows of their own, bonds, a day that is none."""

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
)
from journal.domain.corporate import ActionKind
from journal.domain.values import AssetClass, Side
from tests.brokers.reading import corpus_folder, of, parse, problem_codes

SAMPLE = Path(__file__).parent / "samples" / "movements.csv"


@pytest.fixture(scope="module")
def records():
    return parse(SAMPLE, "directa")


def fill(records, order):
    (found,) = [one for one in of(ExecutionRow, records) if one.order_id == order]
    return found


def test_the_account_is_in_the_preamble(records):
    (info,) = of(StatementInfo, records)
    assert (info.account_id, info.base_currency, info.zone) == ("C4711", "EUR", "Europe/Rome")


def test_a_preamble_with_a_name_alone_names_no_account():
    text = SAMPLE.read_text().replace("C4711 ROSSI MARIA", "ROSSI MARIA")
    assert of(StatementInfo, parse(text, "directa"))[0].account_id == ""


def test_costs_belong_to_the_trade_of_their_order(records):
    sold, bought = fill(records, "Q1"), fill(records, "Q2")
    assert (sold.side, sold.price, sold.fee, sold.tax) == (Side.SELL, 150, 5, Decimal("0.5"))
    assert sold.net_cash == Decimal("1494.5")
    assert (bought.price, bought.fee, bought.net_cash) == (145, 0, -1450)
    kept = [one.row for one in of(OtherRow, records) if one.section == "Costs of a trade"]
    assert sorted(kept) == [15, 16]


def test_of_one_day_the_lower_line_came_first(records):
    rows = [one.row for one in of(ExecutionRow, records)]
    assert rows.index(18) < rows.index(17)
    assert fill(records, "Q1").executed_at == datetime(2027, 12, 19, 23, tzinfo=UTC)


def test_costs_of_an_order_with_several_trades_stand_alone():
    text = SAMPLE.read_text().replace("EUR,Q2", "EUR,Q1")
    records = parse(text, "directa")
    assert all(one.fee == 0 for one in of(ExecutionRow, records))
    kinds = [one.kind for one in of(CashRow, records) if one.row in (15, 16)]
    assert sorted(kinds) == [CashKind.FEE, CashKind.TAX]


def test_a_bond_is_in_percent_of_its_face_value(records):
    bought = fill(records, "Q3")
    assert (bought.instrument.asset_class, bought.instrument.multiplier) == (
        AssetClass.BOND,
        Decimal("0.01"),
    )
    assert (bought.quantity, bought.price) == (2000, Decimal("99.5"))
    (ended,) = of(CorporateActionRow, records)
    assert (ended.kind, ended.signed_quantity, ended.cash) == (ActionKind.MATURITY, -1000, 1000)


def test_a_redemption_that_is_taken_back_cancels_the_one_before():
    text = SAMPLE.read_text()
    ended = next(line for line in text.splitlines() if "Rimborso obbl." in line)
    back = ended.replace("Rimborso obbl. a scadenza", "St.rimborso obbl. a scade")
    records = parse(text + back.replace(",1000,1000,", ",1000,-1000,") + "\n", "directa")
    actions = of(CorporateActionRow, records)
    assert [(one.code, one.signed_quantity, one.cash) for one in actions] == [
        ("", -1000, 1000),
        ("Ca", 1000, -1000),
    ]


def test_a_trade_abroad_has_the_rate_of_its_own_money(records):
    bought = fill(records, "Q4")
    assert (bought.instrument.currency, bought.price) == ("USD", 110)
    assert round(bought.proceeds * bought.fx_rate, 10) == -500


def test_a_day_of_settlement_that_is_none_does_not_lose_the_trade(records):
    assert fill(records, "Q5").settled_on is None
    assert fill(records, "Q1").settled_on == date(2027, 12, 22)


def test_cash_has_its_kind_and_sign_and_a_comma_is_read(records):
    found = {one.row: (one.kind, one.amount, one.is_reversal) for one in of(CashRow, records)}
    assert found == {
        11: (CashKind.DEPOSIT, 12000, False),
        12: (CashKind.DIVIDEND, Decimal("20.95"), False),
        13: (CashKind.WITHHOLDING_TAX, Decimal("-3.57"), False),
        14: (CashKind.TAX, Decimal("-2.86"), False),
        19: (CashKind.INTEREST_RECEIVED, Decimal("71.25"), False),
        20: (CashKind.INTEREST_RECEIVED, Decimal("-71.25"), True),
        21: (CashKind.INTEREST_PAID, Decimal("-12.40"), False),
        28: (CashKind.OTHER, Decimal("1.50"), False),
        29: (CashKind.WITHDRAWAL, -100, False),
    }


def test_what_cannot_be_used_is_told(records):
    assert problem_codes(records) == {
        "no_direction": 1, "no_quantity": 1, "price_of_total": 1, "day_only": 1, "unknown_row_type": 2,
        "unknown_cash_type": 1,
    }  # fmt: skip


def test_the_corpus():
    """Every row is read, and the money is what the file states; exceptions: docs/brokers/directa.md."""
    records = parse(corpus_folder("retail_csv") / "directa.csv", "directa")
    assert Counter(type(one).__name__ for one in records) == {
        "StatementInfo": 1, "ExecutionRow": 11, "CashRow": 12, "OtherRow": 8, "ProblemRow": 4,
    }  # fmt: skip
    assert problem_codes(records) == {"price_of_total": 1, "day_only": 1, "unknown_row_type": 2}
    for one in (*of(ExecutionRow, records), *of(CashRow, records)):
        money = one.net_cash if isinstance(one, ExecutionRow) else one.amount
        assert money == Decimal(one.raw["Importo euro"])
