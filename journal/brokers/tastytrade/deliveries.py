"""Rows of one moment that explain one another: an assignment and its shares, the two halves of a split.

They are held until the file has gone on by more than five minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from journal.brokers.base import InstrumentRow, Record
from journal.brokers.tastytrade.fills import make_fill
from journal.brokers.tastytrade.kinds import REMOVALS, sub_kind_of
from journal.brokers.tastytrade.pairs import Half, read_actions
from journal.brokers.tastytrade.row import Transaction
from journal.brokers.text.notices import Notices
from journal.domain.values import ExecutionKind

_NEAR = timedelta(minutes=5)
_HELD_MAX = 2_000
_DELIVERING = (ExecutionKind.EXERCISE, ExecutionKind.ASSIGNMENT)


class Deliveries:
    def __init__(self, notices: Notices) -> None:
        self._notices = notices
        self._first: Transaction | None = None
        self._removed: list[tuple[Transaction, InstrumentRow]] = []
        self._delivered: list[tuple[Half, Decimal]] = []
        self._actions: list[Half] = []
        self._count = 0

    def release(self, one: Transaction) -> Iterator[Record]:
        """What is held, where this row is of another moment."""
        if self._first is not None and (
            abs(one.at - self._first.at) > _NEAR or self._count >= _HELD_MAX
        ):
            yield from self.rest()

    def remove(self, one: Transaction, instrument: InstrumentRow) -> None:
        self._hold(one)
        self._removed.append((one, instrument))

    def deliver(self, half: Half, price: Decimal) -> None:
        self._hold(half.one)
        self._delivered.append((half, price))

    def act(self, half: Half) -> None:
        self._hold(half.one)
        self._actions.append(half)

    def rest(self) -> Iterator[Record]:
        for half, price in self._delivered:
            yield make_fill(half.one, half.instrument, half.move, self._kind_of(half), price)
        yield from read_actions(self._actions, self._notices)
        self._first, self._count = None, 0
        self._removed, self._delivered, self._actions = [], [], []

    def _hold(self, one: Transaction) -> None:
        self._first = self._first or one
        self._count += 1

    def _kind_of(self, half: Half) -> ExecutionKind:
        """Exercise or assignment, as the option says that ended at this moment; without one, assignment: exercises
        of one's own are rare.
        """
        for one, option in self._removed:
            kind = REMOVALS[sub_kind_of(one)]
            is_same = half.instrument.symbol == option.underlying_symbol
            if is_same and one.account_id == half.one.account_id and kind in _DELIVERING:
                return kind
        return ExecutionKind.ASSIGNMENT
