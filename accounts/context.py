"""What every page needs to draw its frame."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import Membership, User
from accounts.selectors import list_memberships


def people(request: HttpRequest) -> dict[str, Any]:
    """`membership`, `workspace`, and, read only if the template asks, `memberships`."""
    user = getattr(request, "user", None)

    def memberships() -> list[Membership]:
        return list_memberships(user) if isinstance(user, User) else []

    return {
        "membership": getattr(request, "membership", None),
        "workspace": getattr(request, "workspace", None),
        "memberships": SimpleLazyObject(memberships),
    }
