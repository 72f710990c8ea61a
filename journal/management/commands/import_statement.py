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
from journal.reading.reader import ReaderStopped
from journal.selectors.imports import known_account
from journal.services import imports, mappings
from journal.services.ingest import NAME_THE_ACCOUNT, report
from journal.services.rehearsal import rehearse_import

_TRY_AGAIN = "Try again; if it happens once more, see whether the machine runs out of memory."
_TRIES_AGAIN = "Fillbook tries again by itself while it runs: see Imports for what comes of it."
_NAME_THE_ACCOUNT = (
    "Name the account with --account NUMBER, or a new one with --new-account NUMBER, and import "
    "the file again."
)

_DATES = {"auto": None, "day-first": True, "month-first": False}


class Command(BaseCommand):
    help = (
        "Import broker statements into a workspace. Safe to repeat: known rows are skipped. Exit code 0: all files "
        "were imported; 1: at least one was refused, and the last lines say which and why; 2: wrong arguments."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--workspace", required=True, help="name or slug")
        parser.add_argument(
            "--account",
            default="",
            help="account number; a file of another account is refused, one that names none is of this account",
        )
        parser.add_argument("--format", default="auto", help="reader, or auto (default)")
        parser.add_argument("--timezone", default="", help="zone of times without an offset")
        parser.add_argument(
            "--new-account",
            default="",
            metavar="NUMBER",
            help="for files that name no account: one that may come to be",
        )
        parser.add_argument(
            "--dates",
            choices=_DATES,
            default="auto",
            help="how 03/04/2026 is meant (auto: the file tells)",
        )
        parser.add_argument(
            "--mapping",
            default="",
            metavar="FILE",
            help="what the columns of a table are, as JSON (docs/brokers/generic_table.md); auto takes the proposal "
            "where it leaves nothing open",
        )
        parser.add_argument(
            "--propose-mapping",
            action="store_true",
            help="import nothing; print what the columns most probably are, as JSON for --mapping",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would happen, keep nothing"
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["propose_mapping"]:
            self._propose(options["files"])
            return
        workspace = workspace_named(options["workspace"])
        results: list[dict[str, Any]] = []
        refusals: list[str] = []
        with scope(workspace=workspace.pk):
            for path in map(Path, options["files"]):
                try:
                    results.append(self._import(path, workspace, options))
                except OSError as error:
                    refusals.append(f"{path}: {error.strerror or error}.")
                except AppError as error:
                    # What to do is said for people who look at a page.
                    words = error.message.replace(NAME_THE_ACCOUNT, _NAME_THE_ACCOUNT)
                    refusals.append(f"{path}: {words}")
                except ReaderStopped as error:
                    remedy = _TRY_AGAIN if options["dry_run"] else _TRIES_AGAIN
                    refusals.append(f"{path}: {error} {remedy}")
        if options["json"] and results:
            shown = results[0] if len(options["files"]) == 1 else results
            self.stdout.write(json.dumps(shown, indent=2))
        if refusals:
            raise CommandError("\n".join(refusals))

    def _propose(self, files: list[str]) -> None:
        """The proposal on standard output, what it leaves open on standard error."""
        for path in map(Path, files):
            try:
                with path.open("rb") as stream:
                    found, open_ = mappings.propose(stream)
            except OSError as error:
                raise CommandError(f"{path}: {error.strerror or error}.") from error
            except AppError as error:
                raise CommandError(f"{path}: {error.message}") from error
            self.stdout.write(json.dumps(found.mapping.as_json(), indent=2, ensure_ascii=False))
            for words in open_:
                self.stderr.write(f"{path}: {words}")

    def _import(
        self,
        path: Path,
        workspace: Workspace,
        options: dict[str, Any],
    ) -> dict[str, Any]:
        request = imports.ImportRequest(
            mapping=_mapping(options["mapping"], path),
            format=options["format"],
            zone=options["timezone"],
            day_first=_DATES[options["dates"]],
            source="command",
            account=known_account(options["account"]) if options["account"] else None,
            account_number=options["new_account"],
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


def _mapping(said: str, path: Path) -> dict[str, Any] | None:
    """Raises OSError, and Rejected for what is no mapping, or for a proposal that leaves anything open."""
    if not said:
        return None
    if said == "auto":
        with path.open("rb") as stream:
            return mappings.settled(stream)
    return mappings.read_json(Path(said).read_bytes())


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
