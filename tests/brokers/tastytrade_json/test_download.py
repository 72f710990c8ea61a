"""Documents that the fetcher puts together: transactions with orders, positions and balances beside them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from journal.brokers.base import (
    CashBalanceRow,
    CashRow,
    ExecutionRow,
    NavRow,
    OptionEventRow,
    OtherRow,
    PositionRow,
    StatementInfo,
    UnreadableStatement,
)
from tests.brokers.reading import of, parse, problem_codes

SLUG = "tastytrade_json"
SAMPLE = Path(__file__).parent / "samples" / "download.json"


def lines():
    return [json.loads(line.rstrip(",")) for line in SAMPLE.read_text().splitlines()[1:-1]]


def read(items):
    return parse(
        json.dumps({"context": "/accounts/5WX00001/transactions", "data": {"items": items}}), SLUG
    )


@pytest.fixture(scope="module")
def records():
    return parse(SAMPLE, SLUG)


def test_it_says_of_which_days_it_is_and_when_it_was_made(records):
    (info,) = of(StatementInfo, records)
    assert (info.account_id, info.base_currency) == ("5WX00001", "USD")
    assert (info.from_on, info.to_on) == (date(2026, 10, 1), date(2026, 11, 18))
    assert info.generated_at == datetime(2026, 11, 18, 15, 2, 11, 250_000, tzinfo=UTC)


def test_the_order_says_when_it_was_placed_and_what_it_was_called(records):
    (fill,) = of(ExecutionRow, records)
    assert (fill.order_type, fill.order_reference) == ("Limit", "7f3c-breakout")
    assert fill.ordered_at == datetime(2026, 11, 2, 14, 59, 58, 120_000, tzinfo=UTC)


def test_positions_are_those_of_the_day_before(records):
    shares, puts = of(PositionRow, records)
    assert {shares.reported_on, puts.reported_on} == {date(2026, 11, 17)}
    assert (shares.signed_quantity, shares.cost, shares.mark_price) == (
        60,
        Decimal("1200.0"),
        Decimal("21.5"),
    )
    # "cost-effect" is that of closing: only the direction says the side.
    assert (puts.signed_quantity, puts.cost) == (-2, Decimal("250.00"))
    (fill,) = of(ExecutionRow, records)
    assert shares.instrument is fill.instrument


def test_positions_of_an_open_day_are_kept_and_not_booked():
    header, *rest = lines()
    del header["download"]["positions-of"]
    records = read([header, *rest])
    assert not of(PositionRow, records)
    assert [one.section for one in of(OtherRow, records)] == ["positions", "positions"]


def test_a_balance_is_cash_and_value_of_its_day(records):
    assert [(one.reported_on.day, one.ending_cash, one.currency) for one in of(CashBalanceRow, records)] == [
        (16, Decimal("8812.44"), "USD"), (17, Decimal("-41.06"), "USD"),
    ]  # fmt: skip
    assert [one.total for one in of(NavRow, records)] == [Decimal("9822.44"), Decimal("9903.10")]


def test_an_expiration_whose_opening_is_in_an_earlier_download_needs_no_remark(records):
    (event,) = of(OptionEventRow, records)
    assert (event.is_directed, event.trade_id) == (False, "900102")
    assert not problem_codes(records)


def test_the_fee_of_a_conversion_is_a_cost(records):
    (cash,) = of(CashRow, records)
    assert cash.amount == Decimal("498.75")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"quantity-direction": "Sideways"}, "no_side"),
        ({"quantity": None}, "no_quantity"),
        ({"average-open-price": "dear"}, "bad_number"),
        ({"symbol": None}, "no_symbol"),
    ],
)
def test_a_position_that_is_odd_is_told_and_the_others_are_read(changes, code):
    items = lines()
    items[2] |= changes
    records = read(items)
    assert problem_codes(records) == {code: 1}
    assert len(of(PositionRow, records)) == 1


def test_what_is_not_held_any_more_is_no_position():
    items = lines()
    items[2] |= {"quantity": "0", "quantity-direction": "Zero"}
    assert len(of(PositionRow, read(items))) == 1


@pytest.mark.parametrize("left_out", range(1, 9))
def test_a_document_that_lacks_an_item_is_refused(left_out):
    items = lines()
    del items[left_out]
    with pytest.raises(UnreadableStatement) as caught:
        read(items)
    assert caught.value.code == "truncated"


@pytest.mark.parametrize(
    "header", [5, {}, {"counts": 3}, {"account-number": "5WX00001", "counts": {}, "from": "soon"}]
)
def test_a_start_that_our_fetcher_never_wrote_is_refused(header):
    with pytest.raises(UnreadableStatement) as caught:
        read([{"download": header}, *lines()[1:]])
    assert caught.value.code == "broken_json"


def test_several_downloads_one_after_the_other_are_each_of_their_own_account():
    items = lines()
    other = [json.loads(json.dumps(one).replace("5WX00001", "5WX00002")) for one in items]
    records = read([*items, *other])
    assert [one.account_id for one in of(StatementInfo, records)] == ["5WX00001", "5WX00002"]
    with pytest.raises(UnreadableStatement):
        read([*items[:-1], *other])


def test_standing_without_a_download_around_it_is_kept_only():
    records = read(lines()[1:])
    assert not of(PositionRow, records)
    assert not of(NavRow, records)
    assert len(of(OtherRow, records)) == 5
