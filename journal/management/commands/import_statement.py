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
from journal.reading.reader import ReaderStopped
from journal.services import imports
from journal.services.ingest import report
from journal.services.rehearsal import rehearse_import

_TRY_AGAIN = "Try again; if it happens once more, see whether the machine runs out of memory."
_TRIES_AGAIN = "Fillbook tries again by itself while it runs: see Imports for what comes of it."


class Command(BaseCommand):
    help = (
        "Import broker statements into a workspace. Safe to repeat: known rows are skipped. Exit code 0: all files "
        "were imported; 1: at least one was refused, and the last lines say which and why; 2: wrong arguments."
    )

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
        results: list[dict[str, Any]] = []
        refusals: list[str] = []
        with scope(workspace=workspace.pk):
            account = self._account(workspace, options["account"])
            for path in map(Path, options["files"]):
                try:
                    results.append(self._import(path, workspace, account, options))
                except OSError as error:
                    refusals.append(f"{path}: {error.strerror or error}.")
                except AppError as error:
                    refusals.append(f"{path}: {error.message}")
                except ReaderStopped as error:
                    remedy = _TRY_AGAIN if options["dry_run"] else _TRIES_AGAIN
                    refusals.append(f"{path}: {error} {remedy}")
        if options["json"] and results:
            shown = results[0] if len(options["files"]) == 1 else results
            self.stdout.write(json.dumps(shown, indent=2))
        if refusals:
            raise CommandError("\n".join(refusals))

    def _import(
        self,
        path: Path,
        workspace: Workspace,
        account: BrokerAccount | None,
        options: dict[str, Any],
    ) -> dict[str, Any]:
        request = imports.ImportRequest(
            format=options["format"], account=account, zone=options["timezone"], source="command"
        )
        with path.open("rb") as stream:
            if options["dry_run"]:
                result: dict[str, Any] = rehearse_import(
                    workspace.pk, stream, name=path.name, request=request
                )
            else:
                batch = imports.receive_file(workspace.pk, stream, name=path.name, request=request)
                imports.confirm_import(batch)
                result = imports.run_import(batch)
        if not options["json"]:
            self.stdout.write(summary(path.name, result, dry_run=options["dry_run"]))
        return report(result)

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
    lines += [
        f"  {problem['severity']}, row {problem['row']}: {problem['message']}"
        for problem in result["problems"]
    ]
    return "\n".join(lines)
