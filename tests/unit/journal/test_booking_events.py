"""Splits, transfers of basis, deliveries and the broker's own lots."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from journal.domain.exact import exact_sums
from journal.domain.values import (
    AssetClass,
    BasisTransfer,
    LotMethod,
    OptionDelivery,
    Split,
    StatedLot,
)
from tests.unit.journal.scenarios import (
    at,
    booked,
    codes,
    contract,
    fill,
    fills,
    legs,
    lots,
    matches,
    total_fees,
    total_gross,
    total_net,
)

CALL = contract(1, asset_class=AssetClass.OPTION, multiplier=D(100))
SHARE = contract(2)
BOTH = (CALL, SHARE)
TWO = (contract(1), contract(2))


def split(minute: int, ratio: int | str, per: int | str = 1, **more) -> Split:
    return Split("s", 1, at(minute), 0, D(ratio), per=D(per), **more)


def transfer(minute: int, ratio: int | str = 1, per: int | str = 1, **more) -> BasisTransfer:
    return BasisTransfer("t", 1, 2, at(minute), 0, D(ratio), per=D(per), **more)


# -- splits


@pytest.mark.parametrize("method", LotMethod)
def test_a_split_changes_quantity_and_price_and_no_profit(method):
    events = [*fills("+10@100 +10@120"), split(3, 4), fill("-80@30", 4)]
    booking = booked(events, method)
    assert lots(booking) == ""
    assert total_gross(booking) == 200
    assert [leg.opened_quantity for leg in booking.legs] == [80]


def test_a_reverse_split_by_a_third_loses_no_unit():
    events = [*fills("+100@1 +200@1"), split(3, 1, 3)]
    booking = booked(events)
    assert sum(lot.signed_quantity for lot in booking.lots) == 100
    events.append(fill("-100@3", 4))
    assert total_gross(booked(events)) == 0


def test_cash_for_a_fraction_realises_its_profit():
    events = [*fills("+12@100"), split(3, 1, 25, cash_in_lieu=D(1200), execution_id=9)]
    booking = booked(events)
    assert matches(booking) == "0.48@2500>2500"
    assert booking.matches[0].closing_id == 9
    assert legs(booking) == "1:long 0.48 > 0"


def test_the_broker_says_which_fraction_it_paid_out():
    action = split(3, 1, 25, cash_in_lieu=D(50), quantity_after=D(4), execution_id=9)
    booking = booked([*fills("+110@1"), action])
    assert matches(booking) == "0.4@25>125"
    assert lots(booking) == "4@25"


def test_a_fraction_that_vanished_without_cash_has_an_unknown_profit():
    action = split(3, 1, 25, quantity_after=D(4), execution_id=9)
    booking = booked([*fills("+110@1"), action])
    assert codes(booking) == ["fraction_without_cash"]
    assert booking.matches[0].gross_pnl is None
    assert lots(booking) == "4@25"


def test_a_fraction_without_a_book_entry_stays_and_is_an_error():
    booking = booked([*fills("+110@1"), split(3, 1, 25, cash_in_lieu=D(50))])
    assert codes(booking) == ["event_without_execution"]
    assert lots(booking) == "4.4@25"


def test_a_fraction_that_the_issuer_rounds_up_costs_nothing():
    booking = booked([*fills("+110@1"), split(3, 1, 25, quantity_after=D(5), execution_id=9)])
    assert lots(booking) == "5@22"


def test_another_quantity_than_the_broker_has_after_a_split_is_a_problem():
    booking = booked([*fills("+100@1"), split(3, 2, quantity_after=D(300), execution_id=9)])
    assert codes(booking) == ["split_quantity_differs"]
    assert lots(booking) == "200@0.5"


def test_a_split_of_nothing_is_noted():
    assert codes(booked([split(1, 2)])) == ["event_without_position"]


def test_a_split_comes_before_the_fills_of_its_instant_unless_sequence_says_otherwise():
    closing = fill("-20@5", 2)
    action = split(2, 2)
    assert lots(booked([*fills("+10@10"), closing, action])) == ""
    closing.sequence = -1
    assert lots(booked([*fills("+10@10"), closing, action])) == "-20@2.5"


def test_a_short_pays_for_the_fraction():
    action = split(3, 1, 25, cash_in_lieu=D(-50), quantity_after=D(-4), execution_id=9)
    booking = booked([*fills("-110@1"), action])
    assert matches(booking) == "0.4@25>125"
    assert total_gross(booking) == -40


# -- transfers of basis


def test_a_symbol_change_goes_on_as_the_same_leg():
    events = [*fills("+12000@2f10"), transfer(3, 480, 12000), fill("-480@60i2f1", 4)]
    booking = booked(events, contracts=TWO)
    assert matches(booking) == "480@50>60"
    assert booking.matches[0].opened_at == at(1)
    assert legs(booking) == "1:long 480 > 4789"
    assert booking.legs[0].instrument_id == 2
    assert codes(booking) == []


def test_a_symbol_change_keeps_what_was_realised_before_it():
    events = [*fills("+10@2 -4@3"), transfer(3, 2), fill("-12@2i2", 4)]
    booking = booked(events, contracts=TWO)
    assert legs(booking) == "1:long 20 > 16"
    assert [match.instrument_id for match in booking.matches] == [1, 2]


def test_a_merger_joins_a_position_of_the_target():
    events = [*fills("+10@6 +5@20i2"), transfer(3, 1, 2), fill("-10@20i2", 4)]
    booking = booked(events, contracts=TWO)
    assert total_gross(booking) == 40
    assert [leg.id for leg in booking.legs] == [2]
    assert booking.legs[0].execution_ids == [2, 1, 4]


def test_a_leg_that_realised_something_stays_when_its_rest_joins_another():
    events = [*fills("+10@6 +5@20i2 -5@7"), transfer(4, 1, 1), fill("-10@20i2", 5)]
    booking = booked(events, contracts=TWO)
    assert legs(booking) == "1:long 10 > 5, 2:long 10 > 70"
    assert [leg.opened_quantity for leg in booking.legs] == [5, 10]


def test_cash_in_a_merger_is_paid_for_the_cost_that_stays_behind():
    action = transfer(3, 1, 2, cost_fraction=D("0.6"), cash=D(600), execution_id=9)
    events = [*fills("+100@10"), action, fill("-50@20i2", 4)]
    booking = booked(events, contracts=TWO)
    assert [match.gross_pnl for match in booking.matches] == [200, 400]
    assert total_gross(booking) == 600 + 1000 - 1000
    assert lots(booking) == ""


def test_cash_on_top_of_an_exchange_is_profit():
    action = transfer(3, 1, cash=D(7), execution_id=9)
    booking = booked([*fills("+10@10"), action], contracts=TWO)
    assert [match.gross_pnl for match in booking.matches] == [7]
    assert lots(booking) == "10@10"
    assert booking.matches[0].quantity == 0


def test_a_merger_for_cash_alone_ends_the_position():
    action = transfer(3, 1, cost_fraction=D(0), cash=D(150), execution_id=9)
    booking = booked([*fills("+10@10"), action], contracts=TWO)
    assert legs(booking) == "1:long 10 > 50"


def test_a_spin_off_shares_cost_fee_and_dates():
    action = transfer(3, 1, 5, cost_fraction=D("0.2"), keeps_source=True, execution_id=9)
    events = [*fills("+100@10f5"), action]
    booking = booked(events, contracts=TWO)
    assert lots(booking) == "100@8 20@10"
    assert [lot.fee for lot in booking.lots] == [4, 1]
    assert [lot.opened_at for lot in booking.lots] == [at(1), at(1)]
    assert [leg.id for leg in booking.legs] == [1, 9]
    assert total_fees(booking) == 5
    assert sum(leg.fees for leg in booking.legs) == 5


def test_a_spin_off_without_a_known_share_of_cost_costs_nothing():
    action = transfer(3, 1, 5, cost_fraction=D(0), keeps_source=True, execution_id=9)
    booking = booked([*fills("+100@10"), action], contracts=TWO)
    assert lots(booking) == "100@10 20@0"
    assert all(lot.cost_known for lot in booking.lots)


def test_only_the_tendered_part_moves():
    action = transfer(3, 1, 1, quantity=D(30), execution_id=9)
    events = [*fills("+20@10f2 +80@12f8"), action]
    booking = booked(events, contracts=TWO)
    assert lots(booking) == "70@12 20@10 10@12"
    assert [leg.id for leg in booking.legs] == [1, 9]
    assert total_fees(booking) == 10


def test_units_that_arrive_on_a_short_close_it():
    action = transfer(3, execution_id=9)
    events = [*fills("+10@10f1 -4@15i2"), action]
    booking = booked(events, contracts=TWO)
    assert codes(booking) == ["transfer_against_position"]
    assert matches(booking) == "4@15>10"
    assert lots(booking) == "6@10"


def test_a_move_into_another_currency_loses_the_cost_not_the_units():
    contracts = (contract(1), contract(2, currency="CAD"))
    booking = booked([*fills("+10@10"), transfer(3)], contracts=contracts)
    assert codes(booking) == ["transfer_currency_differs"]
    assert lots(booking) == "10@?"


@pytest.mark.parametrize(
    "action", [transfer(3, cash=D(5)), transfer(3, keeps_source=True, cost_fraction=D(0))]
)
def test_an_event_that_needs_a_book_entry_and_has_none_is_an_error(action):
    booking = booked([*fills("+10@10"), action], contracts=TWO)
    assert codes(booking) == ["event_without_execution"]
    assert lots(booking) == "10@10"


def test_a_transfer_of_nothing_is_noted():
    assert codes(booked([transfer(1)], contracts=TWO)) == ["event_without_position"]


# -- exercise and assignment


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        ("+1@3 -1@0e +100@50ei2 -100@60i2", "1@3>3 100@53>60"),  # long call exercised
        ("-1@2 +1@0a -100@50ai2 +100@40i2", "1@2>2 100@52>40"),  # short call assigned
        ("+1@3 -1@0e -100@50ei2 +100@40i2", "1@3>3 100@47>40"),  # long put exercised
        ("-1@2 +1@0a +100@50ai2 -100@60i2", "1@2>2 100@48>60"),  # short put assigned
    ],
)
def test_the_premium_moves_into_the_price_of_the_delivered_shares(stream, expected):
    moved = booked(stream, contracts=BOTH, deliveries=[OptionDelivery(2, 3)])
    assert matches(moved) == expected
    assert total_net(moved) == total_net(booked(stream, contracts=BOTH))
    assert moved.matches[0].gross_pnl == 0


def test_the_delivered_shares_may_stand_before_the_option_in_the_stream():
    stream = fills("+1@3 +100@50ei2 -1@0e -100@60i2")
    stream[2].executed_at = stream[1].executed_at
    booking = booked(stream, contracts=BOTH, deliveries=[OptionDelivery(3, 2)])
    assert matches(booking) == "1@3>3 100@53>60"


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        ("+1@3f1 -1@0e +100@50ei2f2", "100@53.01"),
        ("-1@3f1 +1@0a +100@50ai2f2", "100@47.01"),
    ],
)
def test_the_premium_is_net_of_the_fee_that_opened_the_option(stream, expected):
    booking = booked(stream, contracts=BOTH, deliveries=[OptionDelivery(2, 3)])
    assert (booking.matches[0].net_pnl, booking.matches[0].open_fee) == (0, 1)
    assert lots(booking) == expected
    assert booking.lots[0].fee == 2


def test_a_fee_for_the_exercise_itself_stays_with_the_option():
    booking = booked("+1@3 -1@0ef1 +100@50ei2", contracts=BOTH, deliveries=[OptionDelivery(2, 3)])
    assert booking.matches[0].net_pnl == -1
    assert lots(booking) == "100@53"


def test_a_partial_delivery_moves_the_premium_of_what_it_delivers():
    booking = booked(
        "+3@3 -3@0e +200@50ei2 -200@60i2", contracts=BOTH, deliveries=[OptionDelivery(2, 3)]
    )
    assert matches(booking) == "2@3>3 1@3>0 200@53>60"
    assert [match.ordinal for match in booking.matches] == [0, 1, 0]
    assert total_gross(booking) == -300 + 1400


def test_an_exercise_of_a_part_leaves_the_rest_of_the_option_open():
    booking = booked("+3@3 -1@0e +100@50ei2", contracts=BOTH, deliveries=[OptionDelivery(2, 3)])
    assert lots(booking) == "2@3 100@53"


def test_several_share_fills_share_one_premium():
    booking = booked(
        "+2@3 -2@0e +150@50ei2 +50@50ei2",
        contracts=BOTH,
        deliveries=[OptionDelivery(2, 3), OptionDelivery(2, 4)],
    )
    assert lots(booking) == "150@53 50@53"


def test_one_share_fill_collects_the_premiums_of_several_options():
    booking = booked(
        "+2@3 -1@0e -1@0e +200@50ei2",
        contracts=BOTH,
        deliveries=[OptionDelivery(2, 4), OptionDelivery(3, 4)],
    )
    assert lots(booking) == "200@53"


def test_a_delivered_fill_through_zero_shares_the_premium():
    booking = booked(
        "+50@40i2 -1@2 +1@0a -100@50ai2", contracts=BOTH, deliveries=[OptionDelivery(3, 4)]
    )
    assert matches(booking) == "1@2>2 50@40>52"
    assert lots(booking) == "-50@52"


def test_a_delivery_of_an_option_that_the_book_never_had_moves_nothing():
    booking = booked("-1@0ep0 +100@50ei2", contracts=BOTH, deliveries=[OptionDelivery(1, 2)])
    assert codes(booking) == ["delivery_without_position", "basis_from_broker"]
    assert lots(booking) == "100@50"
    assert booking.matches[0].net_pnl == 0


def test_a_delivery_of_an_option_of_unknown_cost_moves_nothing():
    booking = booked("+1@0? -1@0e +100@50ei2", contracts=BOTH, deliveries=[OptionDelivery(2, 3)])
    assert codes(booking) == ["delivery_without_position"]
    assert booking.matches[0].gross_pnl is None
    assert lots(booking) == "100@50"


def test_a_premium_moves_to_its_last_digit():
    """An average cost with an odd third has more digits than a share of it is rounded to."""
    stream = "+1@0.05 +1@0.05 -1@0.05 -3@0.06 -1@0.05 +1@0.05 +2@0e +200@50i2 -200@55i2"
    moved = booked(stream, LotMethod.AVERAGE, BOTH, deliveries=[OptionDelivery(7, 8)])
    with exact_sums():
        assert total_gross(moved) == total_gross(booked(stream, LotMethod.AVERAGE, BOTH)) == 1013


def test_a_delivery_with_one_side_missing_moves_nothing():
    booking = booked("+1@3 -1@0e", contracts=BOTH, deliveries=[OptionDelivery(2, 77)])
    assert codes(booking) == ["delivery_incomplete"]
    assert total_gross(booking) == -300


def test_a_cash_settlement_is_a_close_at_its_price():
    booking = booked("+1@3 -1@4.5s", contracts=BOTH)
    assert total_gross(booking) == 150


# -- the broker's own lots


def stated(quantity: int, opening: str = "", **more) -> StatedLot:
    given = {"open_price": D(0), "opened_at": None, "cost": None, "realized_pnl": None} | more
    return StatedLot(D(quantity), opening_broker_id=opening, **given)


def broker_book(stream: str, *said: StatedLot):
    events = fills(stream)
    events[-1].stated_lots = said
    return booked(events, LotMethod.BROKER)


def test_the_lots_that_the_broker_states_are_consumed():
    booking = broker_book("+5@100 +5@102 +5@104 -7@110", stated(5, "B2"), stated(2, "B3"))
    assert matches(booking) == "5@102>110 2@104>110"
    assert lots(booking) == "5@100 3@104"
    assert codes(booking) == []


def test_lots_are_found_by_time_and_price_without_an_id():
    events = fills("+5@100 +5@102 -3@110")
    events[1].executed_at = events[0].executed_at
    events[2].stated_lots = (stated(3, opened_at=at(1), open_price=D(102)),)
    assert matches(booked(events, LotMethod.BROKER)) == "3@102>110"


@pytest.mark.parametrize(
    "said",
    [
        [stated(3, "B9")],
        [stated(6, "B2"), stated(1, "B1")],
        [stated(3, "B2")],
        [stated(7)],
        [stated(5, "B2"), stated(2, "B2")],
    ],
)
def test_lots_that_do_not_fit_fall_back_to_the_oldest(said):
    booking = broker_book("+5@100 +5@102 -7@110", *said)
    assert matches(booking) == "5@100>110 2@102>110"
    assert codes(booking) == ["stated_lots_not_found"]


def test_emptied_lots_are_passed_over_by_a_later_close_without_stated_lots():
    events = fills("+5@100 +5@102 -5@110 -2@111")
    events[2].stated_lots = (stated(5, "B1"),)
    assert matches(booked(events, LotMethod.BROKER)) == "5@100>110 2@102>111"


def test_the_stated_opening_dates_an_unopened_close():
    booking = broker_book("-5@110Cp50", stated(5, "B0", opened_at=at(-500)))
    assert booking.matches[0].opened_at == at(-500)


def test_one_arrival_may_close_a_short_and_open_a_long_lot_by_lot():
    action = transfer(4, execution_id=9)
    events = [*fills("+3@10 +3@11 -4@15i2"), action]
    booking = booked(events, contracts=TWO)
    assert matches(booking) == "3@15>10 1@15>11"
    assert lots(booking) == "2@11"


def test_a_single_lot_may_close_a_short_exactly():
    booking = booked([*fills("+4@10 -4@15i2"), transfer(4, execution_id=9)], contracts=TWO)
    assert lots(booking) == ""
    assert total_gross(booking) == 20
