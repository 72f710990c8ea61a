"""Which workspace a command means."""

from __future__ import annotations

from django.core.management.base import CommandError
from django.db.models import Q

from accounts.models import Workspace


def workspace_named(name: str) -> Workspace:
    found = list(Workspace.objects.filter(Q(name__iexact=name) | Q(slug=name.lower()))[:2])
    if not found:
        known = ", ".join(Workspace.objects.values_list("name", flat=True)[:20]) or "none yet"
        raise CommandError(
            f"There is no workspace “{name}” (known: {known}). Make one with "
            f"manage.py create_user EMAIL --workspace {name}."
        )
    if len(found) > 1:
        raise CommandError(f"Several workspaces are called “{name}”. Give the slug instead.")
    return found[0]
