"""What scanners, bots, assistants and people propose."""

from __future__ import annotations

import pgtrigger
from django.db import models

from common.choices import enum_choices
from common.fields import NumericField, VerbatimField
from common.models import Owned
from journal.domain.values import Side
from journal.models.evidence import Source


class Pool(models.TextChoices):
    SHOWN = "shown", "Shown"
    SHADOW = "shadow", "Shadow"


class Recommendation(Owned):
    """A proposal as it was made; it never changes. `record_id` is the name by which orders refer to it: of those that
    have it, at most one is of a batch that counts.

    `legs` are objects: what is known of a leg (side, quantity, right, strike, expiry_on, symbol, price, delta) under
    these names, numbers as text, and whatever else was said of it. `features` map a name to {value, as_of}: a number
    as text, a label or a yes or no, and when that was so, as ISO text. `parameters` are the scanner's own settings.
    `needs_approval`: whoever acts on it has to wait for a person.
    """

    account = models.ForeignKey(
        "journal.BrokerAccount", null=True, on_delete=models.PROTECT, related_name="+"
    )
    batch = models.ForeignKey("journal.ImportBatch", on_delete=models.PROTECT, related_name="+")
    record_id = models.CharField(max_length=64)
    raw = VerbatimField()
    source = models.CharField(max_length=12, choices=Source.choices)
    pool = models.CharField(max_length=6, choices=Pool.choices, default=Pool.SHOWN)
    symbol = models.CharField(max_length=64)
    strategy = models.CharField(max_length=64, blank=True)
    side = models.CharField(max_length=4, blank=True, choices=enum_choices(Side))
    quantity = NumericField(null=True)
    entry_price = NumericField(null=True)
    stop_price = NumericField(null=True)
    target_price = NumericField(null=True)
    expected_profit = NumericField(null=True)
    expected_loss = NumericField(null=True)
    probability = NumericField(null=True)
    legs = models.JSONField(default=list)
    features = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    scanner = models.CharField(max_length=64, blank=True)
    scanner_version = models.CharField(max_length=64, blank=True)
    parameters = models.JSONField(default=dict)
    needs_approval = models.BooleanField(default=False)
    received_at = models.DateTimeField()
    recommended_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)

    # How it stands at the moment it is read: given by journal.selectors.recommendations.
    status: str

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "record_id", "batch"], name="recommendation_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["workspace", "-recommended_at", "-id"], name="recommendation_newest"
            ),
            models.Index(
                fields=["workspace", "symbol", "-recommended_at"], name="recommendation_by_symbol"
            ),
            models.Index(fields=["workspace", "record_id"], name="recommendation_by_name"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.symbol} {self.strategy}".strip()
