"""What nobody may trade anew now, and since when."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Min, Q, QuerySet
from django.db.models.functions import Now
from django_scopes import scopes_disabled

from journal.models import BrokerAccount
from reconciliation.models import TradingLock


def in_force(rows: QuerySet[TradingLock], now: datetime | Now) -> QuerySet[TradingLock]:
    return rows.filter(lifted_at=None).filter(Q(until=None) | Q(until__gt=now))


def locks_in_force(workspace_id: int, now: datetime | None = None) -> QuerySet[TradingLock]:
    """Asked by every bot, in any scope or none. Without `now` it is the database's."""
    with scopes_disabled():
        rows = TradingLock.objects.filter(workspace_id=workspace_id)
        return in_force(rows, now or Now()).order_by("began_at", "pk")


def lock_of(
    workspace_id: int, account_id: int | None, symbol: str, now: datetime | None = None
) -> TradingLock | None:
    """The one that began first of those that hold for the symbol in the account. `account_id` None asks for what holds
    in all accounts, `symbol` "" for what holds for all symbols."""
    for lock in locks_in_force(workspace_id, now):
        is_of_account = lock.account_id is None or lock.account_id == account_id
        if is_of_account and lock.symbol in ("", symbol):
            return lock
    return None


def locked_since(account_id: int, now: datetime | None = None) -> datetime | None:
    """From when on no fill of the account should open anything, whatever its symbol; None while nothing locks it."""
    with scopes_disabled():
        account = BrokerAccount.objects.filter(pk=account_id).first()
    if account is None:
        return None
    return locked_since_all(account.workspace_id, [account_id], now).get(account_id)


def locked_since_all(
    workspace_id: int, account_ids: Collection[int], now: datetime | None = None
) -> dict[int, datetime]:
    """Of many accounts at once; those that are not locked are left out."""
    rows = locks_in_force(workspace_id, now).filter(symbol="").order_by()
    first = dict(rows.values_list("account_id").annotate(Min("began_at")))
    everywhere = first.pop(None, None)
    found = {one: first[one] for one in account_ids if one in first}
    if everywhere is not None:
        found = {one: min(found.get(one, everywhere), everywhere) for one in account_ids}
    return found
