"""Composed rows into the tables: only what changed is written, and the days that it touches are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from journal.domain.values import ZERO
from journal.models import Execution, Leg, LotMatch, OpenLot, Trade
from journal.selectors.evidence import BEGINNING
from journal.services.booking.compose import (
    EXECUTION_COLUMNS,
    LEG_COLUMNS,
    LOT_COLUMNS,
    MATCH_COLUMNS,
    TRADE_COLUMNS,
    LegRows,
)
from journal.services.copying import column_of, copy_lines, copy_rows

_FILL_KEY = EXECUTION_COLUMNS.index("fill_key")
_LEG = EXECUTION_COLUMNS.index("leg")
_TRADING_DAY = EXECUTION_COLUMNS.index("trading_day")


@dataclass(slots=True)
class Changes:
    """What a booking changed: for the rollups, and for the person who imported."""

    days: set[date] = field(default_factory=set)
    executions: int = 0
    legs: int = 0
    opened: int = 0
    closed: int = 0
    realized_pnl: dict[str, Decimal] = field(default_factory=dict)

    def merge(self, other: Changes) -> None:
        self.days |= other.days
        self.executions += other.executions
        self.legs += other.legs
        self.opened += other.opened
        self.closed += other.closed
        for currency, amount in other.realized_pnl.items():
            self.add_realized(currency, amount)

    def add_realized(self, currency: str, amount: Decimal | None) -> None:
        self.realized_pnl[currency] = self.realized_pnl.get(currency, ZERO) + (amount or ZERO)


def load_executions(
    account_id: int, since: Mapping[int, datetime | None]
) -> dict[str, tuple[Any, ...]]:
    """The stored rows of the range, by fill key, in the order of EXECUTION_COLUMNS."""
    columns = ", ".join(f"e.{column_of(Execution, name)}" for name in EXECUTION_COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM unnest(%s::bigint[], %s::timestamptz[]) AS wanted (instrument_id, since) "
            "JOIN journal_execution e ON e.account_id = %s "
            "AND e.instrument_id = wanted.instrument_id AND e.executed_at >= wanted.since",
            [list(since), [at or BEGINNING for at in since.values()], account_id],
        )
        return {row[_FILL_KEY]: row for row in cursor.fetchall()}


def load_legs(account_id: int, since: Mapping[int, datetime | None]) -> dict[int, tuple[str, bool]]:
    """Digest and whether it was closed, of the stored legs of the range, by id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.id, l.digest, l.closed_at IS NOT NULL "
            "FROM unnest(%s::bigint[], %s::timestamptz[]) AS wanted (instrument_id, since) "
            "JOIN journal_leg l ON l.account_id = %s "
            "AND l.instrument_id = wanted.instrument_id AND l.opened_at >= wanted.since",
            [list(since), [at or BEGINNING for at in since.values()], account_id],
        )
        return {id_: (digest, closed) for id_, digest, closed in cursor.fetchall()}


def store_executions(
    stored: Mapping[str, tuple[Any, ...]], rows: Iterable[tuple[Any, ...]], changes: Changes
) -> dict[str, int | None]:
    """Replace what differs, remove what is gone. Returns the keys that changed with the leg they are in now."""
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
    _delete("journal_execution", "id", [old[0] for old in stale])
    copy_rows(Execution, EXECUTION_COLUMNS, fresh)
    changes.executions += len(fresh)
    changes.days.update(row[_TRADING_DAY] for row in fresh)
    changes.days.update(row[_TRADING_DAY] for row in stale)
    moved: dict[str, int | None] = {row[_FILL_KEY]: None for row in stale}
    moved.update((row[_FILL_KEY], row[_LEG]) for row in fresh)
    return moved


def store_legs(
    stored: Mapping[int, tuple[str, bool]], legs: Mapping[int, LegRows], changes: Changes
) -> None:
    changed = {
        id_: rows for id_, rows in legs.items() if stored.get(id_, ("", False))[0] != rows.digest
    }
    stale = [id_ for id_ in stored if id_ in changed or id_ not in legs]
    _remove_legs(stale, changes)
    copy_lines(
        LotMatch, MATCH_COLUMNS, (line for rows in changed.values() for line in rows.matches)
    )
    copy_lines(OpenLot, LOT_COLUMNS, (line for rows in changed.values() for line in rows.lots))
    copy_lines(Leg, LEG_COLUMNS, (rows.leg for rows in changed.values()))
    copy_lines(Trade, TRADE_COLUMNS, (rows.trade for rows in changed.values()))
    _tell(stored, changed, changes)


def _tell(
    stored: Mapping[int, tuple[str, bool]], changed: Mapping[int, LegRows], changes: Changes
) -> None:
    changes.legs += len(changed)
    for id_, rows in changed.items():
        was_known, was_closed = id_ in stored, stored.get(id_, ("", False))[1]
        changes.opened += not was_known
        changes.closed += rows.closed_on is not None and not was_closed
        if rows.closed_on is not None:
            changes.days.add(rows.closed_on)
        for realised in rows.realised:
            changes.days.add(realised.on)
            changes.add_realized(realised.currency, realised.net_pnl)


def _remove_legs(ids: list[int], changes: Changes) -> None:
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM journal_lotmatch WHERE leg_id = ANY(%s) RETURNING closed_on, currency, net_pnl",
            [ids],
        )
        for closed_on, currency, net in cursor.fetchall():
            changes.days.add(closed_on)
            changes.add_realized(currency, -net if net is not None else None)
        cursor.execute("DELETE FROM journal_openlot WHERE leg_id = ANY(%s)", [ids])
        cursor.execute("DELETE FROM journal_leg WHERE id = ANY(%s) RETURNING closed_on", [ids])
        changes.days.update(row[0] for row in cursor.fetchall() if row[0])
        cursor.execute("DELETE FROM journal_trade WHERE id = ANY(%s)", [ids])


def _delete(table: str, column: str, ids: list[int]) -> None:
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(f'DELETE FROM "{table}" WHERE "{column}" = ANY(%s)', [ids])
