"""manage.py demo_crash: the market of the demo's paper account falls until its guard has made it flat."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django_scopes import scope

from accounts.models import Membership
from accounts.roles import Role
from common.errors import AppError
from journal.management.workspaces import workspace_named
from reconciliation.services.demo.crash import crash, set_stage


class Command(BaseCommand):
    help = (
        "Let the market of a paper account fall, and watch its guard: from warning to fired to verified flat. Opens "
        "the account and arms the guard where they are not there yet. Orders go to the paper broker only."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", default="Demo", metavar="NAME")
        parser.add_argument(
            "--prepare", action="store_true", help="only open the account and arm the guard"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = workspace_named(options["workspace"])
        owner = (
            Membership.objects.filter(workspace=workspace, role=Role.OWNER).order_by("pk").first()
        )
        if owner is None:
            raise CommandError(f"Nobody owns “{workspace.name}”.")
        with scope(workspace=workspace.pk):
            try:
                stage = set_stage(owner)
                self.stdout.write(f"{stage.account}: “{stage.guard}” watches.")
                if options["prepare"]:
                    return
                for line in crash(stage):
                    self.stdout.write(line)
                    self.stdout.flush()
            except AppError as error:
                raise CommandError(error.message) from error
