"""A workspace out of a file that `export_workspace` wrote."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from django.core.management.base import BaseCommand, CommandError
from django_scopes import scope

from accounts.models import User
from common.errors import AppError
from journal.models import BrokerAccount, Trade
from journal.services.portable.reading import read_archive


class Command(BaseCommand):
    help = "Make a new workspace of an archive, and derive its book. All of it or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--owner", required=True, help="e-mail of who owns it")
        parser.add_argument("--name", default="", help="of the workspace; else as it was called")

    def handle(self, *args: Any, **options: Any) -> None:
        owner = User.objects.filter(email=options["owner"].lower()).first()
        if owner is None:
            raise CommandError(
                f"Nobody here has the e-mail {options['owner']}. Make them with manage.py create_user."
            )
        try:
            with ZipFile(options["file"]) as archive:
                workspace = read_archive(archive, owner=owner, name=options["name"])
        except AppError as error:
            raise CommandError(f"{options['file']}: {error.message}") from error
        except (BadZipFile, OSError) as error:
            raise CommandError(f"{options['file']} cannot be read: {error}") from error
        with scope(workspace=workspace.pk):
            accounts, trades = BrokerAccount.objects.count(), Trade.objects.count()
        self.stdout.write(
            f"{workspace.name} ({workspace.slug}): {accounts:,} accounts, {trades:,} trades."
        )
