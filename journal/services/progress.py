"""How far an import is, told on a connection of its own: the import's transaction shows nothing until it ends."""

from __future__ import annotations

import time
from typing import Protocol

from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from journal.models import ImportBatch

_INTERVAL_SECONDS = 0.5


class Progress(Protocol):
    def tell(self, stage: str, done: int, total: int) -> None: ...


class Silence:
    """For work that nobody watches."""

    def tell(self, stage: str, done: int, total: int) -> None:
        return


class ProgressReporter:
    """`done` and `total` count bytes while a file is read, and instruments while it is booked.

    Never the reason that an import fails: where progress can't be told, it is not told.
    """

    def __init__(self, batch: ImportBatch) -> None:
        self.batch = batch
        self._connection: BaseDatabaseWrapper | None = None
        self._told_at = 0.0
        self._stage = ""

    def tell(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if stage == self._stage and now - self._told_at < _INTERVAL_SECONDS:
            return
        self._stage, self._told_at = stage, now
        try:
            self._write(stage, done, total)
        except DatabaseError:
            self.close()

    def _write(self, stage: str, done: int, total: int) -> None:
        if self._connection is None:
            self._connection = connections.create_connection("default")
            with self._connection.cursor() as cursor:
                # Progress that a crash forgets is told again; the import need not wait for the disk to have it.
                cursor.execute("SET synchronous_commit TO off")
        with self._connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO journal_importprogress (workspace_id, batch_id, stage, done, total, updated_at) "
                "VALUES (%s, %s, %s, %s, %s, now()) ON CONFLICT (batch_id) DO UPDATE SET "
                "stage = excluded.stage, done = excluded.done, total = excluded.total, updated_at = now()",
                [self.batch.workspace_id, self.batch.pk, stage, done, total],
            )

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
