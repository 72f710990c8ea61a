"""Answers of GET /accounts/{number}/transactions. Figures are worked out from the samples by hand."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from journal.brokers.base import (
    CashKind,
    CashRow,
    ExecutionRow,
    OptionEventRow,
    ParseOptions,
    ProblemRow,
    ReportKind,
    StatementInfo,
    UnreadableStatement,
)
from journal.brokers.registry import get_parser
from journal.brokers.tastytrade_json.pages import CHUNK_BYTES
from journal.domain.values import ExecutionKind, PositionEffect, Side
from tests.brokers.reading import of, parse, problem_codes
from tests.brokers.tastytrade_csv.book import booked, net_pnl, open_quantity

SAMPLES = Path(__file__).parent / "samples"
SLUG = "tastytrade_json"
PUT = "FERN  260116P00020000"


def sample(name):
    return parse(SAMPLES / name, SLUG)


def items(name="list.json"):
    return json.loads((SAMPLES / name).read_text())


def read(*some):
    return parse(json.dumps(list(some)), SLUG)


@pytest.fixture(scope="module")
def records():
    return sample("pages.json")


def by_id(records):
    return {one.broker_id: one for one in of(ExecutionRow, records)}


def test_a_fill_has_its_ids_and_its_instant(records):
    one = by_id(records)["900002"]
    assert (one.account_id, one.order_id, one.exec_id) == ("5WX00001", "700002", "4_A-2")
    assert one.executed_at == datetime(2026, 1, 5, 14, 40, 8, 199000, tzinfo=UTC)
    assert (one.side, one.effect) == (Side.SELL, PositionEffect.OPEN)
    assert (one.price, one.proceeds, one.fee) == (Decimal("0.85"), Decimal(85), Decimal("1.14"))
    assert one.net_cash == Decimal("83.86")
    assert one.instrument.multiplier == 100


def test_money_of_every_item_is_its_net_value():
    for one in sample("pages.json"):
        if type(one) in (ExecutionRow, CashRow):
            sign = 1 if one.raw["net-value-effect"] == "Credit" else -1
            money = one.net_cash if type(one) is ExecutionRow else one.amount
            assert money == sign * Decimal(one.raw["net-value"]), one.row


def test_an_assignment_delivers_at_the_strike(records):
    """Two puts at 0.85 less 2.28, 200 shares at 20 and 5.00: the shares cost 3,837.28."""
    booking, numbers, problems = booked(records)
    assert not problems
    assert open_quantity(booking, numbers[PUT]) == 0
    (lot,) = [one for one in booking.lots if one.instrument_id == numbers["FERN"]]
    cost = lot.signed_quantity * lot.price + lot.fee
    assert (lot.signed_quantity, cost) == (Decimal(200), Decimal("3837.28"))
    assert by_id(records)["900009"].kind is ExecutionKind.ASSIGNMENT


def test_an_expiration_closes_what_another_page_opened(records):
    end = by_id(records)["900008"]
    assert (end.side, end.kind, end.price) == (Side.SELL, ExecutionKind.EXPIRY, Decimal(0))
    booking, numbers, _ = booked(records)
    assert net_pnl(booking, numbers["MOSS  260116C00010000"]) == Decimal("-63.40")


def test_futures_and_their_options_have_the_multiplier_of_their_product(records):
    future, option = by_id(records)["900006"], by_id(records)["900005"]
    assert (future.instrument.symbol, future.instrument.multiplier) == ("/ESH26", Decimal(50))
    assert (future.price, future.proceeds, future.fee) == (
        Decimal("6895.25"), Decimal(0), Decimal("2.95"),
    )  # fmt: skip
    assert (option.instrument.symbol, option.instrument.multiplier) == (
        "./ESH6 EW2F6 260109C7000", Decimal(50),
    )  # fmt: skip
    assert option.instrument.underlying_symbol == future.instrument.symbol


def test_money_movements_have_their_kind_and_day(records):
    assert [(one.kind, one.amount, one.reported_on) for one in of(CashRow, records)] == [
        (CashKind.ADJUSTMENT, Decimal("-250.0"), None),
        (CashKind.DEPOSIT, Decimal("10000.0"), None),
    ]


def test_pages_in_a_list_one_after_the_other_and_items_alone_are_the_same():
    def essence(name):
        return [one for one in sample(name) if type(one) in (ExecutionRow, CashRow)]

    assert essence("lines.json") == essence("pages.json")
    assert len(essence("pages.json")) == 10
    alone = read(*(item for page in items("pages.json") for item in page["data"]["items"]))
    assert [one for one in alone if type(one) in (ExecutionRow, CashRow)] == essence("pages.json")


def test_every_account_of_a_file_is_introduced():
    infos = of(StatementInfo, sample("list.json"))
    assert [one.account_id for one in infos] == ["5WX00001", "5WX00002"] * 2
    assert {one.base_currency for one in infos} == {"USD"}


def test_a_page_without_the_others_says_how_many_are_missing():
    (page, _) = items("pages.json")
    records = parse(json.dumps(page), SLUG)
    assert problem_codes(records) == {"pages_missing": 1, "direction_unknown": 1}
    assert "4 transactions" in of(ProblemRow, records)[0].message
    (event,) = of(OptionEventRow, records)
    assert (event.is_directed, event.trade_id) == (False, "900008")


def test_the_order_of_pages_does_not_matter():
    first, second = items("pages.json")
    records = parse(json.dumps([second, first]), SLUG)
    assert by_id(records)["900008"].side is Side.SELL


def test_a_reversal_takes_back_what_it_names():
    sold = next(one for one in items() if one["id"] == 900002)
    records = read(sold, {**sold, "id": 900020, "reverses-id": 900002})
    original, back = of(ExecutionRow, records)
    assert (original.report, back.report) == (ReportKind.FILL, ReportKind.CANCEL)
    assert back.original_ids == ("900002",)


def test_a_credit_among_the_costs_lowers_them():
    sold = next(one for one in items() if one["id"] == 900002)
    records = read({**sold, "regulatory-fees-effect": "Credit", "net-value": "83.94"})
    assert [one.fee for one in of(ExecutionRow, records)] == [Decimal("1.06")]
    assert not problem_codes(records)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"net-value": "12.00"}, "net_value_differs"),
        ({"price": "much"}, "bad_number"),
        ({"executed-at": "soon"}, "bad_date"),
        ({"executed-at": None, "transaction-date": None}, "no_date"),
        ({"quantity": None}, "no_quantity"),
        ({"action": None, "transaction-sub-type": None, "description": ""}, "no_side"),
        ({"symbol": None}, "no_symbol"),
        ({"transaction-type": "Gift"}, "unknown_transaction"),
        ({"price": "0.95"}, "price_contradicts_money"),
    ],
)
def test_an_item_that_is_odd_is_told_and_the_others_are_read(changes, code):
    sold = next(one for one in items() if one["id"] == 900002)
    records = read({**sold, "id": 1}, {**sold, "id": 2, **changes}, {**sold, "id": 3})
    assert problem_codes(records) == {code: 1}
    assert {"1", "3"} <= by_id(records).keys()


def test_numbers_may_be_json_numbers():
    sold = next(one for one in items() if one["id"] == 900002)
    (one,) = of(ExecutionRow, read({**sold, "price": 0.85, "value": 85.0, "quantity": 1}))
    assert (one.price, one.proceeds, one.quantity) == (Decimal("0.85"), Decimal(85), Decimal(1))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "other_format"),
        ("<html>", "other_format"),
        ('{"data":{"balance":"1"}}', "other_format"),
        ('{"data":{"items":[{"id":1,', "truncated"),
        ('{"data":{"items":[]},"context":"/acc', "truncated"),
        ('[{"id":1 "transaction-type":"Trade"}, {"id": 2}]', "broken_json"),
        ('{"data":{"items":[7]}}', "broken_json"),
        ('{"data":{"items":[]]}', "broken_json"),
        ("[" * 99, "other_format"),
    ],
)
def test_what_is_no_answer_is_refused(text, code):
    with pytest.raises(UnreadableStatement) as caught:
        parse(text, SLUG)
    assert caught.value.code == code


def test_every_cut_of_a_file_is_refused():
    data = (SAMPLES / "page.json").read_bytes()
    for length in range(1, len(data), 7):
        with pytest.raises(UnreadableStatement):
            parse(data[:length], SLUG)


def test_an_answer_without_items_is_recognised_and_says_nothing():
    text = '{"data":{"items":[]},"context":"/accounts/5WX00001/transactions","pagination":null}'
    assert get_parser(SLUG).recognises(text.encode(), "x.json")
    assert parse(text, SLUG) == []


def test_other_json_is_not_recognised():
    for text in ('{"data":{"items":[{"symbol":"A"}]}}', "[]", "transaction-type"):
        assert not get_parser(SLUG).recognises(text.encode(), "x.json")


def test_a_large_file_is_read_a_part_at_a_time():
    sold = json.dumps(next(one for one in items() if one["id"] == 900002)).encode()

    class Endless:
        """More than a hundred chunks of one list; it counts what was asked for."""

        def __init__(self):
            self.taken = 0
            self.left = b"[" + b",".join([sold] * 8_000) + b"]"

        def read(self, size):
            self.taken += 1
            part, self.left = self.left[:size], self.left[size:]
            return part

    stream = Endless()
    size = len(stream.left)
    found = get_parser(SLUG).parse(stream, ParseOptions())
    for _ in range(10):
        next(found)
    assert stream.taken <= 3 < size // CHUNK_BYTES
    assert len(of(ExecutionRow, list(found))) == 8_000 - 9
