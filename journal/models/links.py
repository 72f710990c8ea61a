"""What joins a trade to its plan and recommendation: what was named, what people said, and what follows from both."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models

from common.choices import enum_choices
from journal.domain.chain.close_reason import CloseReason, ReasonBy
from journal.domain.chain.links import LinkBy
from journal.models.annotations import Annotation
from journal.models.book import Derived, derived_key


class NamedFill(Derived):
    """A captured fill that names a plan or a recommendation, by the key that it was reported under. It follows from
    the report alone, and counts while the import of it does."""

    batch = derived_key("journal.ImportBatch")
    key = models.CharField(max_length=96)
    plan_id = models.CharField(max_length=64, blank=True)
    recommendation_id = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "key", "batch", "plan_id", "recommendation_id"],
                name="named_fill_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["workspace", "plan_id"],
                name="named_fill_by_plan",
                condition=~models.Q(plan_id=""),
            ),
            models.Index(
                fields=["workspace", "recommendation_id"],
                name="named_fill_by_recommendation",
                condition=~models.Q(recommendation_id=""),
            ),
        ]

    def __str__(self) -> str:
        return self.plan_id or self.recommendation_id


class LinkVerdict(models.TextChoices):
    CONFIRMED = "confirmed", "Belongs to it"
    REFUSED = "refused", "Does not belong to it"


@pghistory.track()
class ConfirmedLink(Annotation):
    """A person's word on whether a trade is the one that a plan meant. It comes before whatever orders name."""

    plan = models.ForeignKey("journal.Plan", on_delete=models.CASCADE, related_name="+")
    verdict = models.CharField(max_length=9, choices=LinkVerdict.choices)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "fill_key", "plan"], name="confirmed_link_once"
            )
        ]
        indexes = [
            models.Index(fields=["workspace", "trade_id"], name="confirmed_link_by_trade"),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} {self.plan_id}"


@pghistory.track()
class CloseReasonNote(Annotation):
    """Why a trade was closed, as a person says, and how he knows."""

    close_reason = models.CharField(max_length=16, choices=enum_choices(CloseReason))
    reason = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "fill_key"], name="close_reason_note_once"),
            models.CheckConstraint(
                condition=~models.Q(reason=""), name="close_reason_note_has_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "trade_id"], name="close_reason_note_by_trade"),
        ]

    def __str__(self) -> str:
        return f"{self.close_reason}: {self.reason[:60]}"


class TradeChain(Derived):
    """What a trade followed from and how it ended. `id` is the trade's; a trade of which nothing is known beyond its
    fills has no row.

    `plan` is the plan that its opening names or a person confirmed, null for an unplanned trade; `other_plans` are the
    ids of others that are named too. `recommendation_id` is the sender's. `close_reason` is "" while it is open, and
    `is_mixed` says that parts of it were closed for other reasons.
    """

    id = models.BigIntegerField(primary_key=True)
    plan = derived_key("journal.Plan", null=True, related_name="chains")
    plan_by = models.CharField(max_length=16, blank=True, choices=enum_choices(LinkBy))
    other_plans = ArrayField(models.BigIntegerField(), default=list)
    recommendation_id = models.CharField(max_length=64, blank=True)
    close_reason = models.CharField(max_length=16, blank=True, choices=enum_choices(CloseReason))
    reason_by = models.CharField(max_length=9, blank=True, choices=enum_choices(ReasonBy))
    is_mixed = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["workspace", "recommendation_id"],
                name="chain_by_recommendation",
                condition=~models.Q(recommendation_id=""),
            ),
            models.Index(
                fields=["workspace", "close_reason"],
                name="chain_by_close_reason",
                condition=~models.Q(close_reason=""),
            ),
            models.Index(fields=["account"], name="chain_by_account"),
        ]

    def __str__(self) -> str:
        return f"trade {self.pk}"

    @property
    def is_planned(self) -> bool:
        return self.plan_id is not None
