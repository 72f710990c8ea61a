"""Files in: receive, preview, import, withdraw. The same four steps behind every door."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from common.collector import rare_collections
from common.errors import Conflict, Rejected
from common.turns import short_turns
from common.uploads import file_too_large
from journal.brokers.base import StatementParser, UnreadableStatement
from journal.brokers.registry import detect, explain, get_parser
from journal.models import BrokerAccount, ImportBatch, ImportState, Source
from journal.models.accounts import validate_zone
from journal.reading.reader import ReaderStopped
from journal.services import mappings
from journal.services.booking.changes import Changes
from journal.services.ingest import Ingested, ingest
from journal.services.locks import is_import_running, lock_imports, try_lock_import
from journal.services.progress import ProgressReporter
from journal.services.repeats import CannotRepeat, hear_contradicted
from journal.services.stored_files import keep_file

HEAD_BYTES = 64 * 1024
ATTEMPTS_MAX = 5
_GAVE_UP = (
    f"The import was interrupted {ATTEMPTS_MAX} times and was given up; nothing of it was kept. The log of the "
    "worker says why. Upload the file again once the cause is mended."
)
_READER_KILLED = "reader_killed"
_GAVE_UP_READING = (
    f"The process that reads the file was killed {ATTEMPTS_MAX} times, most probably because the machine ran out of "
    "memory. The import was given up; nothing of it was kept. Export a shorter period and import the files one after "
    "the other, or give the machine (or the container) more memory and upload the file again."
)
# Whose word a file is, where it is no statement: what a person typed, and what a broker's API or package answered.
_REPORTED_BY = {
    "manual_entry": Source.MANUAL,
    "ccxt_json": Source.BROKER_API,
    "mt5_deals": Source.BROKER_API,
    "tastytrade_json": Source.BROKER_API,
}
_FINISHED = (ImportState.DONE, ImportState.WITHDRAWING, ImportState.WITHDRAWN)
_PREVIEWABLE = (ImportState.RECEIVED, ImportState.PREVIEWING, ImportState.PREVIEWED)


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """What a person or a bot takes a file to be. `format` "auto" is found by content.

    The account is one that is there, or the number of one that may come to be. `day_first` decides dates that can be
    read in two ways. `mapping` says what the columns of a table are (`journal.services.mappings`); who says it wants
    the file read by it, whichever reader knows it.
    """

    format: str = "auto"
    account: BrokerAccount | None = None
    account_number: str = ""
    zone: str = ""
    day_first: bool | None = None
    mapping: dict[str, Any] | None = None

    @property
    def reader(self) -> str:
        return mappings.SLUG if self.format == "auto" and self.mapping is not None else self.format

    def columns(self) -> dict[str, Any]:
        """As a batch keeps it, but for the format."""
        return {
            "account": self.account,
            "account_number": "" if self.account else self.account_number.strip()[:64],
            "zone": self.zone,
            "day_first": self.day_first,
        }


@dataclass(frozen=True, kw_only=True)
class ImportRequest(Expectation):
    source: str = "upload"
    connection_id: int | None = None
    user_id: int | None = None


def receive_file(
    workspace_id: int, stream: IO[bytes], *, name: str, request: ImportRequest
) -> ImportBatch:
    """Keep the file (once per content) and open a batch for it.

    Raises TooLarge over STATEMENT_SIZE_MAX_BYTES, Rejected for an empty file, one that no reader knows, or a zone that
    does not exist, and Unavailable where the storage does not take it.
    """
    check_zone(request.zone)
    sha256, size, head = measure(stream)
    parser = parser_for(head, name, request.reader)
    columns = columns_of(workspace_id, parser, stream, request)
    file = keep_file(workspace_id, stream, sha256=sha256, size=size, name=name)
    return ImportBatch.objects.create(
        workspace_id=workspace_id,
        file=file,
        format=parser.slug,
        source=request.source,
        connection_id=request.connection_id,
        **columns,
        created_by_id=request.user_id,
    )


def _source_of(format_: str) -> Source:
    return _REPORTED_BY.get(format_, Source.STATEMENT)


def columns_of(
    workspace_id: int, parser: StatementParser, stream: IO[bytes], request: ImportRequest
) -> dict[str, Any]:
    """What a batch keeps of a request. A table without a mapping has that of an earlier one with the same columns, and
    where a person will look at the preview also its account. Raises Rejected for a mapping that cannot be used."""
    columns = request.columns() | {"reported_by": _source_of(parser.slug)}
    if parser.slug != mappings.SLUG:
        return columns
    if request.mapping is not None:
        return {**columns, "mapping": mappings.checked(request.mapping)}
    recalled = mappings.recall_for(workspace_id, stream, request.account)
    if recalled is None:
        return columns
    columns |= {"mapping": recalled.mapping, "mapping_is_recalled": True}
    is_open = request.account is None and not columns["account_number"]
    if is_open and request.source == "upload":
        columns["account"] = recalled.account
    return columns


def measure(stream: IO[bytes]) -> tuple[str, int, bytes]:
    limit = settings.STATEMENT_SIZE_MAX_BYTES
    stream.seek(0)
    hasher, size, head = hashlib.sha256(), 0, b""
    while chunk := stream.read(1024 * 1024):
        if not head:
            head = chunk[:HEAD_BYTES]
        hasher.update(chunk)
        size += len(chunk)
        if size > limit:
            raise file_too_large(limit)
    if size == 0:
        raise Rejected("file_empty", "The file is empty. Export it again and upload the new one.")
    stream.seek(0)
    return hasher.hexdigest(), size, head


def check_zone(name: str) -> None:
    if not name:
        return
    try:
        validate_zone(name)
    except ValidationError as error:
        raise Rejected("zone_unknown", error.messages[0], {"zone": error.messages}) from error


def parser_for(head: bytes, name: str, format_: str) -> StatementParser:
    """`head` are the first HEAD_BYTES. Raises Rejected, with what the file is where that can be seen.

    A file that the named reader does not recognise is still taken where another one might read it: the reader can be
    changed after the first look.
    """
    named = None if format_ == "auto" else parser_named(format_)
    if named is not None and named.recognises(head, name):
        return named
    found = detect(head, name)
    if found is None:
        slug = "" if named is None else named.slug
        refusal = explain(head, is_whole=len(head) < HEAD_BYTES, slug=slug)
        # That it is no XML says nothing of what other readers read.
        if refusal is not None and refusal.code != "not_xml":
            raise Rejected(refusal.code, refusal.message)
    parser = named or found
    if parser is None:
        raise Rejected(
            "format_not_recognised",
            f"No reader recognises “{PurePath(name).name}”. Upload the file as the broker gave it, neither opened nor "
            "saved anew, or choose its format. Interactive Brokers: best is a Flex Query with Format set to XML.",
        )
    return parser


def parser_named(format_: str) -> StatementParser:
    try:
        return get_parser(format_)
    except KeyError:
        raise Rejected("format_unknown", f"There is no reader called “{format_}”.") from None


def preview_import(batch: ImportBatch) -> dict[str, object]:
    """Read the file and book it, say what would come of it, and undo everything."""
    return _attempt(batch, ImportState.PREVIEWING, dry_run=True)


def ask_again(batch: ImportBatch, expected: Expectation) -> None:
    """Read the file anew with other expectations; "auto" leaves the reader as it is. Also after a refusal: nothing was
    kept.

    Raises Conflict once the import was confirmed.
    """
    check_zone(expected.zone)
    format_ = batch.format if expected.reader == "auto" else parser_named(expected.reader).slug
    open_states = (ImportState.RECEIVED, ImportState.PREVIEWED, ImportState.FAILED)
    changed = ImportBatch.objects.filter(pk=batch.pk, state__in=open_states).update(
        state=ImportState.RECEIVED,
        format=format_,
        reported_by=_source_of(format_),
        **expected.columns(),
        **_mapping_again(batch, format_, expected),
        attempts=0,
        error_code="",
        error_message="",
        started_at=None,
        finished_at=None,
        preview=None,
    )
    if not changed:
        raise Conflict(
            "import_under_way", "This import was confirmed or is being read. Wait until it is done."
        )


def _mapping_again(batch: ImportBatch, format_: str, expected: Expectation) -> dict[str, Any]:
    """Who does not speak of the columns leaves them as they are."""
    if expected.mapping is not None:
        return {"mapping": mappings.checked(expected.mapping), "mapping_is_recalled": False}
    if format_ != mappings.SLUG or batch.mapping is not None:
        return {}
    with mappings.kept_file(batch) as stream:
        recalled = mappings.recall_for(batch.workspace_id, stream, expected.account)
    if recalled is None:
        return {}
    return {"mapping": recalled.mapping, "mapping_is_recalled": True}


def confirm_import(batch: ImportBatch) -> None:
    """The person has seen the preview: let the worker import it. A second confirmation changes nothing."""
    changed = ImportBatch.objects.filter(pk=batch.pk, state__in=_PREVIEWABLE).update(
        state=ImportState.QUEUED, attempts=0
    )
    batch.refresh_from_db()
    if not changed and batch.state in (ImportState.FAILED, ImportState.WITHDRAWN):
        raise Conflict(
            "import_over", "This import is over. Upload the file again to start a new one."
        )


def run_import(batch: ImportBatch) -> dict[str, object]:
    """Import the batch's file: all of it or nothing, once, however often this is called."""
    if batch.state in _FINISHED:
        return batch.result or {}
    return _attempt(batch, ImportState.RUNNING, dry_run=False)


class _DryRun(Exception):
    """Leaves the transaction without keeping what was done in it."""


def _attempt(batch: ImportBatch, state: ImportState, *, dry_run: bool) -> dict[str, object]:
    if is_import_running(batch.pk):
        raise Conflict("import_running", "This file is being read by another worker.")
    if batch.attempts >= ATTEMPTS_MAX:
        words = _GAVE_UP_READING if batch.error_code == _READER_KILLED else _GAVE_UP
        _fail(batch, "import_gave_up", words)
        raise Rejected("import_gave_up", words)
    # The conditions matter where a task is delivered twice or late: whoever comes second finds the batch finished,
    # and a preview never takes back what was confirmed in the meantime.
    waiting = ImportBatch.objects.filter(pk=batch.pk).exclude(state__in=_FINISHED)
    if dry_run:
        waiting = waiting.filter(state__in=_PREVIEWABLE)
    begun = waiting.update(
        state=state, started_at=timezone.now(), attempts=F("attempts") + 1, error_code=""
    )
    if not begun:
        batch.refresh_from_db()
        return batch.result or {}
    progress = ProgressReporter(batch)
    try:
        result = _in_one_transaction(batch, progress, dry_run=dry_run)
    except (UnreadableStatement, Rejected) as error:
        _fail(batch, error.code, error.message)
        raise Rejected(error.code, error.message) from error
    except ReaderStopped as error:
        # For whoever gives it up after the last try. Nobody is told before: there is no message yet.
        cause = _READER_KILLED if error.was_killed else ""
        ImportBatch.objects.filter(pk=batch.pk).update(error_code=cause)
        raise
    finally:
        progress.close()
    return result


def _in_one_transaction(
    batch: ImportBatch, progress: ProgressReporter, *, dry_run: bool
) -> dict[str, object]:
    ingested: Ingested | None = None
    try:
        with rare_collections(), short_turns(), transaction.atomic():
            if not try_lock_import(batch.pk):
                raise Conflict("import_running", "This file is being read by another worker.")
            lock_imports(batch.workspace_id)
            _check_references_at_once()
            ingested = ingest(batch, progress)
            if dry_run:
                raise _DryRun
            ingested.changes.merge(_hear(ingested))
            mappings.remember(batch, ingested.accounts.values())
            _finish(batch, ImportState.DONE, result=ingested.as_dict(batch))
    except _DryRun:
        assert ingested is not None
        _finish(batch, ImportState.PREVIEWED, preview=ingested.as_dict(batch))
    return ingested.as_dict(batch)


def _hear(ingested: Ingested) -> Changes:
    try:
        return hear_contradicted(ingested.contradicted)
    except CannotRepeat as error:
        other = error.batch
        raise Rejected(
            "newer_file_unusable",
            f"Nothing was imported: “{other.title}” (import number {other.pk}) was made later than this file, may "
            f"say otherwise of the same fills, and had to be read again, which failed. Mend that or undo import number "
            f"{other.pk}, then import this file again. The reason: {error.reason}",
        ) from error


def _check_references_at_once() -> None:
    """Check the rows of each COPY while the next ones are read, rather than all of them when the import ends."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _finish(batch: ImportBatch, state: ImportState, **result: object) -> None:
    """A preview that was confirmed while it was read stays confirmed."""
    here = ImportState.PREVIEWING if state is ImportState.PREVIEWED else ImportState.RUNNING
    changed = ImportBatch.objects.filter(pk=batch.pk, state=here).update(
        state=state,
        finished_at=timezone.now(),
        attempts=0,
        error_code="",
        error_message="",
        **result,
    )
    assert changed or state is ImportState.PREVIEWED, "the batch is locked while it is imported"
    batch.refresh_from_db()


def _fail(batch: ImportBatch, code: str, message: str) -> None:
    ImportBatch.objects.filter(pk=batch.pk).update(
        state=ImportState.FAILED,
        finished_at=timezone.now(),
        error_code=code[:64],
        error_message=message,
    )


def discard_preview(batch: ImportBatch) -> None:
    """A preview that nobody means to confirm leaves no entry in the history. The file is kept: it is evidence.

    Raises Conflict once the import was confirmed.
    """
    unwanted = (ImportState.RECEIVED, ImportState.PREVIEWED, ImportState.FAILED)
    deleted, _ = ImportBatch.objects.filter(pk=batch.pk, state__in=unwanted).delete()
    if not deleted:
        raise Conflict(
            "import_under_way", "This import was confirmed or is being read. Wait until it is done."
        )


def import_again(batch: ImportBatch, *, user_id: int | None) -> ImportBatch:
    """A new import of a file that is already kept, with the same expectations: after an undo, say."""
    return ImportBatch.objects.create(
        workspace_id=batch.workspace_id,
        file=batch.file,
        format=batch.format,
        account=batch.account,
        account_number=batch.account_number,
        zone=batch.zone,
        day_first=batch.day_first,
        mapping=batch.mapping,
        mapping_is_recalled=batch.mapping_is_recalled,
        reported_by=batch.reported_by,
        source=batch.source,
        connection_id=batch.connection_id,
        received_at=batch.received_at,
        created_by_id=user_id,
    )


def ask_undo(batch: ImportBatch) -> None:
    """Mark the import as being undone; `withdraw_import` does it. Asking twice changes nothing."""
    require_done(batch)
    ImportBatch.objects.filter(pk=batch.pk, state=ImportState.DONE).update(
        state=ImportState.WITHDRAWING, attempts=0, error_code="", error_message=""
    )
    batch.refresh_from_db()


def require_done(batch: ImportBatch) -> None:
    """Raises Conflict unless the batch was imported: only then there is something to undo."""
    if batch.state not in _FINISHED:
        raise Conflict(
            "import_not_done", "Only a finished import can be undone. This one is not finished."
        )
