"""Broker accounts: what people decide about them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pghistory
from django.db import transaction
from django.utils import timezone

from journal.models import BrokerAccount
from journal.services.reasons import check_reason

# What the book is computed from: a change books the whole account anew.
_BOOKED_BY = {"base_currency", "zone", "day_rollover_minutes", "lot_method", "is_hedging"}


def create_account(workspace_id: int, **values: Any) -> BrokerAccount:
    """Raises ValidationError where the account exists or a value cannot be."""
    account = BrokerAccount(workspace_id=workspace_id, **values)
    account.full_clean()
    account.save()
    return account


def change_account(account: BrokerAccount, *, reason: str = "", **values: Any) -> bool:
    """Whether the change alters the book, so that the account has to be booked anew (`tasks.rebook_account`).

    That wish is written down with the change, and is found again where nobody could be told of it. Raises Rejected
    with `fields` where such a change comes without a reason.
    """
    changed = {name for name, value in values.items() if getattr(account, name) != value}
    if not changed:
        return False
    alters_book = bool(changed & _BOOKED_BY)
    for name in changed:
        setattr(account, name, values[name])
    account.full_clean()
    if alters_book:
        reason = check_reason(reason)
        account.rebook_asked_at = timezone.now()
        changed.add("rebook_asked_at")
    with transaction.atomic(), pghistory.context(**({"reason": reason} if reason else {})):
        account.save(update_fields=sorted(changed))
    return alters_book


def ask_rebook(account_ids: list[int]) -> None:
    BrokerAccount.objects.filter(pk__in=account_ids).update(rebook_asked_at=timezone.now())


def note_rebooked(account: BrokerAccount, *, asked_at: datetime | None) -> None:
    """The book is as it was asked for; unless it was asked again in the meantime."""
    BrokerAccount.objects.filter(pk=account.pk, rebook_asked_at=asked_at).update(
        rebook_asked_at=None
    )


def archive_account(account: BrokerAccount) -> None:
    """Out of the way, not out of the book: what was traded there stays in every figure."""
    if account.archived_at is None:
        account.archived_at = timezone.now()
        account.save(update_fields=["archived_at"])


def unarchive_account(account: BrokerAccount) -> None:
    account.archived_at = None
    account.save(update_fields=["archived_at"])
