"""Tradovate: four reports of the same fills, profits in brackets, blanks before words, prices in 32nds."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from journal.brokers.base import ClosedLotRow, ExecutionRow, OtherRow, StatementInfo
from journal.domain.values import LotMethod, PositionEffect, Side
from tests.brokers.reading import of, parse, problem_codes

SAMPLES = Path(__file__).parent / "samples"


def records_of(name, **options):
    return parse(SAMPLES / f"{name}.csv", "tradovate", **options)


def fills(name, **options):
    return of(ExecutionRow, records_of(name, **options))


def test_fills_are_known_by_their_id_and_order_and_cost_their_commission():
    bought, sold, *_ = fills("fills")
    assert (bought.broker_id, bought.order_id) == ("700000000004", "700000000001")
    assert (bought.side, bought.quantity, bought.price) == (Side.BUY, 4, Decimal("25000.25"))
    assert (bought.fee, sold.fee) == (Decimal("1.56"), Decimal("1.17"))
    assert bought.instrument.symbol == "MNQM27"
    assert {one.account_id for one in fills("fills")} == {"PAAPEX-1"}


def test_fills_state_the_instant_and_the_trading_day_themselves():
    for zone in (None, "Asia/Tokyo"):
        *_, evening = fills("fills", zone=zone)
        assert evening.executed_at == datetime(2027, 5, 3, 23, 30, tzinfo=UTC)
        assert evening.reported_on == date(2027, 5, 4)
    assert fills("fills")[0].executed_at.microsecond == 848000


def test_a_fill_that_was_taken_back_is_kept():
    assert [one.section for one in of(OtherRow, records_of("fills"))] == ["Fills: not active"]
    assert "700000000030" not in {one.broker_id for one in fills("fills")}


def test_orders_count_for_what_was_filled_at_the_average_price():
    assert [(one.order_id, one.side, one.quantity, one.price) for one in fills("orders")] == [
        ("700000000001", Side.BUY, 4, Decimal("25000.25")),
        ("700000000010", Side.SELL, 6, Decimal("25009.875")),
        # Cancelled, after 2 of 5.
        ("700000000020", Side.BUY, 2, 25012),
        ("700000000040", Side.BUY, 1, Decimal("3.181")),
    ]
    records = records_of("orders")
    assert [one.section for one in of(OtherRow, records)] == [
        "Orders: Canceled", "Orders: Rejected",
    ]  # fmt: skip
    assert problem_codes(records) == {"order_rows_booked": 1}
    first = fills("orders")[0]
    assert (first.executed_at, first.ordered_at) == (
        datetime(2027, 5, 3, 13, 31, 5, tzinfo=UTC), datetime(2027, 5, 3, 13, 31, 4, tzinfo=UTC),
    )  # fmt: skip
    assert (first.fee, first.order_type) == (None, "Market")


def test_a_pair_is_a_part_of_two_fills():
    entry, exit_ = fills("performance")[2:4]
    assert (entry.trade_id, exit_.trade_id) == ("700000000004", "700000000013")
    assert (entry.broker_id, exit_.broker_id) == (
        "700000000004:700000000013:buy", "700000000004:700000000013:sell",
    )  # fmt: skip
    assert {(one.quantity, one.fee) for one in (entry, exit_)} == {(1, None)}
    assert exit_.stated_pnl == 19


def test_what_was_sold_first_was_short_also_within_one_second():
    """Ids grow: the sale of 58 came before the purchase of 60."""
    shorts = [
        (one.trade_id, one.stated_pnl)
        for one in fills("performance")
        if one.effect is PositionEffect.CLOSE and one.side is Side.BUY
    ]
    assert shorts == [("700000000022", -9), ("700000000060", Decimal("-1202.5"))]


def test_profits_are_read_in_brackets_with_signs_and_separators():
    stated = [one.stated_pnl for one in fills("performance") if one.stated_pnl is not None]
    assert stated == [Decimal("58.5"), 19, -9, Decimal("-1202.5"), 1300]
    lots = of(ClosedLotRow, records_of("performance"))
    assert [one.realized_pnl for one in lots] == stated
    assert of(StatementInfo, records_of("performance"))[0].lot_method is LotMethod.BROKER


def test_a_price_in_32nds_is_told_and_never_taken_for_thousands():
    assert problem_codes(records_of("performance")) == {"bad_value": 1}
    assert {one.instrument.symbol for one in fills("performance")} == {"MNQM27", "MESM27"}


def test_position_history_states_the_same_parts_as_performance():
    def said(name):
        return {
            (one.broker_id, one.side, one.quantity, one.price, one.executed_at, one.stated_pnl)
            for one in fills(name)
            if one.instrument.underlying_symbol == "MNQ"
        }

    assert said("position_history") == said("performance")
    assert fills("position_history")[0].account_id == "PAAPEX-1"
    assert fills("performance")[0].account_id == ""


@pytest.mark.parametrize("name", ["performance", "position_history", "orders"])
def test_times_without_an_offset_are_in_the_zone_that_is_chosen(name):
    usual, chosen = (
        {one.executed_at for one in fills(name, zone=zone)} for zone in (None, "Europe/Berlin")
    )
    assert datetime(2027, 5, 3, 13, 35, tzinfo=UTC) in usual
    assert datetime(2027, 5, 3, 6, 35, tzinfo=UTC) in chosen


def test_the_older_layout_of_orders_ends_earlier():
    lines = (SAMPLES / "orders.csv").read_text().splitlines()
    cut = "\n".join(",".join(line.split(",")[:26]) for line in lines)
    assert [one.quantity for one in of(ExecutionRow, parse(cut, "tradovate"))] == [4, 6, 2, 1]


@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [
        ("fills", " Buy,4", " Borrow,4", "no_direction"),
        ("fills", " Buy,4", " Buy,", "no_quantity"),
        ("fills", "MNQM7,MNQ,Micro E-mini NASDAQ-100,1.56", ",MNQ,Micro,1.56", "no_symbol"),
        ("fills", "MNQM7,MNQ,Micro E-mini NASDAQ-100,1.56", "QXZM7,QXZ,New,1.56", "no_multiplier"),
        ("fills", "2027-05-03 13:31:05.848Z", "soon", "bad_date"),
        ("performance", "$58.50", "", "no_amount"),
        ("performance", "$58.50", "$58.5O", "bad_number"),
        ("position_history", ",3,25000.25,", ",0,25000.25,", "no_quantity"),
    ],
)
def test_a_row_that_lacks_something_is_told(name, old, new, code):
    text = (SAMPLES / f"{name}.csv").read_text()
    assert old in text
    found = problem_codes(parse(text.replace(old, new, 1), "tradovate"))
    assert found[code] == problem_codes(records_of(name))[code] + 1
