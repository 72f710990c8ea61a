"""Asking for a run now."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.throttles import TokenRateThrottle
from accounts.api.views import ScopedAPIView
from common.errors import Conflict, NotFound
from common.queue import enqueue
from journal.models import BrokerAccount
from reconciliation import tasks
from reconciliation.api.base import ReconciliationMixin
from reconciliation.api.serializers import SyncAnswerSerializer, SyncSerializer
from reconciliation.selectors.connections import is_left_alone
from reconciliation.selectors.hearing import accounts_in_use
from reconciliation.selectors.runs import latest_runs
from reconciliation.services.syncing import Asked, readable, take_turns


class SyncThrottle(TokenRateThrottle):
    scope = "sync"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        key = super().get_cache_key(request, view)
        return f"sync_{key}" if key else None


class Sync(ReconciliationMixin, ScopedAPIView):
    serializer_class = SyncAnswerSerializer

    def get_throttles(self) -> list[Any]:
        return [SyncThrottle()]

    @extend_schema(request=SyncSerializer, responses={202: SyncAnswerSerializer})
    def post(self, request: Request) -> Response:
        """Ask brokers now what accounts hold, and compare. A worker does it; `/api/reconciliation/runs?account=` has
        the run. 429 with `Retry-After` where all were asked for just before; 409 where nobody can be asked."""
        rows = self.bound(accounts_in_use().order_by("pk"), "pk")
        form = SyncSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        chosen = form.validated_data["account"]
        if chosen is not None:
            rows = rows.filter(pk=chosen)
        accounts = list(rows)
        if chosen is not None and not accounts:
            raise NotFound("account_not_found", "There is no such account in this workspace.")
        accounts = self._askable(accounts)
        asked = take_turns(accounts)
        if all(one.retry_after for one in asked):
            raise exceptions.Throttled(wait=min(one.retry_after or 0 for one in asked))
        for one in asked:
            if one.retry_after is None:
                enqueue(
                    tasks.reconcile_account, one.account.pk, "api", int(self.membership.user_id)
                )
        return Response({"results": self._told(asked)}, status=status.HTTP_202_ACCEPTED)

    def _askable(self, accounts: list[BrokerAccount]) -> list[BrokerAccount]:
        by_account = readable(accounts)
        known = [one for one in accounts if one.pk in by_account]
        if not known:
            raise Conflict(
                "nobody_to_ask",
                "No connection can be asked what this holds. What its statements or bridge bring is compared when it "
                "comes.",
            )
        now = self.now
        free = [one for one in known if not is_left_alone(by_account[one.pk], now)]
        if not free:
            raise Conflict(
                "broker_wants_peace", "The connection is paused, or its broker wants to be left alone for a while."
            )  # fmt: skip
        return free

    def _told(self, asked: list[Asked]) -> list[dict[str, Any]]:
        now = self.now
        latest = latest_runs([one.account.pk for one in asked])
        return [
            {
                "account": one.account.pk,
                "status": "too_soon" if one.retry_after else "asked",
                "asked_at": None if one.retry_after else now.isoformat().replace("+00:00", "Z"),
                "retry_after": one.retry_after,
                "latest_run": latest.get(one.account.pk),
            }
            for one in asked
        ]
