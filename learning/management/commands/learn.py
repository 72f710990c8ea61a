"""`manage.py learn`: every closed trade read anew from the book, every figure counted from the first trade on, and
every step of the learner taken."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django_scopes import scope

from accounts.models import Workspace
from journal.management.workspaces import workspace_named
from learning.models import LearningRun
from learning.services import learner, measuring, returning


class Command(BaseCommand):
    help = "Recompute what is learnt from closed trades. An unchanged book gives the same figures."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", help="name or slug; all workspaces when left out")
        parser.add_argument(
            "--as-of",
            default="",
            help="take the steps as of this moment (ISO 8601, UTC unless it says), by what was known then; recomputes "
            "no figures",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["workspace"]:
            workspaces = [workspace_named(options["workspace"])]
        else:
            workspaces = list(Workspace.objects.order_by("pk"))
        as_of = _moment(options["as_of"])
        for workspace in workspaces:
            began = time.monotonic()
            with scope(workspace=workspace):
                told = "" if as_of else _measure(workspace.pk)
                runs = learner.learn(workspace.pk, as_of=as_of or timezone.now())
            seconds = time.monotonic() - began
            self.stdout.write(f"{workspace.name}: {told}{_steps(runs)}, {seconds:.1f} s")


def _measure(workspace_id: int) -> str:
    done = measuring.measure_all(workspace_id, anew=True)
    returning.measure_returns(workspace_id, timezone.now())
    return f"{done.facts} facts changed, {done.parts} parts counted, "


def _steps(runs: list[LearningRun]) -> str:
    return f"{len(runs)} {'step' if len(runs) == 1 else 'steps'} taken"


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(
            f"“{text}” is not a moment. Write 2026-06-01 or 2026-06-01T06:00:00+02:00."
        ) from error
    moment = found if found.tzinfo else found.replace(tzinfo=UTC)
    if moment > timezone.now():
        raise CommandError(f"{moment.isoformat()} has not come: nothing is known as of then.")
    return moment
