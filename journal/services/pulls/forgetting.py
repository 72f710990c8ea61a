"""What connections know of an account that is erased: nothing, but that it must not come back by itself."""

from __future__ import annotations

import json

from django.db.models import F, Value
from django.db.models.functions import Replace
from django.utils import timezone

from journal.models import (
    BridgeCommand,
    BridgeSeries,
    BrokerAccount,
    Connection,
    PaperLedger,
    Pull,
    PullDocument,
)
from journal.services.erased import number_hash

_ERASED = "(erased)"


def forget_account(account: BrokerAccount) -> None:
    """Part of the erasure's transaction. A connection that was for this account alone is paused."""
    number = account.broker_id
    for connection in Connection.objects.select_for_update().order_by("pk"):
        connection.erased = sorted({*connection.erased, number_hash(account.broker, number)})
        if connection.account_numbers == [number] and connection.paused_at is None:
            connection.paused_at = timezone.now()
        connection.account_numbers = [one for one in connection.account_numbers if one != number]
        connection.error_message = connection.error_message.replace(number, _ERASED)
        if number in json.dumps(connection.state):
            connection.state = {}
        connection.save(
            update_fields=["erased", "paused_at", "account_numbers", "error_message", "state"]
        )
    PullDocument.objects.filter(account_number=number).delete()
    BridgeSeries.objects.filter(account_number=number).delete()
    BridgeCommand.objects.filter(account_number=number).delete()
    if account.broker == "paper":
        # That broker is here.
        PaperLedger.objects.filter(account_number=number).delete()
    for field in ("error_message", "note"):
        Pull.objects.filter(**{f"{field}__contains": number}).update(
            **{field: Replace(F(field), Value(number), Value(_ERASED))}
        )
