"""What the doors have in common: who may come in, and who it is."""

from __future__ import annotations

from typing import Any

from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.api.assistants import AssistantAccess, AssistantAuthentication
from accounts.api.authentication import TokenAuthentication
from accounts.api.permissions import NoWorkspace, membership_of
from accounts.api.views import ScopedAPIView
from accounts.models import ApiToken
from accounts.scopes import Scope, allowed_scopes
from journal.tools.registry import Caller, Door


class MemberPermission(BasePermission):
    """Somebody of a workspace. What a tool needs beyond that, the tool says: reading and writing are both a POST."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user.is_authenticated:
            return False
        if membership_of(request) is None:
            raise NoWorkspace
        return True


class ToolDoor(ScopedAPIView):
    authentication_classes: Any = (
        AssistantAuthentication,
        TokenAuthentication,
        SessionAuthentication,
    )
    permission_classes: Any = (MemberPermission,)
    door: Door = "api"

    @property
    def caller(self) -> Caller:
        auth = self.request.auth
        allowed = allowed_scopes(self.membership.role_kind)
        if isinstance(auth, ApiToken):
            scopes = frozenset(Scope(one) for one in auth.scopes) & allowed
            return Caller(
                self.membership, scopes, f"token {auth.pk}", self.door, self.bound_account_id
            )
        if isinstance(auth, AssistantAccess):
            who = f"assistant {auth.pk}"
            return Caller(self.membership, auth.scopes & allowed, who, self.door)
        return Caller(self.membership, allowed, f"person {self.request.user.pk}", self.door)
