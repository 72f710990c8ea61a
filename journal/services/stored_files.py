"""The bytes that people handed in: kept once per content in Django's default storage, and read again later.

A storage may lose or spoil what it was given. Nothing is imported from bytes that are not those that were handed in,
and handing the same file in once more puts them back.
"""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from datetime import timedelta
from pathlib import PurePath
from typing import IO, Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from common.errors import Rejected, Unavailable
from journal.models import StatementFile
from journal.services.locks import lock_file

# What came in a moment ago was hashed then, and hashing a large file takes a while: only its size is looked at.
_FRESH = timedelta(hours=1)
_LASTING = (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError)


class StoredFileUnusable(Rejected):
    """`trouble` says what is wrong with the stored bytes, as the rest of a sentence that begins with the file."""

    def __init__(self, code: str, file: StatementFile, trouble: str) -> None:
        super().__init__(
            code,
            f"“{file.name}” {trouble}, so nothing was imported. Upload the same file again: that puts it back.",
        )
        self.trouble = trouble


def keep_file(
    workspace_id: int, stream: IO[bytes], *, sha256: str, size: int, name: str
) -> StatementFile:
    """The file of this content, its bytes in the storage. Raises Unavailable where the storage does not take them."""
    known = StatementFile.objects.filter(workspace_id=workspace_id, sha256=sha256).first()
    if known is not None:
        _put_back(known, stream)
        return known
    # No other upload has this name, so that what is left of one that fails can be removed.
    stored_as = _store(f"statements/{workspace_id}/{sha256}-{secrets.token_hex(4)}", stream)
    file, _ = StatementFile.objects.get_or_create(
        workspace_id=workspace_id,
        sha256=sha256,
        defaults={"name": PurePath(name).name[:255], "size_bytes": size, "stored_as": stored_as},
    )
    if file.stored_as != stored_as:
        # The same content came in twice at once.
        default_storage.delete(stored_as)
    return file


def open_stored(file: StatementFile) -> File[Any]:
    """At its start. Raises StoredFileUnusable where the bytes are gone or others than those that were handed in."""
    try:
        opened = default_storage.open(file.stored_as, "rb")
    except FileNotFoundError:
        raise StoredFileUnusable(
            "stored_file_missing", file, "is gone from the file storage"
        ) from None
    except _LASTING as error:
        trouble = f"cannot be read in the file storage ({error.strerror})"
        raise StoredFileUnusable("stored_file_unreadable", file, trouble) from error
    if not _is_as_handed_in(opened, file):
        opened.close()
        trouble = "is damaged in the file storage: it is not what was handed in any more"
        raise StoredFileUnusable("stored_file_damaged", file, trouble)
    return opened


def _is_as_handed_in(
    opened: File[Any], file: StatementFile, *, is_hashed: bool | None = None
) -> bool:
    if is_hashed is None:
        is_hashed = timezone.now() - file.created_at >= _FRESH
    if opened.seek(0, 2) != file.size_bytes:
        return False
    opened.seek(0)
    if is_hashed:
        hasher = hashlib.sha256()
        while chunk := opened.read(1024 * 1024):
            hasher.update(chunk)
        opened.seek(0)
        return hasher.hexdigest() == file.sha256
    return True


def _put_back(file: StatementFile, stream: IO[bytes]) -> None:
    if _is_sound(file):
        return
    with transaction.atomic():
        lock_file(file.pk)
        if not _is_sound(file):
            _remove(file.stored_as)
            _store(file.stored_as, stream)


def _is_sound(file: StatementFile) -> bool:
    try:
        with default_storage.open(file.stored_as, "rb") as opened:
            return _is_as_handed_in(opened, file, is_hashed=True)
    except OSError:
        return False


def _store(name: str, stream: IO[bytes]) -> str:
    """Whole or not at all: half a file would be taken for evidence."""
    stream.seek(0)
    try:
        return default_storage.save(name, File(stream))
    except OSError as error:
        _remove(name)
        raise Unavailable(
            "file_not_stored",
            f"The file could not be stored ({error.strerror or error}), so nothing was imported. Whoever runs this "
            "installation has to make room where Fillbook keeps its files; then upload it again.",
        ) from error


def _remove(name: str) -> None:
    # What cannot be removed cannot be written either, and that is told.
    with suppress(OSError):
        default_storage.delete(name)
