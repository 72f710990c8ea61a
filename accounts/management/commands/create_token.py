"""manage.py create_token EMAIL: the token stands alone on the last line. It never asks anything."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.bindings import list_bindable
from accounts.models import Membership, User
from accounts.scopes import Scope, allowed_scopes
from accounts.selectors import (
    get_membership,
    get_user_by_email,
    get_workspace_by_name,
    list_memberships,
)
from accounts.services.tokens import create_token, parse_scopes
from common.errors import AppError


class Command(BaseCommand):
    help = "Create an API token for a person. Without --scopes it may do all that the person may."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--workspace", metavar="NAME", help="needed if there are several")
        parser.add_argument("--scopes", help="separated by commas: journal:read,journal:write")
        parser.add_argument("--account", metavar="NUMBER", help="for this broker account only")
        parser.add_argument(
            "--needs-approval",
            action="store_true",
            help="a person must approve what its bot recommends",
        )
        parser.add_argument("--name", default="Command line")
        parser.add_argument("--expires-days", type=int, metavar="N", help="default: never")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            membership = _membership(get_user_by_email(options["email"]), options["workspace"])
            scopes = _scopes(options["scopes"], membership)
            days = options["expires_days"]
            token, text = create_token(
                membership,
                name=options["name"],
                scopes=scopes,
                expires_in=None if days is None else timedelta(days=days),
                account_id=_account(options["account"], membership),
                needs_approval=options["needs_approval"],
            )
        except AppError as error:
            raise CommandError(error.message) from None
        until = f"until {token.expiry:%Y-%m-%d}" if token.expiry else "until it is revoked"
        self.stdout.write(
            f"Token “{token.name}” of {token.user} for “{token.workspace}”, {until}: "
            f"{', '.join(token.scopes)}."
        )
        self.stdout.write(text)


def _membership(user: User, name: str | None) -> Membership:
    if name:
        return get_membership(user, get_workspace_by_name(name).pk)
    memberships = list_memberships(user)
    if not memberships:
        raise CommandError(f"{user} belongs to no workspace: add one with create_user --workspace.")
    if len(memberships) > 1:
        slugs = ", ".join(membership.workspace.slug for membership in memberships)
        raise CommandError(
            f"{user} belongs to several workspaces: add --workspace, one of {slugs}."
        )
    return memberships[0]


def _account(number: str | None, membership: Membership) -> int | None:
    if number is None:
        return None
    known = [one for one in list_bindable(membership.workspace_id) if one.number == number]
    if len(known) != 1:
        raise CommandError(f"{membership.workspace} has no broker account {number}.")
    return known[0].id


def _scopes(words: str | None, membership: Membership) -> frozenset[Scope]:
    if words is None:
        return allowed_scopes(membership.role_kind)
    return parse_scopes([word.strip() for word in words.split(",") if word.strip()])
