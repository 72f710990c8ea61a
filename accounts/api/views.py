"""The base of every API view: authenticated, authorised, and inside the workspace's scope."""

from contextlib import ExitStack
from typing import Any, ClassVar

from django.http.response import HttpResponseBase
from django.utils import timezone
from django_scopes import scope
from rest_framework.request import Request
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSetMixin

from accounts.api.permissions import WorkspacePermission, membership_of
from accounts.models import ApiToken, Membership, User, Workspace
from accounts.scopes import Scope


class ScopedMixin(APIView):
    """DRF authenticates inside the view, so the scope opens and closes here.

    Put it before a generic view or a viewset: `class Trades(ScopedMixin, ListAPIView)`.
    `read_scope` and `write_scope` say what a token needs; of several any one.
    """

    read_scope: ClassVar[Scope | None] = None
    write_scope: ClassVar[Scope | tuple[Scope, ...] | None] = None
    permission_classes = (WorkspacePermission,)

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with ExitStack() as self._scope:
            return super().dispatch(request, *args, **kwargs)

    def perform_authentication(self, request: Request) -> None:
        super().perform_authentication(request)
        membership = membership_of(request)
        if membership is not None:
            self._scope.enter_context(scope(workspace=membership.workspace))
        if isinstance(request.user, User):
            self._scope.enter_context(timezone.override(request.user.zone))

    @property
    def membership(self) -> Membership:
        membership = membership_of(self.request)
        assert membership is not None, "WorkspacePermission has let nobody in without one"
        return membership

    @property
    def workspace(self) -> Workspace:
        return self.membership.workspace

    @property
    def bound_account_id(self) -> int | None:
        """The one broker account that the token is limited to, if it is."""
        auth = self.request.auth
        return auth.account_id if isinstance(auth, ApiToken) else None


class ScopedAPIView(ScopedMixin, APIView):
    pass


class ScopedViewSet(ViewSetMixin, ScopedMixin):
    pass
