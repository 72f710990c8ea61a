"""Executions and commissions of the API as captured fills."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ib_async import ComboLeg, Contract
from ib_async.util import UNSET_DOUBLE

from journal.brokers.base import ReportKind
from journal.brokers.capture.executions import FIELDS, Desk, read_execution
from journal.brokers.ibkr_tws.executions import Fills, Unclear
from journal.domain.values import AssetClass, Right, Side
from tests.brokers.ibkr_tws.api import ACCOUNT, NOW, charge, execution, stock

DESK = Desk(ACCOUNT, "ibkr", "USD", NOW + timedelta(hours=1))


def read(record):
    """As the book reads it. Fails for a field that nobody knows."""
    assert record.keys() <= FIELDS
    return read_execution(record, DESK)


def only(records):
    assert len(records) == 1
    return read(records[0])


def test_a_fill_is_said_at_once_and_again_with_what_it_cost():
    fills = Fills(source="bot")
    first = only(fills.take(stock(), execution()))
    assert (first.side, first.quantity, first.price) == (Side.BUY, Decimal(100), Decimal("25.49"))
    assert (first.exec_id, first.order_id) == ("0000e0d5.65b8.01.01", "5001")
    assert (first.executed_at, first.fee) == (NOW, None)
    again = only(fills.charge(charge()))
    assert (again.exec_id, again.fee, again.fee_currency) == (first.exec_id, Decimal("1.05"), "USD")


def test_what_was_said_is_not_said_again():
    fills = Fills(source="bot")
    fills.take(stock(), execution())
    fills.charge(charge())
    assert fills.take(stock(), execution()) == []
    assert fills.charge(charge()) == []


def test_a_commission_that_comes_before_its_fill_waits_for_it():
    fills = Fills(source="bot")
    assert fills.charge(charge()) == []
    said = [read(one) for one in fills.take(stock(), execution())]
    assert [one.fee for one in said] == [None, Decimal("1.05")]


def test_a_commission_that_is_not_known_yet_says_nothing():
    fills = Fills(source="bot")
    fills.take(stock(), execution())
    assert fills.charge(charge(commission=UNSET_DOUBLE)) == []
    assert fills.charge(charge(currency="")) == []


def test_a_rebate_is_a_fee_below_nothing():
    fills = Fills(source="bot")
    fills.take(stock(), execution())
    assert only(fills.charge(charge(commission=-0.21))).fee == Decimal("-0.21")


def test_a_corrected_fill_names_the_one_that_it_corrects():
    fills = Fills(source="bot")
    fills.take(stock(), execution("0000e0d5.65b8.01.01"))
    better = only(fills.take(stock(), execution("0000e0d5.65b8.01.02", price=25.5)))
    assert better.report is ReportKind.CORRECT
    assert better.original_ids == ("0000e0d5.65b8.01.01",)


def test_a_correction_of_a_correction_that_was_missed_corrects_the_first():
    fills = Fills(source="bot")
    fills.take(stock(), execution("0000e0d5.65b8.01.01"))
    assert only(fills.take(stock(), execution("0000e0d5.65b8.01.03"))).original_ids == (
        "0000e0d5.65b8.01.01",
    )


def test_a_correction_whose_fill_an_earlier_process_has_heard_names_it_too():
    fills = Fills(source="bot")
    assert only(fills.take(stock(), execution("0000e0d5.65b8.01.02"))).original_ids == (
        "0000e0d5.65b8.01.01",
    )


def test_a_fill_that_comes_after_its_correction_is_a_fill():
    fills = Fills(source="bot")
    fills.take(stock(), execution("0000e0d5.65b8.01.02"))
    assert only(fills.take(stock(), execution("0000e0d5.65b8.01.01"))).report is ReportKind.FILL


def test_the_row_of_a_combination_is_no_fill_and_its_legs_are():
    combo = Contract(secType="BAG", symbol="SPX", currency="USD", comboLegs=[ComboLeg(conId=1)])
    fills = Fills(source="bot")
    assert fills.take(combo, execution("a.01")) == []
    leg = Contract(
        conId=91, symbol="SPX", localSymbol="SPXW  260619P05000000", secType="OPT", currency="USD", multiplier="100",
        strike=5000.0, right="P", lastTradeDateOrContractMonth="20260619",
    )  # fmt: skip
    said = only(fills.take(leg, execution("b.01", side="SLD", shares=1.0, price=12.3)))
    assert (said.side, said.instrument.right, said.instrument.strike) == (
        Side.SELL,
        Right.PUT,
        5000,
    )


@pytest.mark.parametrize(
    ("contract", "asset_class", "symbol", "multiplier"),
    [
        (stock(), AssetClass.STOCK, "ACME", 1),
        (stock(secType="CFD", localSymbol="IBUS500"), AssetClass.CFD, "IBUS500", 1),
        (stock(secType="CASH", symbol="EUR", localSymbol="EUR.USD"), AssetClass.FOREX, "EUR.USD", 1),
        (stock(secType="CRYPTO", symbol="BTC", localSymbol="BTC.USD"), AssetClass.CRYPTO, "BTC.USD", 1),
        (
            stock(secType="FUT", symbol="ES", localSymbol="ESM6", multiplier="50", lastTradeDateOrContractMonth="20260619"),
            AssetClass.FUTURE, "ESM6", 50,
        ),
        (
            stock(
                secType="FOP", symbol="ES", localSymbol="E1AM6 C5900", multiplier="50", strike=5900.0, right="C",
                lastTradeDateOrContractMonth="20260601",
            ),
            AssetClass.FUTURE_OPTION, "E1AM6 C5900", 50,
        ),
    ],
)  # fmt: skip
def test_contracts_are_named_as_statements_name_them(contract, asset_class, symbol, multiplier):
    found = only(Fills(source="bot").take(contract, execution())).instrument
    assert (found.asset_class, found.symbol, found.multiplier) == (asset_class, symbol, multiplier)
    assert (found.broker_id, found.currency) == ("4711", "USD")


def test_an_option_has_all_that_makes_it_one():
    contract = stock(
        secType="OPT", localSymbol="ACME  260619C00025000", multiplier="100", strike=25.0, right="C",
        lastTradeDateOrContractMonth="20260619",
    )  # fmt: skip
    found = only(Fills(source="bot").take(contract, execution())).instrument
    assert (found.underlying_symbol, found.expiry_on, found.strike) == (
        "ACME",
        date(2026, 6, 19),
        25,
    )


def test_times_are_moments_whatever_their_zone():
    berlin = timezone(timedelta(hours=2))
    said = only(
        Fills(source="bot").take(
            stock(), execution(time=datetime(2026, 6, 2, 15, 30, tzinfo=berlin))
        )
    )
    assert said.executed_at == NOW
    assert said.executed_at.tzinfo is UTC


def test_a_bond_is_not_booked_by_guess():
    with pytest.raises(Unclear, match="face value"):
        Fills(source="bot").take(stock(secType="BOND"), execution())


@given(st.decimals("0.00000001", "999999.99", places=8))
def test_a_price_has_the_digits_that_were_sent(price):
    """TWS writes doubles, ib_async reads doubles: up to fifteen digits nothing is lost."""
    said = only(
        Fills(source="bot").take(
            stock(), execution(price=float(str(price)), shares=float(str(price)))
        )
    )
    assert (said.price, said.quantity) == (price, price)


@given(st.permutations([*range(6)]), st.lists(st.integers(0, 5), max_size=12))
def test_in_any_order_and_repeated_each_fill_ends_with_its_fee_and_nothing_is_said_twice(
    order, repeats
):
    said = [
        *[lambda f, n=n: f.take(stock(), execution(f"fam.{n}.01.01")) for n in range(3)],
        *[lambda f, n=n: f.charge(charge(f"fam.{n}.01.01", 1.0 + n)) for n in range(3)],
    ]
    fills, records = Fills(source="bot"), []
    for place in [*order, *repeats]:
        records += said[place](fills)
    assert len(records) == 6
    last = {one["exec_id"]: one.get("fee") for one in records}
    assert last == {f"fam.{n}.01.01": str(1 + n) for n in range(3)}
