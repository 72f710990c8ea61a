"""What people set right about an instrument."""

from __future__ import annotations

from typing import Any

import pghistory
from django.db import transaction

from journal.models import ExecutionReport, Instrument
from journal.services.accounts import ask_rebook

# What booking computes with: `Instrument.contract`.
_BOOKED_BY = {"asset_class", "currency", "multiplier", "is_inverse"}


@transaction.atomic
def change_instrument(instrument: Instrument, *, reason: str, **values: Any) -> list[int]:
    """The accounts that have to be booked anew (`tasks.rebook_account`). Raises ValidationError."""
    changed = {name for name, value in values.items() if getattr(instrument, name) != value}
    if not changed:
        return []
    for name in changed:
        setattr(instrument, name, values[name])
    instrument.full_clean()
    with pghistory.context(reason=reason):
        instrument.save(update_fields=sorted(changed))
    if not changed & _BOOKED_BY:
        return []
    reports = ExecutionReport.objects.filter(instrument=instrument)
    account_ids = list(reports.order_by().values_list("account_id", flat=True).distinct())
    ask_rebook(account_ids)
    return account_ids
