"""Broker accounts: what people decide about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pghistory
from django.db import transaction
from django.utils import timezone

from journal.brokers.registry import zone_of_broker
from journal.domain.account_terms import CHOOSABLE
from journal.models import BrokerAccount
from journal.services.account_terms import stated_terms
from journal.services.reasons import check_reason

# What the book is computed from: a change books the whole account anew.
_BOOKED_BY = {"base_currency", "zone", "day_rollover_minutes", "lot_method", "is_hedging"}


def create_account(workspace_id: int, *, is_chosen: bool = True, **values: Any) -> BrokerAccount:
    """What is named is chosen, and no statement overrules it; unless not a person names it (`is_chosen` False). None
    and "" leave to the statements how the account counts.

    Raises ValidationError where the account exists or a value cannot be.
    """
    left = {name for name in CHOOSABLE & values.keys() if values[name] in (None, "")}
    named = {name: value for name, value in values.items() if name not in left}
    chosen = sorted(CHOOSABLE & named.keys()) if is_chosen else []
    if "zone" not in named:
        named["zone"] = zone_of_broker(str(values.get("broker", "")))
    account = BrokerAccount(workspace_id=workspace_id, chosen=chosen, **named)
    account.full_clean()
    account.save()
    return account


def change_account(account: BrokerAccount, *, reason: str = "", **values: Any) -> bool:
    """Whether the change alters the book, so that the account has to be booked anew (`tasks.rebook_account`).

    Who names a value chooses it, also where it is the same; None and "" leave it to the statements again. That wish is
    written down with the change, and is found again where nobody could be told of it. Raises Rejected with `fields`
    where such a change comes without a reason.
    """
    with transaction.atomic():
        # An import may be hearing just now how the account counts.
        account.refresh_from_db(from_queryset=BrokerAccount.objects.select_for_update(no_key=True))
        return _change(account, reason, values | _choices(account, values))


def _choices(account: BrokerAccount, values: Mapping[str, Any]) -> dict[str, Any]:
    """What the account counts by, of what was named, and what of it is chosen now."""
    named = CHOOSABLE & values.keys()
    left = {name for name in named if values[name] in (None, "")}
    stated = stated_terms(account) if left else {}
    chosen = (set(account.chosen) | named) - left
    return {"chosen": sorted(chosen), **{name: stated[name] for name in left}}


def _change(account: BrokerAccount, reason: str, values: Mapping[str, Any]) -> bool:
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
    with pghistory.context(**({"reason": reason} if reason else {})):
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
