"""What became of an order, whoever reports it and in whichever order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.domain.order_life import OrderMoment, histories_of, orders_of

NOON = datetime(2026, 6, 2, 12, tzinfo=UTC)
_NOTHING = {
    name: None if name in {"instrument_id", "quantity", "limit_price", "stop_price", "filled_quantity", "average_price", "fee"} else ""
    for name in OrderMoment._fields
}  # fmt: skip


def moment(id_: int, status: str, minute: int | None = None, **said: object) -> OrderMoment:
    values = {"client_order_id": "c-1", "source": "bot", **said}
    at = NOON + timedelta(minutes=id_ if minute is None else minute)
    return OrderMoment(**{**_NOTHING, **values, "id": id_, "status": status, "happened_at": at})


LIFE = [
    moment(1, "placed", quantity=Decimal(10), stop_price=Decimal(24), source="chat"),
    moment(2, "modified", stop_price=Decimal("24.5")),
    moment(3, "modified", stop_price=Decimal("24.5"), quantity=Decimal(8)),
    moment(4, "partially_filled", filled_quantity=Decimal(3), order_id="77"),
    moment(5, "filled", filled_quantity=Decimal(8), client_order_id="", order_id="77", source="statement"),
]  # fmt: skip


@given(st.permutations(LIFE))
def test_the_same_life_in_any_order_of_its_reports(moments):
    (life,) = orders_of(moments)
    assert (life.id, life.status, life.changes) == (1, "filled", 2)
    assert (life.values["stop_price"], life.values["quantity"]) == (Decimal("24.5"), Decimal(8))
    assert life.closed_at == NOON + timedelta(minutes=5)
    (steps,) = histories_of(moments).values()
    assert [step.moment.id for step in steps] == [1, 2, 3, 4, 5]
    assert [step.changes for step in steps] == [
        (("quantity", None, Decimal(10)), ("stop_price", None, Decimal(24))),
        (("stop_price", Decimal(24), Decimal("24.5")),),
        (("quantity", Decimal(10), Decimal(8)),),
        (),
        (),
    ]


@pytest.mark.parametrize(
    ("sources", "whose"),
    [
        (("chat", "bot", "statement"), "chat"),
        (("statement", "broker_api", "scanner"), "scanner"),
        (("broker_api", "statement"), "broker_api"),
        (("button",), "button"),
    ],
)
def test_an_order_is_whose_who_gave_it_was(sources, whose):
    reports = [moment(number, "modified", source=one) for number, one in enumerate(sources, 1)]
    assert orders_of(reports)[0].values["source"] == whose


def test_each_order_has_its_own_history():
    other = moment(9, "placed", client_order_id="c-2", limit_price=Decimal(5))
    found = histories_of([other, *LIFE])
    assert {id_: len(steps) for id_, steps in found.items()} == {1: 5, 9: 1}


def test_what_was_filled_after_a_cancel_is_filled():
    late = [moment(1, "placed"), moment(2, "cancelled"), moment(3, "filled", quantity=Decimal(4))]
    (life,) = orders_of(late)
    assert (life.status, life.values["filled_quantity"]) == ("filled", Decimal(4))
