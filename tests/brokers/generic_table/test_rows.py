"""Rows of mapped tables, figures worked out by hand."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from journal.brokers.base import ExecutionRow, OtherRow, ProblemRow, UnreadableStatement
from journal.domain.values import AssetClass, PositionEffect, Right, Severity, Side
from tests.brokers.reading import of, parse, problem_codes
from tests.brokers.workbooks import workbook

FOLDER = Path(__file__).parent
HEADER = ["Date", "Symbol", "Side", "Qty", "Price", "Fee", "Money"]
MAPPING = {
    "header": HEADER,
    "columns": {
        "Date": "date", "Symbol": "symbol", "Side": "side", "Qty": "quantity", "Price": "price", "Fee": "fee",
        "Money": "amount",
    },
    "side_from": "column",
    "sides": {"buy": "buy", "sell": "sell", "dividend": "skip"},
    "fee_sign": "positive",
    "amount_is": "net",
    "currency": "USD",
    "point": ".",
}  # fmt: skip


def read(*rows: str, header: str = ",".join(HEADER), zone: str = "UTC", **said):
    text = "\n".join([header, *rows]) + "\n"
    if set(header.split(",")) - set(HEADER) and "columns" in said:
        said["header"] = header.split(",")
    return parse(text, "generic_table", zone=zone, mapping={**MAPPING, **said})


def fills(*rows: str, **said):
    return of(ExecutionRow, read(*rows, **said))


def fill(row: str, **said) -> ExecutionRow:
    (found,) = fills(row, **said)
    return found


def sample(name: str, **options):
    return parse(FOLDER / "samples" / name, "generic_table", **options)


# --- The samples -------------------------------------------------------------------------------------------------


def test_a_german_spreadsheet_of_fills():
    records = sample("fills.csv", zone="Europe/Berlin")
    found = [
        (one.instrument.symbol, one.side, one.quantity, one.price, one.fee, one.executed_at)
        for one in of(ExecutionRow, records)
    ]
    buy, sell = Side.BUY, Side.SELL
    vorn = (
        "VORN",
        buy,
        1500,
        Decimal("1.2345"),
        Decimal("2.5"),
        datetime(2027, 3, 3, 9, tzinfo=UTC),
    )
    assert found == [
        ("QXA", buy, 10, Decimal("25.5"), 1, datetime(2027, 3, 2, 8, 15, tzinfo=UTC)),
        ("QXA", sell, 4, 26, 1, datetime(2027, 3, 2, 14, 40, 10, tzinfo=UTC)),
        vorn,
        vorn,
    ]
    assert problem_codes(records) == {"bad_number": 1}
    assert [one.raw["Richtung"] for one in of(OtherRow, records) if "Richtung" in one.raw] == [
        "Dividende"
    ]
    assert all(one.authority == 35 for one in of(ExecutionRow, records))


def test_whole_trades_become_two_fills_each():
    records = sample("trades.csv", zone="America/New_York")
    found = [
        (
            one.broker_id,
            one.instrument.symbol,
            one.side,
            one.quantity,
            one.price,
            one.fee,
            one.effect,
        )
        for one in of(ExecutionRow, records)
    ]
    opened, closed = PositionEffect.OPEN, PositionEffect.CLOSE
    assert found == [
        ("T-1:entry", "ESM27", Side.BUY, 2, Decimal("5210.25"), Decimal("8.4"), opened),
        ("T-1:exit", "ESM27", Side.SELL, 2, Decimal("5214.25"), 0, closed),
        ("T-2:entry", "MNQM27", Side.SELL, 3, Decimal("18300.5"), Decimal("2.22"), opened),
        ("T-2:exit", "MNQM27", Side.BUY, 3, Decimal("18310.5"), 0, closed),
        ("T-3:entry", "ESM27", Side.BUY, 1, 5220, Decimal("4.2"), opened),
    ]
    es = of(ExecutionRow, records)[0].instrument
    assert (es.asset_class, es.multiplier, es.underlying_symbol) == (AssetClass.FUTURE, 50, "ES")
    # T-3 has no exit yet; the exit of T-4 is before its entry.
    assert problem_codes(records) == {"trade_open": 1, "exit_before_entry": 1}


def test_cancelled_orders_are_kept_and_not_booked_and_a_shared_number_is_no_execution_id():
    records = sample("orders.tsv", zone="America/New_York")
    found = of(ExecutionRow, records)
    assert [
        (one.instrument.symbol[:4], one.side, one.quantity, one.price, one.fee) for one in found
    ] == [
        ("QXA", Side.BUY, 100, Decimal("12.5"), 1),
        ("QXA2", Side.SELL, 2, Decimal("1.2"), Decimal("1.3")),
        ("QXA2", Side.BUY, 2, Decimal("0.4"), Decimal("1.3")),
    ]
    option = found[1].instrument
    assert (option.asset_class, option.multiplier, option.underlying_symbol) == (
        AssetClass.OPTION,
        100,
        "QXA",
    )
    assert (option.expiry_on, option.strike, option.right) == (date(2027, 4, 16), 15, Right.PUT)
    assert {one.broker_id for one in found} == {""}
    assert not problem_codes(records)


# --- Money -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "said", "price"),
    [
        # 10 × 20 and a fee of 1: 201 when bought, 199 when sold.
        ("2027-03-01,QXA,buy,10,20,1,201", {}, 20),
        ("2027-03-01,QXA,buy,10,,1,201", {}, 20),
        ("2027-03-01,QXA,sell,10,,1,199", {}, 20),
        ("2027-03-01,QXA,buy,10,,1,-201", {}, 20),
        ("2027-03-01,QXA,sell,10,,1,199", {"amount_is": "gross"}, Decimal("19.9")),
        # The price as stated is rounded; the money moved.
        ("2027-03-01,QXA,buy,1000,0.01,0,13.6", {}, Decimal("0.0136")),
    ],
)
def test_price_and_money(row, said, price):
    assert fill(row, **said).price == price


@pytest.mark.parametrize(
    ("fee", "sign", "cost"),
    [("1.5", "positive", "1.5"), ("-1.5", "negative", "1.5"), ("-1.5", "positive", "-1.5"), ("1.5", "negative", "-1.5"), ("", "negative", "0")],
)  # fmt: skip
def test_the_sign_of_a_fee_is_what_the_mapping_says(fee, sign, cost):
    row = f"2027-03-01,QXA,buy,10,20,{fee},"
    assert fill(row, fee_sign=sign).fee == Decimal(cost)
    is_rebate = cost.startswith("-")
    assert ("fee_rebate" in problem_codes(read(row, fee_sign=sign))) is is_rebate


def test_several_columns_of_fees_are_added_and_none_at_all_is_not_stated():
    header = [*HEADER, "SEC fee"]
    columns = {**MAPPING["columns"], "SEC fee": "fee"}
    two = fill("2027-03-01,QXA,buy,10,20,1,,0.02", header=",".join(header), columns=columns)
    assert two.fee == Decimal("1.02")
    none = {name: role for name, role in MAPPING["columns"].items() if role != "fee"}
    assert fill("2027-03-01,QXA,buy,10,20,1,", columns=none).fee is None


def test_a_fee_in_a_coin_is_in_that_coin_and_does_not_touch_the_price():
    found = fill("2027-03-01,BTCUSDT,buy,0.1,40000,0.003 BNB,4000", currency="USDT")
    assert (found.fee, found.fee_currency, found.price) == (Decimal("0.003"), "BNB", 40000)


@pytest.mark.parametrize(
    ("price", "currency", "expected"),
    [("$20", "", "USD"), ("$20", "CAD", "CAD"), ("€20", "USD", "EUR"), ("20 GBP", "USD", "GBP"), ("20", "SEK", "SEK")],
)  # fmt: skip
def test_a_price_that_states_its_currency_has_it(price, currency, expected):
    found = fill(f"2027-03-01,QXA,buy,10,{price},1,", currency=currency or "USD")
    assert found.instrument.currency == expected


def test_pence_are_hundredths_of_a_pound():
    found = fill("2027-03-01,QXA,buy,10,250,1,26", currency="GBX")
    assert (found.instrument.currency, found.price) == ("GBP", Decimal("2.5"))


def test_a_decimal_comma_that_was_chosen_is_not_voted_down():
    rows = [f"2027-03-0{day};QXA;buy;1;1.234;0;" for day in (1, 2, 3)]
    header = ";".join(HEADER)
    assert {one.price for one in fills(*rows, header=header, point=",")} == {1234}
    assert {one.price for one in fills(*rows, header=header, point=".")} == {Decimal("1.234")}


# --- Sides -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("side_from", "row", "side"),
    [
        ("quantity", "2027-03-01,QXA,x,10,20,0,", Side.BUY),
        ("quantity", "2027-03-01,QXA,x,-10,20,0,", Side.SELL),
        ("amount", "2027-03-01,QXA,x,10,20,0,-200", Side.BUY),
        ("amount", "2027-03-01,QXA,x,10,20,0,200", Side.SELL),
    ],
)
def test_sides_by_signs(side_from, row, side):
    found = fill(row, side_from=side_from)
    assert (found.side, found.quantity) == (side, 10)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("2027-03-01,QXA,,10,20,0,", "no_direction"),
        ("2027-03-01,QXA,buy,-10,20,0,", "no_direction"),
        ("2027-03-01,QXA,buy,,20,0,", "no_quantity"),
        ("2027-03-01,QXA,buy,10,,0,", "no_price"),
        ("2027-03-01,QXA,buy,10,-20,0,", "bad_value"),
        ("2027-03-01,,buy,10,20,0,", "no_symbol"),
        (",QXA,buy,10,20,0,", "no_date"),
        ("2027-13-01,QXA,buy,10,20,0,", "bad_date"),
        ("03/04/2027,QXA,buy,10,20,0,", "ambiguous_date"),
        ("2027-03-01,QXA,buy,10,20,0.1 BNB,", None),
        ("2027-03-01,QXA,buy,10,abc,0,", "bad_number"),
    ],
)
def test_a_row_that_cannot_be_understood_is_told_and_the_others_are_read(row, code):
    records = read(row, "2027-03-02,VORN,sell,1,1,0,")
    errors = [one.code for one in of(ProblemRow, records) if one.severity is Severity.ERROR]
    assert errors == ([code] if code else [])
    assert of(ExecutionRow, records)[-1].instrument.symbol == "VORN"


def test_words_that_nobody_explained_are_told_and_not_booked():
    records = read("2027-03-01,QXA,gift,10,20,0,", "2027-03-01,QXA,dividend,10,20,0,")
    assert not of(ExecutionRow, records)
    assert problem_codes(records) == {"unknown_row_type": 1}


def test_words_that_go_on_are_known_by_their_beginning():
    said = {"sides": {"you bought*": "buy", "you sold*": "sell"}}
    assert fill("2027-03-01,QXA,YOU BOUGHT QUIXOTE CORP (QXA),10,20,0,", **said).side is Side.BUY


def test_nothing_dealt_is_nothing_booked():
    records = read("2027-03-01,QXA,buy,0,20,0,")
    assert problem_codes(records) == {"zero_quantity": 1}


def test_opening_and_closing_are_what_the_words_say():
    said = {"sides": {"bto": "buy_to_open", "stc": "sell_to_close"}}
    assert fill("2027-03-01,QXA,BTO,1,2,0,", **said).effect is PositionEffect.OPEN
    assert fill("2027-03-01,QXA,STC,1,2,0,", **said).effect is PositionEffect.CLOSE


# --- Times, ids, contracts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2027-03-01 09:30:00", "2027-03-01T14:30:00+00:00"),
        ("2027-03-01T09:30:00Z", "2027-03-01T09:30:00+00:00"),
        ("20270301093000", "2027-03-01T14:30:00+00:00"),
        ("1803893400", "2027-03-01T09:30:00+00:00"),
        ("1803893400500", "2027-03-01T09:30:00.500000+00:00"),
    ],
)
def test_moments(written, expected):
    found = fill(f"{written},QXA,buy,10,20,0,", zone="America/New_York")
    assert found.executed_at.isoformat() == expected


def test_a_zone_that_nobody_chose_is_told():
    row = "2027-03-01 09:30:00,QXA,buy,10,20,0,"
    assert problem_codes(read(row, zone=None))["zone_assumed"] == 1
    (told,) = (one for one in of(ProblemRow, read(row, zone=None)) if one.code == "zone_assumed")
    assert "UTC" in told.message
    mapped = parse(
        f"{','.join(HEADER)}\n{row}\n", "generic_table", mapping={**MAPPING, "zone": "Asia/Tokyo"}
    )
    assert "zone_assumed" not in problem_codes(mapped)
    assert of(ExecutionRow, mapped)[0].executed_at == datetime(2027, 3, 1, 0, 30, tzinfo=UTC)


def test_dates_that_contradict_the_mapping_refuse_the_file():
    with pytest.raises(UnreadableStatement, match="begin with the day") as refusal:
        read("03/25/2027,QXA,buy,1,2,0,", "03/04/2027,QXA,buy,1,2,0,", day_first=True)
    assert refusal.value.code == "dates_contradict"


def test_an_execution_id_that_comes_twice_is_told():
    columns = {**MAPPING["columns"], "Money": "execution_id"}
    records = read("2027-03-01,QXA,buy,10,20,0,7", "2027-03-01,QXA,buy,5,21,0,7", columns=columns)
    assert [one.broker_id for one in of(ExecutionRow, records)] == ["7"]
    assert problem_codes(records)["repeated_id"] == 1


def test_options_by_columns_of_their_own():
    header = "Date,Symbol,Side,Qty,Price,Fee,Expiry,Strike,C/P"
    columns = {**MAPPING["columns"], "Expiry": "expiry", "Strike": "strike", "C/P": "right"}
    del columns["Money"]
    found = fill("2027-03-01,QXA,buy,1,2,0,2027-04-16,15,P", header=header, columns=columns)
    option = found.instrument
    assert (option.asset_class, option.underlying_symbol, option.multiplier) == (
        AssetClass.OPTION,
        "QXA",
        100,
    )
    assert (option.expiry_on, option.strike, option.right) == (date(2027, 4, 16), 15, Right.PUT)


def test_a_future_without_a_known_point_value_is_not_booked_at_one():
    records = read("2027-03-01,ZZZM27,buy,1,2,0,", asset_class="future")
    assert problem_codes(records)["point_value_missing"] == 1
    known = fill("2027-03-01,ZZZM27,buy,1,2,0,", asset_class="future", multipliers={"ZZZ": "12.5"})
    assert known.instrument.multiplier == Decimal("12.5")


def test_the_exchange_before_a_symbol_is_set_aside():
    found = fill("2027-03-01,NASDAQ:QXA,buy,1,2,0,").instrument
    assert (found.symbol, found.exchange) == ("QXA", "NASDAQ")


def test_the_newest_first_is_turned_round_within_a_day():
    found = fills(
        "2027-03-02,QXA,sell,1,3,0,", "2027-03-01,QXA,sell,1,2,0,", "2027-03-01,QXA,buy,1,1,0,"
    )
    assert [one.price for one in found] == [3, 1, 2]


# --- Files -------------------------------------------------------------------------------------------------------


def test_without_a_mapping_nothing_is_read():
    with pytest.raises(UnreadableStatement) as refusal:
        parse(FOLDER / "samples" / "fills.csv", "generic_table", mapping=None)
    assert refusal.value.code == "mapping_needed"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"currency": ""}, "mapping_incomplete"),
        ({"side_from": None}, "mapping_incomplete"),
        ({"fee_sign": None}, "mapping_incomplete"),
        ({"columns": {"Nothing": "date"}}, "mapping_invalid"),
        ({"moon": "full"}, "mapping_invalid"),
    ],
)
def test_a_mapping_that_leaves_something_open_reads_nothing(change, code):
    with pytest.raises(UnreadableStatement) as refusal:
        read("2027-03-01,QXA,buy,1,2,0,", **change)
    assert refusal.value.code == code


def test_a_table_without_a_mapped_column_is_another_table():
    with pytest.raises(UnreadableStatement, match="“Fee”") as refusal:
        read("2027-03-01,QXA,buy,1,2", header="Date,Symbol,Side,Qty,Price,Money")
    assert refusal.value.code == "mapping_of_others"


def test_columns_may_stand_in_another_order_and_new_ones_may_come():
    found = fill(
        "x,0,20,10,buy,QXA,2027-03-01,200", header="New,Fee,Price,Qty,Side,Symbol,Date,Money"
    )
    assert (found.price, found.quantity, found.raw["New"]) == (20, 10, "x")


def test_a_table_without_a_header_is_read_by_places():
    mapping = {
        **MAPPING,
        "header": [f"#{place}" for place in range(1, 8)],
        "has_header": False,
        "columns": {"#1": "date", "#2": "symbol", "#3": "side", "#4": "quantity", "#5": "price"},
    }
    text = "2027-03-01,QXA,buy,10,20,1,\n2027-03-02,QXA,sell,10,21,1,\n"
    found = of(ExecutionRow, parse(text, "generic_table", zone="UTC", mapping=mapping))
    assert [(one.row, one.side, one.price) for one in found] == [
        (1, Side.BUY, 20),
        (2, Side.SELL, 21),
    ]


def test_a_workbook_is_read_like_a_text():
    lines = [
        HEADER,
        ["2027-03-01", "QXA", "buy", "10", "20.1", "1"],
        ["2027-03-02", "QXA", "sell", "10", "21"],
    ]
    found = of(ExecutionRow, parse(workbook(lines), "generic_table", zone="UTC", mapping=MAPPING))
    assert [(one.side, one.price, one.fee) for one in found] == [
        (Side.BUY, Decimal("20.1"), 1),
        (Side.SELL, 21, 0),
    ]


def test_mappings_of_the_samples_are_what_json_has_of_them():
    for path in (FOLDER / "mappings").iterdir():
        assert json.loads(path.read_text())["columns"]
