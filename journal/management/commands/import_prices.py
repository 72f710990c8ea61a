"""Import files of price bars from a terminal or a script."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django_scopes import scope

from journal.domain.bars import interval_seconds
from journal.management.workspaces import workspace_named
from journal.prices.base import Expected, UnreadablePrices
from journal.services.prices.files import outcome_of, read_into

_BASES = {"auto": None, "raw": False, "adjusted": True}
_DATES = {"auto": None, "day-first": True, "month-first": False}


class Command(BaseCommand):
    help = (
        "Import files of price bars (LEAN's, or any table with time, open, high, low and close) into a workspace. "
        "Safe to repeat. Exit code 0: all files were read; 1: at least one was refused, and the last lines say why."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--workspace", required=True, help="name or slug")
        parser.add_argument(
            "--symbol", default="", help="where neither the file nor its name says it"
        )
        parser.add_argument("--interval", default="", help="how long a bar is: 1m, 5m, 1h, 1d")
        parser.add_argument(
            "--timezone", default="", help="zone of times without an offset, and of days"
        )
        parser.add_argument(
            "--source", default="", help="a word of your own for where they come from"
        )
        parser.add_argument(
            "--basis",
            choices=_BASES,
            default="auto",
            help="raw: as traded; adjusted: for splits up to today",
        )
        parser.add_argument(
            "--dates", choices=_DATES, default="auto", help="how 03/04/2026 is meant"
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = workspace_named(options["workspace"])
        expected = _expected(options)
        results: list[dict[str, Any]] = []
        refusals: list[str] = []
        with scope(workspace=workspace.pk):
            for path in map(Path, options["files"]):
                try:
                    with path.open("rb") as stream:
                        outcome = outcome_of(*read_into(workspace.pk, stream, path.name, expected))
                except OSError as error:
                    refusals.append(f"{path}: {error.strerror or error}.")
                except UnreadablePrices as error:
                    refusals.append(f"{path}: {error.message}")
                else:
                    results.append({"file": path.name, **outcome})
                    if not options["json"]:
                        self._tell(path, outcome)
        if options["json"]:
            self.stdout.write(json.dumps(results, indent=2, ensure_ascii=False))
        if refusals:
            raise CommandError("\n".join(refusals))

    def _tell(self, path: Path, outcome: dict[str, Any]) -> None:
        if "splits" in outcome:
            says = f"{outcome['splits']} splits of {outcome['symbol']}, {outcome['new_splits']} new"
        else:
            says = (
                f"{outcome['bars']:,} bars of {outcome['symbol']} ({outcome['interval']}), {outcome['added']:,} new, "
                f"{outcome['changed']:,} changed"
            )
        self.stdout.write(f"{path}: {says}.")
        for note in outcome["notes"]:
            self.stdout.write(f"  {note}")
        if outcome["bad_rows"]:
            self.stderr.write(f"  {outcome['bad_rows']:,} rows were left out:")
            for problem in outcome["problems"]:
                self.stderr.write(f"  row {problem['row']}: {problem['message']}")


def _expected(options: dict[str, Any]) -> Expected:
    seconds = None
    if options["interval"]:
        seconds = interval_seconds(options["interval"])
        if seconds is None:
            raise CommandError("--interval is written such as 1m, 5m, 1h or 1d.")
    return Expected(
        symbol=options["symbol"],
        seconds=seconds,
        zone=options["timezone"],
        source=options["source"],
        is_adjusted=_BASES[options["basis"]],
        day_first=_DATES[options["dates"]],
    )
