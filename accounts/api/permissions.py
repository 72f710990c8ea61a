"""A request needs a workspace, a role that may do this, and, with a token, the scope for it."""

from typing import Any

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts.models import ApiToken, Membership
from accounts.scopes import Scope, allowed_scopes


class NoWorkspace(PermissionDenied):
    default_code = "no_workspace"
    default_detail = "You do not belong to a workspace yet. Create one first."


class ScopeMissing(PermissionDenied):
    default_code = "scope_missing"


class ViewerCannotWrite(PermissionDenied):
    default_code = "viewer_cannot_write"
    default_detail = "Your role lets you read this workspace, not change it."


class OwnerOnly(PermissionDenied):
    default_code = "owner_only"
    default_detail = "Only an owner of the workspace can do this."


def membership_of(request: Request) -> Membership | None:
    membership: Membership | None = getattr(request._request, "membership", None)
    return membership


class WorkspacePermission(BasePermission):
    """Views say `read_scope` and `write_scope`; a missing `write_scope` closes writing."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user.is_authenticated:
            return False
        membership = membership_of(request)
        if membership is None:
            raise NoWorkspace
        reading = request.method in SAFE_METHODS
        if not reading and not membership.can_write:
            raise ViewerCannotWrite
        if isinstance(request.auth, ApiToken):
            _check_scope(request.auth, membership, view.read_scope if reading else view.write_scope)
        return True


class OwnerPermission(WorkspacePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        allowed = super().has_permission(request, view)
        membership = membership_of(request)
        if allowed and (membership is None or not membership.is_owner):
            raise OwnerOnly
        return allowed


def _check_scope(
    token: ApiToken, membership: Membership, scope: Scope | tuple[Scope, ...] | None
) -> None:
    """Of several scopes any one is enough."""
    if scope is None:
        raise ScopeMissing("No token can do this. Sign in instead.")
    scopes = scope if isinstance(scope, tuple) else (scope,)
    held = [one for one in scopes if token.has_scope(one)]
    if not held:
        raise ScopeMissing(f"This token lacks the scope {' or '.join(scopes)}.")
    if not allowed_scopes(membership.role_kind).intersection(held):
        raise ScopeMissing(f"A {membership.role} may not use the scope {held[0]} any more.")
