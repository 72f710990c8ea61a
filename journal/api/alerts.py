"""Alerts over the API: one's own channels, and what became of their messages."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import ScopedAPIView, ScopedMixin
from common.errors import Conflict, Forbidden
from common.queue import enqueue
from journal import tasks
from journal.api.views import JournalMixin
from journal.models import Alert, AlertChannel, AlertState
from journal.services.alerts import channels as services
from journal.services.alerts.delivery import retry_alert


class AlertChannelSerializer(serializers.ModelSerializer[AlertChannel]):
    """`quiet_from` and `quiet_until` are on the clock of the person; `error` is what the last try came to, "" when
    all is well. The address is never shown."""

    class Meta:
        model = AlertChannel
        fields = [
            "id", "kind", "name", "topics", "quiet_from", "quiet_until", "paused_at", "tried_at", "succeeded_at",
            "error", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class AlertSerializer(serializers.ModelSerializer[Alert]):
    """`state`: queued, quiet (waits for the end of quiet hours), retrying (tried `attempts` times, again at `next_at`;
    `note` says why), sent, given_up, dropped (nothing was left to tell). `subject` is "" where what it says is put
    together when it is sent."""

    channel = serializers.IntegerField(source="channel_id", read_only=True)
    account = serializers.IntegerField(source="account_id", read_only=True, allow_null=True)
    state = serializers.SerializerMethodField()

    class Meta:
        model = Alert
        fields = [
            "id", "channel", "account", "topic", "subject", "lines", "url_path", "is_urgent", "state", "attempts",
            "next_at", "sent_at", "note", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=AlertState.choices))
    def get_state(self, alert: Alert) -> str:
        return alert.state.value


def forbid_bound(view: ScopedMixin) -> None:
    if view.bound_account_id is not None:
        raise Forbidden("token_bound", "This token is bound to one account and cannot do that.")


class AlertChannelList(JournalMixin, generics.ListAPIView[AlertChannel]):
    """One's own channels in this workspace."""

    queryset = AlertChannel.objects.none()
    serializer_class = AlertChannelSerializer
    ordering: ClassVar[tuple[str, ...]] = ("id",)

    def get_queryset(self) -> QuerySet[AlertChannel]:
        own: QuerySet[AlertChannel] = AlertChannel.objects.filter(user=self.membership.user_id)
        # A token for one account is no business of a person's telephones.
        return own.none() if self.bound_account_id is not None else own


class AlertList(JournalMixin, generics.ListAPIView[Alert]):
    """What was told to one's own channels in the last 30 days, newest first."""

    queryset = Alert.objects.none()
    serializer_class = AlertSerializer
    ordering: ClassVar[tuple[str, ...]] = ("-id",)

    def get_queryset(self) -> QuerySet[Alert]:
        own: QuerySet[Alert] = Alert.objects.filter(channel__user=self.membership.user_id)
        bound = self.bound_account_id
        return own if bound is None else own.filter(account=bound)


class AlertChannelTest(JournalMixin, ScopedAPIView):
    @extend_schema(request=None, responses={202: AlertSerializer})
    def post(self, _request: Request, pk: int) -> Response:
        """Send it a test."""
        forbid_bound(self)
        alert = services.write_test(services.get_channel(self.membership, pk))
        enqueue(tasks.deliver_alerts)
        return Response(AlertSerializer(alert).data, status=status.HTTP_202_ACCEPTED)


class AlertRetry(JournalMixin, ScopedAPIView):
    @extend_schema(request=None, responses={202: AlertSerializer})
    def post(self, _request: Request, pk: int) -> Response:
        """Try again what was given up."""
        forbid_bound(self)
        alert = services.get_alert(self.membership, pk)
        if not retry_alert(alert):
            raise Conflict("alert_not_given_up", "Only what was given up can be tried again.")
        enqueue(tasks.deliver_alerts)
        alert.refresh_from_db()
        data: dict[str, Any] = dict(AlertSerializer(alert).data)
        return Response(data, status=status.HTTP_202_ACCEPTED)
