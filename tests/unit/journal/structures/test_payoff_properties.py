"""What holds for the payoff of any legs at all."""

from __future__ import annotations

from decimal import Decimal, localcontext
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from journal.domain.structures.payoff import payoff_of
from journal.domain.structures.values import StructureLeg, Unknown
from tests.unit.journal.structures.legs import leg

CLOSE = Decimal("1e-18")
GRID = [Decimal(step) / 4 for step in range(0, 1200, 7)]
QUANTITIES = st.integers(-4, 4).filter(bool)
STRIKES = st.integers(1, 60).map(lambda n: Decimal(n) * 5 / 2)
PRICES = st.decimals("0", "40", places=2)


@st.composite
def options(draw) -> StructureLeg:
    what, strike = draw(st.sampled_from("PC")), draw(STRIKES)
    return leg(f"{draw(QUANTITIES):+d}{what}{strike}@{draw(PRICES)}f{draw(PRICES)}")


@st.composite
def shares(draw) -> StructureLeg:
    return leg(f"{draw(QUANTITIES) * 50:+d}S@{draw(PRICES)}f{draw(PRICES)}")


LEGS = st.lists(st.one_of(options(), options(), shares()), min_size=1, max_size=6)


@given(LEGS, LEGS)
def test_the_profit_of_a_sum_is_the_sum_of_profits(one, other):
    both, *parts = (payoff_of(each, with_fees=True).curve for each in ([*one, *other], one, other))
    for price in GRID:
        assert abs(both.profit_at(price) - sum(each.profit_at(price) for each in parts)) < CLOSE


@given(LEGS, st.randoms(use_true_random=False))
def test_the_order_of_legs_does_not_matter(given_legs, random):
    shuffled = list(given_legs)
    random.shuffle(shuffled)
    assert payoff_of(shuffled, with_fees=True) == payoff_of(given_legs, with_fees=True)


@given(LEGS)
def test_no_price_loses_or_wins_more_than_stated_and_one_does(given_legs):
    found = payoff_of(given_legs, with_fees=True)
    curve = found.curve
    strikes = [each.terms.strike for each in given_legs if each.terms.strike is not None]
    prices = sorted({*GRID, *strikes, Decimal(0), Decimal(10) ** 9})
    profits = {price: curve.profit_at(price) for price in prices}
    if found.max_loss.value is not None:
        assert min(profits.values()) == -found.max_loss.value
    else:
        assert found.max_loss.reason is Unknown.UNLIMITED
        assert min(profits, key=profits.__getitem__) == prices[-1]
    if found.max_profit.value is not None:
        assert max(profits.values()) == found.max_profit.value
    else:
        assert found.max_profit.reason is Unknown.UNLIMITED
        assert max(profits, key=profits.__getitem__) == prices[-1]


@given(LEGS)
def test_at_a_break_even_nothing_is_won_and_between_them_the_sign_stays(given_legs):
    found = payoff_of(given_legs, with_fees=True)
    for price in found.break_evens:
        assert abs(found.curve.profit_at(price)) < CLOSE
    ends = [Decimal(0), *found.break_evens, Decimal(10) ** 9]
    for low, high in pairwise(ends):
        inside = [price for price in GRID if low < price < high]
        signs = {found.curve.profit_at(price).compare(0) for price in inside}
        assert len(signs) <= 1


@given(LEGS, st.integers(2, 7))
def test_scaling_quantities_scales_money_and_moves_no_break_even(given_legs, factor):
    scaled = [
        each._replace(signed_quantity=each.signed_quantity * factor, fees=each.fees * factor)
        for each in given_legs
    ]
    found, many = (payoff_of(each, with_fees=True) for each in (given_legs, scaled))
    for name in ("net_premium", "net_cash", "max_profit", "max_loss"):
        one, other = getattr(found, name), getattr(many, name)
        assert other.reason == one.reason
        assert one.value is None or other.value == one.value * factor
    assert many.break_evens == found.break_evens


@given(LEGS)
def test_a_leg_told_in_two_parts_changes_nothing(given_legs):
    parts = [
        each._replace(signed_quantity=each.signed_quantity / 2, fees=each.fees / 2)
        for each in given_legs
        for _ in range(2)
    ]
    assert payoff_of(parts, with_fees=True) == payoff_of(given_legs, with_fees=True)


@given(LEGS)
def test_the_decimal_context_of_the_caller_does_not_matter(given_legs):
    with localcontext() as context:
        context.prec = 3
        narrow = payoff_of(given_legs, with_fees=True)
    assert narrow == payoff_of(given_legs, with_fees=True)
