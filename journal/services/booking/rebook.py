"""Evidence into the book: for everything that was touched, or for a whole account.

Safe to run at any time and any number of times: an unchanged book is not written to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from journal.domain.booking import book
from journal.domain.exact import exact_sums
from journal.domain.values import LotMethod, Problem
from journal.models import (
    BrokerAccount,
    DayRollup,
    Execution,
    Instrument,
    Leg,
    LotMatch,
    OpenLot,
    SliceRollup,
    Trade,
)
from journal.selectors.evidence import list_reported_instruments
from journal.services.annotations import follow_executions
from journal.services.booking.compose import (
    BookedFill,
    LegRows,
    Owner,
    compose_executions,
    compose_legs,
)
from journal.services.booking.differences import list_differences
from journal.services.booking.inputs import load_inputs
from journal.services.booking.rollups import refresh_rollups
from journal.services.booking.scope import Group, Since, in_batches, plan_groups
from journal.services.booking.store import (
    Changes,
    load_executions,
    load_legs,
    store_executions,
    store_legs,
)
from journal.services.issues import BookingIssue, store_booking_issues
from journal.services.locks import lock_book

Progress = Callable[[int, int], None]

_ANALYZE_FROM_EXECUTIONS = 10_000
_BOOK = (Execution, Leg, LotMatch, OpenLot, Trade, DayRollup, SliceRollup)


def rebook_account(
    account: BrokerAccount,
    *,
    touched: Mapping[int, datetime | None] | None = None,
    progress: Progress | None = None,
) -> Changes:
    """Book the touched instruments from the given moments on; all of them when `touched` is None."""
    with transaction.atomic(), exact_sums():
        lock_book(account.pk)
        wanted = touched
        if wanted is None:
            wanted = dict.fromkeys(list_reported_instruments(account.pk))
        changes = Changes()
        groups = plan_groups(account.pk, wanted)
        done = 0
        for batch in in_batches(account.pk, groups):
            _rebook_batch(account, batch, changes)
            done += len(batch)
            if progress:
                progress(done, len(groups))
        days = None if touched is None else changes.days
        refresh_rollups(account.workspace_id, account.pk, days)
        if changes.executions >= _ANALYZE_FROM_EXECUTIONS:
            transaction.on_commit(analyze_book)
        return changes


def analyze_book() -> None:
    """Let the planner know of a large change now, roughly: autovacuum tells it exactly a minute later."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL default_statistics_target = 20")
        cursor.execute(f"ANALYZE {', '.join(model._meta.db_table for model in _BOOK)}")


def _rebook_batch(account: BrokerAccount, groups: list[Group], changes: Changes) -> None:
    since: dict[int, Since] = {
        instrument_id: group.since for group in groups for instrument_id in group.instrument_ids
    }
    instruments = Instrument.objects.in_bulk(list(since))
    stored_executions = load_executions(account.pk, since)
    stored_legs = load_legs(account.pk, since)
    inputs = load_inputs(
        account,
        instruments,
        since,
        known_ids={key: row[0] for key, row in stored_executions.items()},
    )
    owner = Owner(account.workspace_id, account.pk, account.trading_day)
    execution_rows: dict[int, tuple[Any, ...]] = {}
    legs: dict[int, LegRows] = {}
    issues = inputs.issues()
    for group in groups:
        fills, events, deliveries = inputs.of(group)
        booking = book(
            events,
            contracts={id_: instruments[id_].contract for id_ in group.instrument_ids},
            method=LotMethod(account.lot_method),
            deliveries=deliveries,
            hedging=account.is_hedging,
        )
        rows = compose_executions(fills, booking, owner)
        execution_rows.update(rows)
        issues += list_differences(fills, rows, instruments, LotMethod(account.lot_method))
        legs.update(compose_legs(booking, instruments, owner))
        issues += booking_issues(booking.problems, fills, group)
    moved = store_executions(stored_executions, execution_rows.values(), changes)
    store_legs(stored_legs, legs, changes)
    store_booking_issues(account, since, issues)
    # One leg is one trade, and both have the id of the execution that opened them.
    follow_executions(account.pk, moved)


def booking_issues(
    problems: Iterable[Problem], fills: Iterable[BookedFill], group: Group
) -> list[BookingIssue]:
    booked = {one.fill.id: one for one in fills}
    issues = []
    for problem in problems:
        about = booked.get(problem.execution_id) if problem.execution_id else None
        instrument_id = problem.instrument_id or (
            about.fill.instrument_id if about else group.instrument_ids[0]
        )
        key = about.fill_key if about else ""
        issues.append(BookingIssue(instrument_id, key, problem.execution_id, problem))
    return issues
