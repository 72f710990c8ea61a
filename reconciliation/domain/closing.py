"""Closing a position and knowing that it is closed: one step at a time, safe to be killed between any two of them.

Whoever carries it out asks `decide` what comes next, stores what `decide` says to remember *before* doing it, does it,
and tells `hear` what came of it. So after a crash the next one to take over reads before it sends.

Invariants, whatever the broker does and wherever the program dies:

* Nothing is sent but against what was just read, at most that much, in the direction that makes it less.
* An order of which nobody knows what became of it is looked for, never sent again.
* A position that turned round, or that came to be more than it was, is nobody's to close but a person's.
* It ends: flat and seen twice to be so, or handed to a person with exact numbers within `Patience.total`, once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from journal.domain.fate import Fate, Reply
from journal.domain.values import ZERO, Side


class Phase(StrEnum):
    READING = "reading"
    CANCELLING = "cancelling"
    SENDING = "sending"
    VERIFYING = "verifying"
    CLOSED = "closed"
    ESCALATED = "escalated"


OVER = frozenset({Phase.CLOSED, Phase.ESCALATED})


class Why(StrEnum):
    """Why a person has to go on."""

    TIME = "time"
    ATTEMPTS = "attempts"
    TURNED = "turned"
    GREW = "grew"
    REFUSED = "refused"


class Patience(NamedTuple):
    """`pauses` are seconds, growing; `lag_reads` how often a position is read that does not show a fill yet."""

    attempts: int = 5
    lag_reads: int = 4
    total: timedelta = timedelta(seconds=60)
    pauses: tuple[int, ...] = (1, 2, 4, 8, 16, 30)


USUAL = Patience()


class Intent(NamedTuple):
    """`started` is the signed quantity when it was decided to close, `left` at most still to be closed. `sent` is what
    the latest order was for, and `is_settled` whether it is known what became of it. `flat_reads` counts in a row."""

    key: str
    started: Decimal
    began_at: datetime
    phase: Phase = Phase.READING
    left: Decimal = ZERO
    held: Decimal | None = None
    attempt: int = 0
    sent: Decimal = ZERO
    is_settled: bool = True
    flat_reads: int = 0
    reads: int = 0
    next_at: datetime | None = None
    why: Why | None = None

    @property
    def client_id(self) -> str:
        """The same after every restart: a broker that knows it already makes no second order of it. Letters and digits
        alone: some take nothing else."""
        return f"{self.key}n{self.attempt}"


def begin(key: str, signed_quantity: Decimal, at: datetime) -> Intent:
    return Intent(key, signed_quantity, at, left=abs(signed_quantity))


class Do(StrEnum):
    WAIT = "wait"
    READ = "read"
    CANCEL = "cancel"
    SEND = "send"
    FIND = "find"
    NOTHING = "nothing"


class Action(NamedTuple):
    """`quantity` and `side` of an order to send, reduce-only and by `client_id`; `until` when to wait."""

    do: Do
    quantity: Decimal = ZERO
    side: Side | None = None
    client_id: str = ""
    until: datetime | None = None


class Position(NamedTuple):
    """What a complete, fresh reading says. `is_quiet`: no order of the instrument is at work any more."""

    signed_quantity: Decimal
    is_quiet: bool


class Cancelled(NamedTuple):
    is_done: bool


class Silence(NamedTuple):
    """The broker gave no answer, or half of one."""


Heard = Position | Cancelled | Reply | Silence


def decide(intent: Intent, at: datetime, patience: Patience = USUAL) -> tuple[Intent, Action]:
    """What comes next, and what to remember before it is done."""
    if intent.phase in OVER:
        return intent, Action(Do.NOTHING)
    if at - intent.began_at >= patience.total:
        return _escalate(intent, Why.TIME), Action(Do.NOTHING)
    if intent.next_at is not None and at < intent.next_at:
        return intent, Action(Do.WAIT, until=intent.next_at)
    if intent.is_settled and intent.phase is Phase.SENDING:
        return _send(intent, patience)
    return intent, _reading(intent)


def hear(intent: Intent, heard: Heard, at: datetime, patience: Patience = USUAL) -> Intent:
    """What came of it."""
    if intent.phase in OVER:
        return intent
    if isinstance(heard, Position):
        return _read(intent, heard, at, patience)
    if isinstance(heard, Reply):
        return _answered(intent, heard, at, patience)
    if isinstance(heard, Cancelled) and heard.is_done:
        # What was at work may have been filled meanwhile: the quantity is read once more before anything is sent.
        return intent._replace(phase=Phase.READING, held=None, next_at=None)
    return _later(intent, at, patience)


def _reading(intent: Intent) -> Action:
    """What changes no position, and so needs not be remembered."""
    if not intent.is_settled:
        return Action(Do.FIND, client_id=intent.client_id)
    return Action(Do.CANCEL if intent.phase is Phase.CANCELLING else Do.READ)


def _send(intent: Intent, patience: Patience) -> tuple[Intent, Action]:
    if intent.attempt >= patience.attempts:
        return _escalate(intent, Why.ATTEMPTS), Action(Do.NOTHING)
    held = intent.held or ZERO
    quantity = min(abs(held), intent.left)
    sending = intent._replace(
        attempt=intent.attempt + 1, sent=quantity, is_settled=False, held=None, reads=0
    )
    side = Side.SELL if held > 0 else Side.BUY
    return sending, Action(Do.SEND, quantity, side, sending.client_id)


def _read(intent: Intent, position: Position, at: datetime, patience: Patience) -> Intent:
    held = position.signed_quantity
    if held == 0:
        return _flat(intent, position, at, patience)
    intent = intent._replace(flat_reads=0)
    if (held > 0) != (intent.started > 0):
        return _escalate(intent._replace(held=held), Why.TURNED)
    if abs(held) > intent.left:
        # Positions may be told later than fills; what stays so is added to while it is being closed.
        if intent.attempt and intent.reads < patience.lag_reads:
            return _later(intent._replace(phase=Phase.VERIFYING), at, patience)
        return _escalate(intent._replace(held=held), Why.GREW)
    if not position.is_quiet:
        # Orders at work could fill beside ours: they go first.
        return intent._replace(phase=Phase.CANCELLING, held=held, next_at=None)
    return intent._replace(phase=Phase.SENDING, held=held, left=abs(held), next_at=None)


def _flat(intent: Intent, position: Position, at: datetime, patience: Patience) -> Intent:
    flat = intent._replace(held=ZERO, flat_reads=intent.flat_reads + 1)
    if not position.is_quiet:
        # Flat, with orders left that could open it again.
        return flat._replace(phase=Phase.CANCELLING, next_at=None)
    if flat.flat_reads >= 2:
        return flat._replace(phase=Phase.CLOSED, left=ZERO, next_at=None)
    return _later(flat._replace(phase=Phase.VERIFYING), at, patience)


def _answered(intent: Intent, reply: Reply, at: datetime, patience: Patience) -> Intent:
    """Of the order that was sent last."""
    if reply.fate in (Fate.UNKNOWN, Fate.NOT_FOUND, Fate.WORKING):
        return _later(intent, at, patience)
    settled = intent._replace(is_settled=True, left=intent.left - min(reply.filled, intent.sent))
    if reply.fate is Fate.REJECTED and reply.is_final:
        return _escalate(settled, Why.REFUSED)
    if settled.left == 0 or reply.fate is Fate.FILLED:
        return settled._replace(phase=Phase.VERIFYING, next_at=None, reads=0, flat_reads=0)
    return _later(settled._replace(phase=Phase.READING), at, patience)


def _later(intent: Intent, at: datetime, patience: Patience) -> Intent:
    """Again after a pause that grows, and not beyond the end."""
    pause = patience.pauses[min(intent.reads, len(patience.pauses) - 1)]
    end = intent.began_at + patience.total
    return intent._replace(reads=intent.reads + 1, next_at=min(at + timedelta(seconds=pause), end))


def _escalate(intent: Intent, why: Why) -> Intent:
    return intent._replace(phase=Phase.ESCALATED, why=why, next_at=None)
