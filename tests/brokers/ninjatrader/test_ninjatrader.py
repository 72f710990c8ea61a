"""NinjaTrader: grids whose columns people choose, in the notation of their computer."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from journal.brokers.base import PART_AUTHORITY, ExecutionRow
from journal.domain.values import PositionEffect, Side
from tests.brokers.reading import of, parse, problem_codes

SAMPLES = Path(__file__).parent / "samples"
ONE_TRADE = (
    "Account,Instrument,Market pos.,Qty,Entry price,Entry time,Exit price,Exit time,Profit,Commission\n"
    "Sim101,{name},Long,2,100,05/20/2027 9:35:12 AM,104,05/20/2027 9:42:15 AM,{profit},{costs}\n"
)


def records_of(name, **options):
    return parse(SAMPLES / f"{name}.csv", "ninjatrader", **options)


def fills(name, **options):
    return of(ExecutionRow, records_of(name, **options))


def fill(name, broker_id):
    (found,) = [one for one in fills(name) if one.broker_id == broker_id]
    return found


def test_an_execution_is_a_fill_with_its_commission():
    bought = fill("executions_us", "f5")
    assert (bought.side, bought.quantity, bought.price) == (Side.BUY, 1, Decimal("7000.25"))
    assert (bought.fee, bought.order_id, bought.order_reference) == (Decimal("2.04"), "o3", "Entry")
    assert (bought.instrument.symbol, bought.instrument.multiplier) == ("ESM27", 50)
    assert bought.account_id == "Sim101"
    assert fill("executions_us", "f4").account_id == "PA-APEX-1-2!Apex!Apex"


def test_halves_of_the_day_are_told_apart():
    """In Chicago: 9:45 PM is the evening, 12:05 AM just after midnight, 12:35 PM just after noon."""
    assert fill("executions_us", "f7").executed_at == datetime(2027, 5, 14, 2, 45, 12, tzinfo=UTC)
    assert fill("executions_us", "f4").executed_at == datetime(2027, 5, 12, 5, 5, tzinfo=UTC)
    assert fill("executions_us", "f3").executed_at == datetime(2027, 5, 12, 17, 35, tzinfo=UTC)


def test_what_goes_through_zero_does_not_only_close():
    effects = {one.broker_id: one.effect for one in fills("executions_us")}
    assert effects["f6"] is PositionEffect.UNKNOWN
    assert effects["f7"] is effects["f3"] is PositionEffect.CLOSE
    assert effects["f5"] is PositionEffect.UNKNOWN


def test_shorts_and_covers_are_sales_and_purchases():
    short, cover = fill("executions_us", "f4"), fill("executions_us", "f3")
    assert (short.side, short.price, cover.side) == (Side.SELL, Decimal("2410.30"), Side.BUY)


def test_decimal_commas_and_days_first_are_read():
    exit_, entry = fills("executions_eu")
    assert (entry.price, entry.fee) == (Decimal("7200.75"), Decimal("0.62"))
    assert entry.executed_at == datetime(2027, 4, 27, 11, 5, 2, tzinfo=UTC)
    assert entry.instrument.symbol == "MESM27"
    assert (exit_.account_id, exit_.effect) == ("Playback101", PositionEffect.CLOSE)


def test_what_cannot_be_used_is_told():
    assert problem_codes(records_of("executions_us")) == {"no_multiplier": 1, "no_direction": 1}


def test_a_trade_is_two_parts_at_the_profit_after_all_costs():
    found = fills("trades")
    assert {one.authority for one in found} == {PART_AUTHORITY}
    assert {one.broker_id for one in found} == {""}
    assert [one.stated_pnl for one in found if one.effect is PositionEffect.CLOSE] == [
        Decimal("220.92"), Decimal("108.42"), Decimal("-6.24"), Decimal("48.76"), Decimal("98.76"),
        1198,
    ]  # fmt: skip
    assert [one.fee for one in found[:2]] == [Decimal("2.04"), Decimal("2.04")]


def test_a_product_that_nobody_lists_takes_its_points_from_the_profit():
    """400 a point: 1.50 × 2 × 400 less 2.00 is 1,198.00."""
    assert fills("trades")[-1].instrument.multiplier == 400
    assert problem_codes(records_of("trades")) == {"multiplier_of_profits": 1}


def test_a_grid_without_ids_and_seconds_is_read():
    text = (
        "Instrument,Action,Time,Price,E/X,Connection,Quantity,Account display name\n"
        "MNQZ6,Sell,9/15/2026 9:39,29441.25,Exit,TRADEIFY,6,ACCOUNT-1\n"
        "MNQZ6,Sell,9/15/2026 9:39,29441.25,Exit,TRADEIFY,6,ACCOUNT-1\n"
    )
    one, other = of(ExecutionRow, parse(text, "ninjatrader"))
    assert (one.broker_id, one.quantity, one.account_id) == ("", 6, "ACCOUNT-1")
    assert one.fee is None
    assert other.price == one.price


def test_days_and_months_that_may_be_either_are_not_guessed():
    text = (SAMPLES / "executions_eu.csv").read_text().replace("27/04/2027", "05/04/2027")
    assert problem_codes(parse(text, "ninjatrader")) == {"ambiguous_date": 2}
    months = {
        one.executed_at.month
        for one in of(ExecutionRow, parse(text, "ninjatrader", day_first=True))
    }
    assert months == {4}


@pytest.mark.parametrize(
    ("profit", "costs", "net"),
    [
        ("$400.00", "$0.00", 400),
        ("$395.50", "$4.50", Decimal("395.5")),
        ("$400.00", "$4.50", Decimal("395.5")),
        ("395,50 $", "4,50 $", Decimal("395.5")),
        # In points, percent, ticks.
        ("8", "$4.50", None),
        ("4%", "$4.50", None),
        ("32", "$4.50", None),
        ("400.00", "$4.50", Decimal("395.5")),
    ],
)
def test_profits_are_those_after_costs_if_they_are_money(profit, costs, net):
    row = ONE_TRADE.format(name="ES 06-27", profit=f'"{profit}"', costs=f'"{costs}"')
    records = parse(row, "ninjatrader")
    exit_ = of(ExecutionRow, records)[1]
    assert (exit_.stated_pnl, exit_.instrument.multiplier) == (net, 50)
    assert problem_codes(records) == ({} if net is not None else {"profit_without_price": 1})


@pytest.mark.parametrize("profit", ["8", "8 points", "4%"])
def test_profits_in_points_do_not_say_what_a_point_is_worth(profit):
    records = parse(ONE_TRADE.format(name="QXZ 06-27", profit=profit, costs="$0.00"), "ninjatrader")
    assert problem_codes(records).keys() <= {"no_multiplier", "bad_number"}
    assert not of(ExecutionRow, records)


def test_a_share_is_told_by_its_profit():
    (bought, _) = of(
        ExecutionRow,
        parse(ONE_TRADE.format(name="QXA", profit="$8.00", costs="$0.00"), "ninjatrader"),
    )
    assert (bought.instrument.asset_class, bought.instrument.symbol) == ("stock", "QXA")
