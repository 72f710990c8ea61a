"""What a workspace decided about comparing: tolerances, four eyes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from journal.domain.values import AssetClass
from reconciliation.domain.tolerances import Tolerance, Tolerances
from reconciliation.models import ReconciliationRules, ToleranceVersion


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
