"""Where people are told what wants them, what they were told, and the links by which they answer."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import Owned


class AlertTopic(models.TextChoices):
    APPROVALS = "approvals", _("Recommendations that need approval")
    RECOMMENDATIONS = "recommendations", _("All other recommendations that are shown")
    TEST = "test", _("Test")


class ChannelKind(models.TextChoices):
    EMAIL = "email", _("E-mail")
    SERVICE = "service", _("Messenger or push service")


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(condition=pghistory.AnyChange("name", "topics", "paused_at")),
    pghistory.DeleteEvent(),
    exclude=["address", "error", "tried_at", "succeeded_at"],
)
class AlertChannel(Owned):
    """One way to reach one person about one workspace. `address` is an Apprise address, encrypted; "" for e-mail, which
    goes to where its person signs in. What the last try came to: `error`, "" when it went well.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=7, choices=ChannelKind.choices)
    name = models.CharField(max_length=80)
    address = models.TextField(blank=True, editable=False)
    topics = ArrayField(models.CharField(max_length=20, choices=AlertTopic.choices), default=list)
    paused_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]
        indexes = [models.Index(fields=["workspace", "user"], name="alert_channel_of_person")]

    def __str__(self) -> str:
        return self.name


class Alert(Owned):
    """One message to one channel, until it is sent or given up (`next_at` is null then).

    `about` are names of what it is about: of recommendations their record_ids. What it says is put together when it is
    sent, so no secret lies here, and what has become pointless is not sent.
    """

    channel = models.ForeignKey(AlertChannel, on_delete=models.CASCADE, related_name="alerts")
    topic = models.CharField(max_length=20, choices=AlertTopic.choices)
    about = models.JSONField(default=list)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["next_at"],
                name="alert_due",
                condition=models.Q(next_at__isnull=False),
            ),
            models.Index(fields=["created_at"], name="alert_age"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} to {self.channel_id}"


class DecisionLink(Owned):
    """By which one person may decide one recommendation once, without signing in. The link holds the secret; here is
    only a digest of it, which nobody makes without SECRET_KEY.
    """

    account = models.ForeignKey(
        "journal.BrokerAccount", null=True, on_delete=models.CASCADE, related_name="+"
    )
    record_id = models.CharField(max_length=64)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["workspace", "record_id"], name="decision_link_by_name")]

    def __str__(self) -> str:
        return f"link {self.pk}"
