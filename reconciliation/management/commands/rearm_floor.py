"""`manage.py rearm_floor`: what the installation asks for is armed again after it fired, by whoever runs it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from common.errors import AppError
from reconciliation.models import Guard
from reconciliation.services.guards.changing import rearm_floor


class Command(BaseCommand):
    help = "Arm a guard that this installation asks for again, after it fired."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("guard", type=int, help="its number, as in the address of its page")
        parser.add_argument("--reason", required=True, help="kept with it, and told to its people")

    def handle(self, *args: Any, **options: Any) -> None:
        with scopes_disabled():
            guard = Guard.objects.filter(pk=options["guard"], removed_at=None).first()
        if guard is None:
            raise CommandError(f"There is no guard {options['guard']}.")
        with scope(workspace=guard.workspace_id):
            try:
                rearm_floor(
                    guard, timezone.now(), reason=options["reason"], who="this installation"
                )
            except AppError as error:
                raise CommandError(error.message) from None
        self.stdout.write(f"Armed again: {guard.name}.")
