"""A divergence from the first time it is seen to its end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciliation.domain.classes import STANDARDS, DivergenceClass
from reconciliation.domain.life import OVER, Life, NotAllowed, State, miss, see, step

START = datetime(2026, 6, 1, tzinfo=UTC)
TWICE = DivergenceClass.QUANTITY
ONCE = DivergenceClass.SIDE


def told(kind: DivergenceClass) -> Life:
    life = None
    for minute in range(STANDARDS[kind].persistence):
        life = see(life, kind, START + timedelta(minutes=minute))
    return life


def test_what_may_be_on_its_way_is_told_the_second_time():
    first = see(None, TWICE, START)
    assert first.state is State.SEEN
    second = see(first, TWICE, START + timedelta(minutes=1))
    assert (second.state, second.first_seen_at) == (State.OPEN, START)
    assert see(None, ONCE, START).state is State.OPEN


def test_what_was_never_told_is_forgotten():
    assert miss(see(None, TWICE, START)) is None


def test_one_run_that_does_not_see_it_ends_nothing():
    open_ = told(TWICE)
    once = miss(open_)
    assert once.state is State.OPEN
    assert see(once, TWICE, START).unseen == 0
    assert miss(once).state is State.SELF_CLEARED


def test_what_is_being_carried_out_is_not_cleared_by_itself():
    life = step(step(told(ONCE), State.PROPOSED, by=1), State.APPROVED, by=1)
    assert miss(miss(miss(life))).state is State.APPROVED
    assert step(life, State.RESOLVED, by=None).state is State.RESOLVED


def test_nobody_approves_their_own_proposal_where_four_eyes_are_wanted():
    proposed = step(told(ONCE), State.PROPOSED, by=1)
    for who in (1, None):
        with pytest.raises(NotAllowed, match="Two people"):
            step(proposed, State.APPROVED, by=who, four_eyes=True)
    assert step(proposed, State.APPROVED, by=2, four_eyes=True).state is State.APPROVED
    assert step(proposed, State.APPROVED, by=1).state is State.APPROVED


def test_a_step_that_does_not_follow_says_which_would():
    with pytest.raises(NotAllowed, match=r"From open follows .*proposed"):
        step(told(ONCE), State.RESOLVED, by=1)
    with pytest.raises(NotAllowed, match="it is over"):
        step(step(told(ONCE), State.VOID, by=1), State.OPEN, by=1)


def test_the_same_seen_again_after_its_end_is_a_new_one():
    over = step(told(ONCE), State.ACCEPTED, by=1)
    again = see(over, ONCE, START + timedelta(days=1))
    assert (again.state, again.first_seen_at, again.seen) == (
        State.OPEN,
        START + timedelta(days=1),
        1,
    )


@given(events=st.lists(st.sampled_from(["see", "miss", *State]), max_size=25))
def test_whatever_happens_what_is_over_stays_over(events):
    life = told(TWICE)
    for event in events:
        before = life
        if event == "miss":
            life = miss(life) or life
        elif event == "see" and before.state not in OVER:
            life = see(life, TWICE, START)
        elif isinstance(event, State):
            try:
                life = step(life, event, by=1)
            except NotAllowed:
                assert life is before
        if before.state in OVER:
            assert life == before
