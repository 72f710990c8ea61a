"""Captured records into evidence and book: each once, in the order in which they came.

What waits is taken in one transaction with what follows from it, so a worker that dies has booked nothing and the next
one begins anew. It goes one after the other with the imports of the workspace: who looks for the fills that are known
must see them all. A record that cannot be booked after all is put aside with a data issue and holds up no other.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

import pgtrigger
import psycopg
from django.db import DatabaseError, DataError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import ApiToken
from common.errors import Conflict
from journal.brokers.base import OrderRow, ProblemRow, Record, StatementInfo
from journal.brokers.capture.executions import Desk, read_execution
from journal.brokers.capture.orders import read_order
from journal.domain.values import Severity
from journal.models import (
    BrokerAccount,
    CapturedKind,
    CapturedRecord,
    ImportBatch,
    ImportState,
)
from journal.reading.chunks import make_chunks
from journal.reading.lines import ExecutionLine
from journal.services.booking.changes import Changes
from journal.services.booking.openings import touch_openings
from journal.services.booking.rebook import rebook_account
from journal.services.captures.recommending import store_recommendations
from journal.services.captures.telling import Told, tell_booked, tell_problem
from journal.services.chain.named_fills import names_in, note_named_fills
from journal.services.chain.refresh import refresh_after_fills, refresh_after_orders
from journal.services.evidence import EvidenceWriter
from journal.services.instruments import InstrumentResolver
from journal.services.issues import store_import_problems
from journal.services.locks import try_lock_imports
from journal.services.orders import refresh_orders

logger = logging.getLogger(__name__)

FORMAT = "capture"
# At once: few enough that what a bot reports now does not wait long behind what it reported while nobody listened.
_TAKEN_MAX = 5_000
# COPY raises the driver's own errors.
_OF_THE_DATABASE = (DatabaseError, psycopg.Error)
_OF_THE_DATA = (DataError, psycopg.DataError)


class ImportsRunning(Exception):
    """A file of the workspace is being imported. What waits is taken after it."""


def book_captured(workspace_id: int) -> int:
    """Take some of what waits; says how many. Raises ImportsRunning."""
    with transaction.atomic():
        if not try_lock_imports(workspace_id):
            raise ImportsRunning
        waiting = CapturedRecord.objects.filter(workspace_id=workspace_id, batch=None)
        _drop_erased(waiting)
        records = list(waiting.order_by("id")[:_TAKEN_MAX])
        for owner, own in groupby(sorted(records, key=_owner), key=_owner):
            _book_together(workspace_id, owner, list(own))
    return len(records)


def list_waiting_workspaces(*, older_than: timedelta) -> list[int]:
    """Workspaces with records that nobody has taken for so long."""
    before = timezone.now() - older_than
    waiting = CapturedRecord.objects.filter(batch=None, received_at__lt=before)
    return list(waiting.values_list("workspace_id", flat=True).distinct())


def _drop_erased(waiting: QuerySet[CapturedRecord]) -> None:
    """What came for an account at the moment in which it was erased goes where the rest of it has gone."""
    there = BrokerAccount.objects.filter(pk=OuterRef("account_id"))
    orphans = waiting.filter(~Exists(there), account_id__isnull=False)
    ids = list(orphans.values_list("pk", flat=True))
    if ids:
        logger.warning("Dropped %s captured records of erased accounts.", len(ids))
        with pgtrigger.ignore("journal.CapturedRecord:append_only"):
            CapturedRecord.objects.filter(pk__in=ids).delete()


def bring_back(batch: ImportBatch) -> int:
    """After an undo: what was captured waits again, and is booked as if it came now. Says how many; asked for twice,
    the second time there is nothing left. Raises Conflict while the batch counts.
    """
    with transaction.atomic():
        held = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if held.state != ImportState.WITHDRAWN:
            raise Conflict("import_not_undone", "Only what was undone can be brought back.")
        return CapturedRecord.objects.filter(batch=held).update(batch=None)


Owner = tuple[int, int, int, str]


def _owner(record: CapturedRecord) -> Owner:
    return (record.account_id or 0, record.token or 0, record.user or 0, record.source)


def _book_together(workspace_id: int, owner: Owner, records: list[CapturedRecord]) -> None:
    batch = _batch(workspace_id, owner, records[0])
    try:
        with transaction.atomic():
            _book(batch, records)
    except Exception as error:
        if isinstance(error, _OF_THE_DATABASE) and not isinstance(error, _OF_THE_DATA):
            # Nothing is wrong with the records: the database is away, or somebody else was first.
            raise
        if len(records) == 1:
            _put_aside(batch, records[0])
            return
        # Halves find the one that is to blame in a few steps.
        middle = len(records) // 2
        for half in (records[:middle], records[middle:]):
            _book_together(workspace_id, owner, half)


def _batch(workspace_id: int, owner: Owner, first: CapturedRecord) -> ImportBatch:
    """Of one sender and account, one for each day. An undone one is not added to."""
    account_id, token, user, source = owner
    midnight = first.received_at.replace(hour=0, minute=0, second=0, microsecond=0)
    named = {
        "workspace_id": workspace_id,
        "format": FORMAT,
        "account_id": account_id or None,
        "token": token or None,
        "created_by_id": user or None,
        "reported_by": source,
    }
    known = ImportBatch.objects.filter(
        **named,
        state=ImportState.DONE,
        received_at__gte=midnight,
        received_at__lt=midnight + timedelta(days=1),
    ).first()
    if known is not None:
        return known
    name = ApiToken.objects.filter(pk=token).values_list("name", flat=True).first() if token else ""
    now = timezone.now()
    return ImportBatch.objects.create(
        **named, state=ImportState.DONE, source="capture", reporter=name or "",
        received_at=first.received_at, started_at=now, finished_at=now,
    )  # fmt: skip


def _book(batch: ImportBatch, records: Sequence[CapturedRecord]) -> None:
    account = batch.account
    proposals = [one for one in records if one.kind == CapturedKind.RECOMMENDATION]
    store_recommendations(batch, proposals)
    traded = [one for one in records if one.kind != CapturedKind.RECOMMENDATION]
    told = None
    if traded and account is not None:
        told = _book_traded(batch, account, traded)
    CapturedRecord.objects.filter(pk__in=[one.pk for one in records]).update(batch=batch)
    tell_booked(batch, records, told)


def _book_traded(
    batch: ImportBatch, account: BrokerAccount, records: Sequence[CapturedRecord]
) -> Told:
    resolver = InstrumentResolver(workspace_id=batch.workspace_id, broker=account.broker)
    writer = EvidenceWriter(batch, resolver)
    writer.names.state(None)
    names = _names(records)
    named: set[str] = set()
    for chunk in make_chunks(_records(account, records), lambda: 0):
        writer.add_instruments(chunk.instruments)
        lines = [item for item in chunk.items if isinstance(item, ExecutionLine)]
        if lines:
            writer.add_executions(lines, account)
        if names:
            named |= note_named_fills(batch, account, lines, names)
        for item in chunk.items:
            if isinstance(item, OrderRow):
                writer.add(item, account)
    writer.finish()
    refresh_orders(account, writer.orders[account.pk])
    touched = writer.touched[account.pk]
    touch_openings(account, batch.pk, touched)
    changes = rebook_account(account, touched=touched.since) if touched.since else Changes()
    # What says nothing new of a fill may still say what it belongs to.
    refresh_after_orders(account, writer.orders[account.pk])
    refresh_after_fills(account, named)
    return Told(writer.counts[account.pk], changes)


def _records(account: BrokerAccount, records: Iterable[CapturedRecord]) -> Iterator[Record]:
    """Each call was a statement of its own: of two that speak of one fill, the later one counts."""
    for call, (received_at, own) in enumerate(groupby(records, key=lambda one: one.received_at), 1):
        yield StatementInfo(
            row=call, account_id=account.broker_id, base_currency="", account_alias="", from_on=None, to_on=None,
            generated_at=received_at, zone="UTC", raw={},
        )  # fmt: skip
        desk = Desk(account.broker_id, account.broker, account.base_currency, received_at)
        for record in own:
            read = read_execution if record.kind == CapturedKind.EXECUTION else read_order
            yield read(said_by(record), desk, row=_row(record))


def _names(records: Iterable[CapturedRecord]) -> dict[int, tuple[str, str]]:
    """What fills name beside their orders, by the row of the record."""
    named = (
        (_row(one), names_in(said_by(one)))
        for one in records
        if one.kind == CapturedKind.EXECUTION
        # Reading all of them twice is not needed to know that nearly none does.
        and ('"plan_id"' in one.payload or '"recommendation_id"' in one.payload)
    )
    return {row: names for row, names in named if names is not None}


def _row(record: CapturedRecord) -> int:
    return record.pk % 2**31


def said_by(record: CapturedRecord) -> dict[str, Any]:
    """The record as it was sent, under the id by which it is known."""
    said: dict[str, Any] = json.loads(record.payload, parse_float=Decimal)
    return {**said, "record_id": record.record_id}


def _put_aside(batch: ImportBatch, record: CapturedRecord) -> None:
    """Kept, shown, and out of the way. It passed every check, so this is a fault of ours."""
    logger.exception("A captured record cannot be booked: %s", record.pk)
    CapturedRecord.objects.filter(pk=record.pk).update(batch=batch)
    message = (
        f"The {record.kind} {record.record_id} was accepted and cannot be booked. It is kept; the log of the worker "
        "says why. Undo this import and ask for it again when the cause is mended."
    )
    said = {name: str(value) for name, value in said_by(record).items()}
    problem = ProblemRow(_row(record), "", Severity.ERROR, "captured_not_booked", message, said)
    accounts = {"": batch.account} if batch.account else {}
    store_import_problems(batch, accounts, [problem])
    tell_problem(batch, record, problem)
