"""Execution lines into evidence: what is known already is not written again.

Every line is written under its own key. Which keys mean the same fill is settled when all are written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from common.copy_text import escape
from journal.brokers.base import InstrumentRow
from journal.domain.identity import known_id
from journal.domain.twins import BY_BOOKING, BY_EXECUTION
from journal.models import ACTORS, ExecutionReport, ImportBatch
from journal.reading.lines import BODY_COLUMNS, ExecutionLine, is_fill, said
from journal.services.copying import copy_lines, reserve_ids
from journal.services.instruments import InstrumentResolver
from journal.services.joined_fills import Arrived, settle_arrived
from journal.services.kept_reports import KeptReport, KeptReports
from journal.services.known_fills import Known, KnownFills, Word
from journal.services.naming import Names

CHUNK_ROWS = 5_000
_NEVER = datetime.max.replace(tzinfo=UTC)

COLUMNS = (
    "id", "workspace", "batch", "account", "source", "instrument", "fill_key", "sequence",
    "event_key", *BODY_COLUMNS, "raw",
)  # fmt: skip


class Arrival(NamedTuple):
    """`instrument_id`: a fill that is known by an id keeps its contract, however another file describes it."""

    key: str
    instrument_id: int
    executed_at: datetime
    line: ExecutionLine


def _written(key: str) -> str:
    return key if key.isprintable() and "\\" not in key else escape(key)


def _are_distinct_bookings(keys: list[str]) -> bool:
    return len(set(keys)) == len(keys) and all(key.startswith(BY_BOOKING) for key in keys)


class ExecutionWriter:
    def __init__(
        self,
        batch: ImportBatch,
        resolver: InstrumentResolver,
        counts: dict[int, Any],
        touched: dict[int, Any],
        names: Names,
    ) -> None:
        self.batch = batch
        self.resolver = resolver
        self.counts = counts
        self.touched = touched
        self.names = names
        # What a bot or a person calls a contract gives way to how the broker calls it.
        self._is_told_by_broker = batch.reported_by not in ACTORS
        self.kept = KeptReports(batch)
        # By account number: the earliest moment at which a file says something else of a known fill than others did.
        self.contradicted: dict[str, datetime] = {}
        self._instruments: list[InstrumentRow] = []
        self._pending: dict[int, list[ExecutionLine]] = defaultdict(list)
        self._pending_count = 0
        self._known: dict[int, KnownFills] = {}
        self._arrived: dict[int, Arrived] = defaultdict(Arrived)
        self._numbers: dict[int, str] = {}

    def add_instruments(self, rows: Sequence[InstrumentRow]) -> None:
        """The contracts that the numbers of lines mean, in the order in which they appeared."""
        self._instruments += rows

    def instrument_of(self, line: ExecutionLine) -> InstrumentRow:
        return self._instruments[line.instrument]

    def add(self, lines: list[ExecutionLine], account_id: int) -> None:
        self._numbers.setdefault(account_id, lines[0].account_id)
        self._pending[account_id] += lines
        self._pending_count += len(lines)
        if self._pending_count >= CHUNK_ROWS:
            self.flush()

    def flush(self) -> None:
        by_account, self._pending = self._pending, defaultdict(list)
        self._pending_count = 0
        named = {line.instrument for lines in by_account.values() for line in lines}
        self.resolver.learn(
            (self._instruments[number] for number in named), traded=self._is_told_by_broker
        )
        for account_id, lines in by_account.items():
            self._note_names(account_id, lines)
            arrivals = self._arrivals(account_id, lines)
            ids = reserve_ids(ExecutionReport, len(arrivals))
            copy_lines(ExecutionReport, COLUMNS, self._copied(account_id, ids, arrivals))

    def _note_names(self, account_id: int, lines: list[ExecutionLine]) -> None:
        newest: dict[int, str] = {}
        for line in lines:
            if line.executed_at > newest.get(line.instrument, ""):
                newest[line.instrument] = line.executed_at
        named = (
            (self._instruments[number], datetime.fromisoformat(at)) for number, at in newest.items()
        )
        resolve = self.resolver.resolve
        self.names.note(
            ((account_id, row, resolve(row), at) for row, at in named),
            traded=self._is_told_by_broker,
        )

    def _resolve(self, line: ExecutionLine) -> int:
        return self.resolver.resolve(self._instruments[line.instrument])

    def _arrivals(self, account_id: int, lines: list[ExecutionLine]) -> list[Arrival]:
        """The lines that say something new, under the key that their fill is known by."""
        fills = self._fills_of(account_id)
        keys = [line.key for line in lines]
        known = fills.look_up(keys)
        contracts = fills.contracts(lines, known)
        if fills.is_new and not known and not contracts and _are_distinct_bookings(keys):
            arrivals = self._all_new(lines)
            fresh = len(arrivals)
        else:
            before = {*known}
            arrivals = self._new_among(lines, known, contracts)
            fresh = len(known) - len(before)
            self._note_arrived(account_id, arrivals, before)
        self._note_touched(account_id, arrivals, known)
        counts = self.counts[account_id]
        counts.read["executions"] += len(lines)
        counts.new["executions"] += fresh
        return arrivals

    def _fills_of(self, account_id: int) -> KnownFills:
        fills = self._known.get(account_id)
        if fills is None:
            fills = self._known[account_id] = KnownFills(account_id, self.batch.pk)
            if fills.is_new:
                self.kept.begin(account_id)
        return fills

    def _all_new(self, lines: list[ExecutionLine]) -> list[Arrival]:
        """The short way of a first import, where every line is a fill of its own."""
        resolve, instruments = self.resolver.resolve, self._instruments
        numbers = {line.instrument for line in lines}
        ids = {number: resolve(instruments[number]) for number in numbers}
        read = datetime.fromisoformat
        return [
            Arrival(line.key, ids[line.instrument], read(line.executed_at), line) for line in lines
        ]

    def _new_among(
        self, lines: list[ExecutionLine], known: dict[str, Known], contracts: dict[str, int]
    ) -> list[Arrival]:
        """Adds what nobody knew to `known`."""
        arrivals = []
        for line in lines:
            earlier = known.get(line.key)
            if earlier is not None and not self._is_news(line, earlier):
                continue
            at = datetime.fromisoformat(line.executed_at)
            if earlier is None:
                instrument_id = contracts.get(line.exec_id) or self._resolve(line)
                known[line.key] = earlier = Known({}, at, instrument_id)
                if known_id(line.exec_id):
                    contracts.setdefault(line.exec_id, instrument_id)
            earlier.words[line.event_key] = line
            arrivals.append(Arrival(line.key, earlier.instrument_id, at, line))
        return arrivals

    def _note_arrived(self, account_id: int, arrivals: list[Arrival], known: set[str]) -> None:
        """What may mean the same fill as something else. Where nothing was, that is only what has an execution's id."""
        fills = self._known[account_id]
        if not fills.may_join:
            return
        arrived = self._arrived[account_id]
        for key, instrument_id, at, line in arrivals:
            if not fills.is_new or key.startswith(BY_EXECUTION):
                arrived.note(key, instrument_id, at, line.exec_id)
                if key not in known:
                    arrived.fresh.add(key)

    def settle(self) -> None:
        """Once all is written: which of it is a fill that was known, or that came twice."""
        for account_id, arrived in self._arrived.items():
            settled = settle_arrived(self.batch.workspace_id, account_id, arrived)
            self.counts[account_id].new["executions"] -= settled.repeated
            for instrument_id, at in settled.since.items():
                self.touched[account_id].add(instrument_id, at)
            if settled.contradicted is not None:
                self._contradict(self._numbers[account_id], settled.contradicted)
        self._arrived.clear()

    def _contradict(self, number: str, at: datetime) -> None:
        self.contradicted[number] = min(self.contradicted.get(number, at), at)

    def _is_news(self, line: ExecutionLine, known: Known) -> bool:
        """Whether the book could follow from it: nobody said so yet, or somebody said otherwise since."""
        spoken = known.words.get(line.event_key)
        if spoken is not None and len(known.words) == 1:
            return False
        authority, now = self._word(line)
        others = [
            other.said_at
            for key, one in known.words.items()
            if key != line.event_key and (other := self._word(one)).authority == authority
        ]
        if spoken is not None:
            last = self._word(spoken).said_at
            if last >= now or not any(last <= other <= now for other in others):
                return False
        if others:
            self._contradict(line.account_id, now)
        return True

    def _word(self, spoken: Word | ExecutionLine) -> Word:
        if isinstance(spoken, Word):
            return spoken
        words = said(spoken)
        return Word(words.authority, words.stated_at or self.batch.received_at)

    def _note_touched(
        self, account_id: int, arrivals: list[Arrival], known: dict[str, Known]
    ) -> None:
        """The earliest moment of each instrument; None where a cancel or a correction may reach any fill."""
        earliest: dict[int, datetime] = {}
        reaching = set()
        for key, instrument_id, at, line in arrivals:
            if not is_fill(line):
                reaching.add(instrument_id)
            # Where the fill was known before, at another moment, that one is touched too.
            moment = min(at, known[key].executed_at) if known else at
            if moment < earliest.get(instrument_id, _NEVER):
                earliest[instrument_id] = moment
        touched = self.touched[account_id]
        for instrument_id, moment in earliest.items():
            touched.add(instrument_id, None if instrument_id in reaching else moment)

    def _copied(self, account_id: int, ids: list[int], arrivals: list[Arrival]) -> Iterator[str]:
        batch = self.batch
        prefix = f"{batch.workspace_id}\t{batch.pk}\t{account_id}\t{batch.reported_by}"
        keep = self.kept.add
        for id_, arrival in zip(ids, arrivals, strict=True):
            key, instrument_id, at, line = arrival
            keep(account_id, instrument_id, KeptReport(id_, key, line.sequence, at, line.body))
            yield (
                f"{id_}\t{prefix}\t{instrument_id}\t{_written(key)}\t{line.sequence}\t{line.event_key}"
                f"\t{line.body}\t{line.raw}"
            )
