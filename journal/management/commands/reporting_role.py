"""Let a role of the database read one workspace by SQL, or take that away."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django_scopes import scope

from common.errors import AppError
from journal.management.workspaces import workspace_named
from journal.services.reporting import TIMEOUT_SECONDS, grant_role, revoke_role


class Command(BaseCommand):
    help = (
        "Let a role of the database read the views of one workspace (docs/sql.md). Safe to repeat."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", required=True, help="name or slug")
        parser.add_argument(
            "--name", required=True, help="of the role; it is made where there is none"
        )
        parser.add_argument(
            "--password-env",
            metavar="VAR",
            help="the environment variable with its password; without one it cannot sign in by itself",
        )
        parser.add_argument(
            "--timeout",
            type=int,
            default=TIMEOUT_SECONDS,
            metavar="SECONDS",
            help="how long a statement of it may take, at most",
        )
        parser.add_argument("--revoke", action="store_true", help="take the workspace away again")

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = workspace_named(options["workspace"])
        name = options["name"]
        with scope(workspace=workspace.pk):
            if options["revoke"]:
                if not revoke_role(workspace.pk, name):
                    raise CommandError(f"“{name}” does not read “{workspace.name}”.")
                self.stdout.write(f"{name} no longer reads “{workspace.name}”.")
                return
            try:
                granted = grant_role(
                    workspace.pk,
                    name,
                    password=_password(options["password_env"]),
                    timeout_seconds=max(1, options["timeout"]),
                )
            except AppError as error:
                raise CommandError(error.message) from None
        made = "was made and" if granted.is_new else "now"
        self.stdout.write(f"{name} {made} reads “{workspace.name}”, and nothing else.")
        if granted.to_run:
            self.stdout.write("An administrator of the database still has to run:")
            for statement in granted.to_run:
                self.stdout.write(f"    {statement};")


def _password(variable: str | None) -> str | None:
    if variable is None:
        return None
    password = os.environ.get(variable)
    if not password:
        raise CommandError(f"The environment variable {variable} is not set or empty.")
    return password
