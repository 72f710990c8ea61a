"""Reads about people and workspaces. What one may not see is NotFound, as if it were not there."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Count, Model, Q

from accounts.models import ApiToken, Assistant, Invitation, Membership, User, Workspace
from common.errors import Conflict, NotFound
from common.sql import fetch

_Row = TypeVar("_Row", bound=Model)


def is_first_person() -> bool:
    return not User.objects.exists()


def get_user_by_email(email: str) -> User:
    user = User.objects.filter(email=email).first()
    if user is None:
        raise NotFound("user_not_found", f"Nobody here has the address {email}.")
    return user


def list_memberships(user: User) -> list[Membership]:
    return list(
        Membership.objects.filter(user=user)
        .select_related("workspace")
        .order_by("created_at", "id")
    )


def find_active_membership(user: User, workspace_id: object) -> Membership | None:
    """The membership of the workspace asked for, else of the person's first one."""
    memberships = Membership.objects.filter(user=user).select_related("workspace")
    chosen = Q(workspace_id=workspace_id if isinstance(workspace_id, int) else None)
    return (
        memberships.annotate(is_chosen=Count("pk", filter=chosen))
        .order_by("-is_chosen", "created_at", "id")
        .first()
    )


def get_membership(user: User, workspace_id: int) -> Membership:
    found = (
        Membership.objects.filter(user=user, workspace_id=workspace_id)
        .select_related("workspace")
        .first()
    )
    if found is None:
        raise NotFound("workspace_not_found", "There is no such workspace, or it is not yours.")
    return found


def list_members(workspace: Workspace) -> list[Membership]:
    members = Membership.objects.filter(workspace=workspace).select_related("user")
    return list(members.order_by("created_at", "id"))


def get_member(workspace: Workspace, membership_id: int) -> Membership:
    members = Membership.objects.filter(workspace=workspace).select_related("user", "workspace")
    found = members.filter(pk=membership_id).first()
    if found is None:
        raise NotFound("member_not_found", "There is no such person in this workspace.")
    return found


def find_workspaces(name: str) -> Sequence[Workspace]:
    """By slug, which is unique, else by name, which need not be."""
    by_slug = list(Workspace.objects.filter(slug=name))
    return by_slug or list(Workspace.objects.filter(name__iexact=name))


def get_workspace_by_name(name: str) -> Workspace:
    found = find_workspaces(name)
    if not found:
        raise NotFound("workspace_not_found", f"There is no workspace called “{name}”.")
    if len(found) > 1:
        slugs = ", ".join(workspace.slug for workspace in found)
        raise Conflict(
            "workspace_ambiguous",
            f"{len(found)} workspaces are called “{name}”: give the short name of one: {slugs}.",
        )
    return found[0]


def list_invitations(workspace: Workspace) -> list[Invitation]:
    return list(
        Invitation.objects.filter(workspace=workspace, accepted_at=None).select_related(
            "invited_by"
        )
    )


def get_invitation(workspace: Workspace, invitation_id: int) -> Invitation:
    found = Invitation.objects.filter(
        workspace=workspace, accepted_at=None, pk=invitation_id
    ).first()
    if found is None:
        raise NotFound("invitation_not_found", "There is no such open invitation.")
    return found


def invitation_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def get_open_invitation(token: str, *, now: datetime) -> Invitation:
    found = (
        Invitation.objects.filter(token_digest=invitation_digest(token))
        .select_related("workspace", "invited_by")
        .first()
    )
    if found is None or not found.is_open(now):
        raise NotFound(
            "invitation_not_open",
            "This invitation was used, withdrawn or has expired. Ask for a new one.",
        )
    return found


def find_open_invitation(token: str, *, now: datetime) -> Invitation | None:
    try:
        return get_open_invitation(token, now=now)
    except NotFound:
        return None


def list_tokens(workspace: Workspace, *, user: User) -> list[ApiToken]:
    """One's own tokens, those that still work first."""
    tokens = ApiToken.objects.filter(workspace=workspace, user=user)
    return list(tokens.order_by("-revoked_at", "-created", "-id"))


def list_workspace_tokens(workspace: Workspace) -> list[ApiToken]:
    """Everybody's live tokens, for the owners, who may revoke any of them."""
    tokens = ApiToken.objects.filter(workspace=workspace, revoked_at=None)
    return list(tokens.select_related("user").order_by("user__email", "-created"))


def get_token(membership: Membership, token_id: int) -> ApiToken:
    """One's own token; an owner also finds those of the others in the workspace."""
    tokens = ApiToken.objects.filter(workspace_id=membership.workspace_id)
    if not membership.is_owner:
        tokens = tokens.filter(user_id=membership.user_id)
    found = tokens.filter(pk=token_id).first()
    if found is None:
        raise NotFound("token_not_found", "There is no such token in this workspace.")
    return found


def list_assistants(membership: Membership) -> list[Assistant]:
    """One's own, those that still come in first; an owner also sees those that others let in."""
    found = Assistant.objects.filter(workspace_id=membership.workspace_id).select_related("user")
    if not membership.is_owner:
        found = found.filter(user_id=membership.user_id)
    return list(found.order_by("-revoked_at", "-created_at", "-id"))


def get_assistant(membership: Membership, assistant_id: int) -> Assistant:
    found = next((one for one in list_assistants(membership) if one.pk == assistant_id), None)
    if found is None:
        raise NotFound("assistant_not_found", "There is no such assistant in this workspace.")
    return found


def _columns(alias: str, model: type[Model]) -> str:
    return ", ".join(f'{alias}."{field.column}"' for field in model._meta.concrete_fields)


@cache
def _tokens_with_owners() -> str:
    # Names of our own tables and columns.
    return (
        f"SELECT {_columns('t', ApiToken)}, {_columns('u', User)}, {_columns('w', Workspace)}, "  # noqa: S608
        f"{_columns('m', Membership)} FROM accounts_apitoken t "
        "JOIN accounts_user u ON u.id = t.user_id JOIN accounts_workspace w ON w.id = t.workspace_id "
        "LEFT JOIN accounts_membership m ON m.user_id = t.user_id AND m.workspace_id = t.workspace_id "
        "WHERE t.token_key = %s"
    )


def list_tokens_with_owners(token_key: str) -> list[ApiToken]:
    """The tokens that begin so, each with its person, workspace and membership. One plain statement: every call of a
    bot begins with it, and building the query would take longer than running it."""
    return [_token_of(iter(row)) for row in fetch(_tokens_with_owners(), [token_key])]


def _token_of(values: Iterator[Any]) -> ApiToken:
    token, user, workspace = _made(ApiToken, values), _made(User, values), _made(Workspace, values)
    membership = _made(Membership, values)
    token.user, token.workspace = user, workspace
    if membership.pk is not None:
        membership.user, membership.workspace = user, workspace
        token.membership = membership
    return token


def _made(model: type[_Row], values: Iterator[Any]) -> _Row:
    fields = model._meta.concrete_fields
    names = [field.attname for field in fields]
    return model.from_db(connection.alias, names, [next(values) for _ in fields])
