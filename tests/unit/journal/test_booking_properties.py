"""The invariants of the book, for any stream of fills."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, localcontext
from fractions import Fraction

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
    OptionDelivery,
    Side,
    Split,
)
from tests.unit.journal.reference import book_naively
from tests.unit.journal.scenarios import (
    at,
    booked,
    contract,
    total_fees,
    total_gross,
    total_net,
)
from tests.unit.journal.streams import fill_streams, flattened, in_time

METHODS = st.sampled_from([method for method in LotMethod if method is not LotMethod.BROKER])
EXACT_METHODS = st.sampled_from([LotMethod.FIFO, LotMethod.LIFO, LotMethod.HIFO, LotMethod.BROKER])
# A share of a whole is rounded to 28 digits; sums are exact.
CLOSE = Decimal("1e-20")


def results(booking):
    return [(leg.id, leg.direction, leg.gross_pnl, leg.net_pnl, leg.fees) for leg in booking.legs]


@given(fill_streams(), METHODS, st.randoms())
def test_fills_in_any_order_give_the_same_book(stream, method, random):
    expected = booked(stream, method)
    random.shuffle(stream)
    assert booked(stream, method) == expected


@given(fill_streams(), METHODS)
def test_quantity_is_conserved(stream, method):
    booking = booked(stream, method)
    assert sum(lot.signed_quantity for lot in booking.lots) == sum(
        fill.signed_quantity for fill in stream
    )
    assert sum(leg.opened_quantity + leg.closed_quantity for leg in booking.legs) == sum(
        fill.quantity for fill in stream
    )


@given(fill_streams(), METHODS)
def test_fees_are_conserved_to_the_last_digit(stream, method):
    booking = booked(stream, method)
    with exact_sums():
        paid = sum(fill.fee for fill in stream)
        assert total_fees(booking) == paid
        assert sum(leg.fees for leg in booking.legs) == paid


@given(fill_streams(), EXACT_METHODS)
def test_money_is_conserved(stream, method):
    booking = booked(stream, method)
    received = -sum(fill.signed_quantity * fill.price for fill in stream)
    held = sum(lot.signed_quantity * lot.price for lot in booking.lots)
    assert total_gross(booking) == received + held


@given(fill_streams(), METHODS)
def test_legs_add_up_their_matches(stream, method):
    booking = booked(stream, method)
    with exact_sums():
        for leg in booking.legs:
            own = [match for match in booking.matches if match.leg_id == leg.id]
            assert leg.gross_pnl == sum(match.gross_pnl for match in own)
            assert leg.net_pnl == sum(match.net_pnl for match in own)
            assert leg.closed_quantity == sum(match.quantity for match in own)
        for match in booking.matches:
            assert match.net_pnl == match.gross_pnl - match.open_fee - match.close_fee


@given(fill_streams(), METHODS)
def test_when_flat_every_method_has_realised_the_same(stream, method):
    stream = flattened(stream)
    with exact_sums():
        expected = booked(stream)
        booking = booked(stream, method)
        assert total_gross(booking) == total_gross(expected)
        assert total_net(booking) == total_net(expected)
        for leg, other in zip(booking.legs, expected.legs, strict=True):
            assert (leg.id, leg.gross_pnl) == (other.id, other.gross_pnl)
            # How a fee is shared between two legs may differ in its 28th digit.
            assert abs(leg.net_pnl - other.net_pnl) < CLOSE


@given(fill_streams(), METHODS, st.sampled_from(["2", "100", "0.25", "7"]))
def test_scaling_all_quantities_scales_the_profit(stream, method, factor):
    factor = Decimal(factor)
    larger = [replace(fill, quantity=fill.quantity * factor) for fill in stream]
    assert (
        abs(total_gross(booked(larger, method)) - total_gross(booked(stream, method)) * factor)
        < CLOSE
    )


@given(fill_streams(), METHODS, st.data())
def test_a_fill_in_parts_is_worth_the_same_as_whole(stream, method, data):
    parts = []
    for fill in stream:
        first = Decimal(data.draw(st.integers(1, int(fill.quantity))))
        fee = fill.fee * first / fill.quantity
        parts.append(replace(fill, id=fill.id * 2, quantity=first, fee=fee))
        if first != fill.quantity:
            rest = fill.quantity - first
            parts.append(replace(fill, id=fill.id * 2 + 1, quantity=rest, fee=fill.fee - fee))
    whole, split = booked(stream, method), booked(parts, method)
    assert len(whole.legs) == len(split.legs)
    for leg, other in zip(whole.legs, split.legs, strict=True):
        assert leg.direction == other.direction
        assert leg.id == other.id // 2
        assert abs(leg.gross_pnl - other.gross_pnl) < CLOSE
        assert abs(leg.net_pnl - other.net_pnl) < CLOSE
        assert leg.max_quantity == other.max_quantity


@given(
    fill_streams(), METHODS, st.integers(0, 10), st.sampled_from([(2, 1), (1, 2), (5, 1), (3, 2)])
)
def test_a_split_changes_no_profit(stream, method, minute, ratio):
    new, old = map(Decimal, ratio)
    after = [
        replace(fill, quantity=fill.quantity * new / old, price=fill.price * old / new)
        if fill.executed_at >= at(minute)
        else fill
        for fill in stream
    ]
    action = Split("s", 1, at(minute), -1, new, per=old)
    plain, split = booked(stream, method), booked([*after, action], method)
    assert [leg.id for leg in split.legs] == [leg.id for leg in plain.legs]
    assert abs(total_gross(split) - total_gross(plain)) < CLOSE
    with exact_sums():
        assert total_fees(split) == total_fees(plain)


@given(fill_streams(), METHODS, st.integers(0, 10))
def test_a_new_symbol_changes_no_profit(stream, method, minute):
    after = [
        replace(fill, instrument_id=2) if fill.executed_at >= at(minute) else fill
        for fill in stream
    ]
    action = BasisTransfer("t", 1, 2, at(minute), -1, Decimal(1))
    plain = booked(stream, method)
    moved = booked([*after, action], method, (contract(1), contract(2)))
    assert results(moved) == results(plain)
    assert [lot.signed_quantity for lot in moved.lots] == [
        lot.signed_quantity for lot in plain.lots
    ]


@given(fill_streams(), METHODS, st.decimals("0", "1", places=3))
def test_a_spin_off_moves_cost_and_makes_none(stream, method, fraction):
    action = BasisTransfer(
        "t", 1, 2, at(50), 0, Decimal(3), fraction, keeps_source=True, execution_id=999
    )
    contracts = (contract(1), contract(2))
    plain, spun = booked(stream, method), booked([*stream, action], method, contracts)
    with exact_sums():
        cost = sum(lot.signed_quantity * lot.price for lot in plain.lots)
        assert abs(sum(lot.signed_quantity * lot.price for lot in spun.lots) - cost) < CLOSE
        assert total_fees(spun) == total_fees(plain)
        assert total_gross(spun) == total_gross(plain)


@given(
    fill_streams(max_size=8, prices=st.decimals("0.05", "20", places=2)),
    METHODS,
    st.integers(1, 9),
    st.sampled_from([Side.BUY, Side.SELL]),
)
def test_a_delivery_moves_money_and_makes_none(stream, method, delivered, share_side):
    """Whatever the option position is, and however much of it delivers."""
    held = sum(fill.signed_quantity for fill in stream)
    if not held:
        return
    option = Fill(
        100, 1, at(50), 0, Side.SELL if held > 0 else Side.BUY, abs(held), ZERO,
        kind=ExecutionKind.EXERCISE,
    )  # fmt: skip
    shares = Fill(101, 2, at(50), 0, share_side, Decimal(delivered * 100), Decimal(50))
    closing = replace(
        shares, id=102, executed_at=at(60), price=Decimal(55),
        side=Side.SELL if share_side is Side.BUY else Side.BUY,
    )  # fmt: skip
    events = [*stream, option, shares, closing]
    contracts = (
        contract(1, asset_class=AssetClass.OPTION, multiplier=Decimal(100)),
        contract(2),
    )
    with exact_sums():
        plain = booked(events, method, contracts)
        moved = booked(events, method, contracts, deliveries=[OptionDelivery(100, 101)])
        assert total_gross(moved) == total_gross(plain)
        assert total_net(moved) == total_net(plain)
        assert moved.lots == []


@given(fill_streams(), METHODS)
def test_the_book_agrees_with_one_that_counts_single_units(stream, method):
    booking, naive = booked(stream, method), book_naively(in_time(stream), method)
    assert [leg.id for leg in booking.legs] == [leg.id for leg in naive.legs]
    for leg, other in zip(booking.legs, naive.legs, strict=True):
        assert (leg.closed_at is not None) == other.is_closed
        assert abs(Fraction(leg.gross_pnl) - other.gross) < Fraction(CLOSE)
        assert abs(Fraction(leg.net_pnl) - other.net) < Fraction(CLOSE)
    by_closing: dict[int, Fraction] = {}
    for match in booking.matches:
        by_closing[match.closing_id] = by_closing.get(match.closing_id, 0) + Fraction(
            match.gross_pnl
        )
    assert by_closing.keys() == naive.gross_by_closing.keys()
    assert all(
        abs(by_closing[key] - naive.gross_by_closing[key]) < Fraction(CLOSE) for key in by_closing
    )
    assert sum((lot.signed_quantity for lot in booking.lots), ZERO) == naive.sign * len(naive.units)


@given(fill_streams(), METHODS)
def test_the_decimal_context_of_the_caller_does_not_matter(stream, method):
    with localcontext() as context:
        context.prec = 3
        narrow = booked(stream, method)
    assert narrow == booked(stream, method)
