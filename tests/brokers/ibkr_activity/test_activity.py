"""Activity statements of our own making, with figures worked out by hand."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from journal.brokers.base import (
    CashBalanceRow,
    CashKind,
    CashRow,
    ClosedLotRow,
    CorporateActionRow,
    ExecutionRow,
    NavRow,
    OtherRow,
    ParseOptions,
    PositionRow,
    ProblemRow,
    ReportKind,
    StatementInfo,
    UnreadableStatement,
)
from journal.brokers.ibkr_activity.facts import read_period
from journal.brokers.registry import detect, get_parser
from journal.domain.corporate import ActionKind
from journal.domain.values import AssetClass, ExecutionKind, PositionEffect, Right, Side
from tests.brokers.reading import of, parse, problem_codes

SAMPLES = Path(__file__).parent / "samples"
FULL = SAMPLES / "full.csv"
ACCOUNTS = SAMPLES / "accounts.csv"
GERMAN = SAMPLES / "german_orders.csv"
TRADES = (
    "Trades,Header,DataDiscriminator,Asset Category,Currency,Symbol,Date/Time,Exchange,Quantity,T. Price,Proceeds,"
    "Comm/Fee,Basis,Realized P/L,Code\n"
)


def read(source: Path | str, **options: object) -> list:
    return parse(source, "ibkr_activity", **options)


def fill(records: list, symbol: str, place: int = 0) -> ExecutionRow:
    return [one for one in of(ExecutionRow, records) if one.instrument.symbol == symbol][place]


def rows(kind: str, *lines: str) -> str:
    return TRADES + "".join(f"Trades,Data,{kind},{line}\n" for line in lines)


# -- statement and accounts --------------------------------------------------------------------------


def test_the_statement_says_whose_it_is_and_of_which_days():
    [info] = of(StatementInfo, read(FULL))
    assert (info.account_id, info.account_alias, info.base_currency) == ("U7000042", "main", "EUR")
    assert (info.from_on, info.to_on) == (date(2026, 1, 1), date(2026, 3, 31))
    assert info.generated_at == datetime(2026, 4, 1, 9, 10, 11, tzinfo=UTC)
    # The journal looks there for a currency that is stated, not derived.
    assert info.raw["currency"] == "EUR"


def test_names_and_addresses_are_dropped():
    text = repr(read(FULL))
    # A description of a payment is kept as it is.
    assert "Example Street" not in text
    assert "'Pat Example'" not in text


def test_rows_of_several_accounts_go_to_their_own():
    records = read(ACCOUNTS)
    assert [one.account_id for one in of(StatementInfo, records)] == ["U7000051", "U7000052"]
    assert len({one.row for one in of(StatementInfo, records)}) == 1
    assert [(one.row, one.account_id) for one in of(ExecutionRow, records)] == [
        (3, "U7000051"), (7, "U7000052"), (12, "U7000052"), (13, "U7000052"), (15, "U7000052"), (17, "U7000051"),
    ]  # fmt: skip
    # Closed lots name no account: they are of the trade above them.
    assert [one.account_id for one in of(ClosedLotRow, records)] == [
        "U7000051", "U7000052", "U7000052",
    ]  # fmt: skip


def test_a_file_without_account_is_read_for_an_account_that_somebody_chooses():
    records = read(rows("Trade", 'Stocks,USD,ACME,"2026-01-05, 09:30:00",NYSE,1,5,-5,-1,6,0,O'))
    assert [one.account_id for one in of(StatementInfo, records)] == [""]
    assert not problem_codes(records)


def test_two_statements_in_one_file_keep_their_own_accounts():
    one = "Statement,Header,Field Name,Field Value\nStatement,Data,Title,Activity Statement\n"
    text = "".join(
        f"{one}Account Information,Header,Field Name,Field Value\nAccount Information,Data,Account,{account}\n"
        + rows("Trade", 'Stocks,USD,ACME,"2026-01-05, 09:30:00",NYSE,1,5,-5,-1,6,0,O')
        for account in ("U7000001", "U7000002")
    )
    records = read(text)
    assert [info.account_id for info in of(StatementInfo, records)] == ["U7000001", "U7000002"]
    assert [info.row for info in of(StatementInfo, records)] == [1, 7]
    assert [row.account_id for row in of(ExecutionRow, records)] == ["U7000001", "U7000002"]


def test_a_statement_of_nothing_is_one_too():
    [info] = read(
        "Statement,Header,Field Name,Field Value\nStatement,Data,Title,Activity Statement\n"
        "Account Information,Header,Field Name,Field Value\nAccount Information,Data,Account,U7000001\n"
    )
    assert info.account_id == "U7000001"


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("January 1, 2026 - March 31, 2026", date(2026, 1, 1), date(2026, 3, 31)),
        ("Enero 1, 2024 - Diciembre 31, 2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("März 3, 2025 - Juni 30, 2025", date(2025, 3, 3), date(2025, 6, 30)),
        ("Mai 2, 2025 - Juli 1, 2025", date(2025, 5, 2), date(2025, 7, 1)),
        ("Juin 2, 2025 - Août 1, 2025", date(2025, 6, 2), date(2025, 8, 1)),
        ("Январь 1, 2026 - Март 15, 2026", date(2026, 1, 1), date(2026, 3, 15)),
        ("一月 1, 2026 - 十一月 29, 2026", date(2026, 1, 1), date(2026, 11, 29)),
        ("十二月 29, 2026", date(2026, 12, 29), date(2026, 12, 29)),
        ("September 14, 2026", date(2026, 9, 14), date(2026, 9, 14)),
        ("Smarch 13, 2026", None, None),
        ("January 2026", None, None),
    ],
)
def test_periods_in_the_languages_that_are_known(text, first, last):
    assert read_period(text) == (first, last)


# -- trades ------------------------------------------------------------------------------------------


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


# -- other languages ---------------------------------------------------------------------------------


def test_german_columns_are_told_by_their_place():
    records = read(GERMAN)
    bought, sold = (fill(records, "MUST", place) for place in (0, 1))
    assert (bought.price, bought.fee, bought.stated_cost) == (Decimal("100.45"), 1, 2010)
    assert (sold.side, sold.quantity, sold.stated_pnl) == (Side.SELL, 8, 75)
    assert (sold.instrument.broker_id, sold.instrument.isin) == ("900501", "DE0000000017")
    assert fill(records, "EUR.USD").fee_currency == "EUR"
    [info] = of(StatementInfo, records)
    assert (info.account_id, info.base_currency, info.to_on) == (
        "U7000061",
        "EUR",
        date(2025, 10, 31),
    )


def test_german_positions_cash_and_value():
    records = read(GERMAN)
    [held] = of(PositionRow, records)
    assert (held.signed_quantity, held.cost, held.mark_price, held.unrealized_pnl) == (
        12,
        1206,
        110,
        114,
    )
    assert [(one.kind, one.amount) for one in of(CashRow, records)] == [
        (CashKind.DIVIDEND, 6), (CashKind.WITHHOLDING_TAX, Decimal("-1.58")),
    ]  # fmt: skip
    assert [one.total for one in of(NavRow, records)] == [1480]


def test_money_in_a_section_whose_name_is_not_known_is_not_booked_and_told():
    [told] = [one for one in of(ProblemRow, read(GERMAN)) if one.code == "cash_section_unknown"]
    assert (told.row, told.severity) == (26, "warning")
    assert "Mondscheinabgaben" in told.message


UNKNOWN = "Mondhandel,Header,DataDiscriminator,A,B,{}C,D,{}E,F,{}G,H,I,J,{}K\n"


@pytest.mark.parametrize(
    ("columns", "row"),
    [
        (
            ("", "", "", ""),
            'Mondhandel,Data,Trade,Stocks,USD,ACME,"2026-01-05, 09:30:00",{quantity},5,50,-1,-40,9,C',
        ),
        (
            ("X,", "Y,", "", ""),
            'Mondhandel,Data,Trade,Stocks,USD,U7000001,ACME,"2026-01-05, 09:30:00",NYSE,{quantity},5,50,-1,-40,9,C',
        ),
        (
            ("", "Y,", "Z,", "W,"),
            'Mondhandel,Data,Trade,Stocks,USD,ACME,"2026-01-05, 09:30:00",NYSE,{quantity},5,6,50,-1,-40,9,-3,C',
        ),
        (
            ("X,", "", "Z,", "V,W,"),
            'Mondhandel,Data,Trade,Stocks,USD,U7000001,ACME,"2026-01-05, 09:30:00",{quantity},5,6,50,-1,-40,9,22,-3,C',
        ),
    ],
)
def test_a_language_of_which_nothing_is_known(columns, row):
    records = read(UNKNOWN.format(*columns) + row.format(quantity="-10") + "\n")
    sale = fill(records, "ACME")
    assert (sale.side, sale.quantity, sale.price, sale.proceeds) == (Side.SELL, 10, 5, 50)
    assert (sale.fee, sale.stated_cost, sale.stated_pnl, sale.notes) == (1, -40, 9, ("C",))
    assert sale.account_id == ("U7000001" if columns[0] else "")


def test_columns_in_an_order_that_is_not_theirs_are_refused():
    # Fee and proceeds exchanged: they do not make the profit.
    line = 'Mondhandel,Data,Trade,Stocks,USD,ACME,"2026-01-05, 09:30:00",-10,5,-40,-1,50,19,C\n'
    records = read(UNKNOWN.format("", "", "", "") + line)
    assert not of(ExecutionRow, records)
    assert problem_codes(records)["unknown_layout"] == 1


def test_a_symbol_and_a_code_under_one_name_are_both_kept():
    text = (
        "交易,Header,DataDiscriminator,资产分类,货币,代码,日期/时间,数量,交易价格,收盘价格,收益,佣金/税,基础,已实现的损益,"
        "按市值计算的损益,代码\n"
        '交易,Data,Order,股票,USD,MOON,"2026-05-01, 09:30:00",2,150,200,-300,-1,301,0,100,O\n'
    )
    bought = fill(read(text), "MOON")
    assert (bought.raw["代码"], bought.raw["代码 (2)"]) == ("MOON", "O")
    assert bought.instrument.asset_class is AssetClass.STOCK


# -- everything else -----------------------------------------------------------------------------------


def test_cash_movements():
    cash = of(CashRow, read(FULL))
    assert [(one.kind, one.amount, one.currency, one.is_reversal) for one in cash] == [
        (CashKind.DEPOSIT, 10000, "EUR", False),
        (CashKind.WITHDRAWAL, -250, "EUR", False),
        (CashKind.FEE, Decimal("-1.5"), "USD", False),
        (CashKind.INTEREST_RECEIVED, Decimal("3.21"), "EUR", False),
        (CashKind.INTEREST_PAID, Decimal("-0.73"), "USD", False),
        (CashKind.DIVIDEND, 6, "USD", False),
        (CashKind.PAYMENT_IN_LIEU, Decimal("1.5"), "USD", False),
        (CashKind.DIVIDEND, -6, "USD", True),
        (CashKind.WITHHOLDING_TAX, Decimal("-0.9"), "USD", False),
        (CashKind.WITHHOLDING_TAX, Decimal("0.9"), "USD", True),
    ]
    dividend = cash[5]
    assert (dividend.instrument.broker_id, dividend.instrument.currency) == ("900101", "USD")
    assert dividend.reported_on == date(2026, 2, 20)


def test_a_split():
    [split] = of(CorporateActionRow, read(FULL))
    assert (split.kind, split.ratio, split.signed_quantity) == (ActionKind.SPLIT, 4, 30)
    assert (split.instrument.broker_id, split.reported_on) == ("900202", date(2026, 3, 3))
    assert split.effective_at == datetime(2026, 3, 3, 1, 25, tzinfo=UTC)


def test_positions_are_of_the_last_day_and_currencies_are_no_positions():
    summary, lot = of(PositionRow, read(FULL))
    assert (summary.signed_quantity, summary.cost, summary.is_lot) == (60, Decimal("1500.6"), False)
    assert summary.reported_on == date(2026, 3, 31)
    assert (lot.is_lot, lot.opened_at) == (True, datetime(2026, 1, 5, 14, 30, 1, tzinfo=UTC))


def test_cash_and_net_asset_value_at_the_end():
    records = read(FULL)
    assert [
        (one.currency, one.is_base, one.ending_cash, one.ending_settled_cash)
        for one in of(CashBalanceRow, records)
    ] == [
        ("BASE_SUMMARY", True, Decimal("9120.5"), Decimal("9000.5")),
        ("USD", False, Decimal("-1234.5"), -1200),
    ]
    assert [(one.reported_on, one.total) for one in of(NavRow, records)] == [
        (date(2026, 3, 31), Decimal("11100.5"))
    ]


def test_every_line_ends_as_a_record_or_in_the_statement():
    """Headers name columns; the fields of the statement and the account are in its StatementInfo."""
    records = read(FULL)
    known = {one.row for one in records}
    for number, line in enumerate(FULL.read_text().splitlines(), start=1):
        if not re.match(r"\ufeff?(Statement|Account Information),|[^,]+,Header,", line):
            assert number in known, line


def test_problems_of_the_sample_are_the_ones_that_were_put_there():
    assert problem_codes(read(FULL)) == {"bad_number": 1, "unknown_section": 1}


# -- recognition and refusals ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        b"Statement,Header,Field Name,Field Value\n",
        b"\xef\xbb\xbfStatement,Header,Nom champ,Valeur champ\n",
        '"Statement","Header","Название поля","Значение поля"\n'.encode(),
        TRADES.encode(),
        TRADES.encode("utf-16"),
    ],
)
def test_recognised_by_content(head):
    assert detect(head, "whatever.txt").slug == "ibkr_activity"


@pytest.mark.parametrize(
    "head",
    [
        b"Buy/Sell,TradeDate,ISIN,Quantity\n",
        b"Statement of account\n",
        b"Date,Header,Data\n1,2,3\n",
        b"Account,Header,AccountNumber,AccountAlias\nDividendDetail,Header,DataDiscriminator,Currency,Symbol\n",
    ],
)
def test_what_only_looks_alike_is_left_to_others(head):
    assert not get_parser("ibkr_activity").recognises(head, "activity.csv")


def test_a_table_that_is_no_statement_is_refused():
    with pytest.raises(UnreadableStatement) as refused:
        read("Date,Symbol\n2026-01-01,ACME\n")
    assert refused.value.code == "not_activity"


def test_a_zone_that_does_not_exist_is_refused():
    with pytest.raises(UnreadableStatement) as refused:
        read(FULL, zone="Mars/Olympus")
    assert refused.value.code == "unknown_time_zone"


def test_a_stream_that_cannot_go_back_is_read_all_the_same():
    class OneWay(io.RawIOBase):
        def __init__(self) -> None:
            self.held = io.BytesIO(FULL.read_bytes())

        def readable(self) -> bool:
            return True

        def readinto(self, buffer) -> int:
            return self.held.readinto(buffer)

    records = get_parser("ibkr_activity").parse(OneWay(), ParseOptions())
    assert list(records) == read(FULL)


@pytest.mark.parametrize("path", [FULL, ACCOUNTS, GERMAN], ids=lambda path: path.name)
def test_rows_with_cells_missing_or_in_excess_break_nothing(path):
    lines = path.read_text().splitlines()
    changes = (
        lambda line: line.rpartition(",")[0],
        lambda line: f"{line},,surplus",
        lambda line: ",".join(line.split(",")[:4]),
    )
    for change in changes:
        for place in range(len(lines)):
            read("\n".join([*lines[:place], change(lines[place]), *lines[place + 1 :]]))
