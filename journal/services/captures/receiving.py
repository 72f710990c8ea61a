"""Records in: each is checked by itself, and durable before it is acknowledged.

Nothing is booked here: a bot waits for the answer. A record that passes is one that can be booked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import uuid4

import orjson
from django.db import connection

from journal.brokers.capture.executions import FIELDS as EXECUTION_FIELDS
from journal.brokers.capture.executions import Desk, read_execution
from journal.brokers.capture.fields import BadRecord, Fields, choices_of, strangers
from journal.brokers.capture.orders import FIELDS as ORDER_FIELDS
from journal.brokers.capture.orders import read_order
from journal.brokers.capture.recommendations import FIELDS as RECOMMENDATION_FIELDS
from journal.brokers.capture.recommendations import read_recommendation
from journal.models import ACTORS, CapturedKind, Source
from journal.reading.lines import without_nul
from journal.services import clock
from journal.services.captures.accounts import Addressed, Addresses
from journal.services.captures.gating import Announced, Gated, gate_orders
from journal.services.gates import CODE, shown
from journal.services.recommendations.unapproved import unapproved_among

RECORDS_MAX = 5_000
RECORD_BYTES_MAX = 32_768
_ID_LENGTH_MAX = 64
SOURCES = {
    word: Source(one.value)
    for word, one in choices_of(
        Source, api=Source.BOT, manual_button=Source.BUTTON, assistant=Source.CHAT, hand=Source.MANUAL
    ).items()
    if one in ACTORS
}  # fmt: skip
_FIELDS = {
    CapturedKind.EXECUTION: EXECUTION_FIELDS,
    CapturedKind.ORDER: ORDER_FIELDS,
    CapturedKind.RECOMMENDATION: RECOMMENDATION_FIELDS,
}
# Columns come as one text each: a list of a thousand texts would be escaped one by one.
_SEPARATOR = "\x1e"
# The rows that were new; where two calls bring the same record at once, one of them waits and finds it known.
_NOT_APPROVED = (
    "The recommendation {} has no approval that holds. The order is recorded and counts; ask for the recommendation's "
    "status before you act on it."
)
_LOCKED = (
    "Trading is locked: {} The order is recorded, since its broker has it; what it opens is told as a trade after the "
    "lock."
)
_INSERT = """
INSERT INTO journal_capturedrecord
    (workspace_id, account_id, token, "user", kind, source, record_id, digest, payload, received_at)
SELECT %s, sent.account_id, %s, %s, %s, sent.source, sent.record_id, sent.digest, sent.payload, %s
FROM unnest(string_to_array(%s, E'\\x1e', '')::bigint[], string_to_array(%s, E'\\x1e'),
        string_to_array(%s, E'\\x1e'), string_to_array(%s, E'\\x1e'), string_to_array(%s, E'\\x1e'))
    WITH ORDINALITY AS sent (account_id, source, record_id, digest, payload, place) ORDER BY place
ON CONFLICT (workspace_id, kind, record_id) DO NOTHING RETURNING record_id
"""
_KNOWN = """
SELECT record_id, digest FROM journal_capturedrecord
WHERE workspace_id = %s AND kind = %s AND record_id = ANY(%s)
"""


class Sender(NamedTuple):
    """Who reports. `account_id` is the one account that the token is bound to; `key` names the call as a whole."""

    workspace_id: int
    user_id: int | None
    token_id: int | None = None
    account_id: int | None = None
    key: str = ""


class Receipt(NamedTuple):
    """What became of one record: created, known (it came before and says the same) or error."""

    record_id: str
    status: str
    code: str = ""
    message: str = ""
    fields: Mapping[str, Sequence[str]] = {}
    warnings: Sequence[str] = ()
    lock: Mapping[str, object] = {}

    @property
    def is_taken(self) -> bool:
        return self.status != "error"


class _Taken(NamedTuple):
    """Columns of the row, as text; `account_id` "" is none."""

    account_id: str
    source: str
    record_id: str
    digest: str
    payload: str


def receive_records(sender: Sender, kind: CapturedKind, records: Sequence[Any]) -> list[Receipt]:
    """One receipt for each record, in their order. A bad one does not keep the others out."""
    now = clock.now()
    addresses = Addresses(sender.workspace_id, sender.account_id)
    receipts: list[Receipt] = []
    taken: dict[str, _Taken] = {}
    announced: list[Announced] = []
    for place, record in enumerate(records):
        try:
            one = _take(sender, kind, record, place, addresses, now)
        except BadRecord as error:
            receipts.append(_refused(_named(record), error))
            continue
        record_id = one.record_id
        earlier = taken.setdefault(record_id, one)
        if earlier is one:
            warnings = strangers(record, _FIELDS[kind])
            receipts.append(Receipt(record_id, "created", warnings=warnings))
            announced.append(Announced(record_id, int(one.account_id or 0) or None, record))
        else:
            receipts.append(_repeated(record_id, earlier.digest, one.digest))
    if kind == CapturedKind.ORDER and announced:
        receipts = _gated(sender.workspace_id, announced, receipts, taken)
    known = _store(sender, kind, list(taken.values()), now) if taken else {}
    receipts = [
        _repeated(one.record_id, known[one.record_id], taken[one.record_id].digest)
        if one.status == "created" and one.record_id in known
        else one
        for one in receipts
    ]
    if kind == CapturedKind.ORDER:
        return _with_approvals(sender, records, receipts)
    return receipts


def _gated(
    workspace_id: int,
    announced: Sequence[Announced],
    receipts: list[Receipt],
    taken: dict[str, _Taken],
) -> list[Receipt]:
    """Takes what may not be announced now out of `taken`, and says so; or warns, where it has happened."""
    gated = gate_orders(workspace_id, announced)
    for record_id in gated.refused:
        del taken[record_id]
    return [_told(one, gated) for one in receipts]


def _told(receipt: Receipt, gated: Gated) -> Receipt:
    if receipt.is_taken and receipt.record_id in gated.refused:
        closed = gated.refused[receipt.record_id]
        return Receipt(receipt.record_id, "error", CODE, closed.words, lock=shown(closed))
    if receipt.status == "created" and receipt.record_id in gated.warned:
        words = _LOCKED.format(gated.warned[receipt.record_id].reason)
        return receipt._replace(warnings=[*receipt.warnings, words])
    return receipt


def _with_approvals(
    sender: Sender, records: Sequence[Any], receipts: list[Receipt]
) -> list[Receipt]:
    """An order is taken whatever it acts on; its bot is told where that needed an approval and had none."""
    named = {
        place: str(record.get("recommendation_id") or "")
        for place, (record, one) in enumerate(zip(records, receipts, strict=True))
        if one.is_taken and isinstance(record, dict) and not record.get("parent_id")
    }
    wanted = {one for one in named.values() if one}
    if not wanted:
        return receipts
    missing = unapproved_among(sender.workspace_id, wanted)
    return [
        one._replace(warnings=[*one.warnings, _NOT_APPROVED.format(named[place])])
        if named.get(place) in missing
        else one
        for place, one in enumerate(receipts)
    ]


def _take(
    sender: Sender,
    kind: CapturedKind,
    record: Any,
    place: int,
    addresses: Addresses,
    now: datetime,
) -> _Taken:
    if not isinstance(record, dict):
        raise BadRecord({"": "A record is a JSON object."})
    fields = Fields(record)
    fields.text("record_id", _ID_LENGTH_MAX)
    source = fields.choice("source", SOURCES) or Source.BOT
    fields.check()
    account = addresses.of(record, is_needed=kind != CapturedKind.RECOMMENDATION)
    _read(kind, record, account, now)
    content = _content(record)
    account_id = str(account.id) if account else ""
    # What bots of two accounts say in the same words is not the same.
    digest = blake2b(content, digest_size=12, key=account_id.encode()).hexdigest()
    record_id = _named(record) or _name(sender, place)
    if not record_id and record.get("exec_id"):
        # Who reports the same fill every minute does not mean a new one.
        record_id = f"x-{account_id}-{digest}"
    return _Taken(account_id, source.value, record_id or uuid4().hex, digest, content.decode())


def _read(
    kind: CapturedKind, record: dict[str, Any], account: Addressed | None, now: datetime
) -> None:
    """As it will be read when it is booked."""
    if account is None or kind == CapturedKind.RECOMMENDATION:
        read_recommendation(record, now)
        return
    desk = Desk(account.number, account.broker, account.base_currency, now)
    (read_execution if kind == CapturedKind.EXECUTION else read_order)(record, desk)


def _content(record: dict[str, Any]) -> bytes:
    content = _json(record)
    if len(content) > RECORD_BYTES_MAX:
        raise BadRecord({"": f"A record has at most {RECORD_BYTES_MAX:,} bytes."})
    # PostgreSQL's JSON has no NUL character.
    return _json(without_nul(record)) if b"\\u0000" in content else content


def _json(record: Any) -> bytes:
    try:
        return orjson.dumps(record, default=str, option=orjson.OPT_SORT_KEYS)
    except TypeError as error:
        fault = str(error)
    if "surrogate" in fault:
        words = "Some text in it is no Unicode: half of a surrogate pair."
    elif "ecursion" in fault:
        words = "It is nested too deeply."
    else:
        words = "A whole number in it has more than 64 bits: send it as text."
    raise BadRecord({"": words})


def _named(record: Any) -> str:
    """The sender's own name of the record."""
    given = record.get("record_id") if isinstance(record, dict) else None
    if isinstance(given, int) and not isinstance(given, bool):
        given = str(given)
    return given.strip()[:_ID_LENGTH_MAX] if isinstance(given, str) else ""


def _name(sender: Sender, place: int) -> str:
    """By the call's name, which is its sender's own, and the place in it."""
    if not sender.key:
        return ""
    who = f"t{sender.token_id}" if sender.token_id else f"u{sender.user_id}"
    name = f"{who}:{sender.key}#{place}"
    return (
        name if len(name) <= _ID_LENGTH_MAX else blake2b(name.encode(), digest_size=24).hexdigest()
    )


def _store(
    sender: Sender, kind: CapturedKind, taken: list[_Taken], now: datetime
) -> dict[str, str]:
    """The digests of those that were known already."""
    columns = [_SEPARATOR.join(column) for column in zip(*taken, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            [sender.workspace_id, sender.token_id, sender.user_id, kind.value, now, *columns],
        )
        created = {row[0] for row in cursor.fetchall()}
        if len(created) == len(taken):
            return {}
        others = [one.record_id for one in taken if one.record_id not in created]
        cursor.execute(_KNOWN, [sender.workspace_id, kind.value, others])
        return dict(cursor.fetchall())


def _refused(record_id: str, error: BadRecord) -> Receipt:
    faults = {name: [words] for name, words in error.fields.items() if name}
    message = " ".join(f"{name} {words}" for name, words in error.fields.items() if name)
    return Receipt(record_id, "error", error.code, message or error.fields.get("", ""), faults)


def _repeated(record_id: str, known: str, digest: str) -> Receipt:
    if known == digest:
        return Receipt(record_id, "known")
    return Receipt(
        record_id,
        "error",
        "record_id_reused",
        f"The record {record_id} came before and said something else. Give every record an id of its own.",
        {"record_id": ["was used for another record."]},
    )
