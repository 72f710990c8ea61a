"""manage.py seed_demo: a workspace full of invented trades, the same for the same arguments."""

from __future__ import annotations

import os
import secrets
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django_scopes import scope

from accounts.models import Membership, User, Workspace
from accounts.roles import Role
from accounts.selectors import find_workspaces, get_workspace_by_name
from accounts.services.people import create_user, set_password
from accounts.services.workspaces import add_member, create_workspace
from common.errors import AppError
from journal.services.demo.seeding import (
    EXECUTIONS_LEAST,
    EXECUTIONS_MOST,
    DemoRequest,
    seed_workspace,
)

# Fixed, so that the same command gives the same figures next year.
UNTIL = date(2026, 10, 30)
EMAIL = "demo@fillbook.local"
PASSWORD_ENV = "FILLBOOK_PASSWORD"  # noqa: S105 - the name of the variable


def _executions(text: str) -> int:
    number = int(text.replace(",", "").replace("_", ""))
    if not EXECUTIONS_LEAST <= number <= EXECUTIONS_MOST:
        raise ArgumentTypeError(f"from {EXECUTIONS_LEAST} to {EXECUTIONS_MOST:,}, not {number:,}")
    return number


class Command(BaseCommand):
    help = (
        "Fill a workspace with invented trades, the same for the same arguments. Makes the workspace, and a person "
        "who owns it, where there is none. Safe to repeat: what is there is not added again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--executions", type=_executions, default=2_000, metavar="N")
        parser.add_argument("--until", type=date.fromisoformat, metavar="YYYY-MM-DD",
                            help=f"the last day (default {UNTIL}, or today if that is to come)")  # fmt: skip
        parser.add_argument("--statements-only", action="store_true",
                            help="without recommendations, plans, a bot, prices, differences and guards")  # fmt: skip
        parser.add_argument("--without-brokers", action="store_true",
                            help="without brokers that say otherwise, a paper account and guards")  # fmt: skip
        parser.add_argument("--workspace", default="Demo", metavar="NAME")
        parser.add_argument("--email", help=f"of the person to sign in as (default {EMAIL} when the workspace is made; "
                            f"the password is {PASSWORD_ENV}, or made and printed)")  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        request = DemoRequest(
            options["seed"],
            options["executions"],
            _last_day(options["until"]),
            has_chain=not options["statements_only"],
            has_brokers=not (options["statements_only"] or options["without_brokers"]),
        )
        try:
            workspace, user = self._find_or_make(options["workspace"], options["email"])
            with scope(workspace=workspace.pk):
                new = seed_workspace(
                    workspace.pk,
                    request=request,
                    author_id=user.pk if user else None,
                    say=self._say if options["verbosity"] > 1 else lambda _: None,
                )
        except AppError as error:
            raise CommandError(error.message) from error
        self.stdout.write(
            f"Workspace “{workspace.name}”: {new:,} new executions up to {request.until}."
        )

    def _say(self, line: str) -> None:
        self.stdout.write(line)

    def _find_or_make(self, name: str, email: str | None) -> tuple[Workspace, User | None]:
        if not find_workspaces(name):
            user = self._person(email or EMAIL)
            return create_workspace(user, name=name).workspace, user
        workspace = get_workspace_by_name(name)
        if email:
            user = self._person(email)
            add_member(user, workspace=workspace, role=Role.OWNER)
            return workspace, user
        ours = Membership.objects.filter(workspace=workspace, user__email=EMAIL)
        return workspace, self._person(EMAIL) if ours.exists() else None

    def _person(self, email: str) -> User:
        """Whoever is made here and has not signed in yet gets a password that is told now: an earlier run may
        have been cut short before anybody could read it."""
        given = os.environ.get(PASSWORD_ENV)
        password = given or secrets.token_urlsafe(9)
        shown = f"the password in {PASSWORD_ENV}" if given else f"password {password}"
        user = User.objects.filter(email=email.lower()).first()
        if user is None:
            user = create_user(email.lower(), password=password, name="Demo")
        elif user.email == EMAIL and user.last_login is None:
            set_password(user, password=password)
        else:
            shown = "the password you have"
        self.stdout.write(f"Sign in as {user.email} with {shown}.")
        return user


def _last_day(given: date | None) -> date:
    today = timezone.localdate()
    if given and given > today:
        raise CommandError(f"{given} is still to come: choose a day up to {today}.")
    return given or min(UNTIL, today)
