"""From what a broker says of an account to what a guard does about it: the arithmetic and the machine together.

Two things are kept apart. `Account` is what is known of one account, guarded or not: its worth, the flows that are in
it, and whether its latest figures are believed. `Kept` is what one guard remembers, of one account or of several
together. Both take readings in any number of pieces and give the same.

Invariants:

* What came before, or the same once more, changes nothing.
* What is doubted or flawed moves no mark, no peak and no unit.
* A flow counts once for each guard, whichever account of the guard it reached and however many readings were doubted
  between.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from journal.domain.values import ONE, ZERO
from reconciliation.domain.guards.changes import Version
from reconciliation.domain.guards.limits import (
    Marks,
    Sample,
    Standing,
    begin_marks,
    mark,
    mark_late,
    stand,
)
from reconciliation.domain.guards.machine import (
    WATCHING,
    Memory,
    Reading,
    Settings,
    State,
    Step,
    block,
    is_settled,
    listen,
    read,
)
from reconciliation.domain.nav import Doubt, Flow, Worth, advance, begin, is_unexplained

# A change of more than this, by nothing that was seen: interest, swaps and fees are less.
JUMP = Decimal("0.02")
USUAL = Settings()


class Account(NamedTuple):
    """`flows` sums those of the book that `worth` holds, since it began, `told` those that only the broker told of so
    far. `doubts` and `doubted_at` are of readings since the one
    that was believed last. `heard_at` is of the latest answer of the broker, believed or not."""

    worth: Worth | None = None
    balance: Decimal = ZERO
    flows: Decimal = ZERO
    told: Decimal = ZERO
    began_at: datetime | None = None
    heard_at: datetime | None = None
    doubts: int = 0
    doubted_at: datetime | None = None
    doubted: Decimal = ZERO


class Heard(NamedTuple):
    """One whole answer of a broker, in the account's currency. `moved`: prices or fills may explain a change.
    `flows` are those of the book since `Account.worth` and up to `at`; where it has none, those that were `told`."""

    at: datetime
    equity: Decimal
    balance: Decimal
    flows: Sequence[Flow] = ()
    moved: bool = True
    told: Sequence[Flow] = ()


def hear(account: Account, heard: Heard) -> tuple[Account, Doubt | None]:
    """The account after an answer, and why that is not believed yet. An answer that is late changes nothing."""
    before = account.worth
    if account.heard_at is not None and heard.at <= account.heard_at:
        return account, None
    if before is None:
        return account._replace(
            worth=begin(heard.at, heard.equity), balance=heard.balance, began_at=heard.at, heard_at=heard.at
        ), None  # fmt: skip
    flows = heard.flows or heard.told
    if is_unexplained(before, heard.equity, flows, moved=heard.moved, limit=JUMP):
        doubted = _doubt(account, heard)
        since = doubted.doubted_at or heard.at
        if not is_settled(USUAL, doubted.doubts, since, heard.at):
            return doubted, Doubt.UNEXPLAINED_JUMP
    amount = sum((flow.amount for flow in flows), ZERO)
    believed = account._replace(
        worth=advance(before, heard.at, heard.equity, flows),
        balance=heard.balance,
        flows=account.flows + (amount if heard.flows else ZERO),
        told=account.told + (ZERO if heard.flows else amount),
        heard_at=heard.at,
        doubts=0,
        doubted_at=None,
    )
    return believed, None


def _doubt(account: Account, heard: Heard) -> Account:
    """Once more the same, or another jump: then what was doubted before it has not lasted."""
    lasts = abs(heard.equity - account.doubted) <= JUMP * abs(account.doubted)
    if not account.doubts or not lasts:
        account = account._replace(doubts=0, doubted_at=heard.at)
    return account._replace(heard_at=heard.at, doubts=account.doubts + 1, doubted=heard.equity)


def book(account: Account, amount: Decimal) -> tuple[Account, Decimal]:
    """After word of flows of the time before: what was told already is only booked now, the rest is late."""
    told = ZERO
    if amount * account.told > 0:
        told = min(amount, account.told) if amount > 0 else max(amount, account.told)
    return account._replace(flows=account.flows + amount, told=account.told - told), amount - told


def retrace(samples: Sequence[Sample], flows: Sequence[Flow]) -> Worth | None:
    """The worth of an account gone through again from its first sample; None without samples. All in order of time."""
    if not samples:
        return None
    worth = begin(samples[0].at, samples[0].equity)
    for sample, own in _with_flows(samples, flows):
        worth = advance(worth, sample.at, sample.equity, own)
    return worth


def _with_flows(
    samples: Sequence[Sample], flows: Sequence[Flow]
) -> Iterator[tuple[Sample, Sequence[Flow]]]:
    """Each sample but the first, with what came since the one before."""
    done = bisect_right(flows, samples[0].at, key=_moment)
    for sample in samples[1:]:
        until = bisect_right(flows, sample.at, lo=done, key=_moment)
        yield sample, flows[done:until]
        done = until


def _moment(flow: Flow) -> datetime:
    return flow.at


class Part(NamedTuple):
    """What one account brings to a guard: `flows` are all of `Account`, `equity` and `balance` its money, in its own
    currency; `rate` makes the guard's of it. `is_gone`: it left the guard, and this is what it left with."""

    flows: Decimal
    equity: Decimal
    balance: Decimal
    rate: Decimal = ONE
    is_gone: bool = False


class Kept(NamedTuple):
    """What a guard remembers: the accounts as they were in the reading that it believed last."""

    memory: Memory
    marks: Marks | None = None
    parts: Mapping[int, Part] = {}


class Told(NamedTuple):
    """One reading for one guard, by account. `late` is money of flows that earlier readings held without anybody's
    knowing; it is in the parts' flows."""

    at: datetime
    parts: Mapping[int, Part]
    late: Decimal = ZERO
    doubt: Doubt | None = None
    is_flawed: bool = False
    # It is the first of its kind: what was doubted before is another thing.
    is_first: bool = False

    @property
    def sample(self) -> Sample:
        parts = self.parts.values()
        return Sample(
            self.at,
            sum((one.equity * one.rate for one in parts), ZERO),
            sum((one.balance * one.rate for one in parts), ZERO),
        )


class Look(NamedTuple):
    """What came of a reading. `standing` is None where there was nothing to measure."""

    kept: Kept
    steps: tuple[Step, ...]
    standing: Standing | None
    is_new: bool = True


def look(version: Version, kept: Kept, told: Told) -> Look:
    """A guard looks at a reading. One that does not watch, or has seen this one, keeps what it has."""
    memory = kept.memory
    is_late = memory.read_at is not None and told.at <= memory.read_at
    if memory.state not in WATCHING or is_late:
        return Look(kept, (), None, is_new=False)
    if told.doubt is not None and told.is_first:
        memory = memory._replace(doubts=0, doubted_at=None)
    sample = told.sample
    marks = _marked(version, kept, told, sample)
    standing = stand(version.limit, marks, sample)
    reading = Reading(told.at, standing.used, told.doubt, told.is_flawed)
    after, steps = read(version.settings, memory, reading)
    is_believed = after.heard_at == told.at and not told.is_flawed
    if not is_believed:
        return Look(kept._replace(memory=after), tuple(steps), standing)
    gone = _gone(kept.parts, told.parts)
    parts = {**{one: part._replace(is_gone=True) for one, part in gone.items()}, **told.parts}
    return Look(_fired(version, Kept(after, marks, parts)), tuple(steps), standing)


def wait(version: Version, kept: Kept, at: datetime) -> Look:
    """A guard that hears nothing."""
    after, steps = listen(version.settings, kept.memory, at)
    return Look(
        _fired(version, kept._replace(memory=after)), tuple(steps), None, is_new=bool(steps)
    )


def _fired(version: Version, kept: Kept) -> Kept:
    if kept.memory.state is State.FIRED and not version.closes:
        return kept._replace(memory=block(kept.memory))
    return kept


def _marked(version: Version, kept: Kept, told: Told, sample: Sample) -> Marks:
    if kept.marks is None:
        return begin_marks(version.limit, sample, version.day, version.initial)
    amount = _paid(kept.parts, told.parts) - told.late
    flows = [Flow(told.at, amount)] if amount else []
    marks = mark_late(version.limit, kept.marks, told.late)
    return mark(version.limit, marks, sample, version.day, flows)


def _paid(before: Mapping[int, Part], after: Mapping[int, Part]) -> Decimal:
    """An account that is new to the guard is money paid in, one that left it money taken out. One that comes back
    brings what it left with: what it lost in the meantime is a loss."""
    total = ZERO
    for account_id, part in after.items():
        known = before.get(account_id)
        amount = part.equity if known is None else part.flows - known.flows
        if known is not None and known.is_gone:
            amount += known.equity
        total += amount * part.rate
    left = (part for part in _gone(before, after).values() if not part.is_gone)
    return total - sum((part.equity * part.rate for part in left), ZERO)


def _gone(before: Mapping[int, Part], after: Mapping[int, Part]) -> dict[int, Part]:
    return {one: part for one, part in before.items() if one not in after}


def retrace_marks(
    version: Version, samples: Sequence[Sample], flows: Sequence[Flow]
) -> Marks | None:
    """The marks of one account gone through again; None without samples. All in order of time."""
    if not samples:
        return None
    marks = begin_marks(version.limit, samples[0], version.day, version.initial)
    for sample, own in _with_flows(samples, flows):
        marks = mark(version.limit, marks, sample, version.day, own)
    return marks
