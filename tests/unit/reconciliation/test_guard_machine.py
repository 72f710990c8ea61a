"""When a guard warns and fires, step by step and for any sequence of events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciliation.domain.guards.machine import (
    WATCHING,
    Blindness,
    Memory,
    Reading,
    Settings,
    State,
    Step,
    arm,
    disarm,
    end,
    listen,
    lock,
    read,
)
from reconciliation.domain.nav import Doubt

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
JUMP = Doubt.UNEXPLAINED_JUMP
SETTINGS = Settings()
SOON = SETTINGS._replace(doubt_for=timedelta(seconds=5))


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def reading(seconds: float, used: str, **kinds) -> Reading:
    return Reading(at(seconds), Decimal(used), **kinds)


def run(*readings: Reading, settings: Settings = SETTINGS) -> tuple[Memory, list[list[Step]]]:
    memory, told = arm(Memory(), START), []
    for one in readings:
        memory, steps = read(settings, memory, one)
        told.append(steps)
    return memory, told


def test_each_tier_is_told_once_on_the_way_down():
    memory, told = run(reading(1, "0.39"), reading(2, "0.4"), reading(3, "0.5"), reading(4, "0.95"))
    assert told == [[], [Step.WARN], [], [Step.WARN]]
    assert (memory.state, memory.tier) == (State.WARNED, 3)


def test_a_warning_clears_well_below_its_tier():
    memory, told = run(reading(1, "0.7"), reading(2, "0.66"), reading(3, "0.64"), reading(4, "0.3"))
    assert told == [[Step.WARN], [], [Step.CLEAR], [Step.CLEAR]]
    assert memory.state is State.ARMED


def test_a_breach_fires_when_it_is_confirmed():
    memory, told = run(reading(1, "1"), reading(3, "1.01"), reading(6, "1.01"))
    assert told == [[Step.WARN], [], [Step.FIRE]]
    assert (memory.state, memory.fired_at) == (State.FIRED, at(6))


def test_a_bad_tick_does_not_fire():
    memory, told = run(reading(1, "1.2"), reading(20, "0.1"), reading(21, "1.2"))
    assert Step.FIRE not in chain.from_iterable(told)
    assert memory.breaches == 1


def test_the_same_reading_twice_confirms_nothing():
    memory, told = run(*[reading(10, "1.2")] * 5)
    assert (memory.breaches, list(chain.from_iterable(told))) == (1, [Step.WARN])


def test_far_beyond_the_limit_it_fires_at_once():
    assert run(reading(1, "1.5"))[1] == [[Step.WARN, Step.FIRE]]


def test_what_is_doubted_waits_until_it_has_lasted():
    memory, told = run(reading(1, "2", doubt=JUMP), reading(4, "2", doubt=JUMP))
    assert (memory.state, told) == (State.SUSPECT, [[Step.SUSPECT], []])
    memory, steps = read(SOON, memory, reading(7, "2", doubt=JUMP))
    assert steps == [Step.WARN, Step.FIRE]
    memory, told = run(*(reading(seconds, "2", doubt=JUMP) for seconds in range(1, 600, 5)))
    assert memory.state is State.SUSPECT
    memory, _ = run(reading(1, "2", doubt=JUMP), reading(4, "0.1"))
    assert (memory.state, memory.doubts) == (State.ARMED, 0)


def test_flawed_figures_are_silence():
    memory, told = run(reading(1, "3", is_flawed=True), reading(301, "3", is_flawed=True))
    assert (memory.state, told) == (State.STALE, [[], [Step.SILENT]])


def test_silence_gets_louder_and_is_told_once_each():
    memory, told = arm(Memory(), START), []
    for minutes in (4, 5, 6, 15, 16, 50, 60):
        memory, steps = listen(SETTINGS, memory, at(minutes * 60))
        told.append(steps)
    assert told == [[], [Step.SILENT], [], [Step.SILENT_LONG], [], [], []]
    memory, steps = read(SETTINGS, memory, reading(4000, "0.1"))
    assert (memory.state, steps) == (State.ARMED, [Step.HEARD_AGAIN])


@pytest.mark.parametrize(
    ("blindness", "steps", "state"),
    [
        (Blindness.ALERT_ONLY, [Step.SILENT_LONG], State.STALE),
        (Blindness.BLOCK_NEW, [Step.SILENT_LONG, Step.BLOCK], State.STALE),
        (Blindness.FLATTEN, [Step.SILENT_LONG, Step.BLOCK, Step.FIRE], State.FIRED),
    ],
)
def test_a_long_silence_at_once(blindness, steps, state):
    settings = SETTINGS._replace(blindness=blindness)
    memory, told = listen(settings, arm(Memory(), START), at(3000))
    assert (told, memory.state) == (steps, state)
    if blindness is Blindness.BLOCK_NEW:
        assert read(settings, memory, reading(3001, "0"))[1] == [Step.HEARD_AGAIN, Step.UNBLOCK]


@pytest.mark.parametrize(
    ("flat", "state"),
    [(True, State.FLAT_CONFIRMED), (False, State.PARTIAL), (None, State.FAILED)],
)
def test_after_the_closing_it_is_locked_until_somebody_arms_it(flat, state):
    fired, _ = run(reading(1, "2"))
    for change in (lambda: arm(fired, at(2)), lambda: disarm(fired)):
        with pytest.raises(ValueError, match="is closing"):
            change()
    assert lock(fired) == fired
    ended = end(fired, flat)
    assert ended.state is state
    locked = lock(ended)
    assert locked.state is State.LOCKED
    assert read(SETTINGS, locked, reading(9, "3")) == (locked, [])
    assert arm(locked, at(10)).state is State.ARMED


EVENTS = st.lists(
    st.one_of(
        st.builds(
            Reading,
            st.integers(0, 900).map(at),
            st.decimals(0, 2, places=2),
            st.sampled_from([None, None, None, JUMP]),
            st.sampled_from([False, False, False, True]),
        ),
        st.integers(0, 4000).map(at),
    ),
    max_size=30,
)


@given(events=EVENTS, blindness=st.sampled_from(Blindness))
def test_it_fires_once_and_only_on_what_is_believed(events, blindness):
    settings = SETTINGS._replace(blindness=blindness)
    memory, told, believed = arm(Memory(), START), [], []
    for event in events:
        before = memory
        if isinstance(event, Reading):
            memory, steps = read(settings, memory, event)
            if Step.FIRE in steps and blindness is not Blindness.FLATTEN:
                assert event.used >= 1
                assert not event.is_flawed
                confirmed = before.breaches + 1 >= settings.confirmations
                assert event.used >= settings.hard or confirmed
        else:
            memory, steps = listen(settings, memory, event)
            assert Step.FIRE not in steps or blindness is Blindness.FLATTEN
        if before.state not in WATCHING:
            assert (memory, steps) == (before, [])
        told += steps
        believed.append(memory)
    assert told.count(Step.FIRE) <= 1
    assert told.count(Step.BLOCK) - told.count(Step.UNBLOCK) in (0, 1)
