"""Why a trade was closed, by what tells it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.domain.chain.close_reason import CloseReason, Closing, Exits, ReasonBy, why_closed

TEN = Decimal(10)
PLANNED = Exits("long", stop_price=Decimal("24.00"), target_price=Decimal("28.00"))


def closing(price="26", quantity=TEN, **more) -> Closing:
    return Closing(quantity, None if price is None else Decimal(price), **more)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"role": "stop_loss"}, "stop"),
        ({"role": "take_profit"}, "target"),
        ({"role": "exit"}, "manual"),
        ({"role": "exit", "order_reason": "Drawdown guard level 2"}, "guard"),
        ({"role": "exit", "order_reason": "stop_loss"}, "stop"),
        ({"role": "exit", "order_reason": "PROFIT_TARGET"}, "target"),
        ({"role": "exit", "order_reason": "margin call"}, "liquidation"),
        ({"role": "exit", "order_reason": "21 DTE"}, "expiry"),
        ({"role": "exit", "order_reason": "closed by user"}, "manual"),
        ({"role": "stop_loss", "order_reason": "take profit"}, "stop"),
        ({"order_type": "STOP_LIMIT"}, "stop"),
        ({"order_type": "trailing_stop"}, "stop"),
        ({"order_type": "limit", "is_protection": True}, "target"),
        ({"order_type": "limit"}, "unknown"),
        ({"order_type": "market"}, "unknown"),
    ],
)
def test_the_order_tells(told, reason):
    found = why_closed([closing(order_known=True, **told)])
    assert found.reason == reason
    assert found.by == (ReasonBy.NOTHING if reason == "unknown" else ReasonBy.ORDER)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("expiry", "expiry"),
        ("cash_settlement", "expiry"),
        ("assignment", "assignment"),
        ("exercise", "exercise"),
        ("liquidation", "liquidation"),
        ("transfer", "transfer"),
        ("corporate_action", "corporate_action"),
    ],
)
def test_a_fill_that_no_order_caused_tells_before_any_order(kind, reason):
    found = why_closed([closing(kind=kind, order_known=True, role="exit")])
    assert found == (reason, ReasonBy.FILL, False)


@pytest.mark.parametrize(
    ("direction", "price", "reason"),
    [
        ("long", "24.00", "stop"),
        ("long", "23.98", "stop"),
        ("long", "23.50", "unknown"),
        ("long", "28.00", "target"),
        ("long", "28.40", "target"),
        ("long", "26.00", "unknown"),
        ("long", None, "unknown"),
        ("short", "27.00", "target"),
    ],
)
def test_only_a_price_at_stop_or_target_tells_by_itself(direction, price, reason):
    found = why_closed([closing(price)], PLANNED._replace(direction=direction))
    assert found.reason == reason
    assert found.by == (ReasonBy.NOTHING if reason == "unknown" else ReasonBy.PRICE)


def test_the_largest_part_counts_and_the_mixture_is_said():
    parts = [
        closing("28", Decimal(3), order_known=True, role="take_profit"),
        closing("24", Decimal(7), order_known=True, role="stop_loss"),
    ]
    assert why_closed(parts) == (CloseReason.STOP, ReasonBy.ORDER, True)


def test_what_is_told_by_an_order_and_by_a_price_is_no_surer_than_the_price():
    parts = [closing("24", order_known=True, role="stop_loss"), closing("24")]
    assert why_closed(parts, PLANNED) == (CloseReason.STOP, ReasonBy.PRICE, False)


def test_nothing_closed_tells_nothing():
    assert why_closed([]) == (CloseReason.UNKNOWN, ReasonBy.NOTHING, False)


CLOSINGS = st.lists(
    st.builds(
        Closing,
        st.integers(1, 9).map(Decimal),
        st.sampled_from([Decimal(24), Decimal(26), Decimal(28)]),
        st.sampled_from(["trade", "expiry", "assignment"]),
        st.booleans(),
        st.sampled_from(["", "stop_loss", "take_profit", "exit"]),
    ),
    min_size=1,
    max_size=6,
)


@given(CLOSINGS, st.randoms())
def test_the_order_of_closings_says_nothing(closings, random):
    shuffled = list(closings)
    random.shuffle(shuffled)
    assert why_closed(closings, PLANNED) == why_closed(shuffled, PLANNED)
