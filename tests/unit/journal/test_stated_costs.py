"""What the broker says that an open position cost, where a part of it was opened before anything is known."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.domain.exact import exact_sums
from journal.domain.values import (
    ZERO,
    AssetClass,
    BasisTransfer,
    ExecutionKind,
    Fill,
    LotMethod,
    Split,
    StatedCost,
    StatedOpenLot,
)
from tests.unit.journal.scenarios import (
    at,
    booked,
    codes,
    contract,
    fill,
    fills,
    lots,
    matches,
    plain,
    total_fees,
    total_net,
)

ORDERED = (LotMethod.FIFO, LotMethod.BROKER)


def opening(quantity: str) -> Fill:
    held = fill(f"{quantity}@0?O", 99)
    held.executed_at, held.kind = at(0), ExecutionKind.OPENING
    return held


def cost(number: int, quantity: str, money: str, *parts: StatedOpenLot, **more) -> StatedCost:
    """Stated after fill `number`."""
    return StatedCost(1, at(number), 0, D(quantity), D(money), parts, **more)


def nets(text: str, *events, method: LotMethod = LotMethod.FIFO) -> list[str]:
    booking = booked([*fills(text), *events], method)
    return [plain(each.net_pnl) for each in booking.matches]


def of(text: str, *events, method: LotMethod = LotMethod.FIFO) -> str:
    return lots(booked([*fills(text), *events], method))


# -- what is open has the cost that is stated


@pytest.mark.parametrize("method", ORDERED)
def test_what_the_known_lots_did_not_cost_was_paid_before(method):
    events = [opening("+10"), cost(2, "14", "129.4")]
    assert of("+10@10f1 -6@12", *events, method=method) == "4@7.1 10@10"


def test_a_short_position_took_in_its_cost_less_the_fees():
    events = [opening("-10"), cost(2, "-14", "278")]
    assert of("-10@20f2 +6@18", *events) == "-4@20 -10@20"


def test_a_cost_says_nothing_where_another_quantity_is_open():
    events = [opening("+10"), cost(2, "13", "129.4")]
    assert of("+10@10 -6@12", *events) == "4@? 10@10"


def test_a_cost_says_nothing_about_a_position_of_the_other_direction():
    assert of("+1@10", opening("+10"), cost(1, "-11", "129.4")) == "10@? 1@10"


def test_a_cost_below_that_of_the_known_lots_is_told_and_not_used():
    booking = booked([*fills("+10@10"), opening("+10"), cost(1, "20", "99.99")])
    assert lots(booking) == "10@? 10@10"
    assert codes(booking) == ["stated_cost_differs"]


def test_an_inverse_contract_has_no_cost_in_money():
    inverse = contract(inverse=True)
    booking = booked([*fills("+1@10"), opening("+1"), cost(1, "2", "30")], contracts=[inverse])
    assert lots(booking) == "1@? 1@10"


def test_an_average_account_takes_the_cost_as_that_of_its_pool():
    events = [opening("+10"), cost(2, "14", "129.4")]
    booking = booked([*fills("+10@10f1 -6@12"), *events], LotMethod.AVERAGE)
    (lot,) = booking.lots
    assert lot.price * 14 + lot.fee == pytest.approx(D("129.4"), abs=D("1e-20"))


def test_a_leg_with_nothing_unknown_left_knows_its_average():
    (leg,) = booked([*fills("+10@10"), opening("+10"), cost(1, "20", "170")]).legs
    assert leg.cost_known
    assert leg.average_open == D("8.5")


def test_a_leg_with_an_unknown_profit_does_not():
    (leg,) = booked([*fills("+10@10 -6@12"), opening("+10"), cost(2, "14", "130")]).legs
    assert not leg.cost_known


def test_the_multiplier_is_in_the_cost():
    option = contract(asset_class=AssetClass.OPTION, multiplier=D(100))
    booking = booked([*fills("+1@2"), opening("+1"), cost(1, "2", "350")], contracts=[option])
    assert lots(booking) == "1@1.5 1@2"


# -- the broker's own lots


OLD = (
    StatedOpenLot(D(1), D(9), at(-90), "L1"),
    StatedOpenLot(D(3), D("19.4"), at(-80), "L2"),
)


def test_lots_that_the_broker_lists_come_with_their_own_time_and_cost():
    booking = booked([*fills("+10@10f1 -6@12"), opening("+10"), cost(2, "14", "129.4", *OLD)])
    assert [(lot.opened_at, lot.opening_id) for lot in booking.lots] == [
        (at(-90), 99), (at(-80), 99), (at(1), 1),
    ]  # fmt: skip
    assert lots(booking) == "1@9 3@6.466666666666666666666666667 10@10"
    assert booking.legs[0].opened_at == at(-90)


def test_lots_that_are_not_all_of_it_are_not_used():
    events = [opening("+10"), cost(2, "14", "129.4", OLD[0])]
    assert of("+10@10f1 -6@12", *events) == "4@7.1 10@10"


def test_the_lots_of_an_average_account_are_one():
    events = [opening("+4"), cost(0, "4", "28.4", *OLD)]
    assert of("", *events, method=LotMethod.AVERAGE) == "4@7.1"


# -- what closes afterwards


def test_a_close_without_a_stated_profit_has_the_cost():
    assert nets("+10@10f1 -4@13f1", opening("+4"), cost(1, "14", "129.4")) == ["22.6"]


def test_a_close_at_a_stated_profit_keeps_it_and_leaves_the_rest_of_the_cost():
    """4 cost 28.4: by the broker's word the first 2 cost 10, so the others cost 18.4."""
    events = [opening("+4"), cost(0, "4", "28.4")]
    assert nets("-2@13f1p15 -2@13f1", *events) == ["15", "6.6"]
    assert of("-2@13f1p15", *events) == "2@9.2"


def test_the_broker_has_the_last_word_too():
    booking = booked([*fills("-2@13p15 -2@13p8"), opening("+4"), cost(0, "4", "28.4")])
    assert total_net(booking) == 23
    (leg,) = booking.legs
    # 104 in all, of which 23 are profit.
    assert leg.average_open * 4 == 52 - 23


def test_a_short_close_at_a_stated_profit_leaves_the_rest_of_the_proceeds():
    events = [opening("-4"), cost(0, "-4", "80")]
    assert nets("+1@15f1p9 +3@15", *events) == ["9", "10"]


def test_a_fill_that_closes_known_lots_too_gives_them_their_own_profit():
    events = [opening("+4"), cost(1, "14", "128.4")]
    assert nets("+10@10 -6@13p33", *events) == ["27", "6"]


def test_a_stated_profit_that_leaves_less_than_nothing_makes_the_rest_unknown():
    events = [opening("+4"), cost(0, "4", "20")]
    assert of("-2@13p1", *events) == "2@?"
    assert nets("-2@13p1 -2@13", *events) == ["1", "?"]


def test_a_fill_through_zero_keeps_the_stated_profit():
    events = [opening("+4"), cost(0, "4", "28.4")]
    booking = booked([*fills("-6@13p20"), *events])
    assert total_net(booking) == 20
    assert lots(booking) == "-2@13"


def test_a_stated_cost_of_the_closing_fill_counts_where_no_profit_is_stated():
    assert nets("-5@110Cf1c500", opening("+5")) == ["49"]
    assert nets("+5@110Cf1c600", opening("-5")) == ["49"]
    # The cost of a fill that may open is its own.
    assert nets("-5@110f1c500", opening("+5")) == ["?"]


@pytest.mark.parametrize("method", LotMethod)
def test_a_split_afterwards_keeps_the_cost(method):
    events = [opening("+4"), cost(0, "4", "28.4"), Split("s", 1, at(1), 0, D(2))]
    booking = booked([*events, fill("-3@7p8", 2), fill("-5@7", 3)], method)
    # 8 units cost 28.4; 3 of them 13 by the broker's word.
    assert [each.net_pnl for each in booking.matches] == [8, D("19.6")]


def test_the_cost_goes_along_into_another_instrument():
    move = BasisTransfer("t", 1, 2, at(1), 0, D(1))
    events = [opening("+4"), cost(0, "4", "28.4"), move]
    later = [fill("-2@13p15i2", 2), fill("-2@13i2", 3)]
    booking = booked([*events, *later], contracts=[contract(1), contract(2)])
    assert [each.net_pnl for each in booking.matches] == [15, D("8.6")]


def test_a_stated_cost_comes_after_all_fills_of_its_moment():
    early = fill("+1@10", 1)
    early.sequence = 7
    events = [early, opening("+4"), cost(1, "5", "38.4")]
    events[2] = StatedCost(1, at(1), 7, D(5), D("38.4"), ())
    assert lots(booked(events)) == "4@7.1 1@10"


# -- properties


MOVES = st.lists(
    st.tuples(st.integers(-9, 9).filter(bool), st.integers(500, 5000)), min_size=2, max_size=14
)


@given(moves=MOVES, data=st.data())
def test_the_later_part_of_a_history_ends_at_the_cost_of_the_whole(moves, data):
    """Cut anywhere; the cost stated anywhere in the later part, each close at its profit by first in, first out."""
    stream = [
        fill(f"{quantity:+}@{price}f1", number) for number, (quantity, price) in enumerate(moves, 1)
    ]
    cut = data.draw(st.integers(0, len(stream) - 1))
    told = data.draw(st.integers(cut + 1, len(stream)))
    with exact_sums():
        whole = booked(stream)
        stated: dict[int, D] = {}
        for match in whole.matches:
            stated[match.closing_id] = stated.get(match.closing_id, ZERO) + match.net_pnl
        held = sum((one.signed_quantity for one in stream[:cut]), ZERO)
        later = stream[cut:]
        for one in later:
            one.stated_pnl = stated.get(one.id, ZERO)
        events = [*later]
        if held:
            events.append(opening(f"{held:+}"))
        before = booked(stream[:told])
        quantity, money = _held(before), _cost(before)
        events.append(StatedCost(1, at(told), 0, quantity, abs(money), ()))
        booking = booked(events)
        # Shares of a fee and of a cost are rounded to 28 digits, and what is "stated" here is made of such.
        told_net = sum((stated.get(one.id, ZERO) for one in later), ZERO)
        assert abs(total_net(booking) - told_net) < D("1e-20")
        assert _held(booking) == _held(whole)
        assert all(lot.cost_known for lot in booking.lots)
        assert abs(_cost(booking) - _cost(whole)) < D("1e-15")
        for leg in booking.legs:
            own = [each for each in booking.matches if each.leg_id == leg.id]
            assert leg.net_pnl == sum((each.net_pnl for each in own), ZERO)
        fees = sum((one.fee for one in later), ZERO)
        assert total_fees(booking) == fees


def _held(booking) -> D:
    return sum((lot.signed_quantity for lot in booking.lots), ZERO)


def _cost(booking) -> D:
    return sum((lot.signed_quantity * lot.price + lot.fee for lot in booking.lots), ZERO)


def test_known_positions_are_left_alone():
    text = "+10@10f1 -6@12p3"
    assert of(text, cost(2, "4", "1")) == of(text)
    assert matches(booked([*fills(text), cost(2, "4", "1")])) == matches(booked(text))
