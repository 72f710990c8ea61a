"""Whether new trades are locked: for bots, which ask as often as they like."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import ScopedAPIView
from accounts.scopes import Scope
from journal.api.records import LockSerializer
from reconciliation.selectors.gates import closed_by_locks


class TradingLockSerializer(serializers.Serializer[Any]):
    """`locked`: something that was asked for may not be traded anew now; `locks` are all that hold, oldest first."""

    locked = serializers.BooleanField()
    locks = LockSerializer(many=True)


class TradingLockView(ScopedAPIView):
    # Whoever may report may ask before.
    read_scope = (Scope.CAPTURE_WRITE, Scope.JOURNAL_READ, Scope.RECONCILIATION_READ)  # type: ignore[assignment]
    serializer_class = TradingLockSerializer

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "account", int, description="Its id here; a token's own account counts by itself."
            ),
            OpenApiParameter("symbol", str, description="Also locks of this market."),
        ],
        responses=TradingLockSerializer,
    )
    def get(self, request: Request) -> Response:
        """What may not be traded anew now. Without `account` only what holds in all accounts makes it `locked`."""
        account_id = self.bound_account_id or _account(request)
        symbol = request.query_params.get("symbol", "")
        locks = [
            one
            for one in closed_by_locks(self.workspace.pk)
            if self.bound_account_id is None or one.account_id in (None, account_id)
        ]
        answer = {
            "locked": any(one.holds(account_id, symbol) for one in locks),
            "locks": [one._asdict() for one in locks],
        }
        return Response(TradingLockSerializer(answer).data)


def _account(request: Request) -> int | None:
    asked = request.query_params.get("account", "")
    if not asked:
        return None
    if not asked.isdecimal() or len(asked) > 18:
        raise exceptions.ValidationError({"account": ["Give the account's id, a number."]})
    return int(asked)
