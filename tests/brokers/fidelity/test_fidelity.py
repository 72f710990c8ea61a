"""Fidelity: words in one cell, cancels, reverse splits in halves, columns under the wrong name, notes at both ends."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from journal.brokers.base import (
    CashKind,
    CashRow,
    CorporateActionRow,
    ExecutionRow,
    OptionEventRow,
    OtherRow,
    ReportKind,
    StatementInfo,
    TransferRow,
)
from journal.domain.corporate import ActionKind
from journal.domain.values import AssetClass, ExecutionKind, PositionEffect, Side
from tests.brokers.reading import of, parse, problem_codes

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture(scope="module")
def records():
    return parse(SAMPLES / "all_accounts.csv", "fidelity")


def fill(records, row):
    (found,) = [one for one in of(ExecutionRow, records) if one.row == row]
    return found


def actions(records, kind):
    return [one for one in of(CorporateActionRow, records) if one.kind is kind]


def test_every_row_names_its_account(records):
    assert {one.account_id for one in of(StatementInfo, records)} >= {"Z07000001", "269000002"}
    assert fill(records, 6).account_id == "Z07000001"


def test_former_files_have_the_number_behind_the_name():
    records = parse(SAMPLES / "named_account.csv", "fidelity")
    assert {one.account_id for one in of(ExecutionRow, records)} == {"X91000004"}
    sold, bought = of(ExecutionRow, records)
    assert sold.net_cash + bought.net_cash == Decimal("72.49")


def test_a_file_of_one_account_does_not_name_it():
    records = parse(SAMPLES / "one_account.csv", "fidelity")
    assert {one.account_id for one in of(ExecutionRow, records)} == {""}


def test_of_one_day_the_lower_line_came_first(records):
    rows = [one.row for one in of(ExecutionRow, records)]
    assert rows.index(7) < rows.index(6)
    sold = fill(records, 6)
    assert (sold.side, sold.fee, sold.net_cash) == (Side.SELL, Decimal("0.01"), Decimal("1452.89"))
    assert (sold.settled_on, fill(records, 7).settled_on) == (None, date(2027, 7, 21))


def test_an_assignment_and_its_shares_count_on_the_day_in_their_words(records):
    assigned, shares = fill(records, 9), fill(records, 8)
    assert (assigned.kind, assigned.side, assigned.effect) == (
        ExecutionKind.ASSIGNMENT,
        Side.BUY,
        PositionEffect.CLOSE,
    )
    assert (shares.kind, shares.quantity, shares.price) == (
        ExecutionKind.ASSIGNMENT,
        100,
        Decimal("44.5"),
    )
    assert assigned.executed_at == shares.executed_at == datetime(2027, 7, 16, 20, 20, tzinfo=UTC)
    assert assigned.reported_on == date(2027, 7, 19)


def test_an_expiry_ends_what_is_open(records):
    (ended,) = of(OptionEventRow, records)
    assert (ended.signed_quantity, ended.happened_on, ended.is_directed) == (
        5,
        date(2027, 7, 16),
        False,
    )


def test_a_cancel_has_the_figures_of_the_trade_that_it_takes_back(records):
    first, cancel, corrected = (fill(records, row) for row in (13, 12, 11))
    assert cancel.report is ReportKind.CANCEL
    fields = [(one.side, one.quantity, one.price, one.net_cash) for one in (first, cancel)]
    assert fields[0] == fields[1] == (Side.BUY, 1, Decimal("2.50"), Decimal("-250.77"))
    assert (corrected.report, corrected.net_cash) == (ReportKind.FILL, Decimal("-250.68"))
    assert first.executed_at == cancel.executed_at == corrected.executed_at


def test_reinvested_interest_of_the_purse_stays_cash_and_other_reinvestments_are_purchases(records):
    assert [one.row for one in of(OtherRow, records) if one.section == "Core account"] == [15, 29]
    bought = fill(records, 17)
    assert (bought.instrument.asset_class, bought.net_cash) == (AssetClass.FUND, -1000)


def test_a_short_sale_opens(records):
    short = fill(records, 20)
    assert (short.side, short.quantity, short.effect) == (Side.SELL, 10, PositionEffect.OPEN)


def test_the_halves_of_a_reverse_split_are_one_ticker(records):
    old, new = actions(records, ActionKind.REVERSE_SPLIT)
    assert old.action_id == new.action_id
    assert (old.instrument.symbol, new.instrument.symbol) == ("TANQ", "TANQ")
    assert (old.signed_quantity, new.signed_quantity) == (-1300, 130)


def test_units_that_come_on_top_and_units_that_are_bought_out(records):
    (came,) = actions(records, ActionKind.STOCK_DIVIDEND)
    assert (came.signed_quantity, came.instrument.symbol) == (90, "SPLT")
    (gone,) = actions(records, ActionKind.MERGER)
    assert (gone.signed_quantity, gone.cash) == (-26, 520)


def test_a_bond_is_one_contract_when_bought_and_when_redeemed(records):
    (ended,) = actions(records, ActionKind.MATURITY)
    bought = fill(records, 26)
    assert ended.instrument is bought.instrument
    assert (bought.instrument.asset_class, bought.instrument.multiplier) == (
        AssetClass.BOND,
        Decimal("0.01"),
    )
    assert (ended.signed_quantity, ended.cash) == (-10000, 10000)


def test_units_from_elsewhere_bring_no_money(records):
    (moved,) = of(TransferRow, records)
    assert (moved.signed_quantity, moved.cash, moved.instrument.symbol) == (20, 0, "MIRL")


def test_cash_has_its_kind_and_sign(records):
    found = {one.row: (one.kind, one.amount) for one in of(CashRow, records)}
    assert found == {
        14: (CashKind.DIVIDEND, Decimal("1.23")),
        16: (CashKind.DIVIDEND, Decimal("1000.00")),
        18: (CashKind.INTEREST_RECEIVED, Decimal("0.1")),
        28: (CashKind.TRANSFER, Decimal("-63.46")),
        30: (CashKind.WITHHOLDING_TAX, Decimal("-4.50")),
        31: (CashKind.DEPOSIT, 25000),
        32: (CashKind.OTHER, Decimal("1.00")),
    }


def test_what_cannot_be_used_is_told_and_notes_are_kept(records):
    assert problem_codes(records) == {
        "bad_number": 1, "day_only": 2, "unknown_cash_type": 1, "unknown_row_type": 1,
    }  # fmt: skip
    assert [one.row for one in of(OtherRow, records) if one.section == "Footer"] == [38, 39, 40]


def test_a_currency_below_quantity_moves_price_and_quantity_on():
    records = parse(SAMPLES / "shifted.csv", "fidelity")
    bought, sold = fill(records, 3), fill(records, 4)
    assert (bought.quantity, bought.price, bought.net_cash) == (200, Decimal("0.45"), -90)
    assert (sold.quantity, sold.price, sold.fee) == (5, Decimal("0.1"), Decimal("3.32"))
    assert of(OptionEventRow, records)[0].signed_quantity == 5


def test_an_adjusted_option_has_the_size_in_its_words():
    opened, closed = reversed(of(ExecutionRow, parse(SAMPLES / "one_account.csv", "fidelity")))
    contract = opened.instrument
    assert contract is closed.instrument
    assert (contract.symbol, contract.multiplier) == ("QXA1 07/23/2027 7 P", 150)
    # (3.19 - 2.65) x 150 less 0.67 and 0.70
    assert opened.net_cash + closed.net_cash == Decimal("79.63")


def test_notes_at_the_end_are_of_no_account_of_their_own():
    records = parse(SAMPLES / "all_accounts.csv", "fidelity")
    accounts = {one.account_id for one in of(StatementInfo, records)}
    assert accounts == {"Z07000001", "269000002"} == {one.account_id for one in records}
