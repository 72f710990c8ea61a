"""How a recommendation stands: what people may say about it, and what time does to it.

It stands as the latest decision has it: the log of decisions is the whole truth, those of rules included. Between two
decisions only time changes it, which is known beforehand (`Lapse`): so who reads never has to wait for a rule to run.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple


class Standing(StrEnum):
    RECOMMENDED = "recommended"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXECUTED = "executed"
    IGNORED = "ignored"
    EXPIRED = "expired"


# Said by people; the others follow from what happened.
DECISIONS = (Standing.APPROVED, Standing.REJECTED, Standing.IGNORED, Standing.RECOMMENDED)
OPEN = frozenset({Standing.RECOMMENDED, Standing.APPROVED})
SETTLED = frozenset({Standing.EXECUTED, Standing.EXPIRED})
# Clocks of bots are off: an order that seems so much older than its approval was not placed without it.
CLOCKS_DIFFER = timedelta(minutes=1)


class Lapse(NamedTuple):
    """What a standing becomes by itself, and when."""

    at: datetime
    to: Standing


class Step(NamedTuple):
    """A decision: what it came to, and when."""

    to: Standing
    at: datetime


def may_become(now: Standing, verdict: Standing) -> bool:
    """Whether a person may decide so. To say again what holds is no decision; RECOMMENDED takes the last one back."""
    return now not in SETTLED and verdict in DECISIONS and verdict is not now


def lapse_of(
    standing: Standing,
    *,
    waits_since: datetime,
    expires_at: datetime | None,
    patience: timedelta | None,
) -> Lapse | None:
    """`patience`: after which a proposal that nobody decided counts as ignored; None for one that nobody was shown."""
    ends: list[Lapse] = []
    if standing in OPEN and expires_at is not None:
        ends.append(Lapse(expires_at, Standing.EXPIRED))
    if standing is Standing.RECOMMENDED and patience is not None:
        ends.append(Lapse(waits_since + patience, Standing.IGNORED))
    # At the same moment the sender's own word counts, which comes first.
    return min(ends, key=lambda end: end.at, default=None)


def current(standing: Standing, lapse: Lapse | None, now: datetime) -> Standing:
    return lapse.to if lapse is not None and lapse.at <= now else standing


def before_execution(steps: Sequence[Step]) -> Standing:
    """What it stood at before it was executed: where it goes back to if that turns out to be wrong."""
    return next(
        (step.to for step in reversed(steps) if step.to is not Standing.EXECUTED),
        Standing.RECOMMENDED,
    )


def was_approved(steps: Sequence[Step], at: datetime, expires_at: datetime | None) -> bool:
    """Whether an order of that moment had an approval that still held."""
    if expires_at is not None and at > expires_at + CLOCKS_DIFFER:
        return False
    past = [
        step.to
        for step in steps
        if step.at <= at + CLOCKS_DIFFER and step.to is not Standing.EXECUTED
    ]
    return bool(past) and past[-1] is Standing.APPROVED
