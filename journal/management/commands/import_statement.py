"""Import statement files from a terminal or a script."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django_scopes import scope

from accounts.models import Workspace
from common.errors import AppError
from journal.management.workspaces import workspace_named
from journal.models import BrokerAccount
from journal.services import imports


class Command(BaseCommand):
    help = "Import broker statements into a workspace. Safe to repeat: known rows are skipped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--workspace", required=True, help="name or slug")
        parser.add_argument(
            "--account", help="account number; a file of another account is refused"
        )
        parser.add_argument("--format", default="auto", help="reader, or auto (default)")
        parser.add_argument("--timezone", default="", help="zone of times without an offset")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would happen, keep nothing"
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = workspace_named(options["workspace"])
        with scope(workspace=workspace.pk):
            results = [self._import(Path(file), workspace, options) for file in options["files"]]
        if options["json"]:
            shown = results[0] if len(results) == 1 else results
            self.stdout.write(json.dumps(shown, indent=2, default=str))

    def _import(
        self, path: Path, workspace: Workspace, options: dict[str, Any]
    ) -> dict[str, object]:
        request = imports.ImportRequest(
            format=options["format"],
            account=self._account(workspace, options["account"]),
            zone=options["timezone"],
            source="command",
        )
        try:
            with path.open("rb") as stream:
                batch = imports.receive_file(workspace.pk, stream, name=path.name, request=request)
            if options["dry_run"]:
                result = imports.preview_import(batch)
                imports.discard_preview(batch)
            else:
                imports.confirm_import(batch)
                result = imports.run_import(batch)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror or error}.") from error
        except AppError as error:
            raise CommandError(f"{path}: {error.message}") from error
        if not options["json"]:
            self.stdout.write(summary(path.name, result, dry_run=options["dry_run"]))
        return result

    def _account(self, workspace: Workspace, number: str | None) -> BrokerAccount | None:
        if not number:
            return None
        account = BrokerAccount.objects.filter(workspace=workspace, broker_id=number).first()
        if account is None:
            known = (
                ", ".join(BrokerAccount.objects.values_list("broker_id", flat=True)) or "none yet"
            )
            raise CommandError(
                f"There is no account {number} in “{workspace.name}” (known: {known}). Leave --account out and "
                "the file decides."
            )
        return account


def summary(name: str, result: dict[str, Any], *, dry_run: bool) -> str:
    lines = [f"{name}: {'would import' if dry_run else 'imported'} ({result['format']})"]
    for account in result["accounts"]:
        executions, cash = account["executions"], account["cash"]
        lines.append(
            f"  {account['broker_id']}: {executions['new']} new executions of {executions['read']}, "
            f"{cash['new']} new cash rows of {cash['read']}, {account['positions']} positions stated"
        )
    trades = result["trades"]
    lines.append(f"  trades: {trades['opened']} opened, {trades['closed']} closed")
    for currency, amount in result["realized_pnl"].items():
        lines.append(f"  realised, net: {amount} {currency}")
    for problem in result["problems"]:
        lines.append(f"  {problem['severity']}, row {problem['row']}: {problem['message']}")
    return "\n".join(lines)
