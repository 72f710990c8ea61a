"""manage.py create_user EMAIL --workspace NAME: for scripts; never asks anything.

The password comes from --password-file, --password-env, or FILLBOOK_PASSWORD. With none of them the
person cannot sign in until a password is set, which the command says. Running it again for the same
person changes nothing but what is missing: membership, and a first password.
"""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from accounts.models import User, Workspace
from accounts.roles import Role
from accounts.selectors import find_workspaces, get_workspace_by_name
from accounts.services import people, workspaces
from common.errors import AppError

DEFAULT_ENV = "FILLBOOK_PASSWORD"


class Command(BaseCommand):
    help = "Create a person, or add one who is already here to a workspace."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--workspace", metavar="NAME", help="made if there is none")
        parser.add_argument("--role", choices=[role.value for role in Role], default="owner")
        parser.add_argument("--name", default="")
        parser.add_argument("--currency", default="USD", help="of a workspace that is made")
        parser.add_argument("--admin", action="store_true", help="administers the installation")
        source = parser.add_mutually_exclusive_group()
        source.add_argument("--password-file", metavar="FILE", help="its first line")
        source.add_argument("--password-env", metavar="VAR", help=f"default: {DEFAULT_ENV}")
        parser.add_argument(
            "--reset-password", action="store_true", help="also for a person who has one"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                self._run(options)
        except AppError as error:
            raise CommandError(error.message) from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None

    def _run(self, options: dict[str, Any]) -> None:
        validate_email(options["email"])
        password = _read_password(options)
        user = self._find_or_create(options, password)
        if options["admin"] and not user.is_superuser:
            people.make_administrator(user)
            self.stdout.write(f"{user} administers this installation now.")
        if options["workspace"]:
            self._join(user, options)
        if not user.has_usable_password():
            self.stdout.write(
                "No password is set, so this person cannot sign in yet: "
                f"run this again with {DEFAULT_ENV} or --password-file."
            )

    def _find_or_create(self, options: dict[str, Any], password: str | None) -> User:
        email = options["email"].lower()
        user = User.objects.filter(email=email).first()
        if user is None:
            if password is not None:
                validate_password(password, User(email=email, name=options["name"]))
            user = people.create_user(email, password=password, name=options["name"])
            first = " the first person, who administers this installation" * user.is_superuser
            self.stdout.write(f"Created {user}{',' if first else ''}{first}.")
            return user
        self.stdout.write(f"{user} is already here.")
        if password is not None and (options["reset_password"] or not user.has_usable_password()):
            validate_password(password, user)
            people.set_password(user, password=password)
            self.stdout.write("The password is set.")
        return user

    def _join(self, user: User, options: dict[str, Any]) -> None:
        name = options["workspace"]
        if not find_workspaces(name):
            if options["role"] != Role.OWNER:
                raise CommandError(
                    f"There is no workspace called “{name}”, and a new one needs an owner."
                )
            made = workspaces.create_workspace(
                user, name=name, base_currency=options["currency"].upper()
            )
            self.stdout.write(f"Created workspace “{made.workspace}” with {user} as its owner.")
            return
        self._add(user, get_workspace_by_name(name), Role(options["role"]))

    def _add(self, user: User, workspace: Workspace, role: Role) -> None:
        membership, is_new = workspaces.add_member(user, workspace=workspace, role=role)
        how = "is now" if is_new else "already is"
        self.stdout.write(f"{user} {how} {membership.role} in “{workspace}”.")


def _read_password(options: dict[str, Any]) -> str | None:
    if options["password_file"]:
        return _first_line(options["password_file"])
    variable = options["password_env"] or DEFAULT_ENV
    password = os.environ.get(variable)
    if options["password_env"] and not password:
        raise CommandError(f"The environment variable {variable} is not set or empty.")
    return password or None


def _first_line(path: str) -> str:
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"The password file {path} cannot be read: {error}.") from None
    if not lines or not lines[0]:
        raise CommandError(f"The first line of the password file {path} is empty.")
    return lines[0]
