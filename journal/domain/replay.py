"""What a proposal would have brought, mechanically, from the bars after it.

Entered at its price or better once the market is there, without a price at the open of the next bar. Then whichever
comes first: the stop, the target, the end of its time. Where a bar allows several things the worse one is taken, and
said: stop before target in one bar; no target in a bar in which it was entered midway; a gap through the stop fills at
the open. Fees are not in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from journal.domain.bars import Bar
from journal.domain.exact import divide, exact_sums
from journal.domain.values import ZERO, Side


class Proposal(NamedTuple):
    """`entry` None is the open of the next bar. It is entered before `enter_until` or never, and left at `leave_at` at
    the latest."""

    side: Side
    at: datetime
    entry: Decimal | None = None
    stop: Decimal | None = None
    target: Decimal | None = None
    enter_until: datetime | None = None
    leave_at: datetime | None = None

    @property
    def sign(self) -> int:
        return 1 if self.side is Side.BUY else -1


class Ending(StrEnum):
    """How it ended. OPEN: the bars so far do not decide it."""

    STOP = "stop"
    TARGET = "target"
    TIME = "time"
    NOT_ENTERED = "not_entered"
    OPEN = "open"


class Replayed(NamedTuple):
    """`per_unit` is the result in the price of one unit, `r` in units of the distance between entry and stop. They are
    None where it is not decided, or nothing says what was risked. `known_at` is the end of the bar that decided it."""

    ending: Ending
    per_unit: Decimal | None = None
    r: Decimal | None = None
    entry: Decimal | None = None
    exit: Decimal | None = None
    entered_at: datetime | None = None
    known_at: datetime | None = None
    notes: tuple[str, ...] = ()


BOTH = "Stop and target were in one bar: the stop is taken."
GAPPED = "It opened beyond the stop, and is counted at the open."
EARLY_TARGET = "The target was in the bar of the entry, perhaps before it: not taken there."
BEYOND = "It opened beyond the stop when it would have been entered."


class _Open(NamedTuple):
    entry: Decimal
    at: datetime


class _Course:
    """The way of one proposal through bars. Prices are compared as those of a purchase: `sign` turns a sale round."""

    def __init__(self, proposal: Proposal) -> None:
        self._proposal = proposal
        self._sign = proposal.sign
        self._held: _Open | None = None
        self._last: Bar | None = None
        self._notes: list[str] = []

    def take(self, bar: Bar) -> Replayed | None:
        """What it ends with in this bar, None where it goes on."""
        proposal = self._proposal
        if proposal.leave_at is not None and bar.opened_at >= proposal.leave_at:
            return self._leave(bar)
        entered_here = midway = False
        if self._held is None:
            if proposal.enter_until is not None and bar.opened_at >= proposal.enter_until:
                return self._never(bar)
            price = self._entry_price(bar)
            if price is None:
                return None
            if self._is_beyond_stop(price):
                self._notes.append(BEYOND)
                return self._never(bar)
            entered_here, midway = True, price != bar.open
            self._held = _Open(price, bar.opened_at)
        self._last = bar
        return self._exit(bar, entered_here=entered_here, midway=midway)

    def end(self) -> Replayed:
        held = self._held
        return Replayed(
            Ending.OPEN,
            entry=held.entry if held else None,
            entered_at=held.at if held else None,
            notes=tuple(self._notes),
        )

    def _worst(self, bar: Bar) -> Decimal:
        return bar.low if self._sign > 0 else bar.high

    def _best(self, bar: Bar) -> Decimal:
        return bar.high if self._sign > 0 else bar.low

    def _reaches(self, price: Decimal, level: Decimal) -> bool:
        """As high as, for a purchase; as low as, for a sale."""
        return (price - level) * self._sign >= ZERO

    def _entry_price(self, bar: Bar) -> Decimal | None:
        entry = self._proposal.entry
        if entry is None or self._reaches(entry, bar.open):
            return bar.open
        return entry if self._reaches(entry, self._worst(bar)) else None

    def _is_beyond_stop(self, price: Decimal) -> bool:
        stop = self._proposal.stop
        return stop is not None and self._reaches(stop, price)

    def _exit(self, bar: Bar, *, entered_here: bool, midway: bool) -> Replayed | None:
        stop, target = self._proposal.stop, self._proposal.target
        stopped = stop is not None and self._reaches(stop, self._worst(bar))
        won = target is not None and self._reaches(self._best(bar), target)
        if stopped and stop is not None:
            if not entered_here and self._reaches(stop, bar.open) and stop != bar.open:
                self._notes.append(GAPPED)
                return self._done(Ending.STOP, bar.open, bar)
            if won and not midway:
                self._notes.append(BOTH)
            return self._done(Ending.STOP, stop, bar)
        if won and target is not None:
            if midway:
                self._notes.append(EARLY_TARGET)
                return None
            opened_there = self._reaches(bar.open, target)
            return self._done(Ending.TARGET, bar.open if opened_there else target, bar)
        return None

    def _leave(self, bar: Bar) -> Replayed:
        if self._held is None or self._last is None:
            return self._never(bar)
        return self._done(Ending.TIME, self._last.close, self._last)

    def _never(self, bar: Bar) -> Replayed:
        return Replayed(
            Ending.NOT_ENTERED, ZERO, ZERO, known_at=bar.closes_at, notes=tuple(self._notes)
        )

    def _done(self, ending: Ending, price: Decimal, bar: Bar) -> Replayed:
        held = self._held
        assert held is not None  # it was entered
        per_unit = (price - held.entry) * self._sign
        stop = self._proposal.stop
        risk = abs(held.entry - stop) if stop is not None else ZERO
        return Replayed(
            ending, per_unit, divide(per_unit, risk) if risk else None, held.entry, price, held.at, bar.closes_at,
            tuple(self._notes),
        )  # fmt: skip


def replay(proposal: Proposal, bars: Iterable[Bar]) -> Replayed:
    """`bars` in order and in the units of the proposal's time; those that opened before it are passed over. No more of
    them are read than are needed."""
    course = _Course(proposal)
    with exact_sums():
        for bar in bars:
            if bar.opened_at < proposal.at:
                continue
            ended = course.take(bar)
            if ended is not None:
                return ended
        return course.end()
