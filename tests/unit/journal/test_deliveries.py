from __future__ import annotations

from datetime import timedelta
from decimal import Decimal as D

import pytest

from journal.domain.deliveries import OptionEnd, ShareMove, pair_deliveries
from journal.domain.values import Right, Side
from tests.unit.journal.scenarios import at


def option(fill_id: int, **more) -> OptionEnd:
    given = {
        "instrument_id": 1,
        "underlying": "XYZ",
        "right": Right.CALL,
        "strike": D(50),
        "multiplier": D(100),
        "side": Side.SELL,
        "quantity": D(1),
        "price": D(0),
        "at": at(0),
    } | more
    return OptionEnd(fill_id, **given)


def shares(fill_id: int, quantity: int = 100, **more) -> ShareMove:
    given = {
        "instrument_id": 2,
        "names": frozenset({"XYZ"}),
        "side": Side.BUY,
        "quantity": D(quantity),
        "multiplier": D(1),
        "price": D(50),
        "at": at(0),
    } | more
    return ShareMove(fill_id, **given)


def pairs(options, moves) -> list[tuple[int, int]]:
    found = pair_deliveries(options, moves).deliveries
    return sorted((each.option_fill_id, each.share_fill_id) for each in found)


def codes(options, moves) -> list[str]:
    return [problem.code for problem in pair_deliveries(options, moves).problems]


@pytest.mark.parametrize(
    ("right", "option_side", "share_side"),
    [
        (Right.CALL, Side.SELL, Side.BUY),
        (Right.CALL, Side.BUY, Side.SELL),
        (Right.PUT, Side.SELL, Side.SELL),
        (Right.PUT, Side.BUY, Side.BUY),
    ],
)
def test_right_and_side_say_which_way_the_shares_go(right, option_side, share_side):
    ends = [option(1, right=right, side=option_side)]
    assert pairs(ends, [shares(2, side=share_side)]) == [(1, 2)]
    other = Side.SELL if share_side is Side.BUY else Side.BUY
    assert pairs(ends, [shares(2, side=other)]) == []


@pytest.mark.parametrize(
    "other", [{"price": D(51)}, {"names": frozenset({"ABC"})}, {"at": at(0) + timedelta(days=5)}]
)
def test_strike_underlying_and_day_must_agree(other):
    assert pairs([option(1)], [shares(2, **other)]) == []
    assert codes([option(1)], [shares(2, **other)]) == ["delivery_missing"]


def test_the_nearest_in_time_goes_first():
    moves = [shares(2, at=at(0) + timedelta(days=1)), shares(3)]
    assert pairs([option(1)], moves) == [(1, 3)]


def test_a_delivery_may_be_booked_after_the_weekend():
    assert pairs([option(1)], [shares(2, at=at(0) + timedelta(days=3))]) == [(1, 2)]


def test_equal_sizes_pair_one_to_one():
    ends = [option(1, quantity=D(2)), option(2, quantity=D(3), instrument_id=7)]
    assert pairs(ends, [shares(3, 300), shares(4, 200)]) == [(1, 4), (2, 3)]


def test_one_exercise_may_deliver_in_several_fills():
    assert pairs([option(1, quantity=D(2))], [shares(3, 150), shares(4, 50)]) == [(1, 3), (1, 4)]


def test_several_assignments_may_deliver_in_one_fill():
    assert pairs([option(1), option(2)], [shares(3, 200)]) == [(1, 3), (2, 3)]


def test_a_part_may_deliver_and_the_rest_be_settled_in_cash():
    assert pairs([option(1, quantity=D(3))], [shares(3, 200)]) == [(1, 3)]


def test_different_options_that_do_not_add_up_stay_unpaired():
    ends = [option(1, quantity=D(2)), option(2, quantity=D(3), instrument_id=7)]
    assert pairs(ends, [shares(3, 400)]) == []
    assert codes(ends, [shares(3, 400)])[0] == "delivery_ambiguous"


def test_more_shares_than_all_options_deliver_are_ambiguous():
    assert codes([option(1)], [shares(3, 150)])[0] == "delivery_ambiguous"


def test_an_option_settled_at_a_price_needs_no_delivery():
    assert codes([option(1, price=D("2.5"))], []) == []


def test_the_order_of_input_does_not_matter():
    ends = [option(1), option(2), option(3, strike=D(60))]
    moves = [shares(4), shares(5), shares(6, price=D(60))]
    assert pairs(ends, moves) == pairs(reversed(ends), reversed(moves)) == [(1, 4), (2, 5), (3, 6)]


def test_the_id_of_the_underlying_counts_more_than_its_name():
    ends = [option(1, underlying="XYZd", underlying_id=2)]
    assert pairs(ends, [shares(3), shares(4, instrument_id=5, names=frozenset({"XYZd"}))]) == [
        (1, 3)
    ]
    assert codes([option(1, underlying_id=9)], [shares(3)]) == ["delivery_missing"]


def test_a_name_has_what_no_id_has_taken():
    ends = [option(1, instrument_id=8), option(2, underlying_id=2)]
    assert pairs(ends, [shares(3), shares(4, instrument_id=5)]) == [(1, 4), (2, 3)]


def test_shares_are_found_under_a_former_name():
    assert pairs([option(1)], [shares(3, names=frozenset({"NEW", "XYZ"}))]) == [(1, 3)]
