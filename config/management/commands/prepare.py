"""Bring database tables and static files up to date.

Several hosts may do this at once: one does it, the others wait.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection

from common.static_files import collect_changed

# Any number will do, as long as it stays the same; this one spells "fill".
ADVISORY_LOCK = 0x66696C6C


class Command(BaseCommand):
    help = "Migrate the database and collect static files."

    def handle(self, *_arguments: Any, **_options: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
            try:
                call_command("migrate", interactive=False, verbosity=1, stdout=self.stdout)
                if "DatabaseCache" in settings.CACHES["default"]["BACKEND"]:
                    call_command("createcachetable", verbosity=0)
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])
        collect_changed()
