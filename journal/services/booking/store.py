"""Composed rows into the tables: only what changed is written, and the days that it touches are told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from journal.models import Execution, Leg, LotMatch, OpenLot, Trade
from journal.selectors.evidence import BEGINNING
from journal.services.booking.changes import Changes, ExecutionChanges, LegChanges, StoredLeg
from journal.services.booking.compose import (
    EXECUTION_COLUMNS,
    LEG_COLUMNS,
    LOT_COLUMNS,
    MATCH_COLUMNS,
    TRADE_COLUMNS,
)
from journal.services.copying import column_of, copy_lines

_FILL_KEY = EXECUTION_COLUMNS.index("fill_key")


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


def load_legs(account_id: int, since: Mapping[int, datetime | None]) -> dict[int, StoredLeg]:
    """What is compared of the stored legs of the range, by id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.id, l.digest, l.closed_at IS NOT NULL, t.source "
            "FROM unnest(%s::bigint[], %s::timestamptz[]) AS wanted (instrument_id, since) "
            "JOIN journal_leg l ON l.account_id = %s "
            "AND l.instrument_id = wanted.instrument_id AND l.opened_at >= wanted.since "
            "LEFT JOIN journal_trade t ON t.id = l.trade_id",
            [list(since), [at or BEGINNING for at in since.values()], account_id],
        )
        return {id_: StoredLeg(*row) for id_, *row in cursor.fetchall()}


def store_executions(executions: ExecutionChanges) -> None:
    _delete("journal_execution", "id", executions.stale_ids)
    copy_lines(Execution, EXECUTION_COLUMNS, executions.lines)


def store_legs(legs: LegChanges, changes: Changes) -> None:
    _remove_legs(legs.stale_ids, changes)
    copy_lines(LotMatch, MATCH_COLUMNS, legs.matches)
    copy_lines(OpenLot, LOT_COLUMNS, legs.lots)
    copy_lines(Leg, LEG_COLUMNS, legs.legs)
    copy_lines(Trade, TRADE_COLUMNS, legs.trades)


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
        cursor.execute(
            "DELETE FROM journal_leg WHERE id = ANY(%s) RETURNING closed_on, id, trade_id", [ids]
        )
        for closed_on, id_, trade_id in cursor.fetchall():
            if closed_on is not None:
                changes.days.add(closed_on)
            if trade_id != id_:
                changes.left.add(trade_id)
        cursor.execute("DELETE FROM journal_trade WHERE id = ANY(%s) RETURNING closed_on", [ids])
        changes.days.update(row[0] for row in cursor.fetchall() if row[0])


def _delete(table: str, column: str, ids: list[int]) -> None:
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(f'DELETE FROM "{table}" WHERE "{column}" = ANY(%s)', [ids])
