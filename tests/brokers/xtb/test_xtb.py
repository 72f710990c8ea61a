"""XTB: workbooks of two layouts and CSV, sales in two rows, CFDs in lots, everything in the account's currency."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from journal.brokers.base import (
    CashKind,
    CashRow,
    ExecutionRow,
    OtherRow,
    StatementInfo,
    UnreadableStatement,
)
from journal.brokers.registry import detect
from journal.domain.values import PositionEffect, Side
from tests.brokers.reading import of, parse, problem_codes
from tests.brokers.workbooks import workbook_of
from tests.brokers.xtb.reports import FILES, NEW_CASH, NEW_CLOSED, OLD_CASH, OLD_CLOSED

SAMPLES = Path(__file__).parent / "samples"
CSV = (SAMPLES / "cash_operations.csv").read_text()


@pytest.fixture(scope="module")
def before():
    return parse(SAMPLES / "before_2025.xlsx", "xtb")


@pytest.fixture(scope="module")
def since():
    return parse(SAMPLES / "since_2025.xlsx", "xtb")


@pytest.fixture(scope="module")
def table():
    return parse(CSV, "xtb")


def fill(records, broker_id):
    (found,) = [one for one in of(ExecutionRow, records) if one.broker_id == broker_id]
    return found


@pytest.mark.parametrize("name", FILES)
def test_the_samples_are_what_the_module_writes(name):
    assert (SAMPLES / name).read_bytes() == workbook_of(FILES[name])


def test_account_and_currency_stand_below_or_beside_their_names(before, since):
    for records, known in ((before, ("50000001", "EUR")), (since, ("50000002", "PLN"))):
        assert {(one.account_id, one.base_currency) for one in of(StatementInfo, records)} == {
            known
        }
        assert {one.is_hedging for one in of(StatementInfo, records)} == {True}


def test_a_sale_is_what_the_shares_cost_and_the_profit_of_the_row_beside_it(before):
    """Before 2025: 400 came back as what they had cost, and 40 as profit."""
    sold = fill(before, "800014")
    assert (sold.side, sold.quantity, sold.price, sold.fee) == (Side.SELL, 2, 220, Decimal("1.5"))
    assert sold.net_cash == Decimal("438.5")
    assert fill(before, "800002").net_cash == Decimal("-401.5")


def test_since_2025_a_sale_is_all_that_came(since, table):
    assert fill(since, "820005").net_cash == 834
    assert fill(table, "830009").net_cash == Decimal("26.28")


def test_two_sales_of_one_second_have_each_its_own_profit():
    header = OLD_CASH[12]
    at, symbol = "10/03/2027 15:00:00", "BQX.US"
    rows = [
        ["", "4", "Stock sale", at, "CLOSE BUY 2/4 @ 222.03", symbol, "1955.15"],
        ["", "3", "close trade", at, "Profit of position #321161138", symbol, "-330.2"],
        ["", "2", "Stock sale", at, "CLOSE BUY 2/4 @ 222.03", symbol, "2057.02"],
        ["", "1", "close trade", at, "Profit of position #315689317", symbol, "-432.07"],
    ]
    book = workbook_of({"CASH OPERATION HISTORY": [*OLD_CASH[:12], header, *rows]})
    sold = {one.broker_id: one.proceeds for one in of(ExecutionRow, parse(book, "xtb"))}
    assert sold == {"2": Decimal("1624.95"), "4": Decimal("1624.95")}


def test_what_is_quoted_in_another_currency_is_booked_at_the_money_that_moved(before):
    bought = fill(before, "800005")
    assert (bought.price, bought.instrument.currency) == (Decimal("47.1"), "EUR")
    assert problem_codes(before)["price_converted"] == 1


def test_the_currency_of_a_table_follows_from_purchases_that_cost_their_price(table):
    assert of(StatementInfo, table)[0].base_currency == "EUR"
    shares = CSV.replace("-399.43", "-390").replace("-93.98", "-90").replace("-26.4;", "-27;")
    with pytest.raises(UnreadableStatement) as refusal:
        parse(shares.replace("26.28;", "27;"), "xtb")
    assert refusal.value.code == "no_account_currency"
    pension = "\n".join(
        ";".join(row) for row in [NEW_CASH[4], [*NEW_CASH[9][:7], "IKE"]]
    )  # fmt: skip
    assert of(StatementInfo, parse(pension, "xtb"))[0].base_currency == "PLN"


def test_of_an_order_that_was_filled_in_parts_each_part_counts(table):
    assert [fill(table, one).quantity for one in ("830008", "830007")] == [34, 8]


def test_times_are_text_or_days_since_1899_and_in_utc_since_2025(before, since):
    assert fill(before, "800002").executed_at == datetime(2027, 3, 2, 9, tzinfo=UTC)
    assert of(CashRow, before)[-1].occurred_at == datetime(2027, 3, 1, 11, tzinfo=UTC)
    for zone in (None, "Asia/Tokyo"):
        records = parse(SAMPLES / "since_2025.xlsx", "xtb", zone=zone)
        assert fill(records, "820002").executed_at == datetime(2027, 4, 1, 14, tzinfo=UTC)
    tokyo = parse(SAMPLES / "before_2025.xlsx", "xtb", zone="Asia/Tokyo")
    assert fill(tokyo, "800002").executed_at == datetime(2027, 3, 2, 1, tzinfo=UTC)


def test_a_cfd_is_a_position_with_a_ticket_and_costs_when_it_closes(before):
    entry, exit_ = [
        one for one in of(ExecutionRow, before) if one.trade_id == "position:910002"
    ]  # fmt: skip
    assert (entry.side, entry.effect, entry.fee) == (Side.SELL, PositionEffect.OPEN, 0)
    assert (exit_.fee, exit_.fee_currency) == (Decimal("0.95"), "EUR")
    # 50 points on 0.2 lots were 171.23 euros: 17.123 a point.
    assert (exit_.instrument.currency, exit_.fx_rate) == ("PTS", Decimal("17.123"))
    assert round(exit_.stated_pnl * exit_.fx_rate, 2) == Decimal("170.28")


def test_a_lot_of_what_is_quoted_in_the_accounts_currency_follows_from_the_profit(before):
    contract = fill(before, "910001@20270302104530:close").instrument
    assert (contract.symbol, contract.currency, contract.multiplier) == ("DE40", "EUR", 25)


def test_shares_pending_orders_and_totals_of_the_closed_positions_are_kept(before, since):
    assert [one.section for one in of(OtherRow, before)][-3:] == [
        "Shares: as the cash operations state them", "Totals and orders", "Totals and orders",
    ]  # fmt: skip
    assert not [one for one in of(ExecutionRow, since) if one.trade_id == "position:920002"]


def test_what_cash_says_of_cfds_repeats_the_closed_positions(before, table):
    assert not [one for one in of(CashRow, before) if "position" in one.description]
    # The swap of a position that is still open, and a file without closed positions.
    assert problem_codes(before)["cfd_without_trade"] == 1
    assert problem_codes(table) == {
        "cfd_without_trade": 1, "unknown_row_type": 1, "no_quantity": 1,
    }  # fmt: skip


def test_cash_has_its_kind_and_sign(before, table):
    assert [(one.kind, one.amount) for one in of(CashRow, before)] == [
        (CashKind.WITHDRAWAL, -200),
        (CashKind.FEE, Decimal("-0.01")),
        (CashKind.WITHHOLDING_TAX, Decimal("-1.1")),
        (CashKind.DIVIDEND, Decimal("4.4")),
        (CashKind.DEPOSIT, 1000),
    ]
    assert [one.kind for one in of(CashRow, table)] == [
        CashKind.WITHHOLDING_TAX, CashKind.DIVIDEND, CashKind.INTEREST_RECEIVED, CashKind.DEPOSIT,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "total"), [("before_2025.xlsx", "1048.22"), ("since_2025.xlsx", "1254.5")]
)
def test_the_records_make_the_total_that_the_sheet_states(name, total):
    """But for the swap of a position that is still open."""
    records = parse(SAMPLES / name, "xtb")
    made = sum(one.amount for one in of(CashRow, records))
    for one in of(ExecutionRow, records):
        if one.net_cash is not None:
            made += one.net_cash
        elif one.stated_pnl is not None:
            made += round(one.stated_pnl * one.fx_rate, 2)
    open_swap = Decimal("-0.40") if name.startswith("before") else 0
    assert made + open_swap == Decimal(total)


def test_a_position_that_made_nothing_says_nothing_of_its_lots(before):
    assert problem_codes(before)["contract_unknown"] == 1


def test_sheets_may_stand_in_any_order_and_alone():
    swapped = parse(workbook_of(dict(reversed(FILES["since_2025.xlsx"].items()))), "xtb")
    assert len(of(ExecutionRow, swapped)) == 4
    book = workbook_of({"Closed": OLD_CLOSED})
    assert {one.instrument.symbol for one in of(ExecutionRow, parse(book, "xtb"))} == {
        "DE40", "US100",
    }  # fmt: skip


@pytest.mark.parametrize(
    "sheets", [{"Prices": [["Day", "Price"], ["1", "2"]]}, {"Cash Operations": [["Nothing"]]}]
)
def test_other_workbooks_are_refused(sheets):
    with pytest.raises(UnreadableStatement) as refusal:
        parse(workbook_of(sheets), "xtb")
    assert refusal.value.code == "header_missing"


@pytest.mark.parametrize("name", FILES)
def test_a_workbook_is_told_by_its_front(name):
    data = (SAMPLES / name).read_bytes()
    assert detect(data[: len(data) // 2], "Account.xlsx").slug == "xtb"
    assert detect(workbook_of({"Sheet": [["A"], ["B"]]}), "Account.xlsx").slug != "xtb"


def test_closed_positions_of_two_exports_have_the_same_ids(since):
    again = parse(
        workbook_of({"Closed Positions": NEW_CLOSED, "Open Positions": [["Currency"], ["PLN"]]}),
        "xtb",
    )
    ids = {one.broker_id for one in of(ExecutionRow, again)}
    assert ids == {one.broker_id for one in of(ExecutionRow, since) if one.trade_id}
