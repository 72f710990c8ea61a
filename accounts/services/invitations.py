"""Asking somebody into a workspace: a link with a secret, valid for a week, for one address."""

import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Invitation, Membership, User, Workspace
from accounts.roles import Role
from accounts.selectors import find_open_invitation, get_open_invitation, invitation_digest
from common.errors import Conflict, Forbidden

VALID_FOR = timedelta(days=7)


@transaction.atomic
def invite(
    workspace: Workspace, *, email: str, role: Role, by: User | None = None
) -> tuple[Invitation, str]:
    """Returns the invitation and its secret, which is nowhere else. Inviting again replaces it."""
    if Membership.objects.filter(workspace=workspace, user__email=email).exists():
        raise Conflict(
            "already_member",
            f"{email} already belongs to {workspace}.",
            {"email": ["This person already belongs to the workspace."]},
        )
    token = secrets.token_urlsafe(32)
    Workspace.objects.select_for_update().get(pk=workspace.pk)
    Invitation.objects.filter(workspace=workspace, email=email, accepted_at=None).delete()
    invitation = Invitation(
        workspace=workspace,
        email=email,
        role=role,
        invited_by=by,
        token_digest=invitation_digest(token),
        expires_at=timezone.now() + VALID_FOR,
    )
    invitation.full_clean()
    invitation.save()
    return invitation, token


def find_invitation(token: str) -> Invitation | None:
    """The invitation that this secret opens now, if any."""
    return find_open_invitation(token, now=timezone.now()) if token else None


@transaction.atomic
def accept_invitation(token: str, *, user: User) -> Membership:
    now = timezone.now()
    found = get_open_invitation(token, now=now)
    invitation = Invitation.objects.select_for_update().get(pk=found.pk)
    if not invitation.is_open(now):
        raise Conflict("invitation_not_open", "This invitation was used a moment ago.")
    if invitation.email != user.email:
        raise Forbidden(
            "invitation_for_other_address",
            f"This invitation is for {invitation.email}, and you are signed in as {user.email}.",
        )
    membership, _ = Membership.objects.get_or_create(
        user=user, workspace=found.workspace, defaults={"role": invitation.role}
    )
    invitation.accepted_at = now
    invitation.accepted_by = user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    return membership


@transaction.atomic
def withdraw_invitation(invitation: Invitation) -> None:
    invitation.delete()
