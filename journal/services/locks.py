"""Who may write what at the same time. Locks live in the database and end with the transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error as DatabaseTrouble
from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

# First key of PostgreSQL's two-key advisory locks: one number for each thing that is locked.
_IMPORTS_OF_WORKSPACE = 7_001
_BOOK_OF_ACCOUNT = 7_002
_IMPORT = 7_003
_STORED_FILE = 7_004
_CONNECTION = 7_005


def lock(kind: int, id_: int) -> None:
    """Until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [kind, id_ % 2**31])


def _try_lock(kind: int, id_: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [kind, id_ % 2**31])
        return bool(cursor.fetchone()[0])


def lock_imports(workspace_id: int) -> None:
    """File imports of one workspace go one after the other: they may create the same accounts and instruments."""
    lock(_IMPORTS_OF_WORKSPACE, workspace_id)


def try_lock_imports(workspace_id: int) -> bool:
    """False while files of the workspace are imported."""
    return _try_lock(_IMPORTS_OF_WORKSPACE, workspace_id)


def lock_book(account_id: int) -> None:
    """Whoever adds evidence to an account or re-books it holds this until commit."""
    lock(_BOOK_OF_ACCOUNT, account_id)


def lock_file(file_id: int) -> None:
    """Whoever puts lost bytes back holds this until they are written."""
    lock(_STORED_FILE, file_id)


def try_lock_import(batch_id: int) -> bool:
    """False when another worker is at this batch. A worker that dies lets go of it."""
    return _try_lock(_IMPORT, batch_id)


def is_import_running(batch_id: int) -> bool:
    with transaction.atomic():
        return not try_lock_import(batch_id)


class HeldConnection:
    """A connection to a broker that nobody else pulls meanwhile."""

    def __init__(self, database: BaseDatabaseWrapper) -> None:
        self._database = database

    def is_held(self) -> bool:
        """False when the database has let go of it: it was restarted, or the network broke."""
        try:
            with self._database.cursor() as cursor:
                cursor.execute("SELECT 1")
        except DatabaseTrouble:
            return False
        return True


@contextmanager
def hold_connection(connection_id: int) -> Iterator[HeldConnection | None]:
    """None when somebody else pulls it. A worker that dies lets go of it.

    The lock has a session of its own, with nothing but an empty transaction in it: pulling takes minutes and commits
    often, and a pool that lends sessions by transaction must not lend this one.
    """
    database = connections.create_connection("default")
    try:
        database.set_autocommit(False)
        with database.cursor() as cursor:
            cursor.execute(
                "SELECT pg_try_advisory_xact_lock(%s, %s)", [_CONNECTION, connection_id % 2**31]
            )
            is_ours = bool(cursor.fetchone()[0])
        yield HeldConnection(database) if is_ours else None
    finally:
        database.close()
