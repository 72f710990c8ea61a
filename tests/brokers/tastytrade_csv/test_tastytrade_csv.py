"""The export of the History page, in its three layouts. Figures are worked out from the samples by hand."""

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
    ProblemRow,
    StatementInfo,
    TransferRow,
    UnreadableStatement,
)
from journal.brokers.registry import get_parser
from journal.domain.corporate import ActionKind
from journal.domain.values import AssetClass, ExecutionKind, PositionEffect, Right, Side
from tests.brokers.reading import of, parse, problem_codes
from tests.brokers.tastytrade_csv.book import booked, net_pnl, open_quantity

SAMPLES = Path(__file__).parent / "samples"
SLUG = "tastytrade_csv"
HEADER = (SAMPLES / "today.csv").read_text().split("\n", 1)[0]
SALE = (
    "2025-04-02T15:40:09+0200,Trade,Sell to Close,SELL_TO_CLOSE,KORN,Equity,Sold 10 KORN @ 51.10,511.00,10,51.10,"
    "0.00,-0.02,,,,,,,400000090,USD"
)
EXPIRY = (
    "2025-03-21T22:00:00+0100,Receive Deliver,Expiration,,ELMS  250321C00030000,Equity Option,"
    "Removal of option due to expiration,0.00,1,0.00,--,0.00,100,ELMS,ELMS,3/21/25,30,CALL,,USD"
)


def sample(name):
    return parse(SAMPLES / name, SLUG)


def rows(*lines):
    return parse("\n".join([HEADER, *lines]) + "\n", SLUG)


def changed(line, **cells):
    """The line with other cells, by their column with blanks as underscores."""
    names = HEADER.split(",")
    values = line.split(",")
    for name, value in cells.items():
        values[names.index(name.replace("_", " "))] = value
    return ",".join(values)


def fills(records, symbol):
    found = (one for one in of(ExecutionRow, records) if one.instrument.symbol == symbol)
    return sorted(found, key=lambda one: one.executed_at)


@pytest.fixture(scope="module")
def today():
    return sample("today.csv")


def test_the_statement_has_its_period_and_no_account(today):
    first, last = of(StatementInfo, today)
    assert first.row == last.row
    assert (last.account_id, last.base_currency, last.zone) == ("", "USD", "America/New_York")
    assert (last.from_on, last.to_on) == (date(2025, 2, 27), date(2025, 3, 28))


def test_an_option_has_its_contract_time_price_and_costs(today):
    sold, ended = fills(today, "KORN  250321P00050000")
    assert (sold.kind, ended.kind) == (ExecutionKind.TRADE, ExecutionKind.ASSIGNMENT)
    contract = sold.instrument
    assert (contract.asset_class, contract.underlying_symbol) == (AssetClass.OPTION, "KORN")
    assert (contract.expiry_on, contract.strike) == (date(2025, 3, 21), Decimal(50))
    assert (contract.right, contract.multiplier) == (Right.PUT, Decimal(100))
    assert sold.executed_at == datetime(2025, 3, 3, 14, 31, 7, tzinfo=UTC)
    assert (sold.side, sold.effect, sold.quantity) == (Side.SELL, PositionEffect.OPEN, Decimal(2))
    assert (sold.price, sold.proceeds, sold.fee) == (Decimal("1.2"), Decimal(240), Decimal("2.26"))
    assert (sold.net_cash, sold.order_id) == (Decimal("237.74"), "400000058")


def test_an_assignment_delivers_at_the_strike_and_its_premium_goes_into_the_shares(today):
    """240.00 - 2.26 for the put, 10,000.00 + 5.00 for the shares, 10,220.00 - 0.30 back: 452.44."""
    delivered, _ = fills(today, "KORN")
    assert (delivered.kind, delivered.price) == (ExecutionKind.ASSIGNMENT, Decimal(50))
    booking, numbers, _ = booked(today)
    put, share = numbers["KORN  250321P00050000"], numbers["KORN"]
    assert open_quantity(booking, put) == open_quantity(booking, share) == 0
    assert net_pnl(booking, put, share) == Decimal("452.44")


def test_what_expired_closes_what_an_earlier_row_opened(today):
    (end,) = [
        one for one in fills(today, "ELMS  250321C00030000") if one.kind is ExecutionKind.EXPIRY
    ]
    assert (end.side, end.quantity, end.price) == (Side.SELL, Decimal(1), Decimal(0))
    assert end.effect is PositionEffect.CLOSE
    booking, numbers, _ = booked(today)
    assert net_pnl(booking, numbers["ELMS  250321C00030000"]) == Decimal("-46.13")


def test_what_expired_without_an_earlier_row_says_that_its_direction_is_open(today):
    (event,) = of(OptionEventRow, today)
    assert event.instrument.symbol == "OAKS  250321P00020000"
    assert (event.is_directed, event.signed_quantity) == (False, Decimal(3))
    assert event.happened_on == date(2025, 3, 21)
    assert problem_codes(today)["direction_unknown"] == 1


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize(
    ("action", "side"),
    [
        ("Buy to Open", Side.SELL),
        ("Sell to Close", Side.SELL),
        ("Sell to Open", Side.BUY),
        ("Buy to Close", Side.BUY),
    ],
)
def test_the_nearest_earlier_row_tells_the_direction_in_any_order_of_rows(
    newest_first, action, side
):
    sign = "-" if action.startswith("Buy") else ""
    trade = changed(
        EXPIRY, Date="2025-03-12T15:31:08+0100", Type="Trade", Sub_Type=action, Value=f"{sign}90.00",
        Action=action.upper().replace(" ", "_"), Quantity="2", Average_Price=f"{sign}45.00",
    )  # fmt: skip
    # Half of what was there before is closed: what expires is still the same way round.
    lines = [EXPIRY, trade] if newest_first else [trade, EXPIRY]
    (end,) = [one for one in of(ExecutionRow, rows(*lines)) if one.kind is ExecutionKind.EXPIRY]
    assert end.side is side


def test_a_later_row_tells_nothing_of_an_earlier_expiration():
    later = changed(
        EXPIRY, Date="2025-03-24T15:31:08+0100", Type="Trade", Sub_Type="Buy to Open", Action="BUY_TO_OPEN",
        Value="-90.00", Average_Price="-90.00",
    )  # fmt: skip
    assert len(of(OptionEventRow, rows(later, EXPIRY))) == 1


@pytest.mark.parametrize(("sub_type", "side"), [("Assignment", Side.BUY), ("Exercise", Side.SELL)])
def test_who_is_assigned_was_short_and_who_exercises_was_long(sub_type, side):
    (end,) = of(ExecutionRow, rows(changed(EXPIRY, Sub_Type=sub_type)))
    assert end.side is side


def test_a_settlement_in_cash_has_the_price_of_its_money(today):
    """1,800.00 - 1.78 in, 1,250.00 + 5.00 out."""
    (end,) = [
        one
        for one in fills(today, "XIDX  250321P05700000")
        if one.kind is ExecutionKind.CASH_SETTLEMENT
    ]
    assert (end.side, end.price, end.fee) == (Side.BUY, Decimal("12.5"), Decimal(5))
    booking, numbers, _ = booked(today)
    assert net_pnl(booking, numbers["XIDX  250321P05700000"]) == Decimal("543.22")


def test_equal_rows_are_separate_fills(today):
    twins = fills(today, "BIRC  250417P00040000")
    assert len(twins) == 2
    assert twins[0]._replace(row=0) == twins[1]._replace(row=0)


def test_a_future_has_the_price_of_its_text_and_the_multiplier_of_its_product(today):
    """The value of such rows is what the day's settlement moved: (5,662.75 - 5,655.25) x 5 = 37.50 = 25.00 + 12.50."""
    bought, sold = fills(today, "/MESM25")
    assert (bought.price, sold.price) == (Decimal("5655.25"), Decimal("5662.75"))
    assert bought.instrument.multiplier == 5
    assert bought.effect is sold.effect is PositionEffect.UNKNOWN
    settled = [one for one in of(CashRow, today) if one.instrument == bought.instrument]
    assert [one.kind for one in settled] == [CashKind.ADJUSTMENT]
    booking, numbers, _ = booked(today)
    assert net_pnl(booking, numbers["/MESM25"]) == Decimal("37.50") - Decimal("3.54")
    assert sum(one.proceeds for one in (bought, sold)) + settled[0].amount == Decimal("37.50")


def test_an_option_on_a_future_is_worth_what_the_future_is(today):
    sold, end = fills(today, "./MESM5 EX3H5 250321P5500")
    contract = sold.instrument
    assert (contract.asset_class, contract.multiplier) == (AssetClass.FUTURE_OPTION, Decimal(5))
    assert (contract.underlying_symbol, contract.strike) == ("/MESM25", Decimal(5500))
    assert (sold.price, sold.proceeds) == (Decimal(12), Decimal(60))
    assert end.side is Side.BUY  # stated by the row itself
    assert end.instrument is contract


def test_a_symbol_change_carries_the_cost_over(today):
    opened, closed = sorted(of(CorporateActionRow, today), key=lambda one: one.signed_quantity)
    assert opened.action_id == closed.action_id != ""
    assert {one.kind for one in (opened, closed)} == {ActionKind.SYMBOL_CHANGE}
    assert (opened.instrument.underlying_symbol, opened.signed_quantity) == ("FIRR", Decimal(-2))
    assert opened.cash + closed.cash == 0
    booking, numbers, _ = booked(today)
    assert open_quantity(booking, numbers["PINE  250417P00015000"]) == 0
    (lot,) = [one for one in booking.lots if one.instrument_id == numbers["FIRR  250417P00015000"]]
    assert (lot.signed_quantity, lot.price, lot.fee) == (
        Decimal(-2), Decimal("0.75"), Decimal("2.26"),
    )  # fmt: skip


def test_crypto_is_bought_in_parts(today):
    (one,) = fills(today, "BTC/USD")
    assert one.instrument.asset_class is AssetClass.CRYPTO
    assert (one.quantity, one.price, one.fee) == (Decimal("0.015"), 84_000, Decimal("12.6"))


def test_a_rounded_average_price_gives_way_to_the_money(today):
    """3 at 10.12 are 30.36 and 30.37 were paid: the average is rounded, which is not worth a remark."""
    (one,) = fills(today, "TREE")
    assert abs(one.price * 3 - Decimal("30.37")) < Decimal("1e-20")
    assert "price_contradicts_money" not in problem_codes(today)


def test_a_price_that_no_rounding_explains_is_told():
    records = rows(changed(SALE, Value="611.00"))
    assert [one.price for one in of(ExecutionRow, records)] == [Decimal("61.1")]
    assert problem_codes(records) == {"price_contradicts_money": 1}


def test_money_movements_have_their_kind_and_sign(today):
    assert [(one.kind, one.amount) for one in of(CashRow, today)] == [
        (CashKind.DIVIDEND, Decimal("21.00")),
        (CashKind.DIVIDEND, Decimal("-3.15")),
        (CashKind.ADJUSTMENT, Decimal("25.00")),
        (CashKind.COMMISSION_ADJUSTMENT, Decimal("-0.02")),
        (CashKind.INTEREST_RECEIVED, Decimal("0.41")),
        (CashKind.DEPOSIT, Decimal("25000.00")),
    ]


def test_a_transaction_of_an_unknown_kind_is_kept_and_told(today):
    (one,) = of(OtherRow, today)
    assert one.raw["Sub Type"] == "Loan Recall"
    assert problem_codes(today) == {"direction_unknown": 1, "unknown_transaction": 1}


def test_the_total_of_a_row_is_held_against_its_parts():
    """The second export of today's layout: 0.02 given back, and a total that is 0.72 off."""
    records = sample("total.csv")
    assert [one.fee for one in of(ExecutionRow, records)] == [
        Decimal("-0.02"), Decimal("1.14"), Decimal("0.08"),
    ]  # fmt: skip
    assert problem_codes(records) == {"net_value_differs": 1}


def test_the_layout_of_sixteen_columns_is_read_by_its_texts():
    """Costs: fees are positive and commissions negative there, and 0.1399999999999999 is 0.14."""
    records = sample("older.csv")
    assert not of(ProblemRow, records)
    assert [(one.kind, one.amount) for one in of(CashRow, records)] == [
        (CashKind.INTEREST_PAID, Decimal("-2.1")),
        (CashKind.DIVIDEND, Decimal(14)),
        (CashKind.DEPOSIT, Decimal(1500)),
    ]
    bought, end = fills(records, "LIME  190816C00012000")
    assert (bought.price, bought.fee) == (Decimal("0.29"), Decimal("1.14"))
    assert (end.kind, end.side) == (ExecutionKind.EXERCISE, Side.SELL)
    assert [one.kind for one in fills(records, "LIME")] == [ExecutionKind.EXERCISE]


def test_the_halves_of_a_split_may_be_some_seconds_apart():
    records = sample("older.csv")
    booking, numbers, problems = booked(records)
    assert not problems
    assert open_quantity(booking, numbers["SAND1 190816P00008000"]) == 4
    assert open_quantity(booking, numbers["SAND  190816P00008000"]) == 0


def test_half_a_pair_is_told_and_kept():
    line = changed(EXPIRY, Sub_Type="Reverse Split", Action="SELL_TO_CLOSE", Value="52.00")
    records = rows(line)
    assert [one.action_id for one in of(CorporateActionRow, records)] == [""]
    assert problem_codes(records) == {"pair_incomplete": 1}


def test_the_first_layout_has_local_times_and_costs_as_one_number():
    records = sample("first.csv")
    info = of(StatementInfo, records)[0]
    assert (info.account_id, info.account_alias) == ("", "Individual...12")
    sold, _ = fills(records, "CLAY  200221P00031000")
    assert sold.executed_at == datetime(2020, 2, 4, 20, 36, tzinfo=UTC)
    assert (sold.price, sold.fee, sold.side) == (Decimal("2.46"), Decimal("1.152"), Side.SELL)
    (future,) = fills(records, "/MESH20")
    assert (future.price, future.instrument.multiplier) == (Decimal("3340.25"), Decimal(5))
    assert [one.kind for one in of(CashRow, records)] == [CashKind.DEPOSIT]
    booking, numbers, problems = booked(records)
    assert not problems
    assert net_pnl(booking, numbers["CLAY  200221P00031000"]) == Decimal("244.848")
    assert net_pnl(booking, numbers["CLAY"]) == Decimal("39.82")


def test_times_without_an_offset_are_read_in_the_zone_of_the_import():
    records = parse(SAMPLES / "first.csv", SLUG, zone="Europe/Berlin")
    sold, _ = fills(records, "CLAY  200221P00031000")
    assert sold.executed_at == datetime(2020, 2, 4, 14, 36, tzinfo=UTC)


def test_a_file_of_several_accounts_is_refused():
    text = (SAMPLES / "first.csv").read_text().replace("Individual...12", "IRA...34", 1)
    with pytest.raises(UnreadableStatement) as caught:
        parse(text, SLUG)
    assert caught.value.code == "several_accounts"


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"Value": "many"}, "bad_number"),
        ({"Date": "soon"}, "bad_date"),
        ({"Date": ""}, "no_date"),
        ({"Quantity": ""}, "no_quantity"),
        ({"Quantity": "0"}, "zero_quantity"),
        ({"Symbol": ""}, "no_symbol"),
        ({"Action": "", "Sub_Type": "", "Description": ""}, "no_side"),
        ({"Instrument_Type": "Equity Option"}, "no_contract"),
        ({"Instrument_Type": "Moon Rock"}, "unknown_asset_class"),
        ({"Type": "Gift"}, "unknown_transaction"),
        ({"Type": "Money Movement", "Sub_Type": "Gift"}, "unknown_cash_type"),
        ({"Type": "Money Movement", "Value": "--"}, "no_amount"),
        ({"Value": "", "Average_Price": ""}, "no_price"),
        ({"Instrument_Type": "Future", "Symbol": "/QQZ5", "Description": "@ 1"}, "futures_multiplier_unknown"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_understood_is_told_and_the_others_are_read(cells, code):
    records = rows(SALE, changed(SALE, **cells), SALE)
    assert problem_codes(records) == {code: 1}
    (problem,) = of(ProblemRow, records)
    assert problem.row == 3
    assert len([one for one in of(ExecutionRow, records) if one.row in (2, 4)]) == 2


def test_a_footer_is_kept_and_more_columns_change_nothing():
    records = rows(SALE, '"","","","","Total 1 row"')
    assert len(of(OtherRow, records)) == 1
    wider = parse(f"{HEADER},Full Moon\n{SALE},yes\n", SLUG)
    (one,) = of(ExecutionRow, wider)
    assert one.raw["Full Moon"] == "yes"
    assert one._replace(raw={}) == of(ExecutionRow, records)[0]._replace(raw={})


def test_the_file_for_the_tax_office_is_explained():
    text = "ACCOUNT_NR,SEC_TYPE,SEC_SUBTYPE,DESCRIPTION,8949_CODE,OPEN_DATE\n"
    assert get_parser(SLUG).recognises(text.encode(), "x.csv")
    with pytest.raises(UnreadableStatement) as caught:
        parse(text, SLUG)
    assert caught.value.code == "tax_file"


@pytest.mark.parametrize("text", ["", "Date,Symbol,Quantity\n1,2,3\n", "<html>", "\n\n"])
def test_what_is_no_such_export_is_refused(text):
    assert not get_parser(SLUG).recognises(text.encode(), "x.csv")
    with pytest.raises(UnreadableStatement) as caught:
        parse(text, SLUG)
    assert caught.value.code == "other_format"


def test_another_delimiter_and_encoding_are_read():
    text = (SAMPLES / "total.csv").read_text().replace('"', "")
    tabbed = "\n".join(
        "\t".join(line.split(",")) for line in text.split("\n") if "2,450" not in line
    )
    data = tabbed.encode("utf-16")
    assert get_parser(SLUG).recognises(data, "x.txt")
    assert len(of(ExecutionRow, parse(data, SLUG))) == 2


def test_numbers_have_one_writing_only():
    """20 is never 2E+1, which a database would write otherwise."""
    for name in ("today.csv", "older.csv", "first.csv", "total.csv"):
        for one in of(ExecutionRow, sample(name)):
            for number in (one.price, one.quantity, one.fee, one.proceeds, one.net_cash):
                assert "E" not in str(number) or number.as_tuple().exponent < 0, one


def test_shares_of_another_broker_arrive_without_a_cost():
    line = changed(
        SALE, Type="Receive Deliver", Sub_Type="ACAT", Action="BUY_TO_OPEN", Value="0.00"
    )
    (one,) = of(TransferRow, rows(line))
    assert (one.instrument.symbol, one.signed_quantity, one.stated_cost) == ("KORN", 10, None)


def test_a_future_that_settles_has_the_price_of_its_text_or_is_told():
    line = changed(
        SALE, Type="Receive Deliver", Sub_Type="Futures Settlement", Action="SELL", Symbol="/MESH5",
        Instrument_Type="Future", Description="Settled 10 /MESH5 @ 5650.50", Value="15.00",
    )  # fmt: skip
    (one,) = of(ExecutionRow, rows(line))
    assert (one.kind, one.side) == (ExecutionKind.CASH_SETTLEMENT, Side.SELL)
    assert (one.price, one.proceeds) == (Decimal("5650.50"), Decimal("15.00"))
    unpriced = changed(line, Description="Settlement")
    assert problem_codes(rows(unpriced)) == {"no_price": 1}
