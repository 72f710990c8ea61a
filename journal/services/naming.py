"""What instruments are called, and which underlies which: as the newest evidence has it, in any order of files.

The newest word of a fill or a position wins; other rows may use an old name (a split calls the old line "XYZ.OLD"),
so they count only where nothing else names the instrument.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

from django.db import connection

from common.sql import fetch
from journal.brokers.base import InstrumentRow
from journal.models import BrokerInstrument, ImportBatch, Instrument
from journal.services.contract_words import key_of, own_key

_LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)
_MOMENTS = (
    "executed_at", "effective_at", "occurred_at", "happened_on", "reported_on", "closed_at",
)  # fmt: skip
_NEWEST_FIRST = "ORDER BY n.is_traded DESC, n.named_at DESC, n.stated_at DESC, n.symbol DESC, n.description DESC"
_NAMES = f"""
WITH said AS (
    SELECT n.instrument_id,
        (array_agg(n.symbol {_NEWEST_FIRST}))[1] AS symbol,
        coalesce((array_agg(n.underlying_symbol {_NEWEST_FIRST})
            FILTER (WHERE n.underlying_symbol <> ''))[1], '') AS underlying_symbol,
        coalesce((array_agg(n.description {_NEWEST_FIRST})
            FILTER (WHERE n.description <> ''))[1], '') AS description,
        array_agg(DISTINCT n.symbol) AS symbols
    FROM journal_instrumentname n JOIN journal_importbatch b ON b.id = n.batch_id AND b.withdrawn_at IS NULL
    WHERE n.instrument_id = ANY(%s) GROUP BY n.instrument_id
)
SELECT i.id, s.symbol, s.underlying_symbol, s.description, array_remove(s.symbols, s.symbol)
FROM said s JOIN journal_instrument i ON i.id = s.instrument_id
WHERE (i.symbol, i.underlying_symbol, i.former_symbols)
    IS DISTINCT FROM (s.symbol, s.underlying_symbol, array_remove(s.symbols, s.symbol))
ORDER BY i.id
"""
_STORE = """
INSERT INTO journal_instrumentname (workspace_id, batch_id, account_id, instrument_id, symbol,
    underlying_symbol, description, is_traded, named_at, stated_at)
SELECT %s, %s, said.*, %s FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[],
    %s::boolean[], %s::timestamptz[])
    AS said (account_id, instrument_id, symbol, underlying_symbol, description, is_traded, named_at)
ON CONFLICT (instrument_id, batch_id, account_id, symbol) DO NOTHING
"""
# Derivatives whose broker's id, or whose underlying's, is among the instruments.
_DERIVATIVES = """
SELECT DISTINCT link.instrument_id FROM journal_brokerinstrument link
LEFT JOIN journal_brokerinstrument other ON other.workspace_id = link.workspace_id
    AND other.broker = link.broker AND other.broker_id = link.underlying_broker_id
WHERE link.workspace_id = %s AND link.underlying_broker_id <> ''
    AND (link.instrument_id = ANY(%s) OR other.instrument_id = ANY(%s))
"""
_RESOLVE = """
UPDATE journal_instrument i SET underlying_id = found.underlying_id FROM (
    SELECT DISTINCT ON (link.instrument_id) link.instrument_id, other.instrument_id AS underlying_id
    FROM journal_brokerinstrument link JOIN journal_brokerinstrument other
        ON other.workspace_id = link.workspace_id AND other.broker = link.broker
        AND other.broker_id = link.underlying_broker_id AND other.instrument_id <> link.instrument_id
    WHERE link.instrument_id = ANY(%s) AND link.underlying_broker_id <> ''
    ORDER BY link.instrument_id, length(link.underlying_broker_id) DESC, link.underlying_broker_id DESC
) found WHERE i.id = found.instrument_id AND i.underlying_id IS DISTINCT FROM found.underlying_id
RETURNING i.id
"""


class _Said(NamedTuple):
    """The newest of what one batch says of one account's instrument under one symbol: the greatest counts."""

    is_traded: bool
    named_at: datetime
    description: str
    underlying_symbol: str


def named_at(record: Any) -> datetime:
    """When the row uses the name: its own moment, or the end of its day."""
    for name in _MOMENTS:
        moment = getattr(record, name, None)
        if moment is not None:
            return moment_of(moment)
    return _LONG_AGO


def moment_of(moment: date) -> datetime:
    """A day counts to its end."""
    return (
        moment if isinstance(moment, datetime) else datetime.combine(moment, time.max, tzinfo=UTC)
    )


class Names:
    """Collects what one import calls its instruments. Rows without a broker's id are found by their name alone."""

    def __init__(self, batch: ImportBatch) -> None:
        self._batch = batch
        self._stated_at = _LONG_AGO
        self._said: dict[tuple[int, int, str], _Said] = {}

    def state(self, at: date | None) -> None:
        """When the file says that it was made; the latest of its statements counts."""
        if at is not None:
            self._stated_at = max(self._stated_at, moment_of(at))

    def note(
        self, rows: Iterable[tuple[int, InstrumentRow, int, datetime]], *, traded: bool
    ) -> None:
        """Rows of (account id, row, instrument id, moment)."""
        newest: dict[tuple[int, int], tuple[int, InstrumentRow, int, datetime]] = {}
        for one in rows:
            key = (one[0], id(one[1]))
            known = newest.get(key)
            if known is None or one[3] > known[3]:
                newest[key] = one
        for account_id, row, instrument_id, at in newest.values():
            if row.broker_id:
                said = _Said(traded, at, row.description[:255], row.underlying_symbol[:64])
                place = (account_id, instrument_id, row.symbol[:64])
                self._said[place] = max(self._said.get(place, said), said)

    def store(self) -> set[int]:
        """Write them down. Returns the instruments that were named."""
        if not self._said:
            return set()
        rows = [
            (*place, said.underlying_symbol, said.description, said.is_traded, said.named_at)
            for place, said in self._said.items()
        ]
        columns = [list(column) for column in zip(*rows, strict=True)]
        with connection.cursor() as cursor:
            workspace_id, batch_id = self._batch.workspace_id, self._batch.pk
            cursor.execute(_STORE, [workspace_id, batch_id, self._stated_at, *columns])
        return {instrument_id for _, instrument_id, _ in self._said}


def settle_names(workspace_id: int, instrument_ids: Collection[int]) -> set[int]:
    """Names and underlyings by the evidence that counts now. Returns what the book shows differently from now on."""
    ids = list(instrument_ids)
    changed = {row[0] for row in _rename(ids)}
    derived = [row[0] for row in fetch(_DERIVATIVES, [workspace_id, ids, ids])]
    if derived:
        changed.update(row[0] for row in fetch(_RESOLVE, [derived]))
    above = Instrument.objects.filter(underlying_id__in=changed)
    return changed | set(above.values_list("pk", flat=True))


def _rename(ids: list[int]) -> list[tuple[Any, ...]]:
    renamed = fetch(_NAMES, [ids])
    instruments = Instrument.objects.in_bulk([row[0] for row in renamed])
    for id_, symbol, underlying_symbol, description, former in renamed:
        instrument = instruments[id_]
        if instrument.symbol != symbol:
            instrument.key = _free_key(instrument, symbol)
            # A person may have written another one for the old name.
            instrument.description = description
        instrument.symbol = symbol
        instrument.underlying_symbol = underlying_symbol
        instrument.former_symbols = former
        instrument.save(
            update_fields=["key", "symbol", "underlying_symbol", "description", "former_symbols"]
        )
    return renamed


def _free_key(instrument: Instrument, symbol: str) -> str:
    """Two contracts of a broker that read the same are told apart by its id."""
    key = key_of(instrument, symbol=symbol)
    others = Instrument.objects.filter(workspace_id=instrument.workspace_id).exclude(
        pk=instrument.pk
    )
    if not others.filter(key=key).exists():
        return key
    link = BrokerInstrument.objects.filter(instrument=instrument).order_by("pk")[0]
    return own_key(key, link.broker, link.broker_id)
