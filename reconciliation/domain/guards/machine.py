"""From readings to steps: when a guard warns, when it fires, and what it does when it cannot see.

    DISARMED → ARMED → WARNED → CONFIRMING → FIRED → FLAT_CONFIRMED | PARTIAL | FAILED → LOCKED → ARMED

with SUSPECT (what was read is doubted) and STALE (nothing was read) beside ARMED, WARNED and CONFIRMING.

Invariants, for any sequence of events:

* A guard fires once: after FIRED nothing but the end of the closing and a person's re-arming leads on.
* It fires only on readings that are believed, in a row and over the time that its settings ask for, or beyond its hard
  level at once.
* What is doubted neither breaches nor clears; what is not heard is never taken for flat, and never for well.
* The same events give the same steps, in every process.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from journal.domain.values import ZERO
from reconciliation.domain.nav import Doubt


class State(StrEnum):
    DISARMED = "disarmed"
    ARMED = "armed"
    WARNED = "warned"
    CONFIRMING = "confirming"
    SUSPECT = "suspect"
    STALE = "stale"
    FIRED = "fired"
    FLAT_CONFIRMED = "flat_confirmed"
    PARTIAL = "partial"
    FAILED = "failed"
    LOCKED = "locked"


# In these a guard looks at what it reads.
WATCHING = frozenset({State.ARMED, State.WARNED, State.CONFIRMING, State.SUSPECT, State.STALE})


class Blindness(StrEnum):
    """What is done when nothing is heard. To close blindly is a market decision, so a person has to choose it."""

    ALERT_ONLY = "alert_only"
    BLOCK_NEW = "block_new"
    FLATTEN = "flatten"


class Settings(NamedTuple):
    """`tiers` are parts of the allowance, rising; a warning clears `hysteresis` below its tier. A breach fires after
    `confirmations` readings in a row that span `confirm_for`, and at once at `hard` times the allowance. Silence is
    told after `silence`, told louder after three times as long, and acted upon after ten times. What is doubted is
    believed when it has lasted for `doubt_for`: by then money that moved should be booked."""

    tiers: tuple[Decimal, ...] = (Decimal("0.4"), Decimal("0.7"), Decimal("0.9"))
    hysteresis: Decimal = Decimal("0.05")
    confirmations: int = 2
    confirm_for: timedelta = timedelta(seconds=5)
    hard: Decimal = Decimal("1.5")
    silence: timedelta = timedelta(minutes=5)
    blindness: Blindness = Blindness.ALERT_ONLY
    doubt_for: timedelta = timedelta(minutes=10)


class Memory(NamedTuple):
    """What a guard knows between two events. `tier` is how many tiers are reached; `read_at` is of the last reading,
    `heard_at` of the last that was believed (or when it was armed), `told` how loud its silence was told of."""

    state: State = State.DISARMED
    tier: int = 0
    breaches: int = 0
    breached_at: datetime | None = None
    doubts: int = 0
    doubted_at: datetime | None = None
    read_at: datetime | None = None
    heard_at: datetime | None = None
    told: int = 0
    fired_at: datetime | None = None


class Reading(NamedTuple):
    """`used` is the part of the allowance that is gone. `is_flawed`: the figures are no basis for anything (a price is
    too old, a rate is missing); a `doubt` says that they may be, and holds for `Settings.doubt_for` at most."""

    at: datetime
    used: Decimal
    doubt: Doubt | None = None
    is_flawed: bool = False


class Step(StrEnum):
    WARN = "warn"
    CLEAR = "clear"
    SUSPECT = "suspect"
    FIRE = "fire"
    SILENT = "silent"
    SILENT_LONG = "silent_long"
    BLOCK = "block"
    UNBLOCK = "unblock"
    HEARD_AGAIN = "heard_again"


Outcome = tuple[Memory, list[Step]]

# How many times its settings' silence a guard waits before it acts, and before it gets loud.
_ACTED, _LOUD = 10, 3
_SILENCES = ((_ACTED, Step.BLOCK), (_LOUD, Step.SILENT_LONG), (1, Step.SILENT))


def arm(memory: Memory, at: datetime) -> Memory:
    """From now on; what was known of breaches and doubts is forgotten. Raises ValueError while it is closing."""
    if memory.state is State.FIRED:
        raise ValueError(
            "The guard is closing positions. It can be armed again when that has come to an end."
        )
    return Memory(State.ARMED, heard_at=at)


def disarm(memory: Memory) -> Memory:
    """Raises ValueError while it is closing."""
    if memory.state is State.FIRED:
        raise ValueError(
            "The guard is closing positions. It can be switched off when that has come to an end."
        )
    return Memory()


def read(settings: Settings, memory: Memory, reading: Reading) -> Outcome:
    """After the broker was heard."""
    if memory.state not in WATCHING or _is_late(memory, reading):
        return memory, []
    if reading.is_flawed:
        # As if nothing had been heard: if it lasts, it is silence.
        return listen(settings, memory, reading.at)
    if reading.doubt is not None and not is_settled(
        settings, memory.doubts + 1, memory.doubted_at or reading.at, reading.at
    ):
        return _doubt(memory, reading)
    heard, steps = _hear(settings, memory, reading.at)
    if reading.used >= 1:
        return _breach(settings, heard, reading, steps)
    tier = _tier(settings, heard.tier, reading.used)
    if tier > heard.tier:
        steps.append(Step.WARN)
    elif tier < heard.tier:
        steps.append(Step.CLEAR)
    state = State.WARNED if tier else State.ARMED
    return heard._replace(state=state, tier=tier, breaches=0, breached_at=None), steps


def listen(settings: Settings, memory: Memory, at: datetime) -> Outcome:
    """Where nothing was heard up to `at`. Each loudness is told once."""
    if memory.state not in WATCHING or memory.heard_at is None:
        return memory, []
    quiet = at - memory.heard_at
    for times, step in _SILENCES:
        if quiet >= settings.silence * times and memory.told < times:
            silent = memory._replace(state=State.STALE, told=times)
            return (
                _act_blindly(settings, memory, silent, at)
                if step is Step.BLOCK
                else (silent, [step])
            )
    return memory, []


def end(memory: Memory, flat: bool | None) -> Memory:
    """What the closing came to: all flat, not all, or (None) nobody knows."""
    if memory.state is not State.FIRED:
        return memory
    if flat is None:
        return memory._replace(state=State.FAILED)
    return memory._replace(state=State.FLAT_CONFIRMED if flat else State.PARTIAL)


def is_settled(settings: Settings, doubts: int, since: datetime, at: datetime) -> bool:
    """Whether a doubt has lasted long enough to be the truth."""
    return doubts > settings.confirmations and at - since >= settings.doubt_for


def block(memory: Memory) -> Memory:
    """It fired, and nothing is to be closed: nothing new until somebody arms it again."""
    return memory._replace(state=State.LOCKED) if memory.state is State.FIRED else memory


def lock(memory: Memory) -> Memory:
    """Nothing new until somebody arms it again. Partial and failed closings are locked too: a person goes on."""
    ended = {State.FLAT_CONFIRMED, State.PARTIAL, State.FAILED}
    return memory._replace(state=State.LOCKED) if memory.state in ended else memory


def _is_late(memory: Memory, reading: Reading) -> bool:
    """Older than what is known, or the same once more: no confirmation of anything."""
    return memory.read_at is not None and reading.at <= memory.read_at


def _hear(settings: Settings, memory: Memory, at: datetime) -> Outcome:
    steps = [Step.HEARD_AGAIN] if memory.told else []
    if memory.told >= _ACTED and settings.blindness is not Blindness.ALERT_ONLY:
        steps.append(Step.UNBLOCK)
    heard = memory._replace(read_at=at, heard_at=at, told=0, doubts=0, doubted_at=None)
    return heard, steps


def _doubt(memory: Memory, reading: Reading) -> Outcome:
    doubted = memory._replace(
        state=State.SUSPECT,
        read_at=reading.at,
        doubts=memory.doubts + 1,
        doubted_at=memory.doubted_at or reading.at,
    )
    return doubted, [] if memory.doubts else [Step.SUSPECT]


def _breach(settings: Settings, memory: Memory, reading: Reading, steps: list[Step]) -> Outcome:
    breaches = memory.breaches + 1
    breached_at = memory.breached_at or reading.at
    tier = len(settings.tiers)
    if tier > memory.tier:
        steps.append(Step.WARN)
    breached = memory._replace(
        state=State.CONFIRMING, tier=tier, breaches=breaches, breached_at=breached_at
    )
    is_hard = reading.used >= settings.hard
    if is_hard or _is_confirmed(settings, breaches, breached_at, reading.at):
        return breached._replace(state=State.FIRED, fired_at=reading.at), [*steps, Step.FIRE]
    return breached, steps


def _is_confirmed(settings: Settings, times: int, since: datetime, at: datetime) -> bool:
    return times >= settings.confirmations and at - since >= settings.confirm_for


def _act_blindly(settings: Settings, before: Memory, silent: Memory, at: datetime) -> Outcome:
    steps = [Step.SILENT_LONG] if before.told < _LOUD else []
    if settings.blindness is Blindness.FLATTEN:
        return silent._replace(state=State.FIRED, fired_at=at), [*steps, Step.BLOCK, Step.FIRE]
    return silent, [*steps, Step.BLOCK] if settings.blindness is Blindness.BLOCK_NEW else steps


def _tier(settings: Settings, known: int, used: Decimal) -> int:
    """How many tiers are reached. One that was reached holds until it is left by the hysteresis."""
    reached = _reached(settings.tiers, used, ZERO)
    held = min(known, _reached(settings.tiers, used, settings.hysteresis))
    return max(reached, held)


def _reached(tiers: Sequence[Decimal], used: Decimal, slack: Decimal) -> int:
    return sum(used >= tier - slack for tier in tiers)
