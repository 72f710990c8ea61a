"""Workspaces and who belongs to them."""

import secrets

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from accounts.locks import lock_installation
from accounts.models import ApiToken, Membership, User, Workspace
from accounts.roles import Role
from common.errors import Conflict


@transaction.atomic
def create_workspace(owner: User, *, name: str, base_currency: str = "USD") -> Membership:
    lock_installation()
    workspace = Workspace(name=name.strip(), base_currency=base_currency, slug=_free_slug(name))
    workspace.full_clean()
    workspace.save()
    return Membership.objects.create(user=owner, workspace=workspace, role=Role.OWNER)


def _free_slug(name: str) -> str:
    slug = slugify(name)[:80] or "workspace"
    if not Workspace.objects.filter(slug=slug).exists():
        return slug
    return f"{slug}-{secrets.token_hex(4)}"


@transaction.atomic
def change_workspace(workspace: Workspace, *, name: str, base_currency: str) -> Workspace:
    workspace.name = name.strip()
    workspace.base_currency = base_currency
    workspace.full_clean()
    workspace.save(update_fields=["name", "base_currency"])
    return workspace


@transaction.atomic
def add_member(user: User, *, workspace: Workspace, role: Role) -> tuple[Membership, bool]:
    """Whoever belongs already keeps the role they have; the second value says whether it is new."""
    return Membership.objects.get_or_create(user=user, workspace=workspace, defaults={"role": role})


@transaction.atomic
def change_role(membership: Membership, *, role: Role) -> Membership:
    locked = _lock(membership)
    if locked.is_owner and role is not Role.OWNER:
        _require_another_owner(locked)
    locked.role = role
    locked.save(update_fields=["role"])
    return locked


@transaction.atomic
def remove_member(membership: Membership) -> None:
    """The person loses the workspace and, at once, every token they had for it."""
    locked = _lock(membership)
    if locked.is_owner:
        _require_another_owner(locked)
    ApiToken.objects.filter(
        user_id=locked.user_id, workspace_id=locked.workspace_id, revoked_at=None
    ).update(revoked_at=timezone.now())
    locked.delete()


def _lock(membership: Membership) -> Membership:
    # The workspace first: two owners who demote each other must come one after the other.
    Workspace.objects.select_for_update().get(pk=membership.workspace_id)
    return Membership.objects.select_related("workspace").get(pk=membership.pk)


def _require_another_owner(membership: Membership) -> None:
    others = Membership.objects.filter(
        workspace_id=membership.workspace_id, role=Role.OWNER
    ).exclude(pk=membership.pk)
    if not others.exists():
        raise Conflict(
            "last_owner",
            "A workspace needs an owner: make somebody else an owner first.",
        )
