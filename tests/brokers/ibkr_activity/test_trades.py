"""Trades of activity statements of our own making, with figures worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from journal.brokers.base import (
    ClosedLotRow,
    ExecutionRow,
    OtherRow,
    ProblemRow,
    ReportKind,
)
from journal.domain.values import AssetClass, ExecutionKind, PositionEffect, Right, Side
from tests.brokers.ibkr_activity.statements import (
    ACCOUNTS,
    FULL,
    GERMAN,
    TRADES,
    fill,
    read,
    rows,
)
from tests.brokers.reading import of, problem_codes


def test_an_order_and_its_trades_count_once():
    records = read(FULL)
    acme = [one for one in of(ExecutionRow, records) if one.instrument.symbol == "ACME"]
    assert [(one.row, one.side, one.quantity) for one in acme] == [
        (36, Side.BUY, 50), (37, Side.BUY, 50), (39, Side.SELL, 40),
    ]  # fmt: skip
    assert {one.authority for one in acme} == {40}
    orders = [one for one in of(OtherRow, records) if one.raw.get("DataDiscriminator") == "Order"]
    assert [one.row for one in orders] == [35, 38, 44, 46, 50, 52, 55, 58, 61, 63]


def test_a_fill_with_its_money():
    sale = fill(read(FULL), "ACME", 2)
    assert (sale.price, sale.fee, sale.fee_currency) == (30, Decimal("1.04"), "USD")
    assert (sale.proceeds, sale.stated_cost, sale.stated_pnl) == (
        1200,
        Decimal("-1000.4"),
        Decimal("198.56"),
    )
    assert sale.executed_at == datetime(2026, 2, 10, 20, 59, 59, tzinfo=UTC)
    assert (sale.effect, sale.notes, sale.exchange) == (PositionEffect.CLOSE, ("C",), "ARCA")
    assert (sale.broker_id, sale.exec_id, sale.trade_id) == ("", "", "")
    assert sale.raw["Date/Time"] == "2026-02-10, 15:59:59"


def test_the_zone_is_the_one_chosen_for_the_account_then_for_the_import():
    at = {
        zone: fill(read(FULL, **options), "ACME").executed_at.hour
        for zone, options in {
            "default": {},
            "import": {"zone": "UTC"},
            "account": {"zone": "UTC", "zone_by_account": {"U7000042": "Asia/Tokyo"}},
        }.items()
    }
    assert at == {"default": 14, "import": 9, "account": 0}


def test_options_are_named_as_flex_names_them():
    sold, expired = (fill(read(FULL), "ACME  260116P00022500", place) for place in (0, 1))
    put = sold.instrument
    assert put == expired.instrument
    assert (put.broker_id, put.asset_class, put.multiplier) == ("900301", AssetClass.OPTION, 100)
    assert (put.underlying_symbol, put.expiry_on) == ("ACME", date(2026, 1, 16))
    assert (put.strike, put.right) == (Decimal("22.5"), Right.PUT)
    assert (expired.kind, expired.price, expired.stated_pnl) == (
        ExecutionKind.EXPIRY,
        0,
        Decimal("118.05"),
    )


def test_without_the_list_of_contracts_the_money_shows_the_multiplier():
    call = fill(read(ACCOUNTS), "ACME  250321C00012500", 2)
    assert (call.instrument.multiplier, call.price) == (100, 0)
    assert (call.kind, call.side) == (ExecutionKind.ASSIGNMENT, Side.BUY)


def test_a_multiplier_that_nothing_shows_is_assumed_and_told():
    records = read(
        rows(
            "Trade",
            'Equity and Index Options,USD,ACME 16JAN26 20 C,"2026-01-16, 16:20:00",--,3,0,0,0,9,9,C;Ep',
        )
    )
    assert fill(records, "ACME  260116C00020000").instrument.multiplier == 100
    assert problem_codes(records)["multiplier_assumed"] == 1


def test_options_that_are_not_american_keep_their_name():
    records = read(
        rows(
            "Trade",
            'Equity and Index Options,EUR,MUST 20JUN25 80.5 P,"2025-03-05, 11:00:00",DTB,1,2,-200,-1,201,0,O',
        )
    )
    put = fill(records, "MUST 20JUN25 80.5 P").instrument
    assert (put.strike, put.expiry_on, put.multiplier) == (Decimal("80.5"), date(2025, 6, 20), 100)


def test_futures_have_their_multiplier_and_notional_value_is_no_money():
    bought = fill(read(FULL), "MESH6")
    assert (bought.instrument.multiplier, bought.instrument.expiry_on) == (5, date(2026, 3, 20))
    assert bought.instrument.underlying_symbol == "MES"
    assert bought.proceeds is None
    assert fill(read(FULL), "MESH6", 1).stated_pnl == Decimal("100.01")


def test_the_fee_of_a_forex_trade_is_in_the_currency_that_the_column_names():
    pair = fill(read(FULL), "EUR.USD")
    assert (pair.instrument.asset_class, pair.instrument.currency) == (AssetClass.FOREX, "USD")
    assert (pair.side, pair.quantity, pair.fee, pair.fee_currency) == (
        Side.SELL,
        1000,
        Decimal("1.8"),
        "EUR",
    )
    assert pair.stated_pnl is None


def test_bonds_are_quoted_in_percent():
    bond = fill(read(FULL), "SMPL 4 5/8 09/15/30")
    assert bond.instrument.multiplier * bond.quantity * bond.price == 1990


def test_a_cancelled_trade_has_the_side_of_the_one_it_takes_back():
    made, cancelled = (fill(read(FULL), "CANC", place) for place in (0, 1))
    assert (made.report, cancelled.report) == (ReportKind.FILL, ReportKind.CANCEL)
    assert (made.side, made.quantity) == (cancelled.side, cancelled.quantity) == (Side.BUY, 10)


def test_a_rebate_is_a_negative_fee():
    records = read(
        rows("Trade", 'Stocks,USD,ACME,"2026-01-05, 09:30:00",NYSE,1,5,-5,0.25,4.75,0,O')
    )
    assert fill(records, "ACME").fee == Decimal("-0.25")


def test_equal_trades_are_told_apart_by_counting_only():
    one, other = (fill(read(FULL), "ACME", place) for place in (0, 1))
    assert one._replace(row=0) == other._replace(row=0)


def test_orders_alone_are_booked_and_give_way_later():
    records = read(GERMAN)
    orders = of(ExecutionRow, records)
    assert [(one.authority, one.notes[-1]) for one in orders] == [(20, "ORDER")] * 3
    assert problem_codes(records)["order_rows_booked"] == 1


def test_an_order_whose_trades_do_not_add_up_is_told():
    records = read(ACCOUNTS)
    assert fill(records, "GX1TEST").quantity == 60
    [told] = [one for one in of(ProblemRow, records) if one.code == "order_differs"]
    assert (told.row, told.account_id) == (16, "U7000051")


def test_an_order_that_the_trades_below_cannot_be_of_is_a_fill_of_its_own():
    order = 'Order,Stocks,USD,ACME,"2026-01-05, 09:30:00",-,10,5,-50,-1,51,0,O'
    other = 'Trade,Stocks,USD,ACME,"2026-01-05, 09:31:00",NYSE,-4,5,20,-1,-20,-1,C'
    records = read(f"{TRADES}Trades,Data,{order}\nTrades,Data,{other}\n")
    assert [(one.side, one.authority) for one in of(ExecutionRow, records)] == [
        (Side.BUY, 20),
        (Side.SELL, 40),
    ]


def test_levels_that_are_not_known_are_not_booked():
    records = read(rows("WashSale", 'Stocks,USD,ACME,"2026-01-05, 09:30:00",NYSE,1,5,-5,-1,6,0,O'))
    assert not of(ExecutionRow, records)
    assert problem_codes(records)["unknown_level"] == 1


def test_closed_lots_are_of_the_trade_above_them():
    lot, short = of(ClosedLotRow, read(FULL))
    assert (lot.quantity, lot.open_price, lot.realized_pnl) == (
        40,
        Decimal("25.01"),
        Decimal("198.56"),
    )
    assert lot.closed_at == datetime(2026, 2, 10, 20, 59, 59, tzinfo=UTC)
    assert lot.opened_at == datetime(2026, 1, 5, 5, tzinfo=UTC)
    assert (short.quantity, short.cost) == (3, Decimal("-118.05"))


def test_a_lot_with_the_wrong_sign_is_read_and_told():
    records = read(ACCOUNTS)
    assert [one.quantity for one in of(ClosedLotRow, records)] == [25, 100, 100]
    [told] = [one for one in of(ProblemRow, records) if one.code == "lot_sign"]
    assert told.row == 8


def test_a_price_that_is_missing_or_contradicts_is_computed_from_the_money():
    missing = 'Stocks,USD,ACME,"2026-01-05, 09:30:00",NYSE,4,,-50,-1,51,0,O'
    wrong = 'Stocks,USD,ACME,"2026-01-05, 09:31:00",NYSE,4,5,-50,-1,51,0,O'
    records = read(rows("Trade", missing, wrong))
    assert [one.price for one in of(ExecutionRow, records)] == [Decimal("12.5")] * 2
    assert {"price_derived", "price_contradicts_money"} <= set(problem_codes(records))


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('Stocks,USD,ACME,"2026-01-05, 09:30:00",NYSE,1O,5,-50,-1,51,0,O', "bad_number"),
        ('Stocks,USD,ACME,"2026-01-05, 09:30:00",NYSE,,5,-50,-1,51,0,O', "no_quantity"),
        ('Stocks,USD,ACME,"2026-01-05, 09:30:00",NYSE,10,,,-1,51,0,O', "no_price"),
        ('Stocks,USD,ACME,"2026-13-05, 09:30:00",NYSE,10,5,-50,-1,51,0,O', "bad_date"),
        ("Stocks,USD,ACME,,NYSE,10,5,-50,-1,51,0,O", "no_date"),
        ('Stocks,USD,,"2026-01-05, 09:30:00",NYSE,10,5,-50,-1,51,0,O', "no_symbol"),
        ('Stocks,USD,ACME,"2026-01-05, 09:30:00",NYSE,"1,5",5,-50,-1,51,0,O', "bad_number"),
    ],
)
def test_a_row_that_cannot_be_understood_is_left_out_and_the_others_are_read(line, code):
    good = 'Stocks,USD,GOOD,"2026-01-05, 09:30:00",NYSE,10,5,-50,-1,51,0,O'
    records = read(rows("Trade", line, good))
    [bad] = [one for one in of(ProblemRow, records) if one.severity == "error"]
    assert (bad.row, bad.code) == (2, code)
    assert fill(records, "GOOD").row == 3


def test_a_day_without_time_is_told_and_zero_is_not_booked():
    records = read(
        rows(
            "Trade",
            "Stocks,USD,ACME,2026-01-05,NYSE,1,5,-5,-1,6,0,O",
            "Stocks,USD,ACME,2026-01-05,NYSE,0,5,0,0,0,0,O",
        )
    )
    assert fill(records, "ACME").executed_at == datetime(2026, 1, 5, 5, tzinfo=UTC)
    assert {"time_missing", "zero_quantity"} <= set(problem_codes(records))


def test_a_category_that_is_not_known_is_told():
    records = read(rows("Trade", 'Moon Rocks,USD,ROCK,"2026-01-05, 09:30:00",NYSE,1,5,-5,-1,6,0,O'))
    assert fill(records, "ROCK").instrument.asset_class is AssetClass.OTHER
    assert problem_codes(records)["unknown_asset_class"] == 1


def test_two_contracts_of_one_symbol_are_given_no_id():
    head = "Financial Instrument Information,Header,Asset Category,Symbol,Description,Conid,Security ID,Multiplier\n"
    listed = "".join(
        f"Financial Instrument Information,Data,Stocks,ACME,ACME INC,{conid},,1\n"
        for conid in ("11", "12")
    )
    line = 'Stocks,USD,ACME,"2026-01-05, 09:30:00",NYSE,1,5,-5,-1,6,0,O'
    assert fill(read(rows("Trade", line) + head + listed), "ACME").instrument.broker_id == ""
