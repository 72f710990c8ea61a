"""The same files read by ibflex, where it can: counts and sums must agree."""

from collections import Counter
from decimal import Decimal

import pytest

from benchmarks.flex_file import write_flex
from benchmarks.parsing import import_ibflex_parser
from journal.brokers.base import CashRow, CorporateActionRow, ExecutionRow, ReportKind
from tests.brokers.ibkr_flex.flex import SAMPLES
from tests.brokers.reading import corpus_folder, of, parse

pytestmark = pytest.mark.filterwarnings("ignore")
ZERO = Decimal(0)

# ibflex gives up on these; the reasons are its own limits.
UNREADABLE_BY_IBFLEX = {
    "pp_12.xml": "a section outside FlexStatement",
    "pp_13.xml": "“N/A” where it wants something else",
    "ibflex_elements.xml": "not a whole statement",
}


def read_with_ibflex(path):
    return import_ibflex_parser().parse(str(path)).FlexStatements


def total(rows, name):
    return sum((getattr(row, name) or ZERO for row in rows), ZERO)


def compare(path):
    records = parse(path)
    statements = read_with_ibflex(path)
    theirs = [row for one in statements for row in one.Trades if type(row).__name__ == "Trade"]
    ours = of(ExecutionRow, records)
    assert len(ours) == len(theirs)
    signed = sum(
        fill.quantity
        * (1 if fill.side == "buy" else -1)
        * (-1 if fill.report is ReportKind.CANCEL else 1)
        for fill in ours
    )
    assert signed == total(theirs, "quantity")
    assert total(ours, "proceeds") == total(theirs, "proceeds")
    assert -sum((fill.fee for fill in ours), ZERO) == total(theirs, "ibCommission")
    assert total(ours, "stated_pnl") == total(theirs, "fifoPnlRealized")
    assert Counter(fill.instrument.broker_id for fill in ours) == Counter(
        row.conid for row in theirs
    )
    actions = of(CorporateActionRow, records)
    assert total(actions, "signed_quantity") == sum(
        total(one.CorporateActions, "quantity") for one in statements
    )
    summed = [
        row for one in statements for row in one.CashTransactions if row.levelOfDetail != "SUMMARY"
    ]
    assert total(of(CashRow, records), "amount") == total(summed, "amount")


def test_sums_agree_on_third_party_files():
    compared = []
    for path in sorted(corpus_folder("ibkr_flex").glob("pp_*.xml")):
        if path.name not in UNREADABLE_BY_IBFLEX:
            compare(path)
            compared.append(path.name)
    assert len(compared) >= 10


def test_sums_agree_on_a_generated_statement(tmp_path):
    path = tmp_path / "big.xml"
    write_flex(path, executions=3_000, accounts=2, symbols=40)
    compare(path)


def test_we_read_what_ibflex_cannot():
    with pytest.raises(import_ibflex_parser().FlexParserError):
        read_with_ibflex(SAMPLES / "troubled.xml")
    assert parse(SAMPLES / "troubled.xml")
