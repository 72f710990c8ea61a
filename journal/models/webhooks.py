"""Where programs of a workspace are told what happens, and what became of each message."""

from __future__ import annotations

import uuid

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import Owned


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(
        condition=pghistory.AnyChange("name", "host", "wanted", "paused_at", "disabled_at", "removed_at")
    ),
    pghistory.DeleteEvent(),
    exclude=[
        "address", "secret", "old_secret", "old_secret_until", "failing_since", "error", "tried_at", "succeeded_at",
    ],
)  # fmt: skip
class WebhookEndpoint(Owned):
    """One address that is told of `wanted` (`journal.services.webhooks.events`). `address` and the secrets are
    encrypted; `host` is what is shown of the address. After a change of the secret the old one signs too, until
    `old_secret_until`.

    `paused_at` by a person; `disabled_at` because nothing arrived since `failing_since`. One that was removed has no
    address and no secret any more, and keeps its history.
    """

    name = models.CharField(max_length=80)
    host = models.CharField(max_length=255)
    address = models.TextField(blank=True, editable=False)
    secret = models.TextField(blank=True, editable=False)
    old_secret = models.TextField(blank=True, editable=False)
    old_secret_until = models.DateTimeField(null=True)
    wanted = ArrayField(models.CharField(max_length=64), default=list)
    paused_at = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=255, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]
        indexes = [
            models.Index(
                fields=["workspace"],
                name="webhook_endpoint_live",
                condition=models.Q(removed_at=None, disabled_at=None, paused_at=None),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_live(self) -> bool:
        return not (self.paused_at or self.disabled_at or self.removed_at)


class WebhookEvent(Owned):
    """Something that happened, as it is told: the same bytes to everybody, whenever they are sent."""

    account = models.ForeignKey(
        "journal.BrokerAccount", null=True, on_delete=models.CASCADE, related_name="+"
    )
    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    kind = models.CharField(max_length=64)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["created_at"], name="webhook_event_age")]

    def __str__(self) -> str:
        return f"{self.kind} {self.message_id}"

    @property
    def message_id(self) -> str:
        return f"evt_{self.uid.hex}"


class DeliveryState(models.TextChoices):
    QUEUED = "queued", _("Waits to be sent")
    RETRYING = "retrying", _("Failed, and is tried again")
    DELIVERED = "delivered", _("Delivered")
    GIVEN_UP = "given_up", _("Given up")


class WebhookDelivery(Owned):
    """One event to one endpoint, until it arrives or is given up (`next_at` is null then). `status` is the HTTP status
    of the last answer, null where none came; `error` why it did not count, `took_ms` how long it took."""

    account = models.ForeignKey(
        "journal.BrokerAccount", null=True, on_delete=models.CASCADE, related_name="+"
    )
    endpoint = models.ForeignKey(
        WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    event = models.ForeignKey(WebhookEvent, on_delete=models.CASCADE, related_name="deliveries")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=255, blank=True)
    took_ms = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "webhook deliveries"
        indexes = [
            models.Index(
                fields=["next_at"],
                name="webhook_delivery_due",
                condition=models.Q(next_at__isnull=False),
            ),
            models.Index(fields=["endpoint", "-id"], name="webhook_delivery_newest"),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}: {self.state}"

    @property
    def state(self) -> DeliveryState:
        if self.delivered_at is not None:
            return DeliveryState.DELIVERED
        if self.next_at is None:
            return DeliveryState.GIVEN_UP
        return DeliveryState.RETRYING if self.attempts else DeliveryState.QUEUED
