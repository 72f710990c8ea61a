"""What legs are called."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.domain.structures.shape import Kind, Shape, shape_of
from journal.domain.values import AssetClass
from tests.unit.journal.structures.legs import leg, legs
from tests.unit.journal.structures.test_payoff_properties import LEGS

D = Decimal

SHAPES = [
    ("+1C100@1", "long_option", "long call", "1"),
    ("+2P100@1", "long_option", "long put", "2"),
    ("-3C100@1", "short_call", "short call", "3"),
    ("-5P100@1", "cash_secured_put", "cash-secured put", "5"),
    ("-2P95@2 +2P90@1", "vertical", "bull put spread", "2"),
    ("+1P95@2 -1P90@1", "vertical", "bear put spread", "1"),
    ("-1C105@2 +1C110@1", "vertical", "bear call spread", "1"),
    ("+1C105@2 -1C110@1", "vertical", "bull call spread", "1"),
    # Quantities of a fraction, as coins have them.
    ("-0.2P95@2 +0.2P90@1", "vertical", "bull put spread", "0.2"),
    ("+1C100@4 -2C110@1", "ratio_spread", "call ratio spread", "1"),
    ("+2P100@4 -4P90@1", "ratio_spread", "put ratio spread", "2"),
    ("-2C100@4 +3C110@1", "ratio_spread", "call backspread", "1"),
    ("-1P100@4 +2P90@1", "ratio_spread", "put backspread", "1"),
    ("-1C100@2/30 +1C100@3/60", "calendar", "call calendar", "1"),
    ("+1P100@2/30 -1P100@3/60", "calendar", "short put calendar", "1"),
    ("-1C105@1/30 +1C95@7/90", "diagonal", "call diagonal", "1"),
    ("+1P105@1/30 -1P95@7/90", "diagonal", "short put diagonal", "1"),
    ("-1P95@1/30 +1P95@2/60 -1C105@1/30 +1C105@2/60", "calendar", "double calendar", "1"),
    ("-1C100@1/30 +1C100@2/60 -1C105@1/30 +1C105@2/60", "calendar", "double calendar", "1"),
    ("-3P95@1/30 +3P90@2/60 -3C105@1/30 +3C110@2/60", "diagonal", "double diagonal", "3"),
    ("-1P95@1/30 +1P95@2/60 -1C105@1/30 +1C110@2/60", "diagonal", "double diagonal", "1"),
    ("+1C90@6 -2C100@3 +1C110@1", "butterfly", "long call butterfly", "1"),
    ("-2P90@6 +4P100@3 -2P110@1", "butterfly", "short put butterfly", "2"),
    ("+1C90@3 -2C95@2 +1C110@1", "butterfly", "broken-wing call butterfly", "1"),
    ("+1P90@1 -1P95@2 -1P105@3 +1P110@4", "condor", "long put condor", "1"),
    ("-1C90@1 +1C95@2 +1C105@3 -1C110@4", "condor", "short call condor", "1"),
    ("+1C90@1 -1C95@2 -1C105@3 +1C120@4", "condor", "broken-wing call condor", "1"),
    ("+4P90@1 -4P95@2 -4C105@2 +4C110@1", "iron_condor", "iron condor", "4"),
    ("+1P90@1 -1P95@2 -1C105@2 +1C115@1", "iron_condor", "iron condor", "1"),
    ("-1P90@1 +1P95@2 +1C105@2 -1C110@1", "iron_condor", "reverse iron condor", "1"),
    ("+1P90@1 -1P105@2 -1C95@2 +1C110@1", "iron_condor", "inverted iron condor", "1"),
    ("+1P90@1 -1P100@2 -1C100@2 +1C110@1", "iron_butterfly", "iron butterfly", "1"),
    ("-1P90@1 +1P100@2 +1C100@2 -1C110@1", "iron_butterfly", "reverse iron butterfly", "1"),
    ("+1P100@2 +1C100@2", "straddle", "long straddle", "1"),
    ("-1P100@2 -1C100@2", "straddle", "short straddle", "1"),
    ("+1P95@2 +1C105@2", "strangle", "long strangle", "1"),
    ("-6P95@2 -6C105@2", "strangle", "short strangle", "6"),
    ("-1P105@2 -1C95@2", "strangle", "short guts", "1"),
    ("-1P95@2 -1C105@2 +1C108@1", "jade_lizard", "jade lizard", "1"),
    ("-1P100@2 -1C100@2 +1C108@1", "jade_lizard", "big lizard", "1"),
    ("+1P92@2 -1P95@2 -1C105@1", "jade_lizard", "reverse jade lizard", "1"),
    ("-1P95@2 +1C105@2", "risk_reversal", "bullish risk reversal", "1"),
    ("+1P95@2 -1C105@2", "risk_reversal", "bearish risk reversal", "1"),
    ("-1P100@2 +1C100@2", "synthetic", "synthetic long", "1"),
    ("+1C100@6 -1C110@1 +1P110@5 -1P100@1", "box", "long box", "1"),
    ("-2C100@6 +2C110@1 -2P110@5 +2P100@1", "box", "short box", "2"),
    ("+100S@50 -1C55@1", "covered_call", "covered call", "1"),
    ("+250S@50 -2C55@1", "covered_call", "covered call", "2"),
    ("-100S@50 -1P45@1", "covered_put", "covered put", "1"),
    ("+300S@50 +3P45@1", "protective_put", "protective put", "3"),
    ("-100S@50 +1C55@1", "protective_call", "protective call", "1"),
    ("+100S@50 +1P45@1 -1C55@1", "collar", "collar", "1"),
    ("+100S@50 +1P45@1/60 -1C55@1/30", "collar", "collar", "1"),
    ("-100S@50 -1P45@1 +1C55@1", "collar", "short collar", "1"),
    ("+100S@50 +1P50@1 -1C50@1", "conversion", "conversion", "1"),
    ("-100S@50 -1P50@1 +1C50@1", "conversion", "reversal", "1"),
    ("+100S@50 -1P45@1 -1C55@1", "covered_strangle", "covered strangle", "1"),
    ("+200S@50 -2P50@1 -2C50@1", "covered_strangle", "covered straddle", "2"),
    ("+100S@50", "outright", "long", "100"),
    ("-2F30@5000", "outright", "short", "2"),
    ("+2F30@5000 -2F120@5010", "future_spread", "future calendar spread", "2"),
    ("-1F120@5010 +1F30@5000", "future_spread", "future calendar spread", "1"),
    ("+1F30@5000 -2F120@5010 +1F210@5020", "future_spread", "future butterfly", "1"),
]
CUSTOM = [
    # Two puts for one call.
    "-2P95@2 -1C105@1",
    # A condor of which a leg was closed in part.
    "+2P90@1 -2P95@2 -2C105@2 +1C110@1",
    "+1C100@1 +1C105@1",
    "-1P95@1 +1C105@1 -1C110@1 +1C115@1",
    # Shares for one of two calls only.
    "+100S@50 -2C55@1",
    # A calendar of two against one.
    "-2C100@2/30 +1C100@3/60",
    "-1C100@2/30 -1P100@3/60",
    "-1C100@2/30 +1C100@3/60 -1C100@3/90",
    # Verticals in different directions in time.
    "-1P95@1/30 +1P90@1/30 -1C105@1/60 +1C110@1/60",
    # Four legs, of which the lower puts meet the lower call.
    "+1P90@1 -1P95@2 -1C95@2 +1C95@1/60",
    "+1F30@5000 -2F120@5010",
    "+100S@50 +1F30@5000",
    "+1F30@5000 -1F120@5010 +1C100@1",
]


@pytest.mark.parametrize(("text", "kind", "name", "units"), SHAPES)
def test_shapes_and_their_names(text, kind, name, units):
    assert shape_of(legs(text)) == Shape(Kind(kind), name, D(units))


@pytest.mark.parametrize("text", CUSTOM)
def test_what_no_name_fits_is_custom(text):
    found, count = shape_of(legs(text)), len(text.split())
    assert (found.kind, found.name) == (Kind.CUSTOM, f"combination of {count} legs")


def test_one_option_that_nobody_describes_is_no_combination():
    assert shape_of([leg("-1P95@1", strike=None)]).name == "option of unknown terms"


def test_every_kind_is_shown_by_an_example():
    assert {kind for _, kind, _, _ in SHAPES} == set(Kind) - {"custom", "flat"}


@pytest.mark.parametrize(
    "given_legs",
    [
        [leg("-1P95@1", strike=None), leg("+1P90@1")],
        [leg("-1P95@1", multiplier=D(10)), leg("+1P90@1")],
        [leg("-1P95@1", asset_class=AssetClass.FUTURE_OPTION), leg("+1P90@1")],
        # The weekly and the monthly option of an index: one strike, one day, two contracts.
        [leg("-1P95@1", instrument_id=-1), leg("+1P95@1")],
        [leg("+1S@5"), leg("-1S@5", instrument_id=-1)],
    ],
)
def test_what_does_not_belong_together_is_custom(given_legs):
    assert shape_of(given_legs).kind is Kind.CUSTOM


def test_what_was_closed_is_no_part_of_the_shape():
    assert shape_of(legs("-1P95@2 +1P90@1 -1P90@0.20")).name == "cash-secured put"
    assert shape_of(legs("-2P95@2 +2P90@1 +1P95@1 -1P90@0.20")).units == 1
    assert shape_of(legs("-2P95@2 +2P95@1")) == Shape(Kind.FLAT, "flat", D(0))
    assert shape_of([]).kind is Kind.FLAT


def test_a_strangle_whose_put_was_assigned_is_a_covered_call():
    held = legs("-1P95@1.50 -1C105@1.30") + legs("+1P95@0 +100S@95")
    assert shape_of(held) == Shape(Kind.COVERED_CALL, "covered call", D(1))


def test_a_future_covers_an_option_on_it():
    held = [
        leg("+1F30@5000"),
        leg("-1C5100@20", asset_class=AssetClass.FUTURE_OPTION, multiplier=D(50)),
    ]
    assert shape_of(held).kind is Kind.COVERED_CALL


@given(LEGS, st.randoms(use_true_random=False), st.integers(2, 5))
def test_order_parts_and_scale_change_no_shape(given_legs, random, factor):
    found = shape_of(given_legs)
    shuffled = [
        each._replace(signed_quantity=each.signed_quantity / 2)
        for each in given_legs
        for _ in range(2)
    ]
    random.shuffle(shuffled)
    assert shape_of(shuffled) == found
    scaled = [each._replace(signed_quantity=each.signed_quantity * factor) for each in given_legs]
    assert shape_of(scaled) == found._replace(units=found.units * factor)


@given(st.sampled_from(SHAPES), st.decimals("0", "90", places=2))
def test_prices_change_no_shape(example, price):
    given_legs = legs(example[0])
    dearer = [each._replace(price=price) for each in given_legs]
    assert shape_of(dearer) == shape_of(given_legs)
