"""The deals of the MetaTrader5 package."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from journal.brokers.base import (
    CashKind,
    CashRow,
    ExecutionRow,
    OtherRow,
    StatementInfo,
    UnreadableStatement,
)
from journal.brokers.registry import detect
from journal.domain.values import PositionEffect
from tests.brokers import reading
from tests.brokers.reading import of, problem_codes

SAMPLE = reading.SAMPLES / "mt5_deals" / "samples" / "deals.json"
FIELDS = {
    "ticket": 1, "order": 11, "time": 1772445600, "time_msc": 1772445600000, "type": 0, "entry": 0, "magic": 0,
    "position_id": 11, "reason": 0, "volume": 1.0, "price": 1.1, "commission": 0.0, "swap": 0.0, "profit": 0.0,
    "fee": 0.0, "symbol": "EURUSD", "comment": "", "external_id": "",
}  # fmt: skip


def parse(data, **options):
    if isinstance(data, (list, dict)):
        data = json.dumps(data)
    return reading.parse(data, "mt5_deals", **options)


def fills(records) -> dict[str, ExecutionRow]:
    return {one.broker_id: one for one in of(ExecutionRow, records)}


def trip(profit: float, **closing: object) -> list[dict[str, object]]:
    opened = FIELDS | {"symbol": closing.get("symbol", "EURUSD")}
    return [
        opened,
        FIELDS | {"ticket": 2, "type": 1, "entry": 1, "price": 1.101, "profit": profit} | closing,
    ]


def test_account_times_and_references():
    records = parse(SAMPLE)
    (info,) = of(StatementInfo, records)
    assert (info.account_id, info.base_currency, info.is_hedging) == ("700300", "EUR", True)
    assert "Sample Person" not in str(records)
    row = fills(records)["32"]
    # 11:00:00.250 on the server's clock, which is two hours ahead in March.
    assert row.executed_at == datetime(2026, 3, 2, 9, 0, 0, 250_000, tzinfo=UTC)
    assert (row.order_id, row.order_reference, row.trade_id) == (
        "71",
        "4711 breakout",
        "position:71",
    )
    assert fills(parse(SAMPLE, zone="UTC"))["32"].executed_at.hour == 11


def test_a_stated_contract_is_taken_and_the_profit_is_the_stated_one():
    opening, closing = (fills(parse(SAMPLE))[one] for one in ("32", "34"))
    assert (closing.instrument.currency, closing.instrument.multiplier) == ("USD", 1000)
    # A binary neighbour of 80.1 is 80.1.
    assert opening.price == Decimal("80.1")
    quoted = (closing.price - opening.price) * closing.quantity * 1000
    assert round(quoted * closing.fx_rate, 10) == 21
    assert closing.fee == Decimal("0.70")
    assert round(closing.stated_pnl * closing.fx_rate, 10) == 21 - Decimal("0.70") - Decimal("0.50")


def test_cash_operations():
    found = [(one.kind, one.amount) for one in of(CashRow, parse(SAMPLE))]
    assert found == [(CashKind.DEPOSIT, 1000), (CashKind.INTEREST_PAID, Decimal("-1.95"))]


def test_what_stands_around_the_deals_is_kept():
    assert [one.section for one in of(OtherRow, parse(SAMPLE))] == ["account", "symbols"]


def test_the_bare_list_tells_the_currency_by_its_profits():
    records = parse(trip(100.0))
    (info,) = of(StatementInfo, records)
    assert (info.account_id, info.base_currency) == ("", "USD")
    assert problem_codes(records) == {"base_currency_derived": 1}


@pytest.mark.parametrize(
    "deals",
    [trip(91.7), trip(7.0, symbol="ABC"), [FIELDS | {"type": 2, "symbol": "", "profit": 5.0}]],
)
def test_without_any_currency_nothing_is_imported(deals):
    with pytest.raises(UnreadableStatement, match="account_info") as refusal:
        parse(deals)
    assert refusal.value.code == "no_account_currency"


def test_a_position_that_turns_around_belongs_to_a_netting_account():
    turned = trip(100.0, entry=2, volume=1.5)
    records = parse(turned)
    assert of(StatementInfo, records)[0].is_hedging is False
    assert fills(records)["2"].effect is PositionEffect.CLOSE_OPEN
    stated = parse(
        {"account_info": {"margin_mode": 0, "currency": "USD", "login": 5}, "deals": trip(100.0)}
    )
    assert of(StatementInfo, stated)[0].is_hedging is False


def test_an_open_positions_floating_profit_tells_what_a_lot_is():
    held = {
        "type": 1,
        "volume": 2.0,
        "price_open": 50.0,
        "price_current": 49.0,
        "profit": 20.0,
        "symbol": "ABC",
    }
    around = {
        "account": {"currency": "USD"},
        "positions": [held],
        "deals": [FIELDS | {"symbol": "ABC"}],
    }
    assert fills(parse(around))["1"].instrument.multiplier == 10
    del around["positions"]
    assert problem_codes(parse(around)) == {"contract_unknown": 1}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"type": 99}, "bad_value"),
        ({"entry": "in"}, "bad_value"),
        ({"price": float("nan")}, "bad_number"),
        ({"volume": "much"}, "bad_number"),
        ({"volume": None}, "no_quantity"),
        ({"price": None}, "no_price"),
        ({"symbol": ""}, "no_symbol"),
        ({"time_msc": -5}, "bad_date"),
        ({"time_msc": 10**30}, "bad_date"),
        ({"time_msc": 99_999_999_999_999}, None),
        ({"time_msc": None, "time": None}, "no_date"),
        ({"profit": 1e300}, "bad_number"),
        ({"profit": [1]}, "bad_number"),
    ],
)
def test_a_deal_that_cannot_be_read_is_told_and_the_others_are_read(change, code):
    deals = [*trip(100.0), FIELDS | {"ticket": 3} | change]
    records = parse({"account": {"currency": "USD"}, "deals": deals})
    assert problem_codes(records) == ({code: 1} if code else {})
    assert {"1", "2"} <= fills(records).keys()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("[", "truncated"),
        ('[{"ticket": 1', "truncated"),
        ('[{"ticket": "a', "truncated"),
        ("", "truncated"),
        ("{} x", "no_json"),
        ("[" * 100_000, "no_json"),
        ('{"deals": 5}', "no_deals"),
        ("[5]", "no_deals"),
        ("[]", "no_deals"),
        ("17", "no_deals"),
    ],
)
def test_what_is_no_list_of_deals_is_refused(data, code):
    with pytest.raises(UnreadableStatement) as refusal:
        parse(data)
    assert refusal.value.code == code


class TestCorpus:
    """The example of MetaQuotes' own documentation; profit per position and what stays open are stated inside."""

    def test_profits_and_what_stays_open(self):
        path = reading.corpus_folder("mt5") / "history_deals_get.json"
        assert detect(path.read_bytes()[: 64 * 1024], "x").slug == "mt5_deals"
        expected = json.loads(path.read_text(), parse_float=Decimal)
        records = parse(path)
        rows = of(ExecutionRow, records)
        assert len(rows) == 11
        left = {}
        for row in rows:
            position = int(row.trade_id.removeprefix("position:"))
            left.setdefault(position, []).append(row)
        for one in expected["expected_closed_positions"]:
            opening, closing = left.pop(one["position_id"])
            points = closing.price - opening.price
            points = points if one["side"] == "long" else -points
            profit = points * closing.quantity * closing.instrument.multiplier * closing.fx_rate
            assert round(profit, 2) == one["profit"]
            assert round(closing.stated_pnl * closing.fx_rate, 10) == one["profit"]
        assert left.keys() == {one["position_id"] for one in expected["expected_open_positions"]}
        assert problem_codes(records) == {"base_currency_derived": 1}
