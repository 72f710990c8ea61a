from __future__ import annotations

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.domain.identity import (
    FillReport,
    Ordinals,
    ReportType,
    choose_effective,
    fill_key,
    known_id,
    value_key,
)
from journal.domain.values import Severity, Side


def report(id_: int, key: str = "b:1", **more) -> FillReport:
    given_ = {
        "order": id_,
        "authority": 40,
        "type": ReportType.FILL,
        "instrument_id": 1,
        "side": Side.BUY,
        "quantity": D(5),
        "price": D(100),
        "ids": (key.partition(":")[2],),
    } | more
    return FillReport(id_, key, **given_)


def cancel(id_: int, *originals: str, **more) -> FillReport:
    return report(id_, f"b:{id_}", type=ReportType.CANCEL, original_ids=originals, **more)


def chosen(*reports: FillReport) -> dict[str, int]:
    return {key: each.id for key, each in choose_effective(reports).chosen.items()}


def codes(*reports: FillReport) -> list[str]:
    return [problem.code for _, problem in choose_effective(reports).problems]


@pytest.mark.parametrize("text", ["", " ", "-", "--", "0", "N/A", "n/a", "None"])
def test_what_sources_write_for_no_id_is_no_id(text):
    assert known_id(text) == ""
    assert fill_key(broker_id=text, exec_id=text) == ""


def test_the_most_stable_id_makes_the_key():
    assert fill_key(broker_id="77", exec_id="0000.01") == "b:77"
    assert fill_key(broker_id="0", exec_id="0000.01") == "x:0000.01"
    assert len(fill_key(broker_id="9" * 200)) == 96


def test_equal_rows_without_an_id_are_two_fills_and_the_same_two_when_read_again():
    def keys() -> list[str]:
        ordinals = Ordinals()
        rows = [("AAPL", D("1.50")), ("AAPL", D("1.5")), ("MSFT", D(1))]
        return [value_key(row, ordinals.next(row)) for row in rows]

    assert len(set(keys())) == 3
    assert keys() == keys()


def test_a_number_gives_one_key_however_it_is_written():
    assert value_key([D("1.50"), "A"], 1) == value_key([D("1.5"), "A"], 1)
    assert value_key([D("1.50"), "A"], 1) != value_key([D("1.5"), "A"], 2)


def test_the_more_authoritative_report_wins_whenever_it_came():
    assert chosen(report(1), report(2, authority=30)) == {"b:1": 1}


def test_among_equals_the_newest_wins_and_a_difference_is_a_problem():
    assert chosen(report(1), report(2, price=D(101))) == {"b:1": 2}
    assert codes(report(1), report(2)) == []
    ((key, problem),) = choose_effective([report(1), report(2, price=D(101))]).problems
    assert (key, problem.code, problem.severity) == ("b:1", "report_differs", Severity.WARNING)
    assert "buy 5 at 100, then buy 5 at 101" in problem.message


def test_a_difference_between_sources_is_worth_a_note():
    assert codes(report(1), report(2, authority=30, quantity=D(4))) == ["sources_differ"]


def test_a_cancel_takes_away_the_fill_that_it_names():
    assert chosen(report(1), report(2, "b:2"), cancel(3, "1")) == {"b:2": 2}
    assert choose_effective([cancel(3, "1"), report(1)]).cancelled["b:1"].id == 3


def test_a_cancelled_fill_stays_cancelled_when_it_is_reported_again():
    assert chosen(report(1), cancel(2, "1"), report(3)) == {}


def test_a_cancel_may_name_any_id_of_the_fill():
    assert chosen(report(1, ids=("1", "T9")), cancel(2, "0", "T9")) == {}


def test_a_cancel_does_not_reach_another_instrument_that_has_the_same_number():
    assert chosen(report(1, instrument_id=2), cancel(2, "1")) == {"b:1": 1}
    assert codes(report(1, instrument_id=2), cancel(2, "1")) == ["cancel_without_original"]


def test_of_two_fills_with_the_number_a_cancel_means_the_one_that_it_looks_like():
    sold = report(1, "b:1", ids=("T",), side=Side.SELL)
    bought = report(2, "b:2", ids=("T",))
    assert chosen(sold, bought, cancel(3, "T", side=Side.SELL)) == {"b:2": 2}


def test_a_correction_takes_the_place_of_the_fill_that_it_names():
    corrected = report(2, "b:2", type=ReportType.CORRECT, original_ids=("1",), price=D(99))
    result = choose_effective([report(1), corrected])
    assert {key: each.price for key, each in result.chosen.items()} == {"b:2": D(99)}
    assert result.replaced == {"b:1": "b:2"}


def test_a_correction_may_keep_the_id_of_what_it_corrects():
    corrected = report(2, type=ReportType.CORRECT, original_ids=("1",), price=D(99))
    assert chosen(report(1), corrected) == {"b:1": 2}


def test_a_correction_can_be_corrected_and_cancelled():
    first = report(2, "b:2", type=ReportType.CORRECT, original_ids=("1",))
    second = report(3, "b:3", type=ReportType.CORRECT, original_ids=("2",))
    assert chosen(report(1), first, second) == {"b:3": 3}
    assert chosen(report(1), first, second, cancel(4, "3")) == {}


def test_a_correction_of_a_fill_that_was_never_imported_counts_as_a_fill():
    lone = report(2, "b:2", type=ReportType.CORRECT, original_ids=("1",))
    assert chosen(lone) == {"b:2": 2}
    assert codes(lone) == ["correct_without_original"]


@given(st.permutations(range(6)))
def test_the_order_of_reports_does_not_matter(order):
    reports = [
        report(1),
        report(2, price=D(101)),
        report(3, "b:3"),
        cancel(4, "3"),
        report(5, "b:5", type=ReportType.CORRECT, original_ids=("1",)),
        report(6, "b:6", authority=10),
    ]
    assert choose_effective([reports[index] for index in order]) == choose_effective(reports)


def test_a_cancel_that_names_no_fill_takes_back_the_same_fill_of_its_order():
    bought = [
        report(1, "b:1", ids=("1", "order-7"), quantity=D(100)),
        report(2, "b:2", ids=("2", "order-7"), quantity=D(50)),
        report(3, "b:3", ids=("3", "order-8"), quantity=D(100)),
    ]
    taken_back = cancel(4, ids=("4", "order-7"), quantity=D(100))
    assert chosen(*bought, taken_back) == {"b:2": 2, "b:3": 3}
    assert codes(*bought, taken_back, cancel(5, ids=("5", "order-7"), quantity=D(100))) == [
        "cancel_without_original"
    ]


def test_a_cancel_without_any_id_takes_back_one_fill_that_is_the_same():
    nameless = {"ids": ()}
    fills = [
        report(1, "v:a:1", **nameless),
        report(2, "v:a:2", **nameless),
        report(3, "v:b:1", quantity=D(7)),
    ]
    taken_back = cancel(4, **nameless)._replace(key="v:c:1")
    assert chosen(*fills, taken_back) == {"v:a:2": 2, "v:b:1": 3}
    # Reported twice it takes back one all the same, but two of them two.
    assert chosen(*fills, taken_back, taken_back._replace(id=5)) == {"v:a:2": 2, "v:b:1": 3}
    assert chosen(*fills, taken_back, taken_back._replace(id=5, key="v:c:2")) == {"v:b:1": 3}


def test_a_cancel_that_another_source_reports_with_ids_takes_back_what_that_one_names():
    fills = [report(1, "b:1", ids=("1",)), report(2, "b:3", ids=("3",))]
    named = cancel(3, "1", ids=("2",))._replace(key="b:2")
    assert chosen(*fills, named, cancel(4, ids=())._replace(key="b:2")) == {"b:3": 2}


def test_a_cancel_without_any_id_and_without_an_equal_is_told():
    assert codes(report(1, ids=()), cancel(2, ids=(), quantity=D(3))) == ["cancel_without_original"]
