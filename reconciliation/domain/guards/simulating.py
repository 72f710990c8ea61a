"""A guard over the past, before it is armed: when it would have warned, and when fired.

The same steps as live, on the same samples; after it fired it is armed again with fresh marks, as a person would have
done at once, so that all of the past is seen. Gaps in the samples are silence, and told as such.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from journal.domain.values import ZERO
from reconciliation.domain.guards.changes import Version
from reconciliation.domain.guards.limits import Sample, Standing
from reconciliation.domain.guards.machine import Memory, State, Step, arm
from reconciliation.domain.guards.watching import (
    Account,
    Heard,
    Kept,
    Part,
    Told,
    hear,
    look,
    wait,
)
from reconciliation.domain.nav import Flow

SAMPLES_MIN = 20
DAYS_MIN = 5


class TooLittle(Exception):
    """There is too little of the past to say anything; the message says what there is."""


class Event(NamedTuple):
    at: datetime
    step: Step
    standing: Standing | None


class Simulation(NamedTuple):
    """`worst` is the largest part of the allowance that was ever gone."""

    since: datetime
    until: datetime
    samples: int
    events: tuple[Event, ...]
    worst: Decimal
    worst_at: datetime | None

    @property
    def fired(self) -> int:
        return sum(event.step is Step.FIRE for event in self.events)

    @property
    def warned(self) -> int:
        return sum(event.step is Step.WARN for event in self.events)


def simulate(version: Version, samples: Sequence[Sample], flows: Sequence[Flow]) -> Simulation:
    """Both in order of time. Raises TooLittle."""
    _require_enough(samples)
    account, kept = Account(), Kept(arm(Memory(), samples[0].at))
    events: list[Event] = []
    worst, worst_at = ZERO, None
    done = 0
    for sample in samples:
        silence = wait(version, kept, sample.at)
        kept = silence.kept
        events += [Event(sample.at, step, None) for step in silence.steps]
        until = done
        while until < len(flows) and flows[until].at <= sample.at:
            until += 1
        # What came before the first sample is in it.
        own = flows[done:until] if account.worth is not None else ()
        done = until
        # Whether prices moved is not known of the past.
        account, _ = hear(account, Heard(sample.at, sample.equity, sample.balance, own))
        part = Part(account.flows, sample.equity, sample.balance)
        seen = look(version, kept, Told(sample.at, {0: part}))
        kept = seen.kept
        events += [Event(sample.at, step, seen.standing) for step in seen.steps]
        if seen.standing is not None and seen.standing.used > worst:
            worst, worst_at = seen.standing.used, sample.at
        if kept.memory.state in (State.FIRED, State.LOCKED):
            kept = Kept(arm(Memory(), sample.at))
    return Simulation(samples[0].at, samples[-1].at, len(samples), tuple(events), worst, worst_at)


def _require_enough(samples: Sequence[Sample]) -> None:
    days = len({sample.at.date() for sample in samples})
    if len(samples) < SAMPLES_MIN or days < DAYS_MIN:
        raise TooLittle(
            f"There are {len(samples)} readings of {days} days. At least {SAMPLES_MIN} of {DAYS_MIN} days are needed "
            "to say how this guard would have acted."
        )
