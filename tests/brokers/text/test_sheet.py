"""What every reader of a sheet has from the engine, shown on a broker that does not exist."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from journal.brokers.base import (
    ExecutionRow,
    OtherRow,
    ParseOptions,
    ProblemRow,
    Record,
    StatementInfo,
    UnreadableStatement,
)
from journal.brokers.text import sheet
from journal.brokers.text.layout import Layout, find_header, name_columns
from journal.brokers.text.records import fill, price_of
from journal.brokers.text.row import Row
from journal.brokers.text.sheet import SheetParser
from journal.brokers.text.tables import Line
from journal.domain.values import Side


class Oddbank(SheetParser):
    slug = broker = "oddbank"
    label = "Oddbank deals (CSV)"
    default_zone = "Europe/Berlin"
    layouts = (
        Layout(
            needs={
                "date": ("When", "Wann"),
                "symbol": "Paper",
                "quantity": "Units",
                "price": "Price",
                "total": "Total*",
            },
            may={"account": "Depot"},
        ),
    )
    numbers = ("quantity", "price", "total")

    def account_of_row(self, row: Row) -> str:
        return row.text("account") or row.desk.account_id

    def read_row(self, row: Row) -> Iterable[Record]:
        if row.text("symbol") == "NOTE":
            return []
        signed = row.needed("quantity", "no_quantity")
        instrument = row.security(row.word("symbol", "no_symbol"), "EUR")
        price = price_of(row, row.decimal("price"), signed, row.decimal("total"))
        return [fill(row, instrument, Side.BUY if signed > 0 else Side.SELL, signed, price)]


HEADER = "When;Paper;Units;Price;Total EUR\n"


def read(text: str, **options: object) -> list[Record]:
    return list(Oddbank().parse(io.BytesIO(text.encode()), ParseOptions(**options)))


def fills(text: str, **options: object) -> list[ExecutionRow]:
    return [one for one in read(text, **options) if type(one) is ExecutionRow]


def problems(text: str) -> list[tuple[int, str]]:
    return sorted((one.row, one.code) for one in read(text) if type(one) is ProblemRow)


def test_the_header_is_found_below_what_stands_above_it():
    records = read("Oddbank;AG\nPrinted;2027-01-02\n" + HEADER + "2027-01-02;QXA;1;2,5;2,5\n")
    assert [type(one).__name__ for one in records[:3]] == ["StatementInfo", "OtherRow", "OtherRow"]
    assert records[1].raw == {"#1": "Oddbank", "#2": "AG"}
    (bought,) = [one for one in records if type(one) is ExecutionRow]
    assert (bought.row, bought.price) == (4, Decimal("2.5"))


def test_names_may_differ_in_case_order_and_language():
    (bought,) = fills("TOTAL USD,price,units,paper,wann\n5,5,1,QXA,2027-01-02\n")
    assert (bought.quantity, bought.price) == (1, 5)


@pytest.mark.parametrize(
    ("rows", "points"),
    [
        ("2027-01-02;QXA;1;1.234;1234\n2027-01-02;QXA;1;2,50;2,5\n", [1234, Decimal("2.5")]),
        ("2027-01-02;QXA;1;1,234;1.234\n2027-01-02;QXA;1;2.50;2.5\n", [1234, Decimal("2.5")]),
    ],
    ids=["comma", "point"],
)
def test_the_decimal_point_is_that_of_the_files_own_rows(rows, points):
    stated = rows.replace(";1234\n", ";\n").replace(";1.234\n", ";1,234\n")
    assert [one.price for one in fills(HEADER + stated)] == points


def test_a_number_that_can_only_be_in_the_other_notation_is_read_in_it():
    text = (
        HEADER
        + "2027-01-02;QXA;1;2.50;2.50\n2027-01-02;QXA;1;2.50;2.50\n2027-01-02;QXA;1;3,75;3,75\n"
    )
    assert fills(text)[-1].price == Decimal("3.75")


def test_the_order_of_day_and_month_is_that_of_the_files_own_rows():
    text = HEADER + "02/03/2027;QXA;1;1;1\n25/03/2027;QXA;1;1;1\n"
    assert [one.executed_at.month for one in fills(text)] == [3, 3]
    assert problems(HEADER + "02/03/2027;QXA;1;1;1\n") == [(2, "ambiguous_date")]
    assert fills(HEADER + "02/03/2027;QXA;1;1;1\n", day_first=False)[0].executed_at.month == 2


@pytest.mark.parametrize("is_newest_first", [True, False])
def test_fills_of_one_day_keep_their_order_whichever_end_the_file_begins_with(is_newest_first):
    lines = [
        "2027-01-02;QXA;1;1;1",
        "2027-01-03;QXA;2;1;2",
        "2027-01-03;QXA;-3;1;-3",
        "2027-01-03;QXA;4;1;4",
    ]
    if is_newest_first:
        lines.reverse()
    found = sorted(fills(HEADER + "\n".join(lines)), key=lambda one: one.executed_at)
    # Fills of one instant are booked in the order in which the reader gives them.
    assert [one.quantity for one in found] == [1, 2, 3, 4]


def test_a_day_alone_is_its_first_instant_in_the_zone_and_is_told_once():
    text = HEADER + "2027-07-02;QXA;1;1;1\n2027-07-02;QXA;1;1;1\n"
    assert {one.executed_at for one in fills(text)} == {datetime(2027, 7, 1, 22, tzinfo=UTC)}
    assert fills(text, zone="UTC")[0].executed_at == datetime(2027, 7, 2, tzinfo=UTC)
    assert problems(text) == [(2, "day_only")]


def test_days_are_cut_up_so_that_no_file_needs_much_memory(monkeypatch):
    text = HEADER + "2027-01-03 09:00:00;QXA;1;1;1\n" * 10
    whole = fills(text)
    monkeypatch.setattr(sheet, "DAY_ROWS_MAX", 3)
    assert fills(text) == whole


def test_totals_and_repeated_headers_are_kept():
    text = (
        HEADER
        + "2027-01-02 09:00;QXA;1;1;1\nTotal;;;;1\n"
        + HEADER
        + "2027-01-02 09:00;NOTE;1;1;1\n"
    )
    sections = [(one.row, one.section) for one in read(text) if type(one) is OtherRow]
    assert sections == [(3, "Footer"), (4, "Header"), (5, "Not used")]


def test_a_bad_row_is_told_and_the_others_are_read():
    bad = "2027-01-02 09:00;QXA;many;1;1\nsoon;QXA;1;1;1\n2027-01-02 09:00;;1;1;1\n2027-01-02 09:00;QXA;;1;1\n2027-01-02;QXA\n"
    text = HEADER + bad + "2027-01-02 09:00;QXA;1;1;1\n"
    assert problems(text) == [
        (2, "bad_number"), (3, "bad_date"), (4, "no_symbol"), (5, "no_quantity"), (6, "row_short"),
    ]  # fmt: skip
    assert [one.row for one in fills(text)] == [7]


def test_a_row_within_which_the_file_ends_is_no_trade():
    """All that it needs is there, but the number may go on."""
    text = HEADER.strip() + ";Note\n" + "2027-01-02 09:00;QXA;1;1;1;ok\n" * 2
    assert problems(text + "2027-01-02 09:00;QXA;10;1;1") == [(4, "row_cut")]
    assert [one.row for one in fills(text + "2027-01-02 09:00;QXA;10;1;1")] == [2, 3]
    # A footer may be short and without an end.
    assert problems(text + "Total;;;;2") == []


def test_money_is_right_where_the_price_contradicts_it():
    text = (
        HEADER
        + "2027-01-02 09:00;QXA;10;1,00;10,05\n2027-01-02 09:00;QXA;10;1,00;12,00\n2027-01-02 09:00;QXA;4;;10,00\n"
    )
    assert [one.price for one in fills(text)] == [1, Decimal("1.2"), Decimal("2.5")]
    assert problems(text) == [(3, "price_from_money"), (4, "price_of_total")]


def test_several_accounts_are_one_statement():
    text = "When;Paper;Units;Price;Total;Depot\n2027-01-02 09:00;QXA;1;1;1;A\n2027-01-02 09:00;QXA;1;1;1;B\n"
    infos = [one for one in read(text, zone_by_account={"B": "UTC"}) if type(one) is StatementInfo]
    assert [(one.row, one.account_id, one.zone) for one in infos] == [
        (1, "A", "Europe/Berlin"), (1, "B", "UTC"),
    ]  # fmt: skip
    hours = {
        one.account_id: one.executed_at.hour for one in fills(text, zone_by_account={"B": "UTC"})
    }
    assert hours == {"A": 8, "B": 9}


@pytest.mark.parametrize(
    ("text", "code"), [("", "empty_file"), ("\n\n", "empty_file"), ("a;b\n1;2\n", "header_missing")]
)
def test_what_is_no_such_table_is_refused(text, code):
    with pytest.raises(UnreadableStatement) as refusal:
        read(text)
    assert refusal.value.code == code


def test_a_zone_that_does_not_exist_is_refused():
    with pytest.raises(UnreadableStatement) as refusal:
        read(HEADER, zone="Mars/Olympus")
    assert refusal.value.code == "unknown_time_zone"


def test_columns_without_a_name_have_that_of_the_one_before_them():
    assert name_columns(["Price", "", "Value", "", "", "Price"]) == (
        "Price", "Price #2", "Value", "Value #2", "Value #3", "Price #3",
    )  # fmt: skip


def test_a_layout_needs_all_of_its_columns():
    layout = Layout(needs={"a": "A", "b": ("B", "Bee")}, may={"c": "C"})
    assert find_header(Line(1, ["a", "bee", "d"]), [layout]).places == {"a": 0, "b": 1}
    assert find_header(Line(1, ["a", "c"]), [layout]) is None


def test_a_note_below_the_rows_is_kept_though_it_has_digits():
    text = HEADER + "2027-01-02;QXA;1;2,5;2,5\n\nDate downloaded 01/03/2027 9:41 am\n"
    kept = [one for one in read(text) if type(one) is OtherRow]
    assert [(one.row, one.section) for one in kept] == [(4, "Footer")]
    assert problems(text) == [(2, "day_only")]
