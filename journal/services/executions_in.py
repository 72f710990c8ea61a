"""Execution rows into evidence: recognises fills that are already known, also under another of their ids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from journal.brokers.base import ExecutionRow, ReportKind
from journal.domain.identity import Ordinals, fill_key, value_key
from journal.models import ExecutionReport, ImportBatch
from journal.services.copying import copy_rows
from journal.services.evidence_rows import digest, dump_raw
from journal.services.instruments import InstrumentResolver
from journal.services.known_fills import BY_BOOKING, Known, KnownFills
from journal.services.naming import Names

CHUNK_ROWS = 5_000

COLUMNS = (
    "workspace", "batch", "account", "row", "event_key", "raw", "instrument", "source", "report",
    "kind", "authority", "fill_key", "broker_id", "exec_id", "trade_id", "order_id",
    "order_reference", "original_ids", "side", "quantity", "price", "executed_at", "zone",
    "sequence", "reported_on", "settled_on", "fee", "tax", "fee_currency", "fx_rate", "effect",
    "proceeds", "net_cash", "stated_cost", "stated_pnl", "order_type", "ordered_at", "exchange",
    "notes",
)  # fmt: skip


class Arrival(NamedTuple):
    """`instrument_id`: a fill that is known keeps its contract, however another file describes it."""

    key: str
    event_key: str
    account_id: int
    instrument_id: int
    record: ExecutionRow


def order_number(record: ExecutionRow, key: str) -> int:
    """The place among fills of one instant: the broker's own running number, else a number that follows
    from the fill alone, so that the order of files does not matter."""
    for identifier in (record.broker_id, record.trade_id):
        if identifier.isdigit() and len(identifier) <= 18:
            return int(identifier)
    return int(digest(key)[:15], 16)


def _alias(known_as: str | None, own_key: str) -> str:
    """The other key of the same fill. One execution may be booked twice: two booking ids are two fills."""
    if known_as is None or (known_as.startswith(BY_BOOKING) and own_key.startswith(BY_BOOKING)):
        return own_key
    return known_as


def _event_key(record: ExecutionRow, key: str) -> str:
    """Equal for two rows that say the same of one fill in everything that the book uses."""
    return digest(
        key, record.report, record.kind, record.authority, record.side, record.quantity,
        record.price, record.executed_at, record.fee, record.tax, record.fee_currency,
        record.effect, record.stated_cost, record.stated_pnl, record.original_ids,
    )  # fmt: skip


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
        self._pending: list[tuple[int, str, ExecutionRow]] = []
        self._known: dict[int, KnownFills] = {}
        self._ordinals: dict[int, Ordinals] = defaultdict(Ordinals)

    def begin_statement(self) -> None:
        """Equal rows without an id are counted per statement: another one may say the same again."""
        self._ordinals.clear()

    def add(self, record: ExecutionRow, account_id: int) -> None:
        self._pending.append((account_id, self._key(record, account_id), record))
        if len(self._pending) >= CHUNK_ROWS:
            self.flush()

    def flush(self) -> None:
        rows, self._pending = self._pending, []
        self.resolver.learn((record.instrument for _, _, record in rows), traded=True)
        resolve = self.resolver.resolve
        self.names.note(
            (
                (id_, one.instrument, resolve(one.instrument), one.executed_at)
                for id_, _, one in rows
            ),
            traded=True,
        )
        by_account: dict[int, tuple[list[str], list[ExecutionRow]]] = defaultdict(lambda: ([], []))
        for account_id, key, record in rows:
            keys, records = by_account[account_id]
            keys.append(key)
            records.append(record)
        for account_id, (keys, records) in by_account.items():
            arrivals = self._arrivals(account_id, keys, records)
            copy_rows(ExecutionReport, COLUMNS, self._values(arrivals))

    def _key(self, record: ExecutionRow, account_id: int) -> str:
        key = fill_key(broker_id=record.broker_id, exec_id=record.exec_id)
        if key:
            return key
        values = (
            record.trade_id, record.instrument.broker_id or record.instrument.symbol, record.side,
            record.quantity, record.price, record.executed_at, record.report,
        )  # fmt: skip
        return value_key(values, self._ordinals[account_id].next(values))

    def _arrivals(
        self, account_id: int, keys: list[str], records: list[ExecutionRow]
    ) -> list[Arrival]:
        """The rows that say something new, under the key that their fill is known by."""
        fills = self._known.get(account_id)
        if fills is None:
            fills = self._known[account_id] = KnownFills(account_id)
        known = fills.look_up(keys)
        aliases = fills.aliases(records, keys, known)
        bookings = fills.bookings(records, keys, known, self.resolver.resolve)
        counts, touched = self.counts[account_id], self.touched[account_id]
        arrivals = []
        for own_key, record in zip(keys, records, strict=True):
            key = own_key if own_key in known else _alias(aliases.get(record.exec_id), own_key)
            if key not in known:
                key = bookings.get(key, key)
            counts.read["executions"] += 1
            event = _event_key(record, key)
            earlier = known.get(key)
            if earlier is not None and event in earlier.event_keys:
                continue
            if earlier is None:
                counts.new["executions"] += 1
                known[key] = earlier = Known(
                    set(), record.executed_at, self.resolver.resolve(record.instrument)
                )
                if record.exec_id:
                    aliases.setdefault(record.exec_id, key)
            earlier.event_keys.add(event)
            arrivals.append(Arrival(key, event, account_id, earlier.instrument_id, record))
            # A cancel or a correction reaches a fill that may lie before it.
            at = min(record.executed_at, earlier.executed_at)
            touched.add(earlier.instrument_id, at if record.report is ReportKind.FILL else None)
        return arrivals

    def _values(self, arrivals: list[Arrival]) -> Iterator[tuple[Any, ...]]:
        workspace_id, batch_id = str(self.batch.workspace_id), str(self.batch.pk)
        for key, event, account_id, instrument_id, r in arrivals:
            yield (
                workspace_id, batch_id, account_id, r.row, event, dump_raw(r.raw),
                instrument_id, "statement", r.report, r.kind, r.authority,
                key, r.broker_id[:64], r.exec_id[:64], r.trade_id[:64], r.order_id[:64],
                r.order_reference[:128], r.original_ids, r.side, r.quantity, r.price,
                r.executed_at, r.zone, order_number(r, key), r.reported_on, r.settled_on, r.fee,
                r.tax, r.fee_currency, r.fx_rate, r.effect, r.proceeds, r.net_cash, r.stated_cost,
                r.stated_pnl, r.order_type[:32], r.ordered_at, r.exchange[:32], r.notes,
            )  # fmt: skip
