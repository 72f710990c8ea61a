"""What a workspace decided about comparing: tolerances, four eyes, locks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q

from journal.domain.values import AssetClass
from reconciliation.domain.tolerances import Tolerance, Tolerances
from reconciliation.models import ReconciliationRules, ToleranceVersion, TradingLock


def rules_of(workspace_id: int) -> ReconciliationRules:
    """What was decided, or what is usual."""
    found = ReconciliationRules.objects.filter(workspace_id=workspace_id).first()
    return found or ReconciliationRules(workspace_id=workspace_id)


def tolerances_of(workspace_id: int) -> Tolerances:
    """The latest version of each class. The version of all together is the sum of theirs: it grows with each."""
    rows = ToleranceVersion.objects.filter(workspace_id=workspace_id)
    latest = list(rows.order_by("asset_class", "-number").distinct("asset_class"))
    return Tolerances(
        1 + sum(one.number for one in latest),
        {AssetClass(one.asset_class): tolerance_from(one.values) for one in latest},
    )


def tolerance_from(values: dict[str, Any]) -> Tolerance:
    """As `ToleranceVersion.values` keeps it; `time` is in seconds."""
    known = {name: Decimal(value) for name, value in values.items() if name in Tolerance._fields}
    seconds = known.pop("time", None)
    found = Tolerance(**known)  # type: ignore[arg-type]
    return found if seconds is None else found._replace(time=timedelta(seconds=float(seconds)))


def locks_since(
    workspace_id: int, account_ids: Sequence[int], *, now: datetime
) -> dict[int, datetime]:
    """By account since when nothing new may be opened in any of its markets."""
    locks = TradingLock.objects.filter(
        Q(until=None) | Q(until__gt=now), workspace_id=workspace_id, lifted_at=None, symbol=""
    )
    found: dict[int, datetime] = {}
    locks = locks.filter(Q(account_id=None) | Q(account_id__in=account_ids))
    for account_id, began_at in locks.values_list("account_id", "began_at"):
        # Of no account is of all of them.
        for one in (account_id,) if account_id in account_ids else account_ids:
            found[one] = min(began_at, found.get(one, began_at))
    return found
