"""Hold books against brokers now, in the foreground: what a worker does by schedule."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django_scopes import scope

from accounts.models import Workspace
from journal.management.workspaces import workspace_named
from journal.models import BrokerAccount
from reconciliation.domain.life import State
from reconciliation.models import Divergence, ReconciliationRun, RunOutcome
from reconciliation.services import cycle


class Command(BaseCommand):
    help = (
        "Ask brokers what accounts hold and compare the book with it. Exit code 0: all were heard whole and nothing is "
        "open; 1: something is open, or was not heard; 2: wrong arguments."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", default="", help="name or slug; left out: all of them")
        parser.add_argument(
            "--account", default="", help="number of one account; left out: all in use"
        )
        parser.add_argument("--json", action="store_true", help="print what came of it as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        named = options["workspace"]
        workspaces = [workspace_named(named)] if named else list(Workspace.objects.order_by("pk"))
        runs: list[ReconciliationRun] = []
        open_: list[Divergence] = []
        for workspace in workspaces:
            with scope(workspace=workspace.pk):
                accounts = self._chosen(options["account"])
                runs += cycle.run_accounts(accounts, source="command")
                told = Divergence.objects.filter(
                    account__in=accounts,
                    state__in=[State.OPEN, State.INVESTIGATING, State.PROPOSED, State.APPROVED],
                )
                open_ += told.select_related("account").order_by("account_id", "pk")
        if not runs:
            raise CommandError("There is no such account in use.", returncode=2)
        self._tell(runs, open_, is_json=options["json"])

    def _chosen(self, number: str) -> list[BrokerAccount]:
        accounts = BrokerAccount.objects.filter(archived_at=None, erasure_asked_at=None)
        if number:
            accounts = accounts.filter(broker_id=number)
        return list(accounts.order_by("pk"))

    def _tell(
        self, runs: list[ReconciliationRun], open_: list[Divergence], *, is_json: bool
    ) -> None:
        if is_json:
            told = {"runs": [_run(one) for one in runs], "open": [_open(one) for one in open_]}
            self.stdout.write(json.dumps(told, indent=2))
        else:
            for one in runs:
                words = (
                    one.error_message or f"{one.found} differ, {one.opened} new, {one.cleared} gone"
                )
                self.stdout.write(f"{one.account}: {one.outcome}, {words}")
            for divergence in open_:
                self.stdout.write(
                    f"  {divergence.account} #{divergence.pk} {divergence.severity} {divergence}: "
                    f"book {divergence.expected}, broker {divergence.actual}"
                )
        unknown = sum(one.outcome == RunOutcome.UNKNOWN for one in runs)
        if unknown or open_:
            raise CommandError(
                f"{len(open_)} differences are open; {unknown} accounts were not heard."
            )


def _run(run: ReconciliationRun) -> dict[str, object]:
    return {
        "account": run.account.broker_id, "run": run.pk, "outcome": str(run.outcome), "compared": run.compared,
        "skipped": run.skipped, "found": run.found, "opened": run.opened, "cleared": run.cleared,
        "error": {"code": run.error_code, "message": run.error_message} if run.error_code else None,
        "seconds": round(run.took.total_seconds(), 3),
    }  # fmt: skip


def _open(one: Divergence) -> dict[str, object]:
    return {
        "id": one.pk, "account": one.account.broker_id, "kind": one.kind, "severity": one.severity,
        "state": one.state, "symbol": one.symbol, "expected": one.expected, "actual": one.actual,
        "since": one.first_seen_at.isoformat(), "proposal": one.proposal.get("words", ""),
    }  # fmt: skip
