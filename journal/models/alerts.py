"""Where people are told what wants them, what they were told, and the links by which they answer."""

from __future__ import annotations

from decimal import Decimal

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.fields import NumericField
from common.models import Owned


class AlertTopic(models.TextChoices):
    APPROVALS = "approvals", _("Recommendations that need approval")
    RECOMMENDATIONS = "recommendations", _("All other recommendations that are shown")
    DIVERGENCES = "divergences", _("Differences between book and broker")
    GUARDS = "guards", _("Guards: warnings and firings")
    CLOSING = "closing", _("Positions that the system closes")
    LOCKS = "locks", _("Locks on new trades")
    FEED = "feed", _("Brokers that cannot be heard")
    TARGETS = "targets", _("Profit targets that are reached")
    EXPIRY = "expiry", _("Options and futures that expire soon")
    REPORTS = "reports", _("Reports of the week and the month")
    WEBHOOKS = "webhooks", _("Outgoing webhooks that were switched off")
    TEST = "test", _("Test")


class ChannelKind(models.TextChoices):
    EMAIL = "email", _("E-mail")
    SERVICE = "service", _("Messenger, push or SMS service")


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(
        condition=pghistory.AnyChange("name", "topics", "paused_at", "quiet_from", "quiet_until")
    ),
    pghistory.DeleteEvent(),
    exclude=["address", "error", "tried_at", "succeeded_at"],
)
class AlertChannel(Owned):
    """One way to reach one person about one workspace. `address` is an Apprise address, encrypted; "" for e-mail, which
    goes to where its person signs in. What the last try came to: `error`, "" when it went well.

    Between `quiet_from` and `quiet_until`, both null or neither, in the person's zone, only what is urgent is sent.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=7, choices=ChannelKind.choices)
    name = models.CharField(max_length=80)
    address = models.TextField(blank=True, editable=False)
    topics = ArrayField(models.CharField(max_length=20, choices=AlertTopic.choices), default=list)
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]
        indexes = [models.Index(fields=["workspace", "user"], name="alert_channel_of_person")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quiet_from=None, quiet_until=None)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="alert_channel_quiet_both",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def topic_words(self) -> str:
        """What it tells of, as people read it."""
        return ", ".join(str(AlertTopic(one).label) for one in self.topics)


class AlertState(models.TextChoices):
    QUEUED = "queued", _("Waits to be sent")
    QUIET = "quiet", _("Waits for the end of quiet hours")
    RETRYING = "retrying", _("Failed, and is tried again")
    SENT = "sent", _("Sent")
    GIVEN_UP = "given_up", _("Given up")
    DROPPED = "dropped", _("Not sent: nothing was left to tell")


class Alert(Owned):
    """One message to one channel, until it is sent or given up (`next_at` is null then).

    Either it was told, in `subject`, `lines` and the page at `url_path`: names and figures, no secrets. Or (`subject`
    is "") what it says is put together when it is sent from `about`, names of what it is about (of recommendations
    their record_ids), and what has become pointless is not sent. `is_held`: it waits for the end of quiet hours.
    `note` is why the last try failed.
    """

    account = models.ForeignKey(
        "journal.BrokerAccount", null=True, on_delete=models.CASCADE, related_name="+"
    )
    channel = models.ForeignKey(AlertChannel, on_delete=models.CASCADE, related_name="alerts")
    topic = models.CharField(max_length=20, choices=AlertTopic.choices)
    about = models.JSONField(default=list)
    subject = models.CharField(max_length=160, blank=True)
    lines = models.JSONField(default=list)
    url_path = models.CharField(max_length=255, blank=True)
    is_urgent = models.BooleanField(default=False)
    is_held = models.BooleanField(default=False)
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
        return self.subject or f"{self.topic} to {self.channel_id}"

    @property
    def state(self) -> AlertState:
        if self.sent_at is not None:
            return AlertState.SENT
        if self.next_at is None:
            return AlertState.GIVEN_UP if self.attempts else AlertState.DROPPED
        if self.is_held:
            return AlertState.QUIET
        return AlertState.RETRYING if self.attempts else AlertState.QUEUED


class Told(Owned):
    """What was told of one thing, so that it is told once until it changes: `key` names the thing within its topic (of
    an alert, or the event of a webhook), `state` is a digest of how it was when it was last told."""

    account = models.ForeignKey(
        "journal.BrokerAccount", null=True, on_delete=models.CASCADE, related_name="+"
    )
    topic = models.CharField(max_length=64)
    key = models.CharField(max_length=160)
    state = models.CharField(max_length=64)
    told_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "told"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "topic", "key"], name="told_once")
        ]
        indexes = [models.Index(fields=["told_at"], name="told_age")]

    def __str__(self) -> str:
        return f"{self.topic}: {self.key}"


def _half() -> Decimal:
    return Decimal("0.5")


def _days() -> list[int]:
    return [7, 1, 0]


class AlertRules(Owned):
    """Of a workspace: at which share of its maximum profit an open trade is told of (null: never), and how many days
    before options and futures expire (empty: never)."""

    target_share = NumericField(null=True, default=_half)
    expiry_days = ArrayField(models.PositiveSmallIntegerField(), default=_days)

    class Meta:
        verbose_name_plural = "alert rules"
        constraints = [
            models.UniqueConstraint(fields=["workspace"], name="alert_rules_once"),
            models.CheckConstraint(
                condition=models.Q(target_share=None)
                | models.Q(target_share__gt=0, target_share__lte=1),
                name="alert_rules_share",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target_share} of the maximum profit, {self.expiry_days} days"


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
