"""What the bridge beside a terminal pushes."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from journal.brokers.base import (
    CashBalanceRow,
    ExecutionRow,
    NavRow,
    OtherRow,
    PositionRow,
    StatementInfo,
    UnreadableStatement,
)
from journal.brokers.registry import detect
from journal.domain.zones import NEW_YORK_CLOSE
from tests.brokers import reading
from tests.brokers.reading import of, problem_codes

SAMPLE = Path(__file__).parent / "samples" / "snapshot.json"


def pushed(**changes):
    found = json.loads(SAMPLE.read_text()) | changes
    return {name: value for name, value in found.items() if value is not ...}


def parse(found, **options):
    return reading.parse(json.dumps(found), "mt5_deals", **options)


def refusal(found, **options):
    with pytest.raises(UnreadableStatement) as caught:
        parse(found, **options)
    return caught.value


def test_the_account_as_it_was():
    records = parse(pushed())
    (info,) = of(StatementInfo, records)
    assert (info.account_id, info.base_currency, info.is_hedging) == ("700300", "EUR", True)
    assert info.generated_at == datetime(2026, 3, 3, 8, 30, 5, 500_000, tzinfo=UTC)
    assert [(one.ending_cash, one.reported_on) for one in of(CashBalanceRow, records)] == [
        (Decimal("1017.35"), date(2026, 3, 3))
    ]
    assert [one.total for one in of(NavRow, records)] == [Decimal("1011.2")]
    assert not problem_codes(records)


def test_deals_are_those_of_the_package():
    found = pushed()
    plain = {"account": found["account"], "symbols": found["symbols"], "deals": found["deals"]}
    assert of(ExecutionRow, parse(found)) == of(ExecutionRow, parse(plain))


def test_positions_are_those_of_yesterdays_end_as_nothing_happened_today():
    records = parse(pushed())
    total, *lots = of(PositionRow, records)
    assert (total.signed_quantity, total.reported_on, total.is_lot) == (
        Decimal("-0.4"),
        date(2026, 3, 2),
        False,
    )
    # 0.1 x 80.2 + 0.3 x 80.3, of 1,000 each
    assert (total.cost, total.mark_price) == (Decimal("32110.0"), Decimal("80.25"))
    assert [(one.signed_quantity, one.is_lot) for one in lots] == [
        (Decimal("-0.1"), True),
        (Decimal("-0.3"), True),
    ]
    assert lots[0].opened_at == datetime(2026, 3, 2, 9, 0, 0, 250_000, tzinfo=UTC)
    assert total.instrument is of(ExecutionRow, records)[0].instrument


def test_long_and_short_of_a_symbol_are_lots_without_a_common_cost():
    positions = pushed()["positions"]
    positions[0] |= {"type": 0}
    total, *_ = of(PositionRow, parse(pushed(positions=positions)))
    assert (total.signed_quantity, total.cost) == (Decimal("-0.2"), None)
    positions[1] |= {"volume": 0.1}
    assert all(one.is_lot for one in of(PositionRow, parse(pushed(positions=positions))))


@pytest.mark.parametrize(
    "changes",
    [
        {"window": {"from": 1772500000, "to": 1772613005}},  # begins in the middle of the day
        {"window": ...},
        {
            "deals": [pushed()["deals"][0] | {"time": 1772525000, "time_msc": 1772525000000}]
        },  # today
    ],
)
def test_positions_of_an_open_day_are_kept_and_not_booked(changes):
    records = parse(pushed(**changes))
    assert not of(PositionRow, records)
    assert [one.section for one in of(OtherRow, records)].count("positions") == 2


def test_lists_that_could_not_be_read_are_unknown():
    records = parse(pushed(deals=..., positions=...))
    assert not of(ExecutionRow, records)
    assert not of(PositionRow, records)
    assert of(NavRow, records)


def test_a_snapshot_without_anything_new_is_recognised():
    text = json.dumps(pushed(deals=[], positions=[]))
    assert detect(text.encode(), "push.json").slug == "mt5_deals"
    assert detect(text.replace("mt5 snapshot", "mt4 snapshot").encode(), "push.json") is None


def test_nothing_is_read_in_a_zone_that_ticks_contradict():
    trouble = refusal(pushed(), zone="Europe/London")
    assert trouble.code == "zone_contradicted"
    assert "UTC+2" in trouble.message
    assert "Europe/London is at UTC+0" in trouble.message
    assert "2 hours" in trouble.message
    assert not problem_codes(parse(pushed(), zone=NEW_YORK_CLOSE))


def test_a_zone_that_no_tick_tells_is_said_to_be_unchecked():
    records = parse(pushed(ticks=[]), zone="Europe/London")
    assert problem_codes(records) == {"zone_unchecked": 1}
    assert not problem_codes(parse(pushed(ticks=[], deals=[]), zone="Europe/London"))


@pytest.mark.parametrize(
    "changes",
    [
        {"made_at": ...},
        {"made_at": "2026-03-03T08:30:05"},
        {"made_at": 5},
        {"window": {"from": "soon"}},
        {"ticks": [5]},
        {"ticks": [{"symbol": "XBR", "time_msc": 10**40, "seen_at": "2026-03-03T08:30:05Z"}]},
        {
            "ticks": [
                {
                    "symbol": "XBR",
                    "time_msc": 1,
                    "seen_at": "2026-03-03T08:30:05Z",
                    "earlier_seen_at": "x",
                }
            ]
        },
    ],
)
def test_what_no_bridge_writes_is_refused(changes):
    assert refusal(pushed(**changes)).code == "broken_snapshot"


def test_a_position_that_cannot_be_read_is_kept():
    positions = pushed()["positions"]
    positions[0] |= {"volume": "much"}
    records = parse(pushed(positions=positions))
    assert [one.section for one in of(OtherRow, records)].count("positions") == 1
