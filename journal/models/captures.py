"""What bots report while they trade, as it came. Booked a moment later, in the order in which it arrived."""

from __future__ import annotations

import pgtrigger
from django.db import models

from common.models import Owned
from journal.models.evidence import Source


class CapturedKind(models.TextChoices):
    ORDER = "order", "Order"
    EXECUTION = "execution", "Execution"
    RECOMMENDATION = "recommendation", "Recommendation"


class CapturedRecord(Owned):
    """One record of one call. It is acknowledged when this row is committed, and never lost from then on.

    `record_id` is its sender's name for it: the same again is the same record (`digest` tells whether it says the
    same). `batch` is the import that it entered the book with, null while it waits; it is the only thing that changes.
    `token` is the id of the API token, null for a person. Foreign keys to workspace and account carry no constraint:
    whoever writes has just read them, and this is written while a bot waits.
    """

    workspace = models.ForeignKey(
        "accounts.Workspace",
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    account = models.ForeignKey(
        "journal.BrokerAccount",
        on_delete=models.DO_NOTHING,
        related_name="+",
        null=True,
        db_constraint=False,
        db_index=False,
    )
    token = models.BigIntegerField(null=True)
    user = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=16, choices=CapturedKind.choices)
    source = models.CharField(max_length=12, choices=Source.choices)
    record_id = models.CharField(max_length=64)
    digest = models.CharField(max_length=24)
    payload = models.TextField(help_text="The record as it was sent (JSON).")
    received_at = models.DateTimeField()
    batch = models.ForeignKey(
        "journal.ImportBatch", null=True, on_delete=models.PROTECT, related_name="captured"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "kind", "record_id"], name="captured_record_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["workspace", "id"],
                name="captured_record_waiting",
                condition=models.Q(batch=None),
            ),
            models.Index(fields=["account"], name="captured_record_by_account"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="verbatim",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=["batch"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id}"
