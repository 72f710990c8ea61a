"""Pull from a broker now, in the foreground: what a worker does by schedule."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django_scopes import scope

from common.errors import AppError, Conflict
from journal.management.workspaces import workspace_named
from journal.models import Connection, Pull, PullState
from journal.selectors.connections import counts_of, list_connections, standings_of
from journal.selectors.coverage import coverage_of
from journal.services.pulls.asking import ask_pull
from journal.services.pulls.environment import ensure_environment_connections
from journal.services.pulls.run import run_pull

_LOOK_SECONDS = 5


class Command(BaseCommand):
    help = (
        "Pull from brokers now and wait until it is done. Exit code 0: everything that was asked for is in the book; "
        "1: it is not, and the last lines say why; 2: wrong arguments."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", required=True, help="name or slug")
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--connection", default="", help="number or name; left out: all that are not paused"
        )
        which.add_argument(
            "--account", default="", help="those that fill the account of this number"
        )
        parser.add_argument(
            "--days-back", type=int, help="so many days, instead of all that is missing"
        )
        parser.add_argument("--json", action="store_true", help="print what came of it as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = workspace_named(options["workspace"])
        if options["days_back"] is not None and not 1 <= options["days_back"] <= 36_500:
            raise CommandError("--days-back must be a number of days, at least 1.", returncode=2)
        ensure_environment_connections(settings.ENVIRONMENT_CONNECTIONS)
        with scope(workspace=workspace.pk):
            pulls, refusals = [], []
            for connection in self._chosen(options):
                try:
                    pulls.append(self._pull(connection, options))
                except AppError as error:
                    refusals.append(f"{connection}: {error.message}")
            self._tell(pulls, refusals, is_json=options["json"])

    def _chosen(self, options: dict[str, Any]) -> list[Connection]:
        named, number = options["connection"], options["account"]
        everything = list(list_connections())
        if named:
            found = [one for one in everything if named in (str(one.pk), one.name)]
        elif number:
            found = [one for one in everything if fills(one, number)]
        else:
            found = [one for one in everything if one.paused_at is None]
        if not found:
            known = ", ".join(f"{one.pk} ({one})" for one in everything) or "none yet"
            what = f" “{named}”" if named else f" that fills {number}" if number else ""
            raise CommandError(
                f"There is no connection{what} (known: {known}). Make one on the page Connections, or with "
                "POST /api/connections."
            )
        return found

    def _pull(self, connection: Connection, options: dict[str, Any]) -> Pull:
        pull = self._ask(connection, options["days_back"])
        while not pull.is_finished:
            try:
                pull = run_pull(pull)
            except Conflict:
                # A worker is at it; its outcome is ours.
                pass
            pull.refresh_from_db()
            if not pull.is_finished:
                time.sleep(_LOOK_SECONDS)
        return pull

    def _ask(self, connection: Connection, days_back: int | None) -> Pull:
        try:
            return ask_pull(connection, days_back=days_back, source="command")
        except Conflict:
            # One that the schedule has begun asks for all that is missing too.
            begun = connection.pulls.filter(state__in=Pull.UNFINISHED, days_back=days_back).first()
            if begun is None:
                raise
            return begun

    def _tell(self, pulls: list[Pull], refusals: list[str], *, is_json: bool) -> None:
        standings = standings_of([pull.connection for pull in pulls], now=timezone.now())
        told = []
        for pull in pulls:
            standing = standings[pull.connection_id]
            told.append(
                {
                    "connection": pull.connection_id,
                    "name": pull.connection.name,
                    "pull": pull.pk,
                    "state": pull.state,
                    "complete_until": standing.complete_until
                    and standing.complete_until.isoformat(),
                    "gaps": [
                        [span.since.isoformat(), span.until.isoformat()] for span in standing.gaps
                    ],
                    "error": _error(pull),
                    **counts_of(pull),
                }
            )
            if pull.state == PullState.FAILED:
                refusals.append(f"{pull.connection}: {pull.error_message}")
        if is_json:
            self.stdout.write(json.dumps(told, indent=2))
        else:
            for one in told:
                self.stdout.write(_sentence(one))
        if refusals:
            raise CommandError("\n".join(refusals))


def fills(connection: Connection, number: str) -> bool:
    known = coverage_of([connection.pk])[connection.pk].held
    brought = connection.pulls.filter(documents__batch__result__accounts__contains=[{"broker_id": number}])  # fmt: skip
    return number in connection.account_numbers or number in known or brought.exists()


def _error(pull: Pull) -> dict[str, str] | None:
    if not pull.error_code:
        return None
    return {"code": pull.error_code, "message": pull.error_message}


def _sentence(told: dict[str, Any]) -> str:
    executions = told["executions"]
    until = told["complete_until"] or "unknown"
    lacks = f", {len(told['gaps'])} gaps" if told["gaps"] else ""
    return (
        f"{told['name']}: {told['state']}, {executions['new']} new executions of {executions['read']}; "
        f"complete until {until}{lacks}"
    )
