"""Check the invariants of every book."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django_scopes import scope

from accounts.models import Workspace
from journal.management.workspaces import workspace_named
from journal.models import BrokerAccount
from journal.services.verification import verify_account, verify_recommendations


class Command(BaseCommand):
    help = "Check that all figures agree and follow from the evidence. Changes nothing; exit 1 on a finding."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", help="name or slug; all workspaces when left out")
        parser.add_argument(
            "--quick", action="store_true", help="compare sums only, do not book everything again"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["workspace"]:
            workspaces = [workspace_named(options["workspace"])]
        else:
            workspaces = list(Workspace.objects.order_by("pk"))
        findings = accounts = 0
        for workspace in workspaces:
            with scope(workspace=workspace.pk):
                for account in BrokerAccount.objects.order_by("pk"):
                    accounts += 1
                    for finding in verify_account(account, rebuild=not options["quick"]):
                        findings += 1
                        self.stdout.write(
                            f"{workspace.name} / {finding.account}: {finding.check}: {finding.detail}"
                        )
                for finding in verify_recommendations(workspace.pk):
                    findings += 1
                    self.stdout.write(f"{workspace.name}: {finding.check}: {finding.detail}")
        if findings:
            raise CommandError(f"{findings} findings in {accounts} accounts.")
        self.stdout.write(f"{accounts} accounts verified: every figure agrees.")
