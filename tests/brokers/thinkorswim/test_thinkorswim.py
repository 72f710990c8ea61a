"""thinkorswim: tables below one another, legs without a time, fees that stand with the cash, a clock that is not stated."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from journal.brokers.base import (
    CashKind,
    CashRow,
    ExecutionRow,
    OptionEventRow,
    OtherRow,
    StatementInfo,
)
from journal.domain.values import AssetClass, ExecutionKind, PositionEffect, Side
from tests.brokers.reading import of, parse, problem_codes

SAMPLES = Path(__file__).parent / "samples"
HISTORY = (
    ",Exec Time,Spread,Side,Qty,Pos Effect,Symbol,Exp,Strike,Type,Price,Net Price,Order Type\n"
)
CASH = "DATE,TIME,TYPE,REF #,DESCRIPTION,Misc Fees,Commissions & Fees,AMOUNT,BALANCE\n"


@pytest.fixture(scope="module")
def records():
    return parse(SAMPLES / "statement.csv", "thinkorswim")


@pytest.fixture(scope="module")
def futures():
    return parse(SAMPLES / "futures.csv", "thinkorswim")


def by_row(records):
    return {one.row: one for one in of(ExecutionRow, records)}


def signed_money(fill):
    """What the fill moves by its price and its fee."""
    way = -1 if fill.side is Side.BUY else 1
    return way * fill.quantity * fill.instrument.multiplier * fill.price - (fill.fee or 0)


def test_the_statement_says_whose_it_is_and_of_when(records):
    (info,) = of(StatementInfo, records)
    assert (info.account_id, info.base_currency) == ("71234567SCHW", "USD")
    assert (info.from_on, info.to_on) == (date(2027, 4, 1), date(2027, 4, 30))
    assert {one.account_id for one in records} == {"71234567SCHW"}


def test_fills_of_one_second_have_the_money_of_their_own_row(records):
    first, second = by_row(records)[56], by_row(records)[55]
    assert (first.order_id, first.price, first.proceeds) == ("900001", Decimal("25.50"), -1530)
    # The history rounds to 25.51; 1,020.50 were paid for 40.
    assert (second.order_id, second.price) == ("900002", Decimal("25.5125"))
    assert first.executed_at == second.executed_at == datetime(2027, 4, 2, 14, 15, 30, tzinfo=UTC)


def test_legs_without_a_time_are_of_the_order_above(records):
    fills = by_row(records)
    opened = fills[53], fills[54]
    assert {one.executed_at for one in opened} == {datetime(2027, 4, 5, 13, 45, tzinfo=UTC)}
    assert [(one.side, one.quantity, one.price) for one in opened] == [
        (Side.SELL, 2, Decimal("1.20")),
        (Side.BUY, 2, Decimal("0.45")),
    ]
    assert {one.order_id for one in opened} == {"900003"}
    assert {one.effect for one in opened} == {PositionEffect.OPEN}
    # 150.00 - 60.00 - 2.65 - 2.64
    legs = (fills[53], fills[54], fills[49], fills[50])
    assert sum(signed_money(one) for one in legs) == Decimal("84.71")


def test_the_fees_of_an_order_are_shared_by_units(records):
    fills = by_row(records)
    # 0.05 + 2.60, of cash that was booked a second later
    assert (fills[53].fee, fills[54].fee) == (Decimal("1.325"), Decimal("1.325"))
    assert fills[48].net_cash == Decimal("2699.93")


def test_all_that_moved_is_what_the_balance_moved_by(records):
    fills = sum(signed_money(one) for one in of(ExecutionRow, records))
    cash = sum(one.amount for one in of(CashRow, records))
    # The condor of row 18 has no fills in the file: 100.00 - 2.70.
    assert 10_000 + fills + cash + Decimal("97.30") == Decimal("7000.00")


def test_options_end_with_what_they_deliver(records):
    (expired,) = of(OptionEventRow, records)
    assert (expired.instrument.symbol, expired.happened_on) == (
        "QXB 04/16/2027 40 P",
        date(2027, 4, 16),
    )
    assigned, shares = by_row(records)[20], by_row(records)[21]
    assert {assigned.kind, shares.kind} == {ExecutionKind.ASSIGNMENT}
    assert assigned.executed_at == shares.executed_at == datetime(2027, 4, 16, 20, 20, tzinfo=UTC)
    assert (assigned.side, assigned.quantity, assigned.price) == (Side.BUY, 1, 0)
    assert (shares.side, shares.quantity, shares.price) == (Side.BUY, 100, 30)
    assert assigned.instrument == by_row(records)[51].instrument._replace(strike=Decimal("30.0"))


def test_cash_has_its_kind_and_sign(records):
    assert [(one.row, one.kind, one.amount) for one in of(CashRow, records)] == [
        (13, CashKind.DIVIDEND, 12),
        (14, CashKind.WITHHOLDING_TAX, Decimal("-1.8")),
        (17, CashKind.WITHDRAWAL, -500),
        (22, CashKind.OTHER, 1),
        (23, CashKind.TRANSFER, Decimal("-6.32")),
    ]
    assert of(CashRow, records)[0].instrument.symbol == "QXA"


def test_orders_that_did_not_fill_and_what_is_held_are_kept_only(records):
    sections = {one.section for one in of(OtherRow, records)}
    assert sections >= {
        "Account Order History",
        "Equities",
        "Profits and Losses",
        "Forex Statements",
    }
    assert len(of(ExecutionRow, records)) == 11


def test_what_cannot_be_used_is_told(records):
    assert problem_codes(records) == {
        "no_price": 1,
        "no_direction": 1,
        "no_fill": 1,
        "bad_number": 1,
        "unknown_cash_type": 1,
        "price_of_total": 1,
    }


def test_a_future_is_booked_at_its_points_and_its_fees(futures):
    fills = by_row(futures)
    bought, won, lost = fills[28], fills[27], fills[26]
    assert (bought.instrument.symbol, bought.instrument.multiplier) == ("MESM27", 5)
    assert {one.instrument for one in (won, lost)} == {bought.instrument}
    assert (bought.fee, won.fee, lost.fee) == (Decimal("5.24"), Decimal("2.62"), Decimal("2.62"))
    # Amounts of the statement: what came of the fill that closed.
    assert [(one.price - bought.price) * 5 for one in (won, lost)] == [50, -50]
    # 5,000.00 to 4,989.52
    assert sum(map(signed_money, (bought, won, lost))) == Decimal("-10.48")


def test_an_option_on_a_future_has_the_size_of_the_future(futures):
    sold = by_row(futures)[25]
    option = sold.instrument
    assert (option.asset_class, option.symbol, option.multiplier) == (
        AssetClass.FUTURE_OPTION,
        "LNEK27 3.5 C",
        10000,
    )
    assert (option.underlying_symbol, option.expiry_on) == ("NGK27", date(2027, 4, 27))
    # 500.00 - 3.75
    assert signed_money(sold) == Decimal("496.25")


def test_a_price_in_fractions_and_an_unknown_future_are_no_guesses(futures):
    assert problem_codes(futures) == {"no_multiplier": 1, "bad_value": 1, "clock_elsewhere": 1}


@pytest.mark.parametrize(
    ("shown", "zone"),
    [
        ("01:00:00", "America/New_York"),
        ("00:00:00", "America/Chicago"),
        ("23:00:00", "America/Denver"),
        ("22:00:00", "America/Los_Angeles"),
    ],
)
def test_the_first_balance_tells_where_the_clock_stands(shown, zone):
    cash = f"{CASH}4/1/27,{shown},BAL,,Cash balance at the start of business day,,,1.00,1.00\n"
    fill = ",4/2/27 08:30:00,STOCK,BUY,+1,TO OPEN,QXA,,,STOCK,5.00,5.00,MKT\n"
    records = parse(f"{cash}\n{HISTORY}{fill}", "thinkorswim")
    (info,), (bought,) = of(StatementInfo, records), of(ExecutionRow, records)
    assert (info.zone, bought.zone) == (zone, zone)
    assert not problem_codes(records)


def test_a_zone_that_was_chosen_is_not_questioned(futures):
    records = parse(SAMPLES / "futures.csv", "thinkorswim", zone="Asia/Taipei")
    assert "clock_elsewhere" not in problem_codes(records)
    assert by_row(records)[28].executed_at == datetime(2027, 3, 30, 13, 50, 51, tzinfo=UTC)


def test_legs_below_an_unreadable_time_are_told_one_by_one():
    legs = (
        ",soon,VERTICAL,BUY,+1,TO OPEN,QXA,16 APR 27,5,PUT,.50,.30,LMT\n"
        ",,,SELL,-1,TO OPEN,QXA,16 APR 27,4,PUT,.20,DEBIT,\n"
    )
    records = parse(HISTORY + legs, "thinkorswim")
    assert problem_codes(records) == {"bad_date": 1, "no_date": 1}


def test_two_movements_at_the_time_of_one_fill_do_not_change_its_price():
    cash = (
        '4/2/27,10:00:00,TRD,="1",BOT +1 QXA @5.00,,,-5.00,1.00\n'
        '4/2/27,10:00:00,TRD,="2",BOT +3 QXA @7.00,,-0.01,-21.00,1.00\n'
    )
    fill = ",4/2/27 10:00:00,STOCK,BUY,+1,TO OPEN,QXA,,,STOCK,5.00,5.00,MKT\n"
    (bought,) = of(ExecutionRow, parse(f"{CASH}{cash}\n{HISTORY}{fill}", "thinkorswim"))
    assert (bought.price, bought.proceeds, bought.fee) == (5, None, Decimal("0.01"))


def test_costs_beyond_any_sense_are_told():
    cash = f'4/2/27,10:00:00,TRD,="1",BOT +1 QXA @5.00,,-{"9" * 40},-5.00,1.00\n'
    fill = ",4/2/27 10:00:00,STOCK,BUY,+1,TO OPEN,QXA,,,STOCK,5.00,5.00,MKT\n"
    records = parse(f"{CASH}{cash}\n{HISTORY}{fill}", "thinkorswim")
    (bought,) = of(ExecutionRow, records)
    assert (bought.fee, bought.proceeds) == (None, None)
    assert problem_codes(records) == {"bad_value": 1}


def test_money_that_was_booked_later_that_day_is_no_second_fill():
    cash = '4/2/27,10:00:07,TRD,="1",BOT +1 QXA @5.00,,-0.01,-5.00,1.00\n'
    fill = ",4/2/27 10:00:00,STOCK,BUY,+1,TO OPEN,QXA,,,STOCK,5.00,5.00,MKT\n"
    (bought,) = of(ExecutionRow, parse(f"{CASH}{cash}\n{HISTORY}{fill}", "thinkorswim"))
    assert (bought.fee, bought.net_cash) == (Decimal("0.01"), Decimal("-5.01"))


def test_money_of_several_fills_together_is_no_further_fill():
    cash = '4/2/27,10:00:07,TRD,="1",BOT +4 QXA @5.00,,-0.04,-20.00,1.00\n'
    fills = (
        ",4/2/27 10:00:05,STOCK,BUY,+1,TO OPEN,QXA,,,STOCK,5.00,5.00,MKT\n"
        ",4/2/27 10:00:00,STOCK,BUY,+3,TO OPEN,QXA,,,STOCK,5.00,5.00,MKT\n"
    )
    found = of(ExecutionRow, parse(f"{CASH}{cash}\n{HISTORY}{fills}", "thinkorswim"))
    assert [(one.quantity, one.fee) for one in found] == [
        (1, Decimal("0.01")),
        (3, Decimal("0.03")),
    ]


def test_shares_that_the_history_leaves_out_are_booked_from_their_money():
    cash = '4/2/27,10:00:07,TRD,="1",BOT +3 QXA @5.00,,-0.01,-15.00,1.00\n'
    (bought,) = of(ExecutionRow, parse(CASH + cash, "thinkorswim"))
    assert (bought.side, bought.quantity, bought.price) == (Side.BUY, 3, 5)
    assert (bought.fee, bought.net_cash) == (Decimal("0.01"), Decimal("-15.01"))
