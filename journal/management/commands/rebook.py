"""Derive the book from the evidence again."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django_scopes import scope, scopes_disabled

from accounts.models import Workspace
from journal.management.workspaces import workspace_named
from journal.models import BrokerAccount
from journal.services.booking.rebook import rebook_account
from journal.services.orders import rebuild_orders
from journal.services.recommendations.standing import rebuild_standings


class Command(BaseCommand):
    help = "Rebuild everything that follows from the evidence. An unchanged book is not changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", help="name or slug; all workspaces when left out")
        parser.add_argument("--account", help="account number; all accounts when left out")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["workspace"]:
            workspaces = [workspace_named(options["workspace"])]
        else:
            workspaces = list(Workspace.objects.order_by("pk"))
        for workspace in workspaces:
            with scope(workspace=workspace.pk):
                self._rebook(workspace, options["account"])
                if not options["account"]:
                    rebuild_standings(workspace.pk)

    def _rebook(self, workspace: Workspace, number: str | None) -> None:
        with scopes_disabled():
            accounts = BrokerAccount.objects.filter(workspace=workspace).order_by("pk")
            if number:
                accounts = accounts.filter(broker_id=number)
            for account in list(accounts):
                with transaction.atomic():
                    rebuild_orders(account)
                    changes = rebook_account(account)
                self.stdout.write(
                    f"{workspace.name} / {account.broker_id}: {changes.legs} trades and "
                    f"{changes.executions} executions changed"
                )
