"""Parser records into evidence: each event once, each row kept, in bounded memory."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from journal.brokers.base import ConversionRateRow, InstrumentRow, OrderRow, PositionRow, Record
from journal.domain.trading_day import day_starts_at
from journal.models import BrokerAccount, ImportBatch
from journal.reading.lines import ExecutionLine, dump_raw
from journal.selectors.evidence import list_booked_in, list_rated_instruments
from journal.services.copying import copy_rows
from journal.services.evidence_rows import COMMON_COLUMNS, SPECS, Spec, event_key
from journal.services.executions_in import ExecutionWriter
from journal.services.instruments import InstrumentResolver
from journal.services.kept_reports import KeptReports
from journal.services.known_events import unknown_events
from journal.services.naming import Names, named_at, settle_names
from journal.services.twin_events import without_twins

CHUNK_ROWS = 5_000
_ANALYZE_FROM_EXECUTIONS = 10_000


@dataclass(slots=True)
class AccountCounts:
    """What one account's part of a file held: read, new and duplicate per kind of row."""

    read: Counter[str] = field(default_factory=Counter)
    new: Counter[str] = field(default_factory=Counter)

    def as_dict(self, kind: str) -> dict[str, int]:
        read, new = self.read[kind], self.new[kind]
        return {"read": read, "new": new, "duplicate": read - new}


@dataclass(slots=True)
class Touched:
    """What has to be booked again: per instrument the earliest moment; None is from the beginning."""

    since: dict[int, datetime | None] = field(default_factory=dict)

    def add(self, instrument_id: int, at: datetime | None) -> None:
        if instrument_id not in self.since:
            self.since[instrument_id] = at
            return
        known = self.since[instrument_id]
        self.since[instrument_id] = None if at is None or known is None else min(known, at)


class EvidenceWriter:
    """Takes the records of one batch, writes them in chunks, and remembers counts and what was touched."""

    def __init__(self, batch: ImportBatch, resolver: InstrumentResolver) -> None:
        self.batch = batch
        self.resolver = resolver
        self.counts: dict[int, AccountCounts] = defaultdict(AccountCounts)
        self.touched: dict[int, Touched] = defaultdict(Touched)
        # The first day of new conversion rates, by account: fills from then on may be worth something else.
        self.rates_from: dict[int, date] = {}
        # The ids of orders (the sender's, the broker's) that something new was said of, by account.
        self.orders: dict[int, set[tuple[str, str]]] = defaultdict(set)
        self._ordinals: dict[tuple[int, str], int] = {}
        self._pending: dict[type, list[tuple[int, str, Any]]] = defaultdict(list)
        self._zones: dict[int, ZoneInfo] = {}
        self.names = Names(batch)
        self._executions = ExecutionWriter(batch, resolver, self.counts, self.touched, self.names)

    @property
    def kept(self) -> KeptReports:
        return self._executions.kept

    @property
    def contradicted(self) -> dict[str, datetime]:
        return self._executions.contradicted

    def add_instruments(self, rows: Sequence[InstrumentRow]) -> None:
        self._executions.add_instruments(rows)

    def instrument_of(self, line: ExecutionLine) -> InstrumentRow:
        return self._executions.instrument_of(line)

    def add_executions(self, lines: list[ExecutionLine], account: BrokerAccount) -> None:
        self._executions.add(lines, account.pk)

    def add(self, record: Record, account: BrokerAccount) -> None:
        self._zones.setdefault(account.pk, ZoneInfo(account.zone))
        pending = self._pending[type(record)]
        pending.append((account.pk, self._distinct_key(record, account.pk), record))
        if len(pending) >= CHUNK_ROWS:
            self._flush(type(record))

    def begin_statement(self) -> None:
        """Equal rows are told apart within a statement. What another one repeats is the same."""
        self._ordinals.clear()

    def finish(self) -> None:
        self._executions.flush()
        self._executions.settle()
        for kind in list(self._pending):
            self._flush(kind)
        self._settle_names()

    def _settle_names(self) -> None:
        """What goes by another name from now on is booked again, in every account that has it."""
        self.resolver.store_underlyings()
        changed = settle_names(self.batch.workspace_id, self.names.store())
        for account_id, instrument_id in list_booked_in(self.batch.workspace_id, changed):
            self.touched[account_id].add(instrument_id, None)

    def _distinct_key(self, record: Record, account_id: int) -> str:
        """Two equal rows in one statement are two events: the second gets an ordinal."""
        key = event_key(record)
        ordinal = self._ordinals.get((account_id, key), 0)
        self._ordinals[(account_id, key)] = ordinal + 1
        return f"{key}:{ordinal}" if ordinal else key

    def _flush(self, kind: type) -> None:
        rows, self._pending[kind] = self._pending[kind], []
        if not rows:
            return
        spec = SPECS[kind]
        named = [
            (account_id, row, record)
            for account_id, _, record in rows
            if (row := getattr(record, "instrument", None)) is not None
        ]
        self.resolver.learn(row for _, row, _ in named)
        resolve = self.resolver.resolve
        self.names.note(
            ((id_, row, resolve(row), named_at(record)) for id_, row, record in named),
            traded=kind is PositionRow,
        )
        fresh = without_twins(
            kind,
            unknown_events(
                spec.model._meta.db_table, rows, batch_id=self.batch.pk, resolve=resolve
            ),
            batch_id=self.batch.pk,
            resolve=resolve,
            zones=self._zones,
        )
        self._count(spec, rows, fresh)
        if kind is ConversionRateRow:
            self._note_rates(fresh)
        elif kind is OrderRow:
            for account_id, _, record in fresh:
                self.orders[account_id].add((record.client_order_id[:64], record.order_id[:64]))
        columns = COMMON_COLUMNS if hasattr(rows[0][2], "raw") else COMMON_COLUMNS[:-1]
        copy_rows(spec.model, (*columns, *spec.columns), self._values(spec, fresh))

    def _count(self, spec: Spec, rows: list[tuple[int, str, Any]], fresh: list[Any]) -> None:
        if not spec.count_as:
            return
        for account_id, _, _ in rows:
            self.counts[account_id].read[spec.count_as] += 1
        for account_id, _, record in fresh:
            self.counts[account_id].new[spec.count_as] += 1
            if spec.touches_book and record.instrument is not None:
                # Corporate actions, deliveries and transfers reach back: book the instrument whole.
                self.touched[account_id].add(self.resolver.resolve(record.instrument), None)

    def _note_rates(self, fresh: list[tuple[int, str, Any]]) -> None:
        for account_id, _, record in fresh:
            known = self.rates_from.get(account_id, record.reported_on)
            self.rates_from[account_id] = min(known, record.reported_on)

    def _values(
        self, spec: Spec, rows: Iterable[tuple[int, str, Any]]
    ) -> Iterable[tuple[Any, ...]]:
        batch = self.batch
        for account_id, key, record in rows:
            row = getattr(record, "instrument", None)
            instrument = self.resolver.resolve(row) if row is not None else None
            common = (batch.workspace_id, batch.pk, account_id, record.row, key)
            raw = (dump_raw(record.raw),) if hasattr(record, "raw") else ()
            yield common + raw + spec.values(record, instrument, self._zones[account_id])


def analyze_evidence(counts: Mapping[int, AccountCounts]) -> None:
    """After many new rows, let the planner know of them, and of what is booked already, before the rest is booked.

    An account that it has never heard of has no rows, as far as it can tell, and it then reads all of them by any
    index that begins with the account. Others who analyse the table just now need not be waited for.
    """
    if sum(one.new["executions"] for one in counts.values()) < _ANALYZE_FROM_EXECUTIONS:
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL default_statistics_target = 10")
        cursor.execute("ANALYZE (SKIP_LOCKED) journal_executionreport, journal_execution")
        cursor.execute("SET LOCAL default_statistics_target TO DEFAULT")


def touch_rated(account: BrokerAccount, first: date | None, touched: Touched) -> None:
    """Rates of a day serve fills of that day and of the days after it, as long as none is nearer."""
    if first is None:
        return
    since = day_starts_at(first, account.trading_day)
    for instrument_id, at in list_rated_instruments(account.pk, since):
        touched.add(instrument_id, at)
