"""Decisions of people. They hang on executions (by account and fill key), never on derived rows.

`trade_id` is kept up to date by re-booking, so that a list can filter by it; the anchor is what counts.
"""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.db import models

from common.models import Owned


class Annotation(Owned):
    account = models.ForeignKey("journal.BrokerAccount", on_delete=models.CASCADE, related_name="+")
    fill_key = models.CharField(max_length=96)
    trade_id = models.BigIntegerField(null=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


@pghistory.track()
class TradeNote(Annotation):
    text = models.TextField(max_length=20_000)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["workspace", "trade_id"], name="trade_note_by_trade"),
            models.Index(fields=["account", "fill_key"], name="trade_note_by_fill"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class Tag(Owned):
    name = models.CharField(max_length=48)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                "workspace", models.functions.Lower("name"), name="tag_name_unique"
            )
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class TradeTag(Annotation):
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="trade_tags")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "fill_key", "tag"], name="trade_tag_unique")
        ]
        indexes = [models.Index(fields=["workspace", "tag", "trade_id"], name="trade_tag_by_tag")]

    def __str__(self) -> str:
        return self.tag.name


class CorrectionKind(models.TextChoices):
    EXCLUDE = "exclude", "Leave this fill out of the book"
    AMEND = "amend", "Book it with other figures"
    COST_SHARE = "share", "State which share of the cost new shares take"


@pghistory.track()
class Correction(Annotation):
    """A person's word against the evidence, with the reason. The evidence stays as it is.

    `changes` maps price, quantity, fee, tax, executed_at or side to the value to book with. A COST_SHARE is about
    the entry that a spin-off made (its fill key is the event's), and maps cost_share to a number of percent.
    """

    kind = models.CharField(max_length=8, choices=CorrectionKind.choices)
    changes = models.JSONField(default=dict, blank=True)
    reason = models.TextField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "fill_key"],
                name="correction_one_at_a_time",
                condition=models.Q(withdrawn_at__isnull=True),
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="correction_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.reason[:60]}"


@pghistory.track()
class IssueDismissal(Owned):
    """Somebody looked at a data issue and has nothing to do about it."""

    fingerprint = models.CharField(max_length=40)
    reason = models.CharField(max_length=255, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "fingerprint"], name="issue_dismissal_unique"
            )
        ]

    def __str__(self) -> str:
        return self.fingerprint
