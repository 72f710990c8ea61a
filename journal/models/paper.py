"""What the paper broker keeps of its accounts. It is the broker's memory, and no part of the book."""

from __future__ import annotations

from django.db import models

from common.models import Owned


class PaperLedger(Owned):
    """One account at the paper broker: `state` is a ledger as `journal.brokers.paper.stored` writes it. Whoever changes
    it holds the row."""

    account_number = models.CharField(max_length=64)
    state = models.JSONField(default=dict)
    opened_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "account_number"], name="paper_ledger_once"
            )
        ]

    def __str__(self) -> str:
        return self.account_number
