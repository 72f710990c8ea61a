"""Broker accounts: what people decide about them."""

from __future__ import annotations

from typing import Any

from journal.models import BrokerAccount

# What the book is computed from: a change books the whole account anew.
_BOOKED_BY = {"base_currency", "zone", "day_rollover_minutes", "lot_method", "is_hedging"}


def create_account(workspace_id: int, **values: Any) -> BrokerAccount:
    """Raises ValidationError where the account exists or a value cannot be."""
    account = BrokerAccount(workspace_id=workspace_id, **values)
    account.full_clean()
    account.save()
    return account


def change_account(account: BrokerAccount, **values: Any) -> bool:
    """Whether the change alters the book, so that the account has to be booked anew (`tasks.rebook_account`)."""
    changed = {name for name, value in values.items() if getattr(account, name) != value}
    if changed:
        for name in changed:
            setattr(account, name, values[name])
        account.full_clean()
        account.save(update_fields=sorted(changed))
    return bool(changed & _BOOKED_BY)
