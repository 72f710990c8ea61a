"""Guards as they stand, and what they look at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import QuerySet

from accounts.models import Workspace
from common.errors import NotFound
from journal.models import BrokerAccount
from reconciliation.domain.guards.watching import Part
from reconciliation.models import AccountWorth, Guard, GuardFiring, GuardSample
from reconciliation.selectors.rates import rates_into


def list_guards() -> QuerySet[Guard]:
    """Of the open workspace, without those that were removed."""
    rows = Guard.objects.filter(removed_at=None).select_related("account", "version")
    return rows.order_by("account__broker", "account__broker_id", "name", "pk")


def get_guard(guard_id: int) -> Guard:
    """Within the open workspace. Raises NotFound for anybody else's."""
    guard = list_guards().filter(pk=guard_id).first()
    if guard is None:
        raise NotFound("guard_not_found", "There is no such guard in this workspace.")
    return guard


def list_samples_before(firing: GuardFiring, limit: int = 200) -> list[GuardSample]:
    """What led to a firing, newest first: the samples up to it."""
    rows = GuardSample.objects.filter(guard_id=firing.guard_id, at__lte=firing.fired_at)
    return list(rows.order_by("-at", "-pk")[:limit])


def currency_of(guard: Guard) -> str:
    """In which it measures: that in which its account is kept, or in which a guard of all accounts has begun."""
    if guard.account is None:
        return str(guard.marks.get("currency") or guard.workspace.base_currency)
    return currency_kept(guard.account)


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
