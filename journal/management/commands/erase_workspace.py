"""A workspace and all that is in it, for good."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.errors import AppError
from journal.management.workspaces import workspace_named
from journal.services.erasing_workspaces import erase_workspace


class Command(BaseCommand):
    help = "Erase a workspace with evidence, book, notes, files and whatever was learnt of it. There is no way back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("workspace", help="name or slug")
        parser.add_argument("--confirm", required=True, help="its slug, once more")
        parser.add_argument("--reason", default="", help="kept in the audit trail")

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = workspace_named(options["workspace"])
        try:
            counts = erase_workspace(
                workspace, confirm=options["confirm"], reason=options["reason"]
            )
        except AppError as error:
            raise CommandError(error.message) from error
        self.stdout.write(
            f"{sum(counts.values()):,} rows of {len(counts)} tables are gone, with the workspace."
        )
