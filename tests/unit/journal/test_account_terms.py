"""Of what statements say of an account, the same counts in whatever order they come."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.domain.account_terms import Terms, settle_terms
from journal.domain.values import LotMethod

JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
FEBRUARY = JANUARY + timedelta(days=31)
said = st.builds(
    Terms,
    st.sampled_from([None, JANUARY, FEBRUARY]),
    st.sampled_from([None, True, False]),
    st.none() | st.sampled_from(LotMethod),
    st.sampled_from(["", "Asia/Tokyo", "Europe/Berlin"]),
)


@given(st.lists(said, max_size=6), st.integers())
def test_the_order_does_not_matter(words, seed):
    mixed = random.Random(seed).sample(words, len(words))
    assert settle_terms(mixed) == settle_terms(words)


@given(st.lists(said, max_size=6))
def test_only_what_was_said_counts_and_saying_it_twice_changes_nothing(words):
    settled = settle_terms(words)
    for name in ("is_hedging", "lot_method", "zone"):
        values = {one.values[name] for one in words if name in one.values}
        assert (name in settled.values) is bool(values)
        assert not values or settled.values[name] in values
    assert settle_terms([*words, *words]) == settled


@pytest.mark.parametrize(
    ("one", "other", "counts"),
    [
        (Terms(JANUARY, is_hedging=False), Terms(FEBRUARY, is_hedging=True), {"is_hedging": True}),
        (Terms(JANUARY, is_hedging=True), Terms(FEBRUARY, is_hedging=False), {"is_hedging": False}),
        (Terms(None, is_hedging=False), Terms(JANUARY, is_hedging=True), {"is_hedging": True}),
        (Terms(None, is_hedging=True), Terms(None, is_hedging=False), {"is_hedging": False}),
        (
            Terms(JANUARY, lot_method=LotMethod.AVERAGE),
            Terms(JANUARY, lot_method=LotMethod.BROKER),
            {"lot_method": "broker"},
        ),
        (
            Terms(JANUARY, lot_method=LotMethod.BROKER),
            Terms(FEBRUARY, is_hedging=True),
            {"lot_method": "broker", "is_hedging": True},
        ),
        (Terms(FEBRUARY, zone="Asia/Tokyo"), Terms(JANUARY, zone="UTC"), {"zone": "UTC"}),
        (Terms(JANUARY, zone="Asia/Tokyo"), Terms(None, zone="UTC"), {"zone": "UTC"}),
        (Terms(None, zone="UTC"), Terms(None, zone="Asia/Tokyo"), {"zone": "Asia/Tokyo"}),
    ],
)
def test_what_counts_of_two_that_say_otherwise(one, other, counts):
    assert settle_terms([one, other]).values == counts
    assert settle_terms([other, one]).values == counts
