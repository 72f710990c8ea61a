"""What the frame of every page needs to know about the person who looks at it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from accounts.models import Membership, User
from accounts.selectors import list_memberships


def people(request: HttpRequest) -> dict[str, Any]:
    """`membership`, `workspace`, a top bar with the workspaces, and whether `sends_mail` is true of this installation.

    A view that gives its own `bar` puts `workspace_menu(request)` into it as `workspace`.
    """
    membership = getattr(request, "membership", None)
    return {
        "membership": membership,
        "workspace": getattr(request, "workspace", None),
        "sends_mail": bool(settings.EMAIL_HOST),
        "bar": {"workspace": SimpleLazyObject(lambda: workspace_menu(request))},
    }


def workspace_menu(request: HttpRequest) -> dict[str, Any]:
    """Where one is and may go, in the shape of `components/option_menu.html`; empty for nobody."""
    membership: Membership | None = getattr(request, "membership", None)
    if membership is None or not isinstance(request.user, User):
        return {}
    options = [_option(mine, current=membership) for mine in list_memberships(request.user)]
    new = {"label": "New workspace", "url": reverse("accounts:workspace-create")}
    return {
        "label": "Workspace",
        "icon": "book",
        "value": membership.workspace.name,
        "options": [*options, new],
    }


def _option(mine: Membership, *, current: Membership) -> dict[str, Any]:
    return {
        "label": mine.workspace.name,
        "note": mine.get_role_display(),
        "url": reverse("accounts:workspace-switch", args=[mine.workspace_id]),
        "current": mine.workspace_id == current.workspace_id,
        "post": True,
    }
