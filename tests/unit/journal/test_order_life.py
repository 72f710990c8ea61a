"""The life of an order from its reports: pure, and the same in any order of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.domain.order_life import OrderMoment, orders_of

START = datetime(2026, 6, 2, 13, 30, tzinfo=UTC)
NOTHING = dict.fromkeys(OrderMoment._fields, "") | dict.fromkeys(
    (
        "instrument_id", "quantity", "limit_price", "stop_price", "filled_quantity", "average_price", "fee",
    )
)  # fmt: skip


def moment(number: int, status: str, *, minute: int | None = None, **said) -> OrderMoment:
    values = {**NOTHING, "client_order_id": "c-1", **said}
    for name in ("quantity", "limit_price", "stop_price", "filled_quantity", "average_price"):
        if values[name] is not None:
            values[name] = Decimal(values[name])
    at = START + timedelta(minutes=number if minute is None else minute)
    return OrderMoment(**{**values, "id": number, "status": status, "happened_at": at})


def only(*moments: OrderMoment):
    (life,) = orders_of(moments)
    return life


def test_what_a_report_leaves_open_is_as_it_was():
    life = only(
        moment(1, "placed", quantity="10", stop_price="24", role="stop_loss", instrument_id=5),
        moment(2, "modified", stop_price="24.5"),
        moment(3, "modified", stop_price="25"),
        moment(4, "modified", stop_price="25"),
    )
    assert (life.values["quantity"], life.values["stop_price"]) == (10, 25)
    assert (life.values["role"], life.values["instrument_id"]) == ("stop_loss", 5)
    assert (life.status, life.changes, life.closed_at) == ("modified", 2, None)


@pytest.mark.parametrize("end", ["cancelled", "rejected", "expired", "filled"])
def test_what_is_over_stays_over(end):
    life = only(moment(1, "placed"), moment(2, end), moment(3, "placed"))
    assert life.status == end
    assert life.closed_at == START + timedelta(minutes=2)


def test_a_fill_that_overtook_the_cancel_counts():
    life = only(moment(1, "cancelled"), moment(2, "filled", filled_quantity="10"))
    assert (life.status, life.values["filled_quantity"]) == ("filled", 10)


def test_what_was_filled_never_becomes_less():
    life = only(
        moment(1, "partially_filled", filled_quantity="7"),
        moment(2, "cancelled", filled_quantity="0"),
    )
    assert life.values["filled_quantity"] == 7


def test_a_fee_of_zero_is_known():
    life = only(moment(1, "placed", fee=Decimal("1.5")), moment(2, "filled", fee=Decimal(0)))
    assert life.values["fee"] == Decimal(0)
    assert only(moment(1, "placed")).values["fee"] is None


def test_a_filled_order_that_does_not_say_how_much_was_filled_whole():
    life = only(moment(1, "placed", quantity="10"), moment(2, "filled"))
    assert life.values["filled_quantity"] == 10


def test_two_ids_are_one_order_when_a_report_has_both():
    apart = [moment(1, "placed"), moment(2, "filled", client_order_id="", order_id="b-1")]
    assert len(orders_of(apart)) == 2
    life = only(*apart, moment(3, "placed", minute=1, order_id="b-1"))
    assert (life.id, life.status) == (1, "filled")


_MOMENTS = st.lists(
    st.builds(
        dict,
        status=st.sampled_from(
            ["placed", "modified", "partially_filled", "filled", "cancelled", "rejected", "expired", "triggered"]
        ),
        client_order_id=st.sampled_from(["", "c-1", "c-2", "c-3"]),
        order_id=st.sampled_from(["b-1", "b-2", "b-3"]),
        minute=st.integers(0, 4),
        stop_price=st.sampled_from([None, "24", "25"]),
        filled_quantity=st.sampled_from([None, "0", "5", "10"]),
        side=st.sampled_from(["", "buy"]),
    ),
    max_size=12,
)  # fmt: skip


@given(_MOMENTS, st.integers(0, 1_000))
def test_the_order_in_which_reports_arrive_does_not_matter(said, seed):
    moments = [moment(number, one.pop("status"), **one) for number, one in enumerate(said, 1)]
    shuffled = list(moments)
    Random(seed).shuffle(shuffled)
    lives = orders_of(moments)
    assert orders_of(shuffled) == lives
    assert len({life.id for life in lives}) == len(lives)
    ids = [life.values["order_id"] for life in lives]
    assert len(set(ids)) == len(ids)
    assert sum(1 for _ in lives) <= len(moments)
