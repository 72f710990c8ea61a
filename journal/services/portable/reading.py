"""An archive into a workspace of its own, in one transaction: all of it, or nothing.

Rows get new keys, so that an archive can be read beside the workspace that it came from. Evidence and what people said
are written; the book is then derived from them.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import suppress
from zipfile import BadZipFile, ZipFile

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, transaction
from django_scopes import scope

from accounts.models import User, Workspace
from accounts.services.workspaces import create_workspace
from journal.models import BrokerAccount
from journal.services.booking.rebook import rebook_account
from journal.services.orders import rebuild_orders
from journal.services.portable.archive import (
    ArchiveUnusable,
    Manifest,
    Part,
    kept_file,
    row_file,
)
from journal.services.portable.dismissals import ISSUES, follow_issues
from journal.services.portable.loading import Loader
from journal.services.portable.tables import derive_afterwards, moved
from journal.services.portable.writing import columns_of
from journal.services.recommendations.standing import rebuild_standings


def read_archive(archive: ZipFile, *, owner: User, name: str = "") -> Workspace:
    """A new workspace of that owner. Raises ArchiveUnusable, and then nothing was made."""
    manifest = Manifest.read(archive)
    _check(manifest)
    stored: list[str] = []
    try:
        with transaction.atomic():
            return _read(archive, manifest, owner, name, stored)
    except BaseException as error:
        for one in stored:
            with suppress(OSError):
                default_storage.delete(one)
        if isinstance(error, BadZipFile | KeyError):
            raise ArchiveUnusable("A part of it is damaged or missing.") from error
        if isinstance(error, DatabaseError):
            raise ArchiveUnusable(f"Its rows do not fit together: {error}") from error
        raise


def _check(manifest: Manifest) -> None:
    """That it has exactly the tables and columns of this version: nothing is guessed, and nothing dropped."""
    known = {one.name: columns_of(one.model) for one in moved()} | {ISSUES: ()}
    told = {part.name: part.columns for part in manifest.tables}
    for name in sorted({*known, *told}):
        if sorted(known.get(name, ("",))) != sorted(told.get(name, ("",))):
            raise ArchiveUnusable(
                f"Its table {name} is not that of this version. Read it with the version that wrote it."
            )


def _read(
    archive: ZipFile, manifest: Manifest, owner: User, name: str, stored: list[str]
) -> Workspace:
    told = manifest.workspace
    member = create_workspace(owner, name=name or told["name"], base_currency=told["base_currency"])
    workspace = member.workspace
    parts = {part.name: part for part in manifest.tables}
    with scope(workspace=workspace.pk):
        loader = Loader(workspace.pk)
        loader.know_people(_people(manifest))
        for table in moved():
            loader.fill(_lines(archive, parts[table.name]))
            if table.name == "journal.StatementFile":
                loader.rename_files(_store(archive, manifest, workspace.pk, stored))
            loader.write(table)
        _derive(workspace.pk)
        follow_issues(_lines(archive, parts[ISSUES]), loader.keys_of("journal.Instrument"))
        derive_afterwards(workspace.pk)
        loader.close()
    return workspace


def _people(manifest: Manifest) -> dict[int, int]:
    """Their ids there and here, of those who are known here by the same e-mail."""
    known = dict(User.objects.filter(email__in=manifest.people.values()).values_list("email", "pk"))
    return {int(id_): known[email] for id_, email in manifest.people.items() if email in known}


def _lines(archive: ZipFile, part: Part) -> Iterator[str]:
    """Raises ArchiveUnusable at its end where it is not what the manifest says."""
    digest, count = hashlib.sha256(), 0
    with archive.open(row_file(part.name)) as source:
        for line in source:
            digest.update(line)
            count += 1
            yield line.decode().rstrip("\n")
    if (count, digest.hexdigest()) != (part.count, part.sha256):
        raise ArchiveUnusable(f"Its rows of {part.name} are not those that were written.")


def _store(
    archive: ZipFile, manifest: Manifest, workspace_id: int, stored: list[str]
) -> dict[str, str]:
    """Where the bytes of each file are now. One that was missing there is missing here too."""
    named = {one: f"statements/{workspace_id}/{one}-missing" for one in manifest.missing}
    for part in manifest.files:
        wanted = f"statements/{workspace_id}/{part.sha256}-{secrets.token_hex(4)}"
        with archive.open(kept_file(part.name)) as source:
            named[part.name] = default_storage.save(wanted, File(source))
        stored.append(named[part.name])
        with default_storage.open(named[part.name], "rb") as kept:
            if hashlib.file_digest(kept, "sha256").hexdigest() != part.sha256:
                raise ArchiveUnusable(f"Its file {part.name} is not the one that was written.")
    return named


def _derive(workspace_id: int) -> None:
    # The planner knows nothing of these rows yet.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE journal_executionreport")
    for account in BrokerAccount.objects.order_by("pk"):
        rebuild_orders(account)
        rebook_account(account)
    rebuild_standings(workspace_id)
