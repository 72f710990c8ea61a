"""Webhooks over the API: for owners, as on the page."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import OwnerPermission
from accounts.api.views import ScopedAPIView
from common.errors import NotFound
from common.queue import enqueue
from journal import tasks
from journal.api.alerts import forbid_bound
from journal.api.views import JournalMixin
from journal.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from journal.services.webhooks import endpoints as services
from journal.services.webhooks.events import EVENTS, TEST

EVENT_CHOICES = [(name, words) for name, words in EVENTS.items() if name != TEST]


class WebhookSerializer(serializers.ModelSerializer[WebhookEndpoint]):
    """`address` is written and never shown; `secret` is in the answer to who makes the webhook or changes its secret,
    and nowhere else. `disabled_at`: nothing arrived for days, so nothing is sent until `is_paused` is set to false."""

    address = serializers.CharField(max_length=1_000, write_only=True, required=False)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=EVENT_CHOICES), source="wanted", allow_empty=False, required=False
    )  # fmt: skip
    name = serializers.CharField(max_length=80, required=False)
    is_paused = serializers.BooleanField(required=False)
    secret = serializers.SerializerMethodField()

    class Meta:
        model = WebhookEndpoint
        fields = [
            "id", "name", "host", "address", "events", "is_paused", "secret", "disabled_at", "failing_since",
            "tried_at", "succeeded_at", "error", "created_at",
        ]  # fmt: skip
        read_only_fields = [
            "id", "host", "disabled_at", "failing_since", "tried_at", "succeeded_at", "error", "created_at",
        ]  # fmt: skip

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_secret(self, _endpoint: WebhookEndpoint) -> str | None:
        found: str | None = self.context.get("secret")
        return found

    def to_representation(self, endpoint: WebhookEndpoint) -> dict[str, Any]:
        endpoint.is_paused = endpoint.paused_at is not None  # type: ignore[attr-defined]
        shown: dict[str, Any] = super().to_representation(endpoint)
        return shown


class DeliverySerializer(serializers.ModelSerializer[WebhookDelivery]):
    """`state`: queued, retrying (again at `next_at`), delivered or given_up. `status` is what was answered, null where
    no answer came."""

    webhook = serializers.IntegerField(source="endpoint_id", read_only=True)
    event = serializers.CharField(source="event.kind", read_only=True)
    message_id = serializers.CharField(source="event.message_id", read_only=True)
    state = serializers.SerializerMethodField()

    class Meta:
        model = WebhookDelivery
        fields = [
            "id", "webhook", "event", "message_id", "state", "attempts", "next_at", "tried_at", "delivered_at",
            "status", "error", "took_ms", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=DeliveryState.choices))
    def get_state(self, delivery: WebhookDelivery) -> str:
        return delivery.state.value


class WebhookMixin(JournalMixin):
    permission_classes = (OwnerPermission,)
    unkept = ("secret",)

    def get_queryset(self) -> QuerySet[WebhookEndpoint]:
        found = services.list_endpoints().order_by("id")
        return found.none() if self.bound_account_id is not None else found

    def shown(self, endpoint: WebhookEndpoint, **context: Any) -> dict[str, Any]:
        return dict(WebhookSerializer(endpoint, context=context).data)


class WebhookList(WebhookMixin, generics.ListCreateAPIView[WebhookEndpoint]):
    """Webhooks of the workspace. POST answers with the secret of the new one, this once."""

    serializer_class = WebhookSerializer
    ordering = ("id",)

    def create(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        forbid_bound(self)
        form = WebhookSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        endpoint, secret = services.create_endpoint(
            self.membership,
            address=values.get("address", ""),
            name=values.get("name", ""),
            events=values.get("wanted", []),
        )
        if values.get("is_paused"):
            services.pause_endpoint(endpoint, is_paused=True)
        return Response(self.shown(endpoint, secret=secret), status=status.HTTP_201_CREATED)


class WebhookDetail(WebhookMixin, generics.RetrieveUpdateDestroyAPIView[WebhookEndpoint]):
    """DELETE forgets the address and the secret."""

    serializer_class = WebhookSerializer
    http_method_names = ["get", "patch", "delete", "head", "options"]

    def perform_update(self, serializer: Any) -> None:
        endpoint, values = serializer.instance, serializer.validated_data
        services.change_endpoint(
            endpoint,
            address=values.get("address", ""),
            name=values.get("name", endpoint.name),
            events=values.get("wanted", endpoint.wanted),
        )
        if "is_paused" in values:
            services.pause_endpoint(endpoint, is_paused=values["is_paused"])

    def perform_destroy(self, instance: WebhookEndpoint) -> None:
        services.remove_endpoint(instance)


class WebhookTest(WebhookMixin, ScopedAPIView):
    @extend_schema(request=None, responses={202: DeliverySerializer})
    def post(self, _request: Request, pk: int) -> Response:
        """Send it the event `test`."""
        forbid_bound(self)
        delivery = services.write_test(services.get_endpoint(pk))
        enqueue(tasks.deliver_webhooks)
        return Response(DeliverySerializer(delivery).data, status=status.HTTP_202_ACCEPTED)


class WebhookSecret(WebhookMixin, ScopedAPIView):
    @extend_schema(request=None, responses={201: WebhookSerializer})
    def post(self, _request: Request, pk: int) -> Response:
        """A new secret, shown this once. The old one signs too for 24 hours."""
        forbid_bound(self)
        endpoint = services.get_endpoint(pk)
        secret = services.change_secret(endpoint)
        return Response(self.shown(endpoint, secret=secret), status=status.HTTP_201_CREATED)


class DeliveryList(JournalMixin, generics.ListAPIView[WebhookDelivery]):
    """What was sent in the last 30 days, newest first."""

    permission_classes = (OwnerPermission,)
    queryset = WebhookDelivery.objects.none()
    serializer_class = DeliverySerializer
    ordering = ("-id",)

    def get_queryset(self) -> QuerySet[WebhookDelivery]:
        if self.bound_account_id is not None:
            raise NotFound("webhook_not_found", "A token of one account sees no webhooks.")
        endpoint = services.get_endpoint(self.kwargs["pk"])
        found: QuerySet[WebhookDelivery] = endpoint.deliveries.select_related("event")
        return found


class DeliveryAgain(WebhookMixin, ScopedAPIView):
    @extend_schema(request=None, responses={202: DeliverySerializer})
    def post(self, _request: Request, pk: int) -> Response:
        """Send it again, under the id that it had. 409 while it is on its way."""
        forbid_bound(self)
        again = services.redeliver(services.get_delivery(pk))
        enqueue(tasks.deliver_webhooks)
        return Response(DeliverySerializer(again).data, status=status.HTTP_202_ACCEPTED)
