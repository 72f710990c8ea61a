"""Plans of trades: what somebody means to do, each revision of it whole, and what came of it."""

from __future__ import annotations

import pgtrigger
from django.db import models

from common.choices import enum_choices
from common.fields import NumericField
from common.models import Owned
from journal.domain.chain.close_reason import CloseReason
from journal.domain.chain.terms import PlanStatus
from journal.domain.values import Side
from journal.models.evidence import Source


class Via(models.TextChoices):
    """By which door somebody wrote."""

    PAGE = "page", "Page"
    API = "api", "API"
    TOOL = "tool", "Assistant"
    RULE = "rule", "Rule"


class Authored(Owned):
    """Who wrote a row, by which door, and when. `user` and `token` are ids, null for a rule; `actor` is what they were
    called then."""

    # Only for erasing: that of the plan.
    account = models.ForeignKey(
        "journal.BrokerAccount", null=True, on_delete=models.PROTECT, related_name="+"
    )
    user = models.BigIntegerField(null=True)
    token = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=160)
    via = models.CharField(max_length=4, choices=Via.choices)
    made_at = models.DateTimeField()

    class Meta:
        abstract = True


class Plan(Owned):
    """`plan_id` is its sender's name for it, by which orders and fills refer to it. The terms are those of the latest
    version; the status is that of the latest `PlanChange`. Without an account it is a plan for any of them.

    An entry is a price, or with `entry_price_to` a range. The outcome (`profit_loss` and what follows it) is derived
    from the closed trades that are linked to the plan, null while none is: `journal.services.plans.sync`.
    """

    account = models.ForeignKey(
        "journal.BrokerAccount", null=True, on_delete=models.PROTECT, related_name="+"
    )
    plan_id = models.CharField(max_length=64)
    source = models.CharField(max_length=12, choices=Source.choices)
    created_at = models.DateTimeField()
    version = models.IntegerField(default=1)
    symbol = models.CharField(max_length=64)
    side = models.CharField(max_length=4, blank=True, choices=enum_choices(Side))
    strategy = models.CharField(max_length=64, blank=True)
    timeframe = models.CharField(max_length=32, blank=True)
    conditions = models.JSONField(null=True)
    entry_price = NumericField(null=True)
    entry_price_to = NumericField(null=True)
    stop_price = NumericField(null=True)
    target_price = NumericField(null=True)
    quantity = NumericField(null=True)
    notes = models.TextField(blank=True)
    recommendation_id = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField(null=True)
    status = models.CharField(
        max_length=9, choices=enum_choices(PlanStatus), default=PlanStatus.PENDING
    )
    status_at = models.DateTimeField()
    profit_loss = NumericField(null=True)
    currency = models.CharField(max_length=12, blank=True)
    exit_price = NumericField(null=True)
    close_time = models.DateTimeField(null=True)
    close_reason = models.CharField(max_length=16, blank=True, choices=enum_choices(CloseReason))
    synced_at = models.DateTimeField(null=True)
    # Set while the trades that name it are still to be looked for.
    follow_asked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "plan_id"], name="plan_id_unique")
        ]
        indexes = [
            models.Index(fields=["workspace", "-created_at", "-id"], name="plan_newest"),
            models.Index(fields=["workspace", "symbol", "-created_at"], name="plan_by_symbol"),
            models.Index(
                fields=["workspace", "recommendation_id"],
                name="plan_by_recommendation",
                condition=~models.Q(recommendation_id=""),
            ),
            models.Index(
                fields=["follow_asked_at"],
                name="plan_to_follow",
                condition=models.Q(follow_asked_at__isnull=False),
            ),
            models.Index(
                fields=["expires_at"],
                name="plan_to_expire",
                condition=models.Q(status__in=["pending", "triggered"], expires_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.symbol} {self.plan_id}"


_APPEND_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


class PlanVersion(Authored):
    """One revision with all of its terms, as text: numbers as they are written, moments in ISO 8601."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="versions")
    number = models.IntegerField()
    terms = models.JSONField()
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="plan_version_once")]
        triggers = [_APPEND_ONLY]

    def __str__(self) -> str:
        return f"version {self.number} of {self.plan_id}"


class PlanChange(Authored):
    """One step of a plan's status."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="changes")
    before = models.CharField(max_length=9, blank=True, choices=enum_choices(PlanStatus))
    status = models.CharField(max_length=9, choices=enum_choices(PlanStatus))
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        triggers = [_APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.before} → {self.status}"
