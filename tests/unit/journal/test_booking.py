"""What the book makes of a stream of fills: one table row or test for each rule."""

from __future__ import annotations

import gc
from decimal import Decimal as D

import pytest

from journal.domain.base_pnl import gross_base, in_base, net_base
from journal.domain.values import AssetClass, Direction, LotMethod
from tests.unit.journal.scenarios import (
    booked,
    codes,
    contract,
    fill,
    fills,
    legs,
    lots,
    matches,
    total_fees,
    total_net,
)

OPTION = (contract(asset_class=AssetClass.OPTION, multiplier=D(100)),)
INVERSE = (contract(asset_class=AssetClass.FUTURE, inverse=True),)


@pytest.mark.parametrize(
    ("method", "stream", "expected", "left"),
    [
        (LotMethod.FIFO, "+5@100 +5@102 -7@110", "5@100>110 2@102>110", "3@102"),
        (LotMethod.LIFO, "+5@100 +5@102 -7@110", "5@102>110 2@100>110", "3@100"),
        (LotMethod.HIFO, "+5@100 +5@104 +5@102 -7@110", "5@104>110 2@102>110", "5@100 3@102"),
        (LotMethod.HIFO, "-5@100 -5@104 -5@102 +7@90", "5@100>90 2@102>90", "-5@104 -3@102"),
        (LotMethod.HIFO, "+5@100 +5@100 -5@90", "5@100>90", "5@100"),
        (LotMethod.AVERAGE, "+5@100 +5@102 -7@110", "7@101>110", "3@101"),
        (LotMethod.AVERAGE, "+1@1 +2@2 -3@3", "3@1.666666666666666666666666667>3", ""),
        (LotMethod.FIFO, "-5@100 -5@102 +7@90", "5@100>90 2@102>90", "-3@102"),
        (LotMethod.LIFO, "-5@100 -5@102 +7@90", "5@102>90 2@100>90", "-3@100"),
        (LotMethod.BROKER, "+5@100 +5@102 -7@110", "5@100>110 2@102>110", "3@102"),
    ],
)
def test_a_close_consumes_lots_in_the_order_of_the_method(method, stream, expected, left):
    booking = booked(stream, method)
    assert matches(booking) == expected
    assert lots(booking) == left


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        ("+5@100 -5@110", "1:long 5 > 50"),
        ("-5@100 +5@110", "1:short 5 > -50"),
        ("+5@100 +5@102 -4@103 -6@104", "1:long 10 > 26"),
        ("+5@100 -8@110 +3@105", "1:long 5 > 50, 2:short 3 > 15"),
        ("+5@100 -5@110 +5@100", "1:long 5 > 50, 3:long 5 .. 0"),
        ("+5@100f1 -8@110f1.60 +3@105f1", "1:long 5 > 48, 2:short 3 > 13.4"),
        ("+1@-37.63 -1@-30", "1:long 1 > 7.63"),
        ("+1@-2 -1@1", "1:long 1 > 3"),
        ("+1@10f-0.25 -1@10f-0.25", "1:long 1 > 0.5"),
    ],
)
def test_flat_ends_a_leg_and_a_fill_through_zero_begins_the_next(stream, expected):
    assert legs(booked(stream)) == expected


def test_the_order_of_the_input_does_not_matter():
    stream = fills("+5@100 -8@110 +3@105 +1@90")
    assert booked(stream) == booked(reversed(stream))


def test_sequence_orders_what_happened_in_the_same_instant():
    opening, closing = fill("+5@100^2", 1), fill("-5@110^1", 2)
    closing.executed_at = opening.executed_at
    assert legs(booked([opening, closing])) == "2:short 5 > 50"


def test_the_fee_of_a_fill_through_zero_is_shared_by_quantity_to_the_last_digit():
    booking = booked("+1@100 -3@110f1")
    (match,) = booking.matches
    (lot,) = booking.lots
    assert match.close_fee + lot.fee == 1
    assert match.close_fee == D("0.3333333333333333333333333333")
    assert [leg.fees for leg in booking.legs] == [match.close_fee, lot.fee]


def test_the_fee_of_an_opening_waits_for_its_close():
    booking = booked("+4@10f2 -1@11f0.10")
    (match,) = booking.matches
    assert (match.open_fee, match.close_fee) == (D("0.5"), D("0.1"))
    assert (match.gross_pnl, match.net_pnl) == (1, D("0.4"))
    assert booking.lots[0].fee == D("1.5")
    assert total_fees(booking) == D("2.1")


def test_a_fee_in_the_asset_lowers_the_position_and_is_paid_once():
    crypto = (contract(asset_class=AssetClass.CRYPTO),)
    booking = booked("+1@100u0.01f1 -0.99@100", contracts=crypto)
    assert lots(booking) == ""
    assert total_net(booking) == -1


def test_a_fee_in_the_asset_takes_more_out_of_the_position_when_selling():
    crypto = (contract(asset_class=AssetClass.CRYPTO),)
    booking = booked("+1.01@100 -1@100u0.01f1", contracts=crypto)
    assert lots(booking) == ""
    assert total_net(booking) == -1


def test_a_multiplier_scales_profit_but_not_prices():
    booking = booked("-4@0.47f1.53 +4@0x", contracts=OPTION)
    assert matches(booking) == "4@0.47>0"
    assert total_net(booking) == D("186.47")


def test_an_inverse_contract_gains_in_its_own_coin():
    booking = booked("-100000@10000 +100000@11000", contracts=INVERSE)
    assert matches(booking) == "100000@10000>11000"
    assert round(booking.matches[0].gross_pnl, 8) == D("-0.90909091")


def test_the_average_of_an_inverse_contract_is_harmonic():
    booking = booked("+100@100 +400@400 -500@250", LotMethod.AVERAGE, INVERSE)
    assert matches(booking) == "500@250>250"
    assert booking.matches[0].gross_pnl == 0


def test_an_inverse_contract_that_closes_at_its_opening_price_gains_exactly_nothing():
    booking = booked("+7@300 -3@300 -4@300", contracts=INVERSE)
    assert booking.legs[0].gross_pnl == 0


def test_hedging_books_each_ticket_apart():
    stream = "+1@100gA -1@101gB +1@99gB -1@105gA"
    assert legs(booked(stream, hedging=True)) == "1:long 1 > 5, 2:short 1 > 2"
    assert legs(booked(stream)) == "1:long 1 > 1, 3:long 1 > 6"


def test_legs_state_what_their_matches_add_up_to():
    (leg,) = booked("+5@100f1 +5@102f1 -4@110f1 -6@104f1").legs
    assert leg.execution_ids == [1, 2, 3, 4]
    assert (leg.opened_quantity, leg.closed_quantity, leg.max_quantity) == (10, 10, 10)
    assert (leg.average_open, leg.average_close) == (101, D("106.4"))
    assert (leg.gross_pnl, leg.fees, leg.net_pnl) == (54, 4, 50)


def test_a_reversal_belongs_to_both_legs():
    booking = booked("+5@100 -8@110 +3@105")
    assert [leg.execution_ids for leg in booking.legs] == [[1, 2], [2, 3]]


# -- closes without an opening


def test_a_close_without_an_opening_has_an_unknown_basis():
    booking = booked("-5@110C")
    assert matches(booking) == "5@?>110"
    assert booking.matches[0].gross_pnl is None
    assert booking.matches[0].net_pnl is None
    assert booking.legs[0].direction is Direction.LONG
    assert not booking.legs[0].cost_known
    assert booking.lots == []
    assert codes(booking) == ["basis_unknown"]


def test_a_close_without_an_opening_takes_the_profit_that_the_broker_states():
    booking = booked("-5@110Cf1p49")
    (match,) = booking.matches
    assert (match.open_price, match.gross_pnl, match.net_pnl) == (100, 50, 49)
    assert booking.legs[0].cost_known
    assert codes(booking) == ["basis_from_broker"]


@pytest.mark.parametrize(
    ("stream", "net"), [("-5@110Cf1c-501", 48), ("-5@110Cf1c501", 48), ("+5@90Cf1c499", 48)]
)
def test_a_close_without_an_opening_takes_the_cost_that_the_broker_states(stream, net):
    assert booked(stream).matches[0].net_pnl == net


def test_only_the_part_without_an_opening_has_an_unknown_basis():
    booking = booked("+2@100 -5@110C")
    assert matches(booking) == "2@100>110 3@?>110"
    assert [match.ordinal for match in booking.matches] == [0, 1]
    assert legs(booking) == "1:long 5 > 20"
    assert not booking.legs[0].cost_known


def test_the_broker_profit_of_a_whole_fill_counts_once():
    booking = booked("+2@100 -5@110Cp80")
    assert total_net(booking) == 80


def test_an_expired_option_never_opens_a_position():
    booking = booked("+1@0x", contracts=OPTION)
    assert booking.lots == []
    assert codes(booking) == ["basis_unknown"]


def test_an_assignment_can_open_a_share_position_but_not_an_option():
    assert lots(booked("+100@50a")) == "100@50"
    assert lots(booked("+1@0a", contracts=OPTION)) == ""


@pytest.mark.parametrize("stream", ["-5@110", "-5@110O"])
def test_a_sale_that_is_not_said_to_close_opens_a_short(stream):
    assert lots(booked(stream)) == "-5@110"


def test_a_reversal_that_finds_no_position_opens_and_says_so():
    booking = booked("-5@110R")
    assert lots(booking) == "-5@110"
    assert codes(booking) == ["reversal_without_position"]


@pytest.mark.parametrize("stream", ["+5@100 -3@110O", "+5@100 +3@110C"])
def test_quantity_decides_where_the_stated_effect_contradicts_the_book(stream):
    booking = booked(stream)
    assert codes(booking) == ["effect_contradicts"]
    assert sum(lot.signed_quantity for lot in booking.lots) == (2 if "O" in stream else 8)


# -- odd fills


def test_a_fill_of_nothing_is_left_out_with_a_problem():
    booking = booked("+0@100 +1@100")
    assert lots(booking) == "1@100"
    assert codes(booking) == ["quantity_not_positive"]


def test_an_inverse_contract_at_zero_keeps_its_quantity_and_has_no_profit():
    booking = booked("+1@100 -1@0", contracts=INVERSE)
    assert booking.matches[0].gross_pnl is None
    assert codes(booking) == ["price_not_positive"]


def test_units_that_came_at_no_known_price_have_an_unknown_cost():
    booking = booked("+5@0? -2@110")
    assert matches(booking) == "2@?>110"
    assert lots(booking) == "3@?"
    assert booking.legs[0].average_open is None


def test_a_fee_that_could_not_be_converted_is_a_problem():
    odd = fill("+1@100")
    odd.fee_known = False
    assert codes(booked([odd])) == ["fee_not_converted"]


def test_units_that_leave_without_having_come_do_not_open_a_short():
    booking = booked("+2@100 -5@120t")
    assert matches(booking) == "2@100>100 3@?>120"
    assert lots(booking) == ""
    assert lots(booked("-5@120t")) == ""
    assert lots(booked("-5@120Ot")) == "-5@120"


def test_a_transfer_in_covers_a_short_and_opens_the_rest():
    assert lots(booked("-2@100 +5@120t")) == "3@120"


def test_a_stated_profit_of_a_fill_that_also_closes_units_of_unknown_cost_is_not_used():
    booking = booked("+2@0? -5@110Cp80")
    assert [match.net_pnl for match in booking.matches] == [None, None]


def test_a_large_stream_gives_the_same_book_and_leaves_the_collector_on():
    events = fills(" ".join(["+5@100f1", "-8@110f1", "+3@105f1"] * 4_000))
    assert gc.isenabled()
    booking = booked(events)
    assert gc.isenabled()
    assert (len(booking.legs), booking.lots) == (8_000, [])
    gc.disable()
    try:
        assert booked(events) == booking
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("rates", "expected"),
    [((D(1), D(1)), 1), ((D(1), D(2)), D("1.75")), ((None, D(2)), None), ((D(1), None), None)],
)
def test_an_average_lot_has_the_average_opening_rate(rates, expected):
    events = fills("+1@100 +3@102")
    events[0].fx_rate, events[1].fx_rate = rates
    assert booked(events, LotMethod.AVERAGE).lots[0].fx_rate == expected


def test_base_profit_is_at_the_rate_of_the_close():
    events = fills("+1@100f1 -1@110f1 -1@90C")
    events[0].fx_rate, events[1].fx_rate = D("0.8"), D("0.9")
    known, unknown = booked(events).matches
    assert (gross_base(known), net_base(known)) == (D(9), D("7.2"))
    assert (gross_base(unknown), net_base(unknown)) == (None, None)
    assert in_base(D(5), None) is None


def test_a_transfer_out_realises_nothing_but_its_fee():
    booking = booked("+5@100f1 -5@120tf1")
    assert matches(booking) == "5@100>100.2"
    assert booking.matches[0].gross_pnl == 1
    assert total_net(booking) == -1
