"""A workspace into an archive. Nothing is changed, and nothing that is secret is in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.files.storage import default_storage
from django.db import connection, transaction

from accounts.models import Membership, Workspace
from common.errors import Conflict
from journal.models import BrokerAccount, DataIssue, ImportBatch, StatementFile
from journal.services.erasure import UNDER_WAY
from journal.services.portable.archive import MANIFEST, Manifest, Part, kept_file, row_file
from journal.services.portable.dismissals import ISSUES, booked_issues
from journal.services.portable.tables import Moved, left, moved

_AT_ONCE = 5_000
_PIECE = 2**20


def write_archive(workspace: Workspace, archive: ZipFile, *, now: datetime) -> Manifest:
    """As it stands at one moment, whatever is written meanwhile. To be called within the scope of the workspace.

    Raises Conflict while an import is under way or an account is being erased.
    """
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            _see_one_moment()
        _require_idle()
        tables = [_table(archive, table, workspace.pk) for table in moved()]
        tables.append(
            _lines(archive, ISSUES, (), booked_issues(DataIssue.objects.filter(batch=None)))
        )
        files, missing = _files(archive)
        members = Membership.objects.filter(workspace=workspace).select_related("user")
        manifest = Manifest(
            workspace={"name": workspace.name, "slug": workspace.slug, "base_currency": workspace.base_currency},
            made_at=now.isoformat(),
            tables=tuple(tables),
            files=tuple(files),
            people={str(one.user_id): one.user.email for one in members},
            missing=tuple(missing),
            left=dict(left()),
        )  # fmt: skip
    archive.writestr(MANIFEST, manifest.as_bytes(), ZIP_DEFLATED)
    return manifest


def _see_one_moment() -> None:
    """A tag that is made between two tables would be in the one and not in the other."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _require_idle() -> None:
    if ImportBatch.objects.filter(state__in=UNDER_WAY).exists():
        raise Conflict("import_under_way", "An import is under way. Wait until it is done.")
    if BrokerAccount.objects.exclude(erasure_asked_at=None).exists():
        raise Conflict("erasure_under_way", "An account is being erased. Wait until it is gone.")


def columns_of(model: Any) -> tuple[str, ...]:
    return tuple(field.column for field in model._meta.concrete_fields)


def _table(archive: ZipFile, table: Moved, workspace_id: int) -> Part:
    model = table.model
    columns = columns_of(model)
    return _lines(archive, table.name, columns, _rows(table, workspace_id))


def _rows(table: Moved, workspace_id: int) -> Iterator[str]:
    """Each row as PostgreSQL says it in JSON: every digit of a number, every microsecond."""
    meta = table.model._meta
    order = ", ".join(f't."{field.column}"' for field in meta.pk_fields)
    only = f" AND {table.only}" if table.only else ""
    statement = f'SELECT row_to_json(t)::text FROM "{meta.db_table}" t WHERE t.workspace_id = %s{only} ORDER BY {order}'
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, [workspace_id])
        while rows := cursor.fetchmany(_AT_ONCE):
            yield from (line for (line,) in rows)


def _lines(archive: ZipFile, name: str, columns: tuple[str, ...], lines: Iterable[str]) -> Part:
    digest, size, count = hashlib.sha256(), 0, 0
    with archive.open(row_file(name), "w", force_zip64=True) as target:
        for line in lines:
            content = line.encode() + b"\n"
            target.write(content)
            digest.update(content)
            size, count = size + len(content), count + 1
    return Part(name, count, size, digest.hexdigest(), columns)


def _files(archive: ZipFile) -> tuple[list[Part], list[str]]:
    """What was handed in, byte for byte; and what the storage has no more, or has otherwise."""
    kept, missing = [], []
    for file in StatementFile.objects.order_by("pk"):
        try:
            part = _file(archive, file)
        except OSError:
            missing.append(file.sha256)
            continue
        kept.append(part)
    return kept, missing


def _file(archive: ZipFile, file: StatementFile) -> Part:
    digest, size = hashlib.sha256(), 0
    with (
        default_storage.open(file.stored_as, "rb") as source,
        archive.open(kept_file(file.sha256), "w", force_zip64=True) as target,
    ):
        while piece := source.read(_PIECE):
            target.write(piece)
            digest.update(piece)
            size += len(piece)
    return Part(file.sha256, 1, size, digest.hexdigest())
