"""Positions that the system closes: one intent for each, and everything that was sent and heard for it."""

from __future__ import annotations

from django.db import models

from common.choices import enum_choices
from common.fields import NumericField
from common.models import Owned
from reconciliation.domain.closing import Phase, Why
from reconciliation.models.runs import APPEND_ONLY


class CloseIntent(Owned):
    """One position to be closed (`reconciliation.domain.closing.Intent`, stored before anything is sent); or, without
    `root`, one account to be made flat: positions have it as their root, and it is over when the account was seen
    flat twice, or a person was told.

    `key` is unique: whoever asks for the same close again gets the same intent. `memory` is the rest of the pure
    intent and what was seen and sent, as JSON with numbers as text. `fence` of a root grows whenever a worker takes
    the account: one that was overtaken sends nothing any more. `held_until` is until when nobody else takes it.
    `escalated_at` of a root is when a person was told, once, with exact numbers. `next_at` may be the next time that
    a closed market opens.
    """

    account = models.ForeignKey("journal.BrokerAccount", on_delete=models.CASCADE, related_name="+")
    connection = models.ForeignKey(
        "journal.Connection", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    firing = models.ForeignKey(
        "reconciliation.GuardFiring", null=True, on_delete=models.CASCADE, related_name="intents"
    )
    root = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="positions")
    key = models.CharField(max_length=32, unique=True)
    instrument = models.ForeignKey(
        "journal.Instrument", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    symbol = models.CharField(max_length=64, blank=True)
    ticket = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=64)
    started_quantity = NumericField(help_text="Signed, when it was decided to close.")
    phase = models.CharField(max_length=10, choices=enum_choices(Phase))
    why = models.CharField(max_length=8, choices=enum_choices(Why), blank=True)
    memory = models.JSONField(default=dict, editable=False)
    fence = models.PositiveBigIntegerField(default=0)
    held_until = models.DateTimeField(null=True)
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
        return f"close {self.symbol or 'account'}: {self.phase}"

    @property
    def is_root(self) -> bool:
        return self.root_id is None

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None


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
