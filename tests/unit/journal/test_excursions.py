"""How far a trade went while it was open: worked examples, and what holds for every trade."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.domain.bars import Bar
from journal.domain.excursions import Extremes, PathFill, Worth, excursions, stranger_among

START = datetime(2026, 6, 2, 14, 0, tzinfo=UTC)


def minute(number: float) -> datetime:
    return START + timedelta(minutes=number)


def fill(at: float, quantity: int, price: str) -> PathFill:
    return PathFill(
        minute(at), Decimal(quantity), Decimal(price), Decimal(quantity) * Decimal(price)
    )


def bar(
    at: float, low: str, high: str, *, first: str = "", last: str = "", minutes: int = 1
) -> Bar:
    return Bar(
        minute(at),
        minute(at + minutes),
        Decimal(first or low),
        Decimal(high),
        Decimal(low),
        Decimal(last or high),
    )


def test_a_long_trade_from_bars_that_lie_whole_in_it():
    fills = [fill(0, 10, "100"), fill(3, -10, "101")]
    bars = [bar(0, "99", "100.5"), bar(1, "98", "103"), bar(2, "100", "102")]
    mae, mfe = excursions(fills, bars)
    assert (mae.money, mae.money_bound, mae.price, mae.move, mae.at) == (
        -20,
        -20,
        98,
        -2,
        minute(1),
    )
    assert (mfe.money, mfe.money_bound, mfe.price, mfe.move) == (30, 30, 103, 3)
    assert mae.is_exact


def test_a_short_trade_goes_against_its_holder_upwards():
    fills = [fill(0, -10, "100"), fill(3, 10, "101")]
    mae, mfe = excursions(fills, [bar(1, "98", "103")])
    assert (mae.money, mae.price, mae.move) == (-30, 103, -3)
    assert (mfe.money, mfe.price, mfe.move) == (20, 98, 2)


def test_the_bars_of_entry_and_exit_count_as_far_as_they_can():
    """Opened in the middle of the first bar: its low may be from before; its close is from after."""
    fills = [fill(0.5, 10, "100"), fill(2.5, -10, "100")]
    bars = [
        bar(0, "95", "101", first="96", last="99.5"),
        bar(2, "97", "106", first="98", last="105"),
    ]
    mae, mfe = excursions(fills, bars)
    assert (mae.money, mae.money_bound) == (-20, -50)
    assert (mfe.money, mfe.money_bound) == (0, 60)
    assert not mae.is_exact


def test_a_trade_within_one_bar_is_known_by_its_fills_alone():
    mae, mfe = excursions([fill(0.2, 10, "100"), fill(0.8, -10, "99")], [bar(0, "95", "104")])
    assert (mae.money, mae.money_bound) == (-10, -50)
    assert (mfe.money, mfe.money_bound) == (0, 40)


def test_days_of_a_market_that_closes_say_nothing_certain_of_the_day_of_entry():
    fills = [fill(60, 10, "100"), fill(3_000, -10, "100")]
    days = [
        bar(0, "95", "104", last="97", minutes=1_440),
        bar(1_440, "96", "103", minutes=1_440),
        bar(2_880, "90", "110", first="91", minutes=1_440),
    ]
    mae, _ = excursions(fills, days, sessions=True)
    assert (mae.money, mae.money_bound) == (-40, -100)
    assert excursions(fills, days).mae.money == -90


def test_an_add_and_a_part_taken_off_change_what_a_price_is_worth():
    """10 at 100, 10 more at 90 (average 95), 15 off at 97, the rest at 96."""
    fills = [fill(0, 10, "100"), fill(2, 10, "90"), fill(4, -15, "97"), fill(6, -5, "96")]
    bars = [bar(1, "91", "99"), bar(3, "88", "98"), bar(5, "80", "120")]
    mae, mfe = excursions(fills, bars)
    # 20 x (88 - 95) = -140; after it 15 x 2 = 30 is taken, and 5 x (80 - 95) = -75 leaves -45.
    assert (mae.money, mae.price, mae.move) == (-140, 80, -15)
    assert (mfe.money, mfe.move) == (30 + 125, 25)


def test_in_a_bar_with_a_fill_nobody_knows_what_was_open_at_its_low():
    fills = [fill(0, 10, "100"), fill(1.5, -5, "100"), fill(3, -5, "100")]
    mae, _ = excursions(fills, [bar(1, "90", "100", last="100")])
    assert (mae.money, mae.money_bound) == (-50, -100)


def test_multiplier_and_inverse_contracts():
    fills = [fill(0, 1, "50"), fill(3, -1, "50")]
    assert excursions(fills, [bar(1, "40", "60")], worth=Worth(Decimal(20))).mae.money == -200
    inverse = excursions(fills, [bar(1, "40", "60")], worth=Worth(Decimal(100), inverse=True))
    assert inverse.mae.money == Decimal("-0.5")  # 100 x (1/50 - 1/40)


def test_what_a_bot_saw_is_certain():
    mae, mfe = excursions(
        [fill(0, 10, "100"), fill(3, -10, "101")], extremes=Extremes(Decimal(105), Decimal(97))
    )
    assert (mae.money, mfe.money, mae.at) == (-30, 50, None)
    assert mae.is_exact


def test_an_open_trade_goes_as_far_as_its_bars():
    mae, mfe = excursions([fill(0, 10, "100")], [bar(1, "98", "103")])
    assert (mae.money, mfe.money) == (-20, 30)


def test_what_is_no_single_trade_is_refused():
    with pytest.raises(ValueError, match="flat"):
        excursions([fill(0, 10, "100"), fill(1, -20, "100")])
    with pytest.raises(ValueError, match="open"):
        excursions([fill(0, 10, "100"), fill(0, -10, "100")])


def test_a_fill_far_outside_of_its_bar_is_of_something_else():
    fills = [fill(0.5, 10, "645")]
    assert stranger_among(fills, [bar(0, "91", "93")]) == fills[0]
    assert stranger_among(fills, [bar(0, "640", "644")]) is None
    assert stranger_among(fills, [bar(5, "91", "93")]) is None


def near(*figures: Decimal) -> list[Decimal]:
    """Averages are quotients of 28 digits."""
    return [round(one, 20) for one in figures]


prices = st.integers(1, 400).map(lambda n: Decimal(n) / 4)


@st.composite
def trades(draw):
    """Fills from flat to flat in one direction, and bars over, before and after them."""
    sign = draw(st.sampled_from([1, -1]))
    moments = sorted(draw(st.lists(st.integers(2, 80), min_size=2, max_size=6, unique=True)))
    fills, held = [], 0
    for moment in moments[:-1]:
        step = draw(st.integers(-held + 1, 9).filter(bool)) if held else draw(st.integers(1, 9))
        held += step
        quantity, price = Decimal(sign * step), draw(prices)
        fills.append(PathFill(minute(moment / 4), quantity, price, quantity * price))
    price = draw(prices)
    fills.append(
        PathFill(minute(moments[-1] / 4), Decimal(-sign * held), price, -sign * held * price)
    )
    bars = []
    for at in draw(st.sets(st.integers(0, 21), max_size=15)):
        low, one, other, high = sorted(draw(st.tuples(prices, prices, prices, prices)))
        bars.append(Bar(minute(at), minute(at + 1), one, high, low, other))
    return fills, sorted(bars)


@given(trades())
def test_adverse_is_never_a_gain_and_bounds_lie_outside(trade):
    mae, mfe = excursions(*trade)
    assert mae.money_bound <= mae.money <= 0 <= mfe.money <= mfe.money_bound
    assert mae.move_bound <= mae.move <= 0 <= mfe.move <= mfe.move_bound
    result = -sum(fill.amount for fill in trade[0])
    assert mae.money <= result <= mfe.money


@given(trades(), st.integers(2, 7))
def test_everything_scales_with_quantity(trade, times):
    fills, bars = trade
    scaled = [
        one._replace(signed_quantity=one.signed_quantity * times, amount=one.amount * times)
        for one in fills
    ]
    once, more = excursions(fills, bars), excursions(scaled, bars)
    for one, other in zip(once, more, strict=True):
        assert (other.money, other.money_bound) == (one.money * times, one.money_bound * times)
        assert near(other.price, other.move) == near(one.price, one.move)


@given(trades())
def test_a_short_is_the_mirror_of_a_long(trade):
    """Prices turned round at 200, signs too: what went against the one went against the other by as much."""
    fills, bars = trade
    top = Decimal(200)
    turned = [
        PathFill(
            one.at, -one.signed_quantity, top - one.price, -one.signed_quantity * (top - one.price)
        )
        for one in fills
    ]
    mirrored = [
        Bar(
            one.opened_at,
            one.closes_at,
            top - one.open,
            top - one.low,
            top - one.high,
            top - one.close,
        )
        for one in bars
    ]
    for one, other in zip(excursions(fills, bars), excursions(turned, mirrored), strict=True):
        assert near(one.money, one.money_bound, one.move) == near(
            other.money, other.money_bound, other.move
        )
        assert one.price == top - other.price


@given(trades())
def test_more_bars_never_bring_it_nearer(trade):
    fills, bars = trade
    less, more = excursions(fills, bars[::2]), excursions(fills, bars)
    assert more.mae.money <= less.mae.money
    assert more.mfe.money >= less.mfe.money
