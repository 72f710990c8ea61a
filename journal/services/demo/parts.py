"""What apps above add to the demo: each says so when it is ready, and tells its part once the statements are booked."""

from __future__ import annotations

from collections.abc import Callable

from accounts.models import Membership
from accounts.roles import Role

# The owner, and what tells demos of one workspace apart.
Part = Callable[[Membership, str], None]
_parts: dict[Part, int] = {}


def offer_part(part: Part, *, sessions: int = 0) -> None:
    """Called once, by the app that has it. A part that was told is not told again, and a long one only in a demo whose
    history has at least so many sessions."""
    _parts.setdefault(part, sessions)


def tell_parts(workspace_id: int, tag: str, *, sessions: int) -> None:
    """Those for a history of so many sessions, within the scope of the workspace."""
    owners = Membership.objects.filter(workspace_id=workspace_id, role=Role.OWNER)
    owner = owners.select_related("user").order_by("pk").first()
    if owner is not None:
        for part, least in _parts.items():
            if sessions >= least:
                part(owner, tag)
