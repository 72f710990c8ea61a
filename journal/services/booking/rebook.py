"""Evidence into the book: for everything that was touched, or for a whole account.

Safe to run at any time and any number of times: an unchanged book is not written to.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from journal.domain.booking import book
from journal.domain.exact import exact_sums
from journal.domain.values import LotMethod, Problem
from journal.models import (
    BrokerAccount,
    Execution,
    Instrument,
    Leg,
    LotMatch,
    OpenLot,
    Source,
    Trade,
)
from journal.selectors.evidence import RateBook, count_reports, list_reported_instruments
from journal.services.annotations import follow_executions
from journal.services.booking.changes import (
    Changes,
    ExecutionChanges,
    LegChanges,
    StoredLeg,
    add_days_of_resourced,
    compare_executions,
    compare_legs,
)
from journal.services.booking.compose import (
    EXECUTION_COLUMNS,
    BookedFill,
    LegRows,
    Owner,
    compose_executions,
    compose_legs,
)
from journal.services.booking.differences import list_differences
from journal.services.booking.inputs import Inputs, load_inputs
from journal.services.booking.regroup import LEGS_MAX, count_more_legs, regroup
from journal.services.booking.rollups import refresh_rollups
from journal.services.booking.scope import Group, Since, in_batches, plan_groups
from journal.services.booking.store import (
    load_executions,
    load_legs,
    store_executions,
    store_legs,
)
from journal.services.chain.refresh import refresh_chain
from journal.services.issues import BookingIssue, store_booking_issues
from journal.services.joined_fills import settle_instruments
from journal.services.kept_reports import KeptReports
from journal.services.locks import lock_book
from journal.signals import tell_changed

Progress = Callable[[int, int], None]

_ANALYZE_FROM_EXECUTIONS = 10_000
_LEG = EXECUTION_COLUMNS.index("leg")
_BOOKED_BY = ("base_currency", "zone", "day_rollover_minutes", "lot_method", "is_hedging")
_BOOK = (Execution, Leg, LotMatch, OpenLot, Trade)


def rebook_account(
    account: BrokerAccount,
    *,
    touched: Mapping[int, datetime | None] | None = None,
    progress: Progress | None = None,
) -> Changes:
    """Book the touched instruments from the given moments on; all of them when `touched` is None."""
    with transaction.atomic(), closing(Rebooking(account)) as rebooking:
        rebooking.book(touched, progress)
        return rebooking.finish()


class Rebooking:
    """The booking of one account, in steps, within the transaction of the caller; `finish` ends it.

    `kept` are the reports of an import that is under way. While one batch is stored, or more evidence is read, a
    thread books the next. Only booking runs there: it is pure, and the database belongs to the caller.
    """

    def __init__(self, account: BrokerAccount, kept: KeptReports | None = None) -> None:
        lock_book(account.pk)
        _count_as_now(account)
        self.account = account
        self._basis = _Basis.of(account, kept)
        self._changes = Changes()
        self._is_whole = False
        # Legs that were booked early: what becomes of them later was never told to anybody.
        self._early: set[int] = set()
        self._more_legs = count_more_legs(account.pk)
        # Legs of which something changed, those that are gone included.
        self._touched: set[int] = set()
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._under_way: tuple[_Loaded, Future[_Booked]] | None = None

    def close(self) -> None:
        self._thread.shutdown(cancel_futures=True)

    def book_early(self, instrument_ids: Collection[int]) -> None:
        """Instruments by themselves, from their beginning, while more evidence may come: it then touches them again.

        Only for instruments of plain fills in an account without a past, which nothing can tie to others so far.
        """
        groups = [Group((instrument_id,), None) for instrument_id in instrument_ids]
        self._note_early(self._advance(groups, self._rates()))
        # What was booked is stored while the thread books the next. It must be done when evidence is copied: a thread
        # beside that would only have the two wait for each other.
        if self._under_way is not None:
            wait([self._under_way[1]])

    def settle(self) -> None:
        """Store what is under way."""
        self._note_early(self._advance(None, self._rates()))

    def book(
        self, touched: Mapping[int, datetime | None] | None, progress: Progress | None
    ) -> None:
        self.settle()
        rates = self._rates()
        wanted = touched
        if wanted is None:
            self._is_whole = True
            wanted = dict.fromkeys(list_reported_instruments(self.account.pk))
            settle_instruments(self.account.workspace_id, self.account.pk, wanted)
        groups = plan_groups(self.account.pk, wanted)
        done = 0
        for batch in (*in_batches(groups, self._basis.count(groups)), None):
            stored = self._advance(batch, rates)
            if stored is None:
                continue
            self._changes.opened -= len(self._early.intersection(stored.legs.gone))
            self._changes.closed -= len(self._early.intersection(stored.legs.unclosed))
            done += stored.groups
            if progress:
                progress(done, len(groups))

    def finish(self) -> Changes:
        changes = self._changes
        if changes.executions >= _ANALYZE_FROM_EXECUTIONS:
            analyze_book()
        self._regroup()
        trades = self._touched_trades()
        refresh_chain(self.account, trades)
        days = None if self._is_whole else changes.days
        refresh_rollups(self.account.workspace_id, self.account.pk, days)
        # What goes with a trade that was put into another one is left over by its own number.
        told = None if trades is None else trades | changes.left
        tell_changed(self.account.workspace_id, self.account.pk, told)
        return changes

    def _regroup(self) -> None:
        changes, legs = self._changes, None if self._is_whole else self._touched
        if legs is None or legs or changes.left:
            regrouped = regroup(self.account, legs, changes.left)
            changes.days |= regrouped.days
            changes.trades += max(len(regrouped.trades), regrouped.structures)
            self._touched |= regrouped.trades
        more = count_more_legs(self.account.pk)
        changes.opened -= more[0] - self._more_legs[0]
        changes.closed -= more[1] - self._more_legs[1]

    def _touched_trades(self) -> set[int] | None:
        """A trade that is gone has the id of the leg that it was. None: all of the account, or so many that to look
        at all is quicker."""
        if self._is_whole or len(self._touched) > LEGS_MAX:
            return None
        trades = Leg.objects.filter(pk__in=self._touched).values_list("trade_id", flat=True)
        return self._touched | set(trades)

    def _rates(self) -> RateBook:
        """Anew in each step: rates may have come, and another base currency."""
        return RateBook(self.account.pk, self.account.base_currency)

    def _note_early(self, stored: _Booked | None) -> None:
        if stored is not None:
            self._early.update(stored.legs.opened)

    def _advance(self, groups: list[Group] | None, rates: RateBook) -> _Booked | None:
        """Load the next batch and begin to book it; store the one before it, and say what that was."""
        before, self._under_way = self._under_way, None
        with exact_sums():
            if groups:
                loaded = _load(self._basis, groups, rates)
                booking = self._thread.submit(_book, self.account, loaded)
                self._under_way = (loaded, booking)
                self._basis.booked.update(loaded.since)
            if before is None:
                return None
            loaded, booking = before
            booked = booking.result()
            _store(self.account, loaded, booked, self._changes)
            self._touched.update(booked.legs.stale_ids, booked.legs.opened)
            self._touched.update(id_ for id_ in booked.executions.moved.values() if id_ is not None)
            return booked


def _count_as_now(account: BrokerAccount) -> None:
    """An import or a person may have changed it while the lock was waited for."""
    found = BrokerAccount.objects.filter(pk=account.pk).values(*_BOOKED_BY).first() or {}
    for name, value in found.items():
        setattr(account, name, value)


def analyze_book() -> None:
    """Let the planner know of a large change, roughly, before what was booked is read: autovacuum tells it exactly a
    minute after the commit. Others who analyse a table just now need not be waited for."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL default_statistics_target = 10")
        cursor.execute(
            f"ANALYZE (SKIP_LOCKED) {', '.join(model._meta.db_table for model in _BOOK)}"
        )
        cursor.execute("SET LOCAL default_statistics_target TO DEFAULT")


@dataclass(frozen=True, slots=True)
class _Basis:
    """What the account is booked from: `kept` reports, or those of the database. Where the book was empty, there is
    nothing of it to read but what was `booked` since."""

    account: BrokerAccount
    kept: KeptReports | None
    was_empty: bool
    booked: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, account: BrokerAccount, kept: KeptReports | None) -> _Basis:
        held = kept if kept is not None and kept.holds(account.pk) else None
        return cls(account, held, not Execution.objects.filter(account_id=account.pk).exists())

    def is_empty(self, instrument_ids: Collection[int]) -> bool:
        return self.was_empty and self.booked.isdisjoint(instrument_ids)

    def count(self, groups: list[Group]) -> Mapping[int, int]:
        """Reports per instrument."""
        if self.kept is not None:
            return self.kept.counts(self.account.pk)
        ids = [instrument_id for group in groups for instrument_id in group.instrument_ids]
        return count_reports(self.account.pk, ids)


@dataclass(slots=True)
class _Loaded:
    """One batch of groups with all that it is booked from, and what the book says of it now."""

    groups: list[Group]
    since: dict[int, Since]
    instruments: dict[int, Instrument]
    executions: dict[str, tuple[Any, ...]]
    legs: dict[int, StoredLeg]
    inputs: Inputs


@dataclass(slots=True)
class _Booked:
    """What has to be done to the book for it."""

    groups: int
    executions: ExecutionChanges
    legs: LegChanges
    changes: Changes
    issues: list[BookingIssue]


def _load(basis: _Basis, groups: list[Group], rates: RateBook) -> _Loaded:
    account_id = basis.account.pk
    since: dict[int, Since] = {
        instrument_id: group.since for group in groups for instrument_id in group.instrument_ids
    }
    instruments = Instrument.objects.select_related("underlying").in_bulk(list(since))
    is_empty = basis.is_empty(since)
    executions = {} if is_empty else load_executions(account_id, since)
    legs = {} if is_empty else load_legs(account_id, since)
    known_ids = {key: row[0] for key, row in executions.items()}
    inputs = load_inputs(
        basis.account, instruments, since, known_ids=known_ids, rates=rates, kept=basis.kept
    )
    return _Loaded(groups, since, instruments, executions, legs, inputs)


def _book(account: BrokerAccount, loaded: _Loaded) -> _Booked:
    # A thread has a decimal context of its own.
    with exact_sums(), connection.execute_wrapper(_refuse_queries):
        executions, legs = _compose(account, loaded)
        issues = loaded.inputs.issues()
        changes = Changes()
        add_days_of_resourced(loaded.legs, legs, executions.values(), changes)
        return _Booked(
            len(loaded.groups),
            compare_executions(loaded.executions, executions.values(), changes),
            compare_legs(loaded.legs, legs, changes),
            changes,
            issues,
        )


def _refuse_queries(*_: object) -> None:
    raise RuntimeError("Booking is pure: what it needs of the database is loaded before it.")


def _compose(
    account: BrokerAccount, loaded: _Loaded
) -> tuple[dict[int, tuple[Any, ...]], dict[int, LegRows]]:
    """The rows as they ought to be; what is odd is added to the issues of the inputs."""
    owner = Owner(account.workspace_id, account.pk, account.trading_day)
    method = LotMethod(account.lot_method)
    executions: dict[int, tuple[Any, ...]] = {}
    legs: dict[int, LegRows] = {}
    issues = loaded.inputs.issues()
    for group in loaded.groups:
        fills, events, deliveries = loaded.inputs.of(group)
        contracts = {id_: loaded.instruments[id_].contract for id_ in group.instrument_ids}
        booking = book(
            events,
            contracts=contracts,
            method=method,
            deliveries=deliveries,
            hedging=account.is_hedging,
        )
        rows = compose_executions(fills, booking, owner)
        executions.update(rows)
        sources = {one.fill.id: one.source for one in fills if one.source != Source.STATEMENT}
        legs.update(compose_legs(booking, loaded.instruments, owner, sources))
        issues += list_differences(fills, rows, loaded.instruments, method)
        issues += booking_issues(booking.problems, fills, group)
    return executions, legs


def _store(account: BrokerAccount, loaded: _Loaded, booked: _Booked, changes: Changes) -> None:
    store_executions(booked.executions)
    store_legs(booked.legs, changes)
    changes.merge(booked.changes)
    store_booking_issues(account, loaded.since, booked.issues)
    # Until legs are put together, each is a trade, and both have the id of the execution that opened them.
    follow_executions(account.pk, _with_joined(booked.executions.moved, loaded))


def _with_joined(moved: dict[str, int | None], loaded: _Loaded) -> dict[str, int | None]:
    """What people said of a fill by one key holds where it goes by another."""
    joined = loaded.inputs.joined
    if not joined:
        return moved
    legs = {key: row[_LEG] for key, row in loaded.executions.items()} | moved
    return moved | {key: legs[fill] for key, fill in joined.items() if fill in legs}


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
