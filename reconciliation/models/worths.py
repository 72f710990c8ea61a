"""What accounts are worth without what was paid in and out: kept for each of them, guarded or not."""

from __future__ import annotations

from django.db import models

from common.fields import NumericField
from common.models import Owned


class AccountWorth(Owned):
    """`reconciliation.domain.guards.watching.Account` in columns, in the account's `currency`.

    `flows` sums the deposits and withdrawals that are in it since `began_at`, `told` those that are not in the book.
    `is_known` is false while the latest attempt to read brought nothing that could be used: a total with such an
    account in it is unknown. `quotes` is what is usual in the markets that it holds, where it is guarded, by contract
    (`reconciliation.domain.guards.quotes.Known`).
    """

    account = models.OneToOneField(
        "journal.BrokerAccount", on_delete=models.CASCADE, related_name="+", primary_key=True
    )
    currency = models.CharField(max_length=12)
    is_known = models.BooleanField(default=False)
    at = models.DateTimeField(null=True)
    equity = NumericField(null=True)
    balance = NumericField(default=0)
    units = NumericField(default=0)
    unit = NumericField(default=1)
    unit_peak = NumericField(default=1)
    money_peak = NumericField(default=0)
    is_wiped = models.BooleanField(default=False)
    flows = NumericField(default=0)
    told = NumericField(default=0)
    began_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)
    doubts = models.PositiveIntegerField(default=0)
    doubted_at = models.DateTimeField(null=True)
    doubted = NumericField(default=0)
    tried_at = models.DateTimeField(null=True)
    quotes = models.JSONField(default=dict, editable=False)

    class Meta:
        ordering = ["account"]
        indexes = [models.Index(fields=["workspace"], name="account_worth_of_workspace")]

    def __str__(self) -> str:
        return f"{self.equity} {self.currency}" if self.equity is not None else "unknown"
