"""What is usual in a market, what a bad tick is, what a crash is, and when a market counts as being in trouble."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciliation.domain.codec import dump, load
from reconciliation.domain.guards.market import MarketLimits, Quote, Trouble, Venue
from reconciliation.domain.guards.quotes import (
    Known,
    Spell,
    go_on,
    judge,
    tightest,
    time_of,
    usual_of,
)

START = datetime(2026, 6, 1, 14, tzinfo=UTC)
LIMITS = MarketLimits()
WALK = ["100", "100.2", "99.9", "100.1", "100.3", "100", "99.8", "100.1", "100"]


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


class Market:
    """One quote a minute."""

    def __init__(self, prices: list[str] = WALK, *, spread: str = "0.02") -> None:
        self.known, self.minute, self.spread = Known(), 0.0, spread
        for price in prices:
            assert not self.tell(price)

    def tell(
        self, price: str, *, spread: str = "", minutes: float = 1, is_open: bool | None = None
    ):
        self.minute += minutes
        half = D(spread or self.spread) / 2
        quote = Quote(at(self.minute), D(price) - half, D(price) + half)
        said = judge(self.known, quote, LIMITS, Venue(is_open), at(self.minute))
        self.known = said.known
        return set(said.troubles)


@pytest.mark.parametrize("tick", ["1", "50", "97", "103", "1000000"])
def test_one_bad_tick_is_never_believed_and_leaves_nothing_behind(tick):
    market = Market()
    before = market.known
    assert market.tell(tick) == {Trouble.PRICE_GAP}
    assert market.known.middle == before.middle
    assert market.tell("100.1") == set()
    assert market.known.true_range < D("0.5")


@pytest.mark.parametrize("crash", [("90", "89"), ("90", "93"), ("90", "85"), ("110", "111")])
def test_a_crash_is_believed_with_the_next_quote(crash):
    market = Market()
    assert market.tell(crash[0]) == {Trouble.PRICE_GAP}
    assert market.tell(crash[1]) == set()
    assert market.known.middle == D(crash[1])
    # And is not what is usual now.
    assert market.known.true_range < 1
    assert market.tell("60") == {Trouble.PRICE_GAP}


def test_a_feed_that_is_stuck_where_it_jumped_to_is_believed_later_than_a_market_that_lives():
    market = Market()
    assert [market.tell("0.5"), market.tell("0.5"), market.tell("0.5")] == [
        {Trouble.PRICE_GAP}, {Trouble.PRICE_GAP}, set(),
    ]  # fmt: skip


def test_a_clock_that_is_ahead_makes_no_dead_price_fresh():
    """Three hours, as a server of another zone has it: the price is as old as its time has been the same."""
    known, seen = Known(), []
    for minute in range(0, 30, 5):
        told, known = time_of(known, at(180), at(minute))
        seen.append(told)
    assert seen == [at(0)] * 6
    # A price that lives is new each time, and a clock that is right is believed again.
    assert time_of(known, at(181), at(30))[0] == at(30)
    told, known = time_of(known, at(29), at(30))
    assert (told, known.ahead) == (at(29), None)
    assert time_of(known, at(30.5), at(30))[0] == at(30.5)
    assert time_of(known, None, at(30))[0] == at(30)
    assert load(Known, dump(known)) == known


def test_two_bad_ticks_to_both_sides_confirm_nothing():
    market = Market()
    assert market.tell("1") == market.tell("200") == market.tell("1") == {Trouble.PRICE_GAP}


def test_the_same_quote_once_more_confirms_nothing():
    market = Market()
    market.tell("90")
    quote = Quote(at(market.minute), D("89.99"), D("90.01"))
    again = judge(market.known, quote, LIMITS, Venue(), at(market.minute + 1))
    assert again.troubles == {Trouble.PRICE_GAP}
    assert again.known == market.known


def test_before_there_are_enough_quotes_nothing_is_usual():
    market = Market(["100", "101", "100"])
    assert usual_of(market.known, at(9)).true_range is None
    assert market.tell("50") == set()


def test_after_a_night_a_market_may_have_moved_further():
    market = Market()
    assert market.tell("104") == {Trouble.PRICE_GAP}
    market = Market()
    assert market.tell("104", minutes=17 * 60) == set()
    market = Market()
    assert market.tell("20", minutes=17 * 60) == {Trouble.PRICE_GAP}


def test_a_price_that_stands_still_does_not_make_every_move_a_jump():
    market = Market([*WALK, *["100"] * 500])
    assert market.known.true_range == Market().known.true_range
    assert market.tell("100.4") == set()


def test_a_wide_spread_is_one_until_it_has_become_usual():
    market = Market()
    seen = [market.tell("100.1", spread="0.2") for _ in range(60)]
    assert seen[0] == {Trouble.WIDE_SPREAD}
    assert seen[-1] == set()


def test_a_closed_market_teaches_nothing():
    market = Market()
    before = market.known
    assert market.tell("100.1", spread="9", is_open=False) >= {Trouble.CLOSED}
    assert market.known == before


def test_a_crossed_market_teaches_nothing():
    market = Market()
    before = market.known
    assert market.tell("100.4", spread="-0.5") == {Trouble.WIDE_SPREAD}
    assert market.known == before
    assert market.tell("100.1") == set()


def test_what_is_known_is_kept_as_text():
    known = Market().known
    assert load(dict[str, Known], dump({"x": known})) == {"x": known}


@given(st.lists(st.decimals("0.01", "1e6", places=2), min_size=1, max_size=60))
def test_whatever_comes_the_last_believed_price_was_quoted_and_the_range_is_sane(prices):
    known = Known()
    for minute, price in enumerate(prices):
        known = judge(known, Quote(at(minute), last=price), LIMITS, Venue(), at(minute)).known
    assert known.middle in prices
    assert 0 <= known.true_range <= max(prices) - min(prices)


def test_the_tightest_of_several_limits_counts_for_all():
    loose = MarketLimits(timedelta(minutes=9), D(9), D(9))
    tight = MarketLimits(timedelta(minutes=1), D(20), D(2), D(100))
    assert tightest([loose, tight]) == MarketLimits(timedelta(minutes=1), D(9), D(2), D(100))
    assert tightest([]) is None


GAP, WIDE, CLOSED = frozenset({Trouble.PRICE_GAP}), frozenset({Trouble.WIDE_SPREAD}), frozenset({Trouble.CLOSED})  # fmt: skip
FINE: frozenset[Trouble] = frozenset()


@pytest.mark.parametrize(
    ("readings", "is_on"),
    [
        ([WIDE], False), ([WIDE, FINE, WIDE, FINE, WIDE], False), ([WIDE, WIDE], True), ([GAP], True),
        ([GAP, FINE, FINE], True), ([GAP, FINE, FINE, FINE], False), ([WIDE, WIDE, FINE, FINE, WIDE, FINE, FINE], True),
        ([CLOSED], True), ([FINE], False),
    ],
)  # fmt: skip
def test_a_market_goes_into_trouble_and_out_of_it_by_several_readings(readings, is_on):
    spell = Spell("X")
    for troubles in readings:
        spell = go_on(spell, troubles)
    assert spell.is_on is is_on


def test_that_an_exchange_closes_is_no_news_and_neither_are_its_quotes_then():
    spell = go_on(Spell("X"), CLOSED | WIDE | GAP)
    assert (spell.is_on, spell.is_told) == (True, False)
    assert go_on(Spell("X"), GAP).is_told
