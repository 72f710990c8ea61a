"""Orders of a download: their lives as the API states them, which is how they stand when they are asked for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from journal.brokers.base import OrderRole, OrderRow, OrderStatus
from journal.domain.values import Severity, Side
from tests.brokers.reading import of, parse, problem_codes

SAMPLE = Path(__file__).parent / "samples" / "download.json"
FILL = {
    "fill-id": "1",
    "quantity": 1,
    "fill-price": "10.665",
    "filled-at": "2026-11-02T15:00:02.000+00:00",
}
LEG = {
    "symbol": "FERN", "instrument-type": "Equity", "action": "Buy to Open", "quantity": 1, "remaining-quantity": 0,
    "fills": [FILL],
}  # fmt: skip


def read(**changes):
    header, order, *rest = [
        json.loads(line.rstrip(",")) for line in SAMPLE.read_text().splitlines()[1:-1]
    ]
    order |= changes
    items = [header, {name: value for name, value in order.items() if value is not None}, *rest]
    return parse(
        json.dumps({"context": "/accounts/5WX00001/transactions", "data": {"items": items}}),
        "tastytrade_json",
    )


def life(**changes):
    return of(OrderRow, read(**changes))


def leg(**changes):
    return {"legs": [LEG | changes]}


def test_an_order_is_placed_and_then_filled():
    placed, filled = life(**leg())
    assert (placed.status, filled.status) == (OrderStatus.PLACED, OrderStatus.FILLED)
    assert (placed.order_id, placed.client_order_id) == ("700011", "7f3c-breakout")
    assert (placed.order_type, placed.time_in_force, placed.limit_price) == (
        "limit",
        "GTC",
        Decimal("20.0"),
    )
    assert (placed.side, placed.quantity, placed.role) == (Side.BUY, 1, OrderRole.ENTRY)
    assert placed.instrument.symbol == "FERN"
    assert placed.happened_at == datetime(2026, 11, 2, 14, 59, 58, 120_000, tzinfo=UTC)
    assert (filled.filled_quantity, filled.average_price) == (1, Decimal("10.665"))
    assert filled.happened_at == datetime(2026, 11, 2, 15, 0, 2, tzinfo=UTC)


def test_the_price_of_several_fills_is_their_average():
    more = FILL | {"fill-id": "2", "quantity": 3, "fill-price": "10.705"}
    (_, filled) = life(**leg(quantity=4, fills=[FILL, more]))
    assert (filled.filled_quantity, filled.average_price) == (4, Decimal("10.695"))


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        # The status is late, the leg is not.
        ({"status": "Live"} | leg(), OrderStatus.FILLED),
        (
            {"status": "Live"} | leg(quantity=5, **{"remaining-quantity": 4}),
            OrderStatus.PARTIALLY_FILLED,
        ),
        (
            {"status": "Cancelled", "cancelled-at": "2026-11-03T10:00:00.000+00:00"}
            | leg(fills=[]),
            OrderStatus.CANCELLED,
        ),
        ({"status": "Expired"} | leg(fills=[]), OrderStatus.EXPIRED),
        ({"status": "Rejected", "reject-reason": "margin"} | leg(fills=[]), OrderStatus.REJECTED),
        ({"status": "Removed"} | leg(fills=[]), OrderStatus.CANCELLED),
    ],
)
def test_what_became_of_it(changes, status):
    placed, later = life(**changes)
    assert (placed.status, later.status) == (OrderStatus.PLACED, status)
    assert later.happened_at >= placed.happened_at


@pytest.mark.parametrize(
    "status",
    ["Received", "Routed", "In Flight", "Live", "Contingent", "Cancel Requested", "New word"],
)
def test_an_order_that_waits_has_been_placed_only(status):
    waits = leg(fills=[], **{"remaining-quantity": 1})
    assert [one.status for one in life(status=status, **waits)] == [OrderStatus.PLACED]


def test_a_replaced_order_names_the_one_that_took_its_place():
    (_, later) = life(status="Cancelled", **{"replacing-order-id": 700012}, **leg(fills=[]))
    assert later.reason == "Replaced by order 700012"


@pytest.mark.parametrize(
    ("changes", "role"),
    [
        (
            {"order-type": "Stop", "stop-trigger": "18.5"} | leg(action="Sell to Close"),
            OrderRole.STOP_LOSS,
        ),
        ({"complex-order-id": 5} | leg(action="Sell to Close"), OrderRole.TAKE_PROFIT),
        (leg(action="Sell to Close"), OrderRole.EXIT),
        (leg(action="Buy"), None),
    ],
)
def test_the_role_follows_from_what_it_does(changes, role):
    placed = life(**changes)[0]
    assert placed.role is role
    assert placed.stop_price == (Decimal("18.5") if role is OrderRole.STOP_LOSS else None)


def test_an_order_of_several_legs_is_of_no_single_contract():
    placed, filled = life(legs=[LEG, LEG | {"symbol": "MOSS"}], size=2)
    assert (placed.instrument, placed.side, placed.quantity) == (None, None, 2)
    assert (filled.status, filled.filled_quantity) == (OrderStatus.FILLED, None)
    assert filled.happened_at == datetime(2026, 11, 2, 15, 0, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"received-at": None}, "no_date"),
        ({"price": "dear"}, "bad_number"),
        (leg(quantity="many"), "bad_number"),
        ({"legs": "none"}, None),
        ({"legs": [5]}, None),
    ],
)
def test_an_odd_order_is_told_and_takes_nothing_else_along(changes, code):
    records = read(**changes)
    assert problem_codes(records) == ({code: 1} if code else {})
    assert all(one.severity is not Severity.ERROR for one in records if hasattr(one, "severity"))
