"""What a movement of cash is entered by."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from journal.services.cash_entries import Movement


class CashEntrySerializer(serializers.Serializer[Any]):
    """`amount` is positive when it reaches the account. Without a `currency` it is that of the account."""

    account = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    kind = serializers.ChoiceField(choices=[str(one) for one in Movement])
    amount = serializers.DecimalField(max_digits=40, decimal_places=18)
    currency = serializers.RegexField(
        r"^[A-Z0-9]{2,12}$", required=False, allow_blank=True, default="", max_length=12
    )
    occurred_at = serializers.DateTimeField()
    reason = serializers.CharField(max_length=500)
