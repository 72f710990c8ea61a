"""Statements in languages of which little or nothing is known."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from journal.brokers.base import (
    CashKind,
    CashRow,
    ExecutionRow,
    NavRow,
    PositionRow,
    ProblemRow,
    StatementInfo,
)
from journal.domain.values import AssetClass, Side
from tests.brokers.ibkr_activity.statements import (
    GERMAN,
    fill,
    read,
)
from tests.brokers.reading import of, problem_codes


def test_german_columns_are_told_by_their_place():
    records = read(GERMAN)
    bought, sold = (fill(records, "MUST", place) for place in (0, 1))
    assert (bought.price, bought.fee, bought.stated_cost) == (Decimal("100.45"), 1, 2010)
    assert (sold.side, sold.quantity, sold.stated_pnl) == (Side.SELL, 8, 75)
    assert (sold.instrument.broker_id, sold.instrument.isin) == ("900501", "DE0000000017")
    assert fill(records, "EUR.USD").fee_currency == "EUR"
    [info] = of(StatementInfo, records)
    assert (info.account_id, info.base_currency, info.to_on) == (
        "U7000061",
        "EUR",
        date(2025, 10, 31),
    )


def test_german_positions_cash_and_value():
    records = read(GERMAN)
    [held] = of(PositionRow, records)
    assert (held.signed_quantity, held.cost, held.mark_price, held.unrealized_pnl) == (
        12,
        1206,
        110,
        114,
    )
    assert [(one.kind, one.amount) for one in of(CashRow, records)] == [
        (CashKind.DIVIDEND, 6), (CashKind.WITHHOLDING_TAX, Decimal("-1.58")),
    ]  # fmt: skip
    assert [one.total for one in of(NavRow, records)] == [1480]


def test_money_in_a_section_whose_name_is_not_known_is_not_booked_and_told():
    [told] = [one for one in of(ProblemRow, read(GERMAN)) if one.code == "cash_section_unknown"]
    assert (told.row, told.severity) == (26, "warning")
    assert "Mondscheinabgaben" in told.message


UNKNOWN = "Mondhandel,Header,DataDiscriminator,A,B,{}C,D,{}E,F,{}G,H,I,J,{}K\n"


@pytest.mark.parametrize(
    ("columns", "row"),
    [
        (
            ("", "", "", ""),
            'Mondhandel,Data,Trade,Stocks,USD,ACME,"2026-01-05, 09:30:00",{quantity},5,50,-1,-40,9,C',
        ),
        (
            ("X,", "Y,", "", ""),
            'Mondhandel,Data,Trade,Stocks,USD,U7000001,ACME,"2026-01-05, 09:30:00",NYSE,{quantity},5,50,-1,-40,9,C',
        ),
        (
            ("", "Y,", "Z,", "W,"),
            'Mondhandel,Data,Trade,Stocks,USD,ACME,"2026-01-05, 09:30:00",NYSE,{quantity},5,6,50,-1,-40,9,-3,C',
        ),
        (
            ("X,", "", "Z,", "V,W,"),
            'Mondhandel,Data,Trade,Stocks,USD,U7000001,ACME,"2026-01-05, 09:30:00",{quantity},5,6,50,-1,-40,9,22,-3,C',
        ),
    ],
)
def test_a_language_of_which_nothing_is_known(columns, row):
    records = read(UNKNOWN.format(*columns) + row.format(quantity="-10") + "\n")
    sale = fill(records, "ACME")
    assert (sale.side, sale.quantity, sale.price, sale.proceeds) == (Side.SELL, 10, 5, 50)
    assert (sale.fee, sale.stated_cost, sale.stated_pnl, sale.notes) == (1, -40, 9, ("C",))
    assert sale.account_id == ("U7000001" if columns[0] else "")


def test_columns_in_an_order_that_is_not_theirs_are_refused():
    # Fee and proceeds exchanged: they do not make the profit.
    line = 'Mondhandel,Data,Trade,Stocks,USD,ACME,"2026-01-05, 09:30:00",-10,5,-40,-1,50,19,C\n'
    records = read(UNKNOWN.format("", "", "", "") + line)
    assert not of(ExecutionRow, records)
    assert problem_codes(records)["unknown_layout"] == 1


def test_a_symbol_and_a_code_under_one_name_are_both_kept():
    text = (
        "交易,Header,DataDiscriminator,资产分类,货币,代码,日期/时间,数量,交易价格,收盘价格,收益,佣金/税,基础,已实现的损益,"
        "按市值计算的损益,代码\n"
        '交易,Data,Order,股票,USD,MOON,"2026-05-01, 09:30:00",2,150,200,-300,-1,301,0,100,O\n'
    )
    bought = fill(read(text), "MOON")
    assert (bought.raw["代码"], bought.raw["代码 (2)"]) == ("MOON", "O")
    assert bought.instrument.asset_class is AssetClass.STOCK
