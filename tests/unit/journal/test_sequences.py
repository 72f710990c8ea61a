"""Numbered pushes: what is missing is never taken for complete, and what makes up for it is seen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.domain.sequences import ASK_AGAIN, Push, Series, ask, distrust, take

NOTHING = Series()


def states(*ends):
    return [Push(number, end) for number, end in enumerate(ends, 1)]


def taken(pushes, series=NOTHING):
    for push in pushes:
        series = take(series, push)
    return series


def test_one_after_the_other_is_complete():
    series = taken(states(100, 160, 220))
    assert (series.highest, series.missing, series.complete_until) == (3, (), 220)


def test_a_missing_number_stops_what_is_complete():
    one, _, three, four = states(100, 160, 220, 280)
    series = taken([one, three, four])
    assert (series.missing, series.complete_until) == (((2, 2),), 100)


def test_the_missing_one_that_comes_late_makes_up_for_it():
    one, two, three = states(100, 160, 220)
    assert taken([one, three, two]) == taken([one, two, three])


def test_a_window_that_reaches_back_makes_up_for_it():
    series = taken([Push(1, 100), Push(4, 280)])
    assert taken([Push(5, 300, 290, 300)], series).missing == ((2, 3),)
    healed = taken([Push(5, 300, 101, 300)], series)
    assert (healed.missing, healed.complete_until) == ((), 300)


def test_pieces_of_a_window_make_up_for_it_with_the_last():
    series = taken([Push(1, 100), Push(4, 280)])
    series = taken([Push(5, 150, 90, 150)], series)
    assert (series.missing, series.complete_until) == (((2, 3),), 150)
    series = taken([Push(6, 300, 150, 300)], series)
    assert (series.missing, series.complete_until) == ((), 300)


def test_a_series_that_does_not_begin_with_one_lacks_its_beginning():
    assert taken([Push(7, 500)]).missing == ((1, 6),)
    assert taken([Push(7, 500, 0, 500)]).missing == ()


def test_what_is_distrusted_has_to_come_from_the_beginning():
    series = distrust(taken(states(100, 160)))
    assert taken([Push(3, 220)], series).complete_until == 0
    assert taken([Push(3, 220, 150, 220)], series).missing
    assert taken([Push(3, 220, 0, 220)], series).complete_until == 220


def test_what_is_missing_is_asked_for_once_and_again_after_a_while():
    series, since = ask(taken([Push(1, 100), Push(3, 220)]))
    assert since == 100
    assert ask(series)[1] is None
    later = taken([Push(number, 300) for number in range(4, 3 + ASK_AGAIN)], series)
    assert ask(later)[1] is None
    assert ask(take(later, Push(3 + ASK_AGAIN, 300)))[1] == 100
    assert ask(taken(states(100)))[1] is None


numbers = st.integers(1, 12)


@given(st.lists(st.integers(1, 60), min_size=1, max_size=12), st.randoms())
def test_any_order_of_all_pushes_ends_alike(steps, chance):
    ends = [sum(steps[:count]) for count in range(1, len(steps) + 1)]
    shuffled = states(*ends)
    chance.shuffle(shuffled)
    series = taken(shuffled)
    assert (series.highest, series.missing, series.complete_until) == (len(ends), (), ends[-1])


@given(
    st.lists(
        st.tuples(numbers, st.integers(0, 500), st.booleans(), st.integers(0, 500)),
        unique_by=lambda one: one[0],
    )
)
def test_what_is_complete_never_falls_and_never_passes_what_is_missing(drawn):
    series = Series()
    known: dict[int, Push] = {}
    for sequence, end, has_window, since in drawn:
        push = Push(sequence, end, min(since, end), end) if has_window else Push(sequence, end)
        after = take(series, push)
        known[sequence] = push
        assert after.complete_until >= series.complete_until
        # Without any window, only what all pushes up to a number have said can be complete.
        if not any(one.since is not None for one in known.values()):
            whole = [
                one.complete_until
                for number, one in known.items()
                if set(range(1, number)) <= known.keys()
            ]
            assert after.complete_until <= max(whole, default=0) or not after.missing
            assert {
                number for first, last in after.missing for number in range(first, last + 1)
            } == set(range(1, after.highest)) - known.keys()
        series = after


@pytest.mark.parametrize("again", [1, 2, 3])
def test_a_push_taken_twice_changes_nothing(again):
    pushes = states(100, 160, 220)
    assert taken([*pushes, pushes[again - 1]]) == taken(pushes)
