"""Who may write what at the same time. Locks live in the database and end with the transaction."""

from __future__ import annotations

from django.db import connection, transaction

# First key of PostgreSQL's two-key advisory locks: one number for each thing that is locked.
_IMPORTS_OF_WORKSPACE = 7_001
_BOOK_OF_ACCOUNT = 7_002
_IMPORT = 7_003
_STORED_FILE = 7_004


def _lock(kind: int, id_: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [kind, id_ % 2**31])


def lock_imports(workspace_id: int) -> None:
    """File imports of one workspace go one after the other: they may create the same accounts and instruments."""
    _lock(_IMPORTS_OF_WORKSPACE, workspace_id)


def lock_book(account_id: int) -> None:
    """Whoever adds evidence to an account or re-books it holds this until commit."""
    _lock(_BOOK_OF_ACCOUNT, account_id)


def lock_file(file_id: int) -> None:
    """Whoever puts lost bytes back holds this until they are written."""
    _lock(_STORED_FILE, file_id)


def try_lock_import(batch_id: int) -> bool:
    """False when another worker is at this batch. A worker that dies lets go of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_IMPORT, batch_id % 2**31])
        return bool(cursor.fetchone()[0])


def is_import_running(batch_id: int) -> bool:
    with transaction.atomic():
        return not try_lock_import(batch_id)
