"""A workspace into one file."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django_scopes import scope

from common.errors import AppError
from journal.management.workspaces import workspace_named
from journal.services.portable.writing import write_archive


class Command(BaseCommand):
    help = (
        "Write evidence and all that people said of a workspace into one zip. No secret is in it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("workspace", help="name or slug")
        parser.add_argument("file", type=Path, help="a file that is not there yet")

    def handle(self, *args: Any, **options: Any) -> None:
        workspace, target = workspace_named(options["workspace"]), options["file"]
        if target.exists():
            raise CommandError(f"{target} is there already. Name another file.")
        # Whole under its name, or not there at all; and nobody else's to read.
        part = target.with_name(f"{target.name}.part")
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with (
                os.fdopen(descriptor, "wb") as stream,
                ZipFile(stream, "w", ZIP_DEFLATED) as archive,
                scope(workspace=workspace.pk),
            ):
                manifest = write_archive(workspace, archive, now=timezone.now())
            part.replace(target)
        except (AppError, OSError) as error:
            part.unlink(missing_ok=True)
            raise CommandError(str(getattr(error, "message", error))) from error
        rows = sum(one.count for one in manifest.tables)
        self.stdout.write(
            f"{workspace.name}: {rows:,} rows and {len(manifest.files):,} files into {target} "
            f"({target.stat().st_size:,} bytes)."
        )
        for sha256 in manifest.missing:
            self.stderr.write(f"The storage has lost the file {sha256}; its rows are in the archive.")  # fmt: skip
