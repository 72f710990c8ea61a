"""From a difference that was seen to one that is over: who may take which step, and what the next run makes of it.

    seen → open → investigating → proposed → approved → resolved | accepted | void
    and from any of them before the end: self_cleared, when complete runs no longer see it

Invariants:

* A difference is told once it was seen in as many complete runs in a row as its class asks for, and not before. It is
  the same one while the two sides are off by the same.
* Only a run that compared the part in question may say that it is gone.
* Where four eyes are wanted, nobody approves what they proposed.
* What is over stays over; the same difference seen again is a new one.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from reconciliation.domain.classes import STANDARDS, DivergenceClass


class State(StrEnum):
    SEEN = "seen"
    OPEN = "open"
    INVESTIGATING = "investigating"
    PROPOSED = "proposed"
    APPROVED = "approved"
    RESOLVED = "resolved"
    ACCEPTED = "accepted"
    VOID = "void"
    SELF_CLEARED = "self_cleared"


OVER = frozenset({State.RESOLVED, State.ACCEPTED, State.VOID, State.SELF_CLEARED})
_STEPS: dict[State, frozenset[State]] = {
    State.SEEN: frozenset({State.OPEN}),
    State.OPEN: frozenset({State.INVESTIGATING, State.PROPOSED, State.ACCEPTED, State.VOID}),
    State.INVESTIGATING: frozenset({State.OPEN, State.PROPOSED, State.ACCEPTED, State.VOID}),
    State.PROPOSED: frozenset({State.INVESTIGATING, State.APPROVED}),
    State.APPROVED: frozenset({State.RESOLVED, State.INVESTIGATING}),
}
# In so many complete runs in a row it has to be unseen before it is called gone.
CLEARED_AFTER = 2
# What is off by something else each time is told after so long all the same.
CHANGING = timedelta(minutes=5)


class Life(NamedTuple):
    """`seen` and `unseen` count complete runs in a row; `proposed_by` is a person's id, None for a rule."""

    state: State
    seen: int
    unseen: int
    first_seen_at: datetime
    last_seen_at: datetime
    proposed_by: int | None = None


class NotAllowed(Exception):
    """The step does not follow; the message says what does."""


def see(
    life: Life | None, kind: DivergenceClass, at: datetime, *, is_another: bool = False
) -> Life:
    """A complete run found it. `life` is None, or over, where it is new. `is_another`: of the same name, and off by
    something else than before, as one fill after the other that comes late."""
    if life is None or life.state in OVER:
        life = Life(State.SEEN, 0, 0, at, at)
    elif is_another and life.state is State.SEEN and at - life.first_seen_at < CHANGING:
        life = life._replace(seen=0)
    life = life._replace(seen=life.seen + 1, unseen=0, last_seen_at=at)
    if life.state is State.SEEN and life.seen >= STANDARDS[kind].persistence:
        return life._replace(state=State.OPEN)
    return life


def miss(life: Life) -> Life | None:
    """A complete run that compared its part did not find it. None: it was never told, and is forgotten."""
    if life.state in OVER:
        return life
    if life.state is State.SEEN:
        return None
    life = life._replace(seen=0, unseen=life.unseen + 1)
    # What was approved is carried out and then resolved, by whoever does it.
    if life.unseen >= CLEARED_AFTER and life.state is not State.APPROVED:
        return life._replace(state=State.SELF_CLEARED)
    return life


def follows(state: State) -> list[State]:
    """What it can become by a step of somebody; nothing where it is over."""
    return sorted(_STEPS.get(state, frozenset()))


def step(life: Life, to: State, *, by: int | None, four_eyes: bool = False) -> Life:
    """A person (`by`) or a rule (None) takes a step. Raises NotAllowed."""
    possible = follows(life.state)
    if to not in possible:
        words = ", ".join(possible) or "nothing: it is over"
        raise NotAllowed(f"From {life.state} follows {words}; not {to}.")
    if to is State.APPROVED and four_eyes and (by is None or by == life.proposed_by):
        raise NotAllowed("Two people have to agree: somebody else than who proposed it approves.")
    proposed_by = by if to is State.PROPOSED else life.proposed_by
    return life._replace(state=to, proposed_by=proposed_by)
