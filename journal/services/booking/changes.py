"""What differs between a composed booking and the book as it is stored. Pure, so that a thread can do it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from common.copy_text import lines_of
from journal.domain.values import ZERO
from journal.services.booking.compose import EXECUTION_COLUMNS, LegRows

_FILL_KEY = EXECUTION_COLUMNS.index("fill_key")
_LEG = EXECUTION_COLUMNS.index("leg")
_CLOSED_LEG = EXECUTION_COLUMNS.index("closed_leg")
_TRADING_DAY = EXECUTION_COLUMNS.index("trading_day")


@dataclass(slots=True)
class Changes:
    """What a booking changed: for the rollups, and for the person who imported."""

    days: set[date] = field(default_factory=set)
    executions: int = 0
    legs: int = 0
    # Of several legs, or that were so before.
    trades: int = 0
    opened: int = 0
    closed: int = 0
    realized_pnl: dict[str, Decimal] = field(default_factory=dict)
    # Trades of several legs that one of them was taken out of, to be booked anew.
    left: set[int] = field(default_factory=set)

    def merge(self, other: Changes) -> None:
        self.days |= other.days
        self.left |= other.left
        self.executions += other.executions
        self.legs += other.legs
        self.trades += other.trades
        self.opened += other.opened
        self.closed += other.closed
        for currency, amount in other.realized_pnl.items():
            self.add_realized(currency, amount)

    def add_realized(self, currency: str, amount: Decimal | None) -> None:
        self.realized_pnl[currency] = self.realized_pnl.get(currency, ZERO) + (amount or ZERO)


class StoredLeg(NamedTuple):
    """A leg as the book has it. `source` is that of its trade."""

    digest: str
    is_closed: bool
    source: str | None


@dataclass(slots=True)
class ExecutionChanges:
    """Rows to delete, lines to write, and by fill key the leg that each changed execution is in now."""

    stale_ids: list[int]
    lines: list[str]
    moved: dict[str, int | None]


@dataclass(slots=True)
class LegChanges:
    """Legs that go with all that hangs on them, and lines to write. `opened` are new; `gone` are not written anew, and
    `unclosed` are no longer what they were: closed."""

    stale_ids: list[int]
    opened: list[int]
    gone: list[int]
    unclosed: list[int]
    legs: list[str]
    trades: list[str]
    matches: list[str]
    lots: list[str]


def compare_executions(
    stored: Mapping[str, tuple[Any, ...]], rows: Iterable[tuple[Any, ...]], changes: Changes
) -> ExecutionChanges:
    """What to replace where it differs, and to remove where it is gone. `stored` by fill key."""
    fresh, stale, keys = [], [], set()
    for row in rows:
        keys.add(row[_FILL_KEY])
        old = stored.get(row[_FILL_KEY])
        if old == row:
            continue
        fresh.append(row)
        if old is not None:
            stale.append(old)
    stale += [old for key, old in stored.items() if key not in keys]
    changes.executions += len(fresh)
    changes.days.update(row[_TRADING_DAY] for row in fresh)
    changes.days.update(row[_TRADING_DAY] for row in stale)
    moved: dict[str, int | None] = {row[_FILL_KEY]: None for row in stale}
    moved.update((row[_FILL_KEY], row[_LEG]) for row in fresh)
    return ExecutionChanges([old[0] for old in stale], lines_of(fresh), moved)


def compare_legs(
    stored: Mapping[int, StoredLeg], legs: Mapping[int, LegRows], changes: Changes
) -> LegChanges:
    """By id."""
    changed = {
        id_: rows
        for id_, rows in legs.items()
        if id_ not in stored or stored[id_].digest != rows.digest
    }
    _tell(stored, changed, changes)
    return LegChanges(
        [id_ for id_ in stored if id_ in changed or id_ not in legs],
        [id_ for id_ in changed if id_ not in stored],
        [id_ for id_ in stored if id_ not in legs],
        [
            id_
            for id_, leg in stored.items()
            if leg.is_closed and (id_ not in legs or legs[id_].closed_on is None)
        ],
        [rows.leg for rows in changed.values()],
        [rows.trade for rows in changed.values()],
        [line for rows in changed.values() for line in rows.matches],
        [line for rows in changed.values() for line in rows.lots],
    )


def add_days_of_resourced(
    stored: Mapping[int, StoredLeg],
    legs: Mapping[int, LegRows],
    executions: Iterable[tuple[Any, ...]],
    changes: Changes,
) -> None:
    """Where somebody else is now said to have opened a trade, what was paid for it counts with him on all its days."""
    resourced = {
        id_ for id_, leg in stored.items() if id_ in legs and legs[id_].source != leg.source
    }
    if resourced:
        changes.days.update(
            row[_TRADING_DAY]
            for row in executions
            if row[_LEG] in resourced or row[_CLOSED_LEG] in resourced
        )


def _tell(
    stored: Mapping[int, StoredLeg], changed: Mapping[int, LegRows], changes: Changes
) -> None:
    changes.legs += len(changed)
    for id_, rows in changed.items():
        was_known = id_ in stored
        was_closed = was_known and stored[id_].is_closed
        changes.opened += not was_known
        changes.closed += rows.closed_on is not None and not was_closed
        if rows.closed_on is not None:
            changes.days.add(rows.closed_on)
        for realised in rows.realised:
            changes.days.add(realised.on)
            changes.add_realized(realised.currency, realised.net_pnl)
