"""An execution as a line for COPY, with what is needed to recognise the fill.

A line is made where the statement is parsed, which may be another process, so everything in it is plain text.
What only the database knows (ids, the key by which the fill is known already) is put in front of it later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any, NamedTuple

import orjson

from common.copy_text import NULL, fields_of, lines_of
from journal.brokers.base import PART_AUTHORITY, ExecutionRow, ReportKind
from journal.domain.identity import Ordinals, digest, fill_key, running_number, value_key
from journal.domain.values import PositionEffect

# What two rows must have in common to say the same of a fill: all that the book uses.
EVENT_COLUMNS = (
    "report", "kind", "authority", "side", "quantity", "price", "executed_at", "fee", "tax",
    "fee_currency", "effect", "stated_cost", "stated_pnl", "original_ids",
)  # fmt: skip
_OTHER_COLUMNS = (
    "row", "broker_id", "exec_id", "trade_id", "order_id", "order_reference", "zone",
    "reported_on", "settled_on", "fx_rate", "proceeds", "net_cash", "order_type", "ordered_at",
    "exchange", "notes", "stated_at",
)  # fmt: skip
BODY_COLUMNS = EVENT_COLUMNS + _OTHER_COLUMNS
_PLACE = {name: place for place, name in enumerate(BODY_COLUMNS)}


class ExecutionLine(NamedTuple):
    """`body` holds the columns of BODY_COLUMNS, `raw` the row as it was written (JSON), both escaped for COPY.

    `instrument` is the number of the contract among those of the statement's chunks. `executed_at` is ISO 8601.
    `sequence` orders fills of one instant, under this `key`.
    """

    account_id: str
    instrument: int
    key: str
    sequence: int
    event_key: str
    exec_id: str
    report: str
    executed_at: str
    body: str
    raw: str


class Said(NamedTuple):
    """What a line says of its fill, read back."""

    row: int
    broker_id: str
    trade_id: str
    side: str
    quantity: Decimal
    price: Decimal
    executed_at: datetime
    zone: str
    exec_id: str
    authority: int
    stated_at: datetime | None


def dump_raw(raw: dict[str, Any]) -> str:
    text = orjson.dumps(raw).decode()
    # A single character is found far more quickly than several, and is hardly ever there.
    if "\\" in text and "\\u0000" in text:
        # PostgreSQL's text has no NUL character, so nobody could ask for the value.
        text = orjson.dumps(without_nul(raw)).decode()
    return text


def without_nul(value: Any) -> Any:
    """A JSON value whose texts, however deep, have no NUL character."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, dict):
        return {without_nul(name): without_nul(one) for name, one in value.items()}
    return [without_nul(one) for one in value] if isinstance(value, list) else value


def said(line: ExecutionLine) -> Said:
    fields = fields_of(line.body)
    stated_at = fields[_PLACE["stated_at"]]
    return Said(
        row=int(fields[_PLACE["row"]]),
        broker_id=fields[_PLACE["broker_id"]],
        trade_id=fields[_PLACE["trade_id"]],
        side=fields[_PLACE["side"]],
        quantity=Decimal(fields[_PLACE["quantity"]]),
        price=Decimal(fields[_PLACE["price"]]),
        executed_at=datetime.fromisoformat(line.executed_at),
        zone=fields[_PLACE["zone"]],
        exec_id=fields[_PLACE["exec_id"]],
        authority=int(fields[_PLACE["authority"]]),
        stated_at=None if stated_at == NULL else datetime.fromisoformat(stated_at),
    )


class LineMaker:
    """Makes the lines of one statement file."""

    def __init__(self) -> None:
        self._ordinals: dict[str, Ordinals] = defaultdict(Ordinals)
        # Per account the instant of the row before, and how many rows of that instant came before it.
        self._places: dict[str, tuple[datetime, int]] = {}
        self._stated_at: datetime | None = None

    def begin_statement(self, stated_at: datetime | None) -> None:
        """Equal rows without an id are counted per statement: another one may say the same again."""
        self._ordinals.clear()
        self._places.clear()
        self._stated_at = stated_at

    def make(
        self, records: Sequence[ExecutionRow], instruments: Sequence[int]
    ) -> list[ExecutionLine]:
        """`instruments` are the numbers of the records' contracts."""
        events = lines_of([_event(record) for record in records])
        stated_at = self._stated_at
        others = lines_of([_other(record, stated_at) for record in records])
        keys = [self._key(record) for record in records]
        return [
            ExecutionLine(
                r.account_id, instrument, key, self._sequence(r),
                _event_key(event, r, key), r.exec_id, r.report,
                event.split("\t", _AT + 1)[_AT], f"{event}\t{other}", _raw_field(r.raw),
            )
            for r, instrument, key, event, other in zip(
                records, instruments, keys, events, others, strict=True
            )
        ]  # fmt: skip

    def _sequence(self, record: ExecutionRow) -> int:
        """The broker's own running number, else the place among the rows of the same instant: many exports state the
        day alone, and what was bought first must not be sold before."""
        number = running_number(record.broker_id, record.trade_id)
        if number is None:
            number = self._place(record)
        if record.authority > PART_AUTHORITY:
            return number
        # A fill through zero ends one round trip and begins another: first it ends.
        return 2 * number + (record.effect is PositionEffect.OPEN)

    def _place(self, record: ExecutionRow) -> int:
        at, place = self._places.get(record.account_id, (None, 0))
        place = place + 1 if at == record.executed_at else 0
        self._places[record.account_id] = (record.executed_at, place)
        return place

    def _key(self, record: ExecutionRow) -> str:
        key = fill_key(broker_id=record.broker_id, exec_id=record.exec_id)
        if key:
            return key
        values = (
            record.trade_id, record.instrument.broker_id or record.instrument.symbol, record.side,
            record.quantity, record.price, record.executed_at, record.report, *filter(None, [record.record_id]),
        )  # fmt: skip
        return value_key(values, self._ordinals[record.account_id].next(values))


_AT = EVENT_COLUMNS.index("executed_at")
_event = attrgetter(*EVENT_COLUMNS)


def _other(r: ExecutionRow, stated_at: datetime | None) -> tuple[Any, ...]:
    return (
        r.row, r.broker_id[:64], r.exec_id[:64], r.trade_id[:64], r.order_id[:64],
        r.order_reference[:128], r.zone, r.reported_on, r.settled_on, r.fx_rate, r.proceeds,
        r.net_cash, r.order_type[:32], r.ordered_at, r.exchange[:32], r.notes,
        stated_at,
    )  # fmt: skip


def _event_key(event: str, record: ExecutionRow, key: str) -> str:
    """Captured fills without an id are told apart by their record's: who sends two means two."""
    if record.record_id and key.startswith("v:"):
        return digest(event, record.record_id)
    return digest(event)


def _raw_field(raw: dict[str, str]) -> str:
    text = dump_raw(raw)
    return text.replace("\\", "\\\\") if "\\" in text else text


def is_fill(line: ExecutionLine) -> bool:
    return line.report == ReportKind.FILL
