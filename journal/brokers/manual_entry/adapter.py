"""The reader of entries by hand: a small JSON document, whose fills have the shape in which bots report theirs, and of
movements of cash.

So an entry is a file like any other: previewed, undone, read again, and kept as evidence. What a person remembers
counts least of all; the statement that comes later says the same fill.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, BinaryIO

from journal.brokers.base import (
    HAND_AUTHORITY,
    CashKind,
    CashRow,
    ExecutionRow,
    ParseOptions,
    ProblemRow,
    Record,
    StatementInfo,
    UnreadableStatement,
)
from journal.brokers.capture.executions import Desk, read_execution
from journal.brokers.capture.fields import BadRecord, Fields, choices_of
from journal.domain.values import Severity

KIND = "fillbook_entry"
VERSION = 1
_BYTES_MAX = 1024**2
_ROWS_MAX = 1_000
_LISTS = ("fills", "cash")
_CASH_KINDS = choices_of(CashKind)


class ManualEntry:
    slug = "manual_entry"
    # That of the account.
    broker = ""
    label = "Entered by hand"
    default_zone = "UTC"

    def recognises(self, head: bytes, name: str) -> bool:
        return head.lstrip()[:1] == b"{" and f'"{KIND}"'.encode() in head[:200]

    def parse(self, stream: BinaryIO, options: ParseOptions) -> Iterator[Record]:
        entry = _read(stream)
        account = entry["account"] if isinstance(entry.get("account"), dict) else {}
        number, currency = _text(account, "number"), _text(account, "currency")
        entered_at = _moment(entry)
        yield StatementInfo(
            row=1, account_id=number, base_currency=currency, account_alias="", from_on=None, to_on=None,
            generated_at=entered_at, zone=_text(entry, "zone") or "UTC", raw={}, broker=_text(account, "broker"),
        )  # fmt: skip
        desk = Desk(number, _text(account, "broker"), currency, entered_at)
        fills = entry.get("fills", [])
        for row, fill in enumerate(fills, 1):
            yield _fill(fill, desk, row, _text(entry, "zone") or "UTC")
        for row, said in enumerate(entry.get("cash", []), len(fills) + 1):
            yield _cash(said, desk, row)


def _read(stream: BinaryIO) -> dict[str, Any]:
    data = stream.read(_BYTES_MAX + 1)
    while len(data) <= _BYTES_MAX and (more := stream.read(_BYTES_MAX)):
        data += more
    try:
        entry = json.loads(data, parse_float=Decimal) if len(data) <= _BYTES_MAX else None
    except ValueError:
        entry = None
    if (
        not isinstance(entry, dict)
        or entry.get(KIND) != VERSION
        or not all(isinstance(entry.get(name, []), list) for name in _LISTS)
        or not 0 < sum(len(entry.get(name, [])) for name in _LISTS) <= _ROWS_MAX
    ):
        raise UnreadableStatement(
            "not_entry",
            "The file is no entry by hand, or it is cut short. Nothing was imported. Enter the fill again.",
        )
    return entry


def _fill(said: object, desk: Desk, row: int, zone: str) -> ExecutionRow | ProblemRow:
    record, raw = _record(said)
    try:
        found = read_execution(record, desk, row)
    except BadRecord as bad:
        return _problem(bad, desk, row, raw, "Enter the fill again.")
    return found._replace(authority=HAND_AUTHORITY, zone=zone, raw=raw)


def _cash(said: object, desk: Desk, row: int) -> CashRow | ProblemRow:
    """Without an id of a broker's, so that the statement that tells of the same money on that day tells nothing new."""
    record, raw = _record(said)
    fields = Fields(record)
    kind = fields.choice("kind", _CASH_KINDS, needed=True)
    amount = fields.number("amount")
    if not amount and "amount" not in fields.faults:
        fields.faults["amount"] = "must be other than zero."
    currency = fields.needed_text("currency", 12)
    at = fields.moment("occurred_at", needed=True, now=desk.received_at)
    notes = fields.text("notes", 512)
    record_id = fields.text("record_id")
    try:
        fields.check()
    except BadRecord as bad:
        return _problem(bad, desk, row, raw, "Enter the movement again.")
    assert kind is not None
    assert amount is not None
    assert at is not None
    return CashRow(
        row, desk.account_id, raw, "", kind, amount, currency, None, at, None, notes, None, record_id, False
    )  # fmt: skip


def _record(said: object) -> tuple[Mapping[str, Any], dict[str, str]]:
    record: Mapping[str, Any] = said if isinstance(said, dict) else {}
    return record, {
        str(name): str(value) for name, value in record.items() if value not in (None, "")
    }


def _problem(bad: BadRecord, desk: Desk, row: int, raw: dict[str, str], do: str) -> ProblemRow:
    faults = "; ".join(f"{name} {words}" for name, words in bad.fields.items())
    words = f"Row {row} was left out: {faults} {do}"
    return ProblemRow(row, desk.account_id, Severity.ERROR, "bad_entry", words, raw)


def _moment(entry: Mapping[str, Any]) -> datetime:
    try:
        return datetime.fromisoformat(_text(entry, "entered_at")).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UnreadableStatement(
            "not_entry",
            "The entry does not say when it was made. Nothing was imported. Enter the fill again.",
        ) from None


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name, "")
    return value[:64] if isinstance(value, str) else ""
