"""What an import would do, without keeping a byte of it."""

from __future__ import annotations

from pathlib import PurePath
from typing import IO

from django.db import transaction

from common.errors import Rejected
from journal.brokers.base import UnreadableStatement
from journal.models import ImportBatch, StatementFile
from journal.services.imports import ImportRequest, check_zone, columns_of, measure, parser_for
from journal.services.ingest import Ingested, ingest
from journal.services.locks import lock_imports
from journal.services.progress import Silence


class _Over(Exception):
    """Leaves the transaction without keeping what was done in it."""


def rehearse_import(
    workspace_id: int, stream: IO[bytes], *, name: str, request: ImportRequest
) -> dict[str, object]:
    """The result that importing this file now would have. Nothing is written: no file, no batch, no row.

    Raises what `receive_file` and `run_import` raise.
    """
    check_zone(request.zone)
    sha256, size, head = measure(stream)
    parser = parser_for(head, name, request.reader)
    columns = columns_of(workspace_id, parser, stream, request)
    result: dict[str, object] = {}
    try:
        with transaction.atomic():
            lock_imports(workspace_id)
            file, _ = StatementFile.objects.get_or_create(
                workspace_id=workspace_id,
                sha256=sha256,
                defaults={"name": PurePath(name).name[:255], "size_bytes": size},
            )
            batch = ImportBatch.objects.create(
                workspace_id=workspace_id,
                file=file,
                format=parser.slug,
                source=request.source,
                **columns,
            )
            ingested: Ingested = ingest(batch, Silence(), stream=stream)
            result = ingested.as_dict(batch)
            raise _Over
    except _Over:
        return result
    except UnreadableStatement as error:
        raise Rejected(error.code, error.message) from error
