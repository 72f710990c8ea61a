"""What Portfolio Performance asserts about the same files, transaction by transaction.

It books for another purpose, so conventions differ. Each difference has a name and a reason here, and is
undone by the code that carries its name; what remains must be equal to the cent.
"""

import json
from collections import Counter
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from journal.brokers.base import CashKind, CashRow, CorporateActionRow, ExecutionRow, ReportKind
from journal.domain.values import AssetClass, Side
from tests.brokers.reading import CORPUS, corpus_folder, of, parse

CONVENTIONS = {
    "contracts_as_shares": "its `shares` of an option are contracts x multiplier",
    "cents": "it rounds every amount half down to cents; we keep what is stated",
    "fee_inside": "its amount of a purchase includes fee and tax, of a sale it is net of them",
    "gross_without_fee": "for the assigned shares it takes 5,000 from netCash, which leaves the fee out, "
    "and subtracts the fee of 2 to get a gross value of 4,998; the trade was 100 x 50",
    "report_date": "it dates a corporate action by reportDate at midnight, we by dateTime",
    "cash_day_at_2020": "it drops the time of cash booked at 20:20 in one file and keeps it in another; "
    "days are compared",
    "dividend_and_tax": "it merges a dividend with its withholding tax; we keep both rows",
    "cash_merger_is_sale": "it books a merger for cash as a sale on its report date; we keep the action",
    "unsigned": "its amounts have no sign, the type says which way",
    "cancel_is_a_note": "it shows a cancelled trade as a trade with an error note; we cancel the fill",
    "fx_in_three": "it books a conversion as two cash legs and a fee; we as one fill of the pair",
    "no_time_zone": "its times are local; ours are instants, compared in the statement's zone",
}
NEW_YORK = ZoneInfo("America/New_York")
CENT = Decimal("0.01")
EXPECTED = CORPUS / "expected" / "pp_ibflex_expected.json"


def load_cases():
    if not EXPECTED.is_file():
        return []
    tests = json.loads(EXPECTED.read_text(), parse_float=Decimal, parse_int=Decimal)["tests"]
    return [(test["files"][0], test["transactions"]) for test in tests if test["files"]]


CASES = load_cases()


def money(value: Decimal) -> Decimal:
    """`cents`."""
    return abs(value)


def is_same_money(ours: Decimal, theirs: Decimal) -> bool:
    """`cents`, `unsigned`: their figure is ours, rounded."""
    return abs(abs(ours) - abs(theirs)) <= CENT / 2


def local(record, instant) -> str:
    """`no_time_zone`."""
    return f"{instant.astimezone(NEW_YORK):%Y-%m-%dT%H:%M:%S}"


def stamp(text: str) -> str:
    return f"{datetime.fromisoformat(text):%Y-%m-%dT%H:%M:%S}"


def matches_fill(fill: ExecutionRow, said: dict) -> bool:
    shares = fill.quantity * (
        fill.instrument.multiplier if fill.instrument.asset_class is AssetClass.OPTION else 1
    )  # contracts_as_shares
    if shares != said["shares"] or local(fill, fill.executed_at) != stamp(said["date"]):
        return False
    gross = fill.quantity * fill.price * fill.instrument.multiplier
    costs = fill.fee + fill.tax
    total = gross + costs if fill.side is Side.BUY else gross - costs  # fee_inside
    if is_assigned_shares(fill):  # gross_without_fee
        total, gross = total - costs, gross - costs
    return (
        fill.instrument.currency == said["MonetaryAmount"]["ccy"]
        and is_same_money(total, said["MonetaryAmount"]["amt"])
        and is_same_money(gross, said["GrossValue"]["amt"])
        and is_same_money(fill.fee, said["FEE"]["amt"])
        and is_same_money(fill.tax, said["TAX"]["amt"])
    )


def is_assigned_shares(fill: ExecutionRow) -> bool:
    return fill.kind == "assignment" and fill.instrument.asset_class is AssetClass.STOCK


def check_fill(records, said):
    side = Side.BUY if said["type"] == "P:BUY" else Side.SELL
    fills = [
        one for one in of(ExecutionRow, records) if one.side is side and matches_fill(one, said)
    ]
    if "CancellationUnsupported" in said.get("note", ""):  # cancel_is_a_note
        fills = [one for one in fills if one.report is ReportKind.CANCEL]
        assert fills[0].original_ids
    assert fills or is_cash_merger(records, said), said
    ids = [
        part.split(": ")[1]
        for part in said.get("note", "").split(" | ")
        if part.startswith("Trade-ID")
    ]
    if ids:
        assert ids[0] in {one.trade_id for one in fills}


def is_cash_merger(records, said) -> bool:
    """`cash_merger_is_sale`, `report_date`."""
    return any(
        one.kind == "merger"
        and one.signed_quantity == -said["shares"]
        and is_same_money(one.cash, said["MonetaryAmount"]["amt"])
        and str(one.reported_on) == said["date"][:10]
        for one in of(CorporateActionRow, records)
    )


def check_delivery(records, said):
    sign = 1 if said["type"].endswith("INBOUND") else -1
    assert any(
        one.signed_quantity == sign * said["shares"]
        and str(one.reported_on) == said["date"][:10]  # report_date
        and is_same_money(one.cash, said["MonetaryAmount"]["amt"])
        and one.description.startswith(said["note"].strip(' "')[:60])
        for one in of(CorporateActionRow, records)
    ), said


CASH_KINDS = {
    "A:FEES": (CashKind.FEE, False),
    "A:FEES_REFUND": (CashKind.FEE, True),
    "A:TAXES": (CashKind.WITHHOLDING_TAX, False),
    "A:TAX_REFUND": (CashKind.WITHHOLDING_TAX, True),
    "A:INTEREST": (CashKind.INTEREST_RECEIVED, False),
    "A:INTEREST_CHARGE": (CashKind.INTEREST_PAID, False),
    "A:DEPOSIT": (CashKind.DEPOSIT, False),
    "A:DIVIDENDS": (CashKind.DIVIDEND, False),
}


def find_cash(records, kind, amount, said, *, is_reversal=False) -> list[CashRow]:
    return [
        one
        for one in of(CashRow, records)
        if one.kind is kind
        and one.is_reversal is is_reversal
        and abs(one.amount) == amount
        and one.currency == said["MonetaryAmount"]["ccy"]
        and local(one, one.occurred_at)[:10] == said["date"][:10]  # cash_day_at_2020
    ]


def check_cash(records, said):
    kind, is_reversal = CASH_KINDS[said["type"]]
    if kind is CashKind.DIVIDEND:  # dividend_and_tax
        assert find_cash(records, kind, said["GrossValue"]["amt"], said), said
        if said["TAX"]["amt"]:
            assert find_cash(records, CashKind.WITHHOLDING_TAX, said["TAX"]["amt"], said), said
        return
    assert find_cash(records, kind, said["MonetaryAmount"]["amt"], said, is_reversal=is_reversal), (
        said
    )


def check_conversion(records, said):
    """`fx_in_three`: the amount is the pair's quantity, its proceeds, or the fee."""
    fills = [
        one
        for one in of(ExecutionRow, records)
        if one.instrument.asset_class is AssetClass.FOREX
        and local(one, one.executed_at) == stamp(said["date"])
    ]
    base, quote = fills[0].instrument.symbol.split(".")
    amounts = {
        (base, fills[0].quantity), (quote, abs(fills[0].proceeds)), (fills[0].fee_currency, fills[0].fee),
    }  # fmt: skip
    assert (said["amount"]["ccy"], said["amount"]["amt"]) in amounts, said


def check(records, said):
    if said["type"] in {"P:BUY", "P:SELL"}:
        check_fill(records, said)
    elif said["type"].startswith("P:DELIVERY"):
        check_delivery(records, said)
    elif said["type"].startswith("A:"):
        check_cash(records, said)
    else:
        check_conversion(records, said)


@pytest.mark.parametrize(("name", "transactions"), CASES, ids=[name for name, _ in CASES])
def test_what_it_asserts_holds(name, transactions):
    records = parse(corpus_folder("ibkr_flex") / name)
    for said in transactions:
        check(records, said)


@pytest.mark.parametrize(("name", "transactions"), CASES, ids=[name for name, _ in CASES])
def test_nothing_is_counted_twice(name, transactions):
    """Equal assertions need as many equal fills, unless the file's list of assertions repeats itself."""
    fills = of(ExecutionRow, parse(corpus_folder("ibkr_flex") / name))
    ids = Counter(fill.trade_id for fill in fills if fill.trade_id)
    assert not [one for one, count in ids.items() if count > 1]


def test_the_assertions_are_there_or_their_absence_is_told():
    corpus_folder("ibkr_flex")
    assert len(CASES) == 12
    assert sum(len(transactions) for _, transactions in CASES) > 70
    assert all(CONVENTIONS.values())
