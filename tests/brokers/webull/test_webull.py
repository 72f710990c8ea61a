"""Webull: strategies above their legs, cancelled orders with and without fills, the clock of New York."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from journal.brokers.base import ExecutionRow, OtherRow
from journal.domain.values import PositionEffect, Right, Side
from tests.brokers.reading import of, parse, problem_codes

SAMPLE = Path(__file__).parent / "samples" / "orders.csv"


@pytest.fixture(scope="module")
def records():
    return parse(SAMPLE, "webull")


def fill(records, symbol):
    return [one for one in of(ExecutionRow, records) if one.instrument.symbol == symbol]


def test_an_order_counts_at_its_average_price_for_what_was_filled(records):
    sold, bought = fill(records, "MIRL")
    assert (sold.side, sold.quantity, sold.price) == (Side.SELL, 40, Decimal("12.51"))
    assert (bought.quantity, bought.price) == (1040, Decimal("12.05"))
    assert {one.authority for one in (sold, bought)} == {20}
    assert sold.notes == ("ORDER",)


@pytest.mark.parametrize("zone", [None, "Asia/Tokyo"])
def test_eastern_times_are_eastern_whatever_zone_is_chosen(zone):
    records = parse(SAMPLE, "webull", zone=zone)
    (summer, _), (winter,) = fill(records, "MIRL"), fill(records, "VORN")
    assert summer.executed_at == datetime(2027, 8, 3, 18, 2, 11, tzinfo=UTC)
    assert summer.ordered_at == datetime(2027, 8, 3, 18, 2, 10, tzinfo=UTC)
    assert winter.executed_at == datetime(2027, 1, 4, 14, 30, 1, tzinfo=UTC)


def test_a_cancelled_order_counts_for_what_was_filled_before(records):
    (short,) = fill(records, "BEAR")
    assert (short.side, short.effect, short.quantity) == (Side.SELL, PositionEffect.OPEN, 25)
    assert short.executed_at == short.ordered_at
    assert "Orders: Cancelled" in [one.section for one in of(OtherRow, records)]


def test_of_a_strategy_only_the_legs_count(records):
    assert [one.section for one in of(OtherRow, records) if "Vertical" in str(one.raw)] == [
        "Strategies"
    ]
    (sold,), (bought,) = fill(records, "QXA270820C00055000"), fill(records, "QXA270820C00057500")
    contract = bought.instrument
    assert (contract.underlying_symbol, contract.expiry_on) == ("QXA", date(2027, 8, 20))
    assert (contract.strike, contract.right, contract.multiplier) == (
        Decimal("57.5"),
        Right.CALL,
        100,
    )
    assert (sold.side, bought.side) == (Side.SELL, Side.BUY)


def test_what_cannot_be_used_is_told(records):
    assert problem_codes(records) == {"no_direction": 1, "order_rows_booked": 1}


def test_fees_that_the_file_has_no_column_for_are_not_stated():
    records = parse(Path(__file__).parent / "samples" / "orders.csv", "webull")
    assert {one.fee for one in of(ExecutionRow, records)} == {None}
