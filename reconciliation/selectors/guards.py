"""Guards as they stand, and what they look at."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from accounts.models import Workspace
from journal.models import BrokerAccount
from reconciliation.domain.guards.watching import Part
from reconciliation.models import AccountWorth, Guard
from reconciliation.selectors.rates import rates_into


def currency_of(guard: Guard) -> str:
    """In which it measures: that in which its account is kept, or in which a guard of all accounts has begun."""
    if guard.account is None:
        return str(guard.marks.get("currency") or guard.workspace.base_currency)
    return currency_kept(guard.account)


def currencies_of(guards: Collection[Guard]) -> dict[int, str]:
    """Of many guards at once, by their ids."""
    accounts = {one.account_id for one in guards if one.account_id is not None}
    worths = AccountWorth.objects.filter(account_id__in=accounts, equity__isnull=False)
    kept = dict(worths.values_list("account_id", "currency"))
    return {
        one.pk: currency_of(one)
        if one.account is None
        else kept.get(one.account.pk) or one.account.base_currency
        for one in guards
    }


def currency_kept(account: BrokerAccount) -> str:
    """In which the worth of an account is kept: the first that it was told in."""
    kept_in = AccountWorth.objects.filter(account=account, equity__isnull=False)
    return kept_in.values_list("currency", flat=True).first() or account.base_currency


class Total(NamedTuple):
    """All accounts of a workspace together, in `currency`. `at` is now; the parts are of `oldest_at` to `newest_at`.
    Not `is_whole`: an account's latest reading brought nothing, or there is no rate for its currency."""

    at: datetime
    currency: str
    parts: Mapping[int, Part]
    oldest_at: datetime
    newest_at: datetime
    is_whole: bool

    def is_known(self, patience: timedelta) -> bool:
        """One account that is not known, or not lately, makes the sum unknown."""
        return self.is_whole and self.at - self.oldest_at <= patience


def total_of(workspace_id: int, at: datetime, currency: str = "") -> Total:
    """Of every account that was ever read and is not archived; in the workspace's currency unless another is wanted."""
    rows = AccountWorth.objects.filter(
        workspace_id=workspace_id, account__archived_at=None, account__erasure_asked_at=None
    )
    worths = list(rows.order_by("account_id"))
    if not currency:
        currency = Workspace.objects.values_list("base_currency", flat=True).get(pk=workspace_id)
    rates = rates_into(workspace_id, currency, {row.currency for row in worths}, at.date())
    known = [
        row
        for row in worths
        if row.is_known and row.equity is not None and row.at and row.currency in rates
    ]
    times = [row.at for row in known if row.at is not None] or [at]
    parts = {
        row.account_id: Part(row.flows + row.told, row.equity, row.balance, rates[row.currency])
        for row in known
        if row.equity is not None
    }
    is_whole = bool(known) and len(known) == len(worths)
    return Total(at, currency, parts, min(times), max(times), is_whole)
