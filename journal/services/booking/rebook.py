"""Evidence into the book: for everything that was touched, or for a whole account.

Safe to run at any time and any number of times: an unchanged book is not written to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from django.db import transaction

from journal.domain.booking import book
from journal.domain.values import LotMethod
from journal.models import BrokerAccount, Instrument
from journal.selectors.events import list_booking_events
from journal.selectors.evidence import RateBook, iter_reports, list_reported_instruments
from journal.services.annotations import follow_executions
from journal.services.booking.compose import Owner, compose_executions, compose_legs
from journal.services.booking.effective import GroupFills, build_fills
from journal.services.booking.issues import store_booking_issues
from journal.services.booking.rollups import refresh_rollups
from journal.services.booking.scope import Group, Since, in_batches, plan_groups
from journal.services.booking.store import (
    Changes,
    load_executions,
    load_legs,
    store_executions,
    store_legs,
)
from journal.services.locks import lock_book

Progress = Callable[[int, int], None]


def rebook_account(
    account: BrokerAccount,
    *,
    touched: Mapping[int, datetime | None] | None = None,
    progress: Progress | None = None,
) -> Changes:
    """Book the touched instruments from the given moments on; all of them when `touched` is None."""
    with transaction.atomic():
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
        return changes


def _rebook_batch(account: BrokerAccount, groups: list[Group], changes: Changes) -> None:
    since: dict[int, Since] = {
        instrument_id: group.since for group in groups for instrument_id in group.instrument_ids
    }
    instruments = Instrument.objects.in_bulk(list(since))
    stored_executions = load_executions(account.pk, since)
    stored_legs = load_legs(account.pk, since)
    ids = {key: row[0] for key, row in stored_executions.items()}
    fills = build_fills(
        account,
        instruments,
        dict(iter_reports(account.pk, since)),
        known_ids=ids,
        rates=RateBook(account.pk, account.base_currency),
    )
    owner = Owner(account.workspace_id, account.pk, account.trading_day)
    execution_rows, legs = {}, {}
    for group in groups:
        booked = _book_group(account, group, fills, instruments)
        execution_rows.update(compose_executions(booked.fills, booked.booking, owner))
        legs.update(compose_legs(booked.booking, instruments, owner))
    changed = store_executions(stored_executions, execution_rows.values(), changes)
    store_legs(stored_legs, legs, changes)
    store_booking_issues(account, since, fills, changed)
    follow_executions(account.pk, changed)


def _book_group(
    account: BrokerAccount, group: Group, fills: GroupFills, instruments: Mapping[int, Instrument]
):
    booked = fills.of(group.instrument_ids)
    events, deliveries, problems = list_booking_events(account.pk, group, booked)
    booking = book(
        [*(one.fill for one in booked), *events],
        contracts={id_: instruments[id_].contract for id_ in group.instrument_ids},
        method=LotMethod(account.lot_method),
        deliveries=deliveries,
        hedging=account.is_hedging,
    )
    booking.problems.extend(problems)
    return booked, booking
