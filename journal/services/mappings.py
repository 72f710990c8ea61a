"""What the columns of tables are that no reader knows: as somebody says it, and as it was said before.

A mapping travels with its import, so that the file can be read again. It is remembered when the import is done: for the
account, and for tables of the same columns.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import IO, Any, BinaryIO, NamedTuple, cast

from django.core.files import File

from common.errors import NotFound, Rejected
from journal.brokers.base import StatementParser, UnreadableStatement
from journal.brokers.generic_table.guess import Guess, guess
from journal.brokers.generic_table.mapping import TableMapping, fingerprint, lacks
from journal.brokers.generic_table.mapping_json import BadMapping, from_json
from journal.brokers.generic_table.questions import open_in
from journal.brokers.generic_table.sight import Sight, is_table, look
from journal.brokers.text.archive import PACKED
from journal.brokers.text.workbook import sheet_names
from journal.models import BrokerAccount, ColumnMapping, ImportBatch
from journal.services.stored_files import open_stored

SLUG = "generic_table"
HEAD_BYTES = 64 * 1024
# A table of a new account whose broker nobody names.
BROKER = "manual"
# A first look is taken while a person waits: what has to be unpacked for it is kept small.
LOOK_UNPACKED_MAX = 48 * 1024**2


class Recalled(NamedTuple):
    """`account` is the one that such tables were always of, None where there are several."""

    mapping: dict[str, Any]
    account: BrokerAccount | None


def broker_of(parser: StatementParser, batch: ImportBatch) -> str:
    """The broker whose account numbers the file speaks of. Readers of any broker's files leave it to the account."""
    if parser.broker:
        return parser.broker
    if batch.account is not None:
        return batch.account.broker
    return str((batch.mapping or {}).get("broker") or BROKER)


def checked(said: object) -> dict[str, Any]:
    """A mapping as it is kept. Raises Rejected for one that cannot be used, or that leaves open what the book needs."""
    try:
        mapping = from_json(said)
    except BadMapping as error:
        raise Rejected("mapping_invalid", f"The mapping cannot be used. {error}") from error
    missing = lacks(mapping)
    if missing:
        words = [question.words for question in missing]
        raise Rejected("mapping_incomplete", " ".join(words), {"mapping": words})
    return mapping.as_json()


def recall(
    workspace_id: int, header: tuple[str, ...], sheet: str, account: BrokerAccount | None
) -> Recalled | None:
    """What was said of tables with these columns before: of the account's, else of all accounts' where they agree."""
    known = ColumnMapping.objects.filter(
        workspace_id=workspace_id, fingerprint=fingerprint(header, sheet)
    ).select_related("account")
    if account is not None:
        own = known.filter(account=account).first()
        if own is not None:
            return Recalled(own.mapping, account)
    found = list(known.filter(account__archived_at=None).order_by("-updated_at"))
    if not found or any(_meaning(one) != _meaning(found[0]) for one in found):
        return None
    return Recalled(found[0].mapping, found[0].account if len(found) == 1 else None)


def _meaning(known: ColumnMapping) -> dict[str, Any]:
    return {name: value for name, value in known.mapping.items() if name != "broker"}


def recall_for(
    workspace_id: int, stream: IO[bytes], account: BrokerAccount | None
) -> Recalled | None:
    """By the columns of a file, which is left at its start."""
    try:
        sight = look(cast("BinaryIO", stream), unpacked_max=LOOK_UNPACKED_MAX)
    except UnreadableStatement:
        return None
    finally:
        stream.seek(0)
    return recall(workspace_id, sight.names, "", account)


def remember(batch: ImportBatch, accounts: Iterable[BrokerAccount]) -> None:
    """The next table with the same columns is read like this one."""
    if batch.mapping is None:
        return
    mapping = from_json(batch.mapping)
    for account in accounts:
        ColumnMapping.objects.update_or_create(
            workspace_id=batch.workspace_id,
            account=account,
            fingerprint=mapping.fingerprint,
            defaults={"mapping": batch.mapping},
        )


def propose(stream: IO[bytes]) -> tuple[Guess, list[str]]:
    """The guess for a file, and what it leaves open in plain words. Raises Rejected for what is no table."""
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    if not is_table(head):
        raise Rejected("no_table", "The file is no table: no columns repeat from line to line.")
    sight = look_at(stream)
    found = guess(sight)
    questions = {one.about: one.words for one in (*open_in(sight, found.mapping), *found.questions)}
    return found, list(questions.values())


def settled(stream: IO[bytes]) -> dict[str, Any]:
    """The guess, for who asks to take it as it is. Raises Rejected where it leaves anything open."""
    found, open_ = propose(stream)
    if open_:
        raise Rejected(
            "mapping_needed",
            f"The columns of this table do not tell everything by themselves. {' '.join(open_)} Nothing was imported.",
            {"mapping": open_},
        )
    return found.mapping.as_json()


def read_json(data: bytes | str) -> dict[str, Any]:
    """A mapping as a file or a field has it, not checked yet. Raises Rejected for what is no JSON object."""
    try:
        said = json.loads(data)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        words = "The mapping is no JSON object. Its form is in docs/brokers/generic_table.md."
        raise Rejected("mapping_invalid", words, {"mapping": [words]})
    return said


def look_at(stream: IO[bytes], *, sheet: str = "", has_header: bool | None = None) -> Sight:
    """A first look at a file. Raises Rejected for what is no table."""
    try:
        return look(
            cast("BinaryIO", stream),
            sheet=sheet,
            has_header=has_header,
            unpacked_max=LOOK_UNPACKED_MAX,
        )
    except UnreadableStatement as error:
        raise Rejected(error.code, error.message) from error
    finally:
        stream.seek(0)


def kept_file(batch: ImportBatch) -> File[Any]:
    """Raises NotFound for what was never a file, and StoredFileUnusable."""
    if batch.file is None:
        raise NotFound("import_without_file", "This import has no file: it was reported live.")
    return open_stored(batch.file)


def look_at_kept(batch: ImportBatch, *, sheet: str = "", has_header: bool | None = None) -> Sight:
    """As `look_at`, at the file of an import. Raises StoredFileUnusable too."""
    with kept_file(batch) as stream:
        return look_at(stream, sheet=sheet, has_header=has_header)


def sheets_of(batch: ImportBatch) -> list[str]:
    """Of a workbook; none of a text."""
    with kept_file(batch) as stream:
        if stream.read(len(PACKED)) != PACKED:
            return []
        stream.seek(0)
        try:
            return sheet_names(cast("BinaryIO", stream))
        except UnreadableStatement:
            return []


def mapping_of(batch: ImportBatch) -> TableMapping | None:
    return None if batch.mapping is None else from_json(batch.mapping)
