"""Positions that the system closes: one intent for each, and everything that was sent and heard for it."""

from __future__ import annotations

from django.db import models

from common.choices import enum_choices
from common.fields import NumericField
from common.models import Owned
from reconciliation.domain.closing import Phase, Why
from reconciliation.models.runs import APPEND_ONLY


class CloseIntent(Owned):
    """One position to be closed (`reconciliation.domain.closing.Intent`, stored before anything is sent).

    `key` is unique: whoever asks for the same close again gets the same intent. `memory` is the rest of the pure
    intent as JSON with numbers as text. `fence` grows whenever a worker takes the intent over: one that was overtaken
    sends nothing any more. `escalated_at` is when a person was told, once, with exact numbers.
    """

    account = models.ForeignKey("journal.BrokerAccount", on_delete=models.CASCADE, related_name="+")
    connection = models.ForeignKey(
        "journal.Connection", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    firing = models.ForeignKey(
        "reconciliation.GuardFiring", null=True, on_delete=models.CASCADE, related_name="intents"
    )
    key = models.CharField(max_length=32, unique=True)
    instrument = models.ForeignKey(
        "journal.Instrument", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    symbol = models.CharField(max_length=64)
    ticket = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=64)
    started_quantity = NumericField(help_text="Signed, when it was decided to close.")
    phase = models.CharField(max_length=10, choices=enum_choices(Phase))
    why = models.CharField(max_length=8, choices=enum_choices(Why), blank=True)
    memory = models.JSONField(default=dict, editable=False)
    fence = models.PositiveBigIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["next_at"],
                name="close_intent_due",
                condition=models.Q(ended_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"close {self.symbol}: {self.phase}"


class CloseStep(Owned):
    """One thing that was done for an intent, and what was heard. `fence` tells by which worker. Append-only."""

    account = models.ForeignKey(
        "journal.BrokerAccount", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    intent = models.ForeignKey(CloseIntent, on_delete=models.CASCADE, related_name="steps")
    action = models.CharField(max_length=8)
    client_id = models.CharField(max_length=64, blank=True)
    quantity = NumericField(null=True)
    heard = models.JSONField(default=dict)
    fence = models.PositiveBigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.action} {self.client_id}".strip()
