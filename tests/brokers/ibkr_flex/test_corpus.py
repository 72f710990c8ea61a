"""Statements that other people wrote. Every problem in them is accepted here by name, with its reason."""

import pytest

from journal.brokers.base import (
    CashBalanceRow,
    CashRow,
    ClosedLotRow,
    ConversionRateRow,
    CorporateActionRow,
    ExecutionRow,
    NavRow,
    OptionEventRow,
    OtherRow,
    PositionRow,
    ProblemRow,
    TransferRow,
    UnreadableStatement,
)
from journal.brokers.registry import detect
from tests.brokers.reading import corpus_folder, of, parse, problem_codes

BASE = "it has no Account Information"
ACCEPTED = {
    "gabbersepp_statement_of_funds.xml": {"base_currency_derived": BASE},
    "ibflex_elements.xml": {
        "order_rows_booked": "its second account, 'myaccount', has an order and no execution",
        "base_currency_derived": "its second account has no Account Information",
    },
    "pp_01.xml": {
        "base_currency_derived": BASE,
        "asset_class_missing": "its withholding tax names GCM.TO without an asset category",
    },
    "pp_03.xml": {"base_currency_derived": BASE},
    "pp_07.xml": {"base_currency_derived": BASE},
    "pp_09.xml": {"base_currency_derived": BASE},
    "pp_12.xml": {
        "base_currency_derived": "its Account Information is about another account",
        "price_derived": "its four trades were stripped down to their cost",
    },
    "pp_13.xml": {"base_currency_derived": "its Account Information is about another account"},
    "pp_14.xml": {"base_currency_derived": BASE},
    "pp_15.xml": {
        "price_contradicts_money": "its fund units x price are 10,200 and its money is 10,000: it was redacted",
    },
}
COUNTED = (
    ExecutionRow, ClosedLotRow, CashRow, CorporateActionRow, OptionEventRow, TransferRow, PositionRow,
    ConversionRateRow, CashBalanceRow, NavRow, OtherRow,
)  # fmt: skip
# Executions, lots, cash, actions, option events, transfers, positions, rates, cash balances, NAV, other.
COUNTS = {
    "gabbersepp_statement_of_funds.xml": (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 47),
    "ibflex_elements.xml": (3, 1, 1, 1, 2, 1, 1, 1, 1, 2, 17),
    "pp_01.xml": (14, 0, 7, 5, 0, 0, 0, 0, 0, 0, 15),
    "pp_02.xml": (9, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0),
    "pp_03.xml": (0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1),
    "pp_04.xml": (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    "pp_07.xml": (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    "pp_08.xml": (0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0),
    "pp_09.xml": (2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    "pp_10.xml": (2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    "pp_11.xml": (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    "pp_12.xml": (4, 0, 14, 0, 0, 0, 0, 0, 0, 0, 0),
    "pp_13.xml": (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    "pp_14.xml": (8, 0, 2, 0, 0, 0, 0, 720, 3, 0, 0),
    "pp_15.xml": (1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0),
}


@pytest.fixture(scope="module")
def folder():
    return corpus_folder("ibkr_flex")


def test_every_file_is_recognised_and_read_without_unexplained_problem(folder):
    for path in sorted(folder.glob("*.xml")):
        assert detect(path.read_bytes()[: 64 * 1024], path.name).slug == "ibkr_flex"
        records = parse(path)
        assert set(problem_codes(records)) == set(ACCEPTED.get(path.name, {})), path.name
        assert not [one for one in of(ProblemRow, records) if one.severity == "error"]


@pytest.mark.parametrize("name", sorted(COUNTS))
def test_every_row_becomes_what_it_is(folder, name):
    records = parse(folder / name)
    assert tuple(len(of(kind, records)) for kind in COUNTED) == COUNTS[name]


def test_a_running_balance_adds_up_over_the_kept_rows(folder):
    rows = of(OtherRow, parse(folder / "gabbersepp_statement_of_funds.xml"))
    assert all(row.section == "StmtFunds" and row.raw["balance"] for row in rows)


@pytest.mark.parametrize(
    ("name", "code"),
    [("RESPONSE_FAIL.xml", "service_error"), ("RESPONSE_SUCCESS.xml", "service_receipt")],
)
def test_replies_of_the_web_service_are_told_apart(folder, name, code):
    with pytest.raises(UnreadableStatement) as caught:
        parse(folder / "webservice" / name)
    assert caught.value.code == code


def test_an_empty_statement_of_an_unknown_query_type_is_read(folder):
    (info,) = parse(folder / "webservice" / "FLEX_QUERY_RESPONSE.xml")
    assert info.account_id == "U666777"
