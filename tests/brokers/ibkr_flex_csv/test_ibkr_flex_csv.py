"""Flex saved as text: sections one below the other, frames, rows that are read as those of the XML are."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from journal.brokers.base import (
    CashKind,
    CashRow,
    ClosedLotRow,
    ExecutionRow,
    OtherRow,
    ProblemRow,
    StatementInfo,
    UnreadableStatement,
)
from journal.domain.values import AssetClass, PositionEffect, Right, Side
from tests.brokers.reading import corpus_folder, of, parse, problem_codes

SAMPLES = Path(__file__).parent / "samples"
SLUG = "ibkr_flex_csv"


@pytest.fixture(scope="module")
def records():
    return parse(SAMPLES / "sections.csv", SLUG)


@pytest.fixture(scope="module")
def framed():
    return parse(SAMPLES / "framed.csv", SLUG)


def test_the_account_and_its_base_currency_follow_from_rows(records):
    (info,) = of(StatementInfo, records)
    assert (info.account_id, info.zone) == ("U7000001", "America/New_York")


def test_a_fill_is_what_the_same_row_is_in_xml(records):
    columns, values = (SAMPLES / "sections.csv").read_text().splitlines()[1:3]
    names = {"ClientAccountID": "accountId", "CurrencyPrimary": "currency", "Buy/Sell": "buySell"}
    names |= {"AssetClass": "assetCategory", "FXRateToBase": "fxRateToBase", "ISIN": "isin"}
    names |= {"Notes/Codes": "notes", "CostBasis": "cost", "Put/Call": "putCall"}
    names |= {"Open/CloseIndicator": "openCloseIndicator"}
    names |= {one: "ib" + one[2:] for one in ("IBCommission", "IBCommissionCurrency", "IBOrderID")}
    names |= {"IBExecID": "ibExecID"}
    pairs = zip(columns.split('","'), values.split('","'), strict=True)
    attributes = " ".join(
        f'{names.get(name, name[0].lower() + name[1:])}="{value}"'
        for name, value in ((name.strip('"'), value.strip('"')) for name, value in pairs)
    )
    (expected,) = of(
        ExecutionRow,
        parse(
            '<FlexQueryResponse><FlexStatements><FlexStatement accountId="U7000001">'
            f"<Trades><Trade {attributes} /></Trades></FlexStatement></FlexStatements></FlexQueryResponse>"
        ),
    )
    found = of(ExecutionRow, records)[0]
    assert found._replace(raw={}, row=0) == expected._replace(raw={}, row=0)
    assert found.raw["IBCommission"] == "-1"
    assert found.executed_at == datetime(2027, 3, 1, 14, 30, tzinfo=UTC)


def test_a_closing_fill_has_the_brokers_figures_and_lot(records):
    sold = of(ExecutionRow, records)[1]
    assert (sold.side, sold.effect) == (Side.SELL, PositionEffect.CLOSE)
    assert (sold.fee, sold.tax, sold.stated_pnl) == (1, Decimal("0.02"), Decimal("198.58"))
    (lot,) = of(ClosedLotRow, records)
    assert (lot.closing_broker_id, lot.opening_broker_id) == ("702", "701")


def test_an_option_has_its_terms(records):
    contract = of(ExecutionRow, records)[2].instrument
    assert (contract.asset_class, contract.right) == (AssetClass.OPTION, Right.PUT)
    assert (contract.strike, contract.expiry_on) == (50, date(2027, 3, 19))
    assert (contract.multiplier, contract.underlying_symbol) == (100, "QXA")


def test_a_second_section_has_columns_of_its_own(records):
    paid, tax = of(CashRow, records)
    assert (paid.kind, paid.amount, paid.broker_id) == (CashKind.DIVIDEND, 12, "801")
    assert (tax.kind, tax.amount) == (CashKind.WITHHOLDING_TAX, Decimal("-1.8"))
    assert paid.instrument.broker_id == "1001"


def test_what_is_not_read_is_kept(records):
    kept = [(one.row, one.section) for one in of(OtherRow, records)]
    assert kept == [
        (1, "Frame"),
        (2, "Header"),
        (7, "Trade"),
        (9, "Header"),
        (12, "Header"),
        (13, "Sections that are not read"),
    ]
    assert problem_codes(records) == {"bad_number": 1}


def test_frames_name_the_account_of_rows_that_do_not(framed):
    assert [one.account_id for one in of(ExecutionRow, framed)] == ["U7000002", "U7000002"]
    assert [one.fee_currency for one in of(ExecutionRow, framed)] == ["USD", "CHF"]


def test_a_fill_of_nothing_is_a_problem(framed):
    (bad,) = [one for one in of(ProblemRow, framed) if one.code == "no_symbol"]
    assert bad.row == 7
    assert "Add the field Symbol" in bad.message


def test_a_row_that_was_cut_off_is_no_fill():
    text = (SAMPLES / "framed.csv").read_text()
    records = parse(text[: text.index('"-10","51"') + 8], SLUG)
    assert problem_codes(records)["row_cut"] == 1
    assert len(of(ExecutionRow, records)) == 1


def test_a_query_without_a_table_that_is_read_is_refused():
    with pytest.raises(UnreadableStatement) as refusal:
        parse('"ClientAccountID","CurrencyPrimary","EndingCash"\n"U1","USD","1"\n', SLUG)
    assert refusal.value.code == "header_missing"


def test_the_corpus():
    """Three conversions of currency name no pair: docs/brokers/ibkr_flex_csv.md."""
    folder = corpus_folder("retail_csv")
    trades = parse(folder / "ibkr-trades.csv", SLUG)
    fills = of(ExecutionRow, trades)
    assert len(fills) == 8
    for one in fills:
        assert one.quantity * one.price == Decimal(one.raw["TradeMoney"])
        assert one.fee == -Decimal(one.raw["IBCommission"])
    assert [one.row for one in of(ProblemRow, trades) if one.code == "no_symbol"] == [10, 11, 12]

    paid = of(CashRow, parse(folder / "ibkr-dividends.csv", SLUG))
    assert len(paid) == 11
    assert all(one.amount == Decimal(one.raw["Amount"]) for one in paid)
    assert {one.instrument.isin for one in paid} == {one.raw["ISIN"] for one in paid}
