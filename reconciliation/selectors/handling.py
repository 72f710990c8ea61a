"""How a workspace wants differences handled, and by how much figures may differ."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from journal.domain.values import AssetClass
from reconciliation.domain.tolerances import Tolerance, Tolerances
from reconciliation.models import ReconciliationRules, ToleranceVersion


def rules_of(workspace_id: int) -> ReconciliationRules:
    """What was chosen, or what is usual: not stored until somebody changes it."""
    found = ReconciliationRules.objects.filter(workspace_id=workspace_id).first()
    return found or ReconciliationRules(workspace_id=workspace_id)


def versions_of(asset_class: AssetClass) -> list[ToleranceVersion]:
    """The latest first."""
    return list(ToleranceVersion.objects.filter(asset_class=asset_class).order_by("-number"))


def tolerances_of(workspace_id: int) -> Tolerances:
    """Of one workspace, in any scope that holds it. The version counts all changes that were made so far."""
    rows = ToleranceVersion.objects.filter(workspace_id=workspace_id).order_by("number", "id")
    latest: dict[AssetClass, Tolerance] = {}
    version = 1
    for row in rows:
        version += 1
        latest[AssetClass(row.asset_class)] = read_tolerance(row.values)
    return Tolerances(version, latest)


def read_tolerance(values: Mapping[str, str]) -> Tolerance:
    """`values` as a version stores them: numbers as text, the time in seconds."""
    known: dict[str, Any] = {
        name: Decimal(str(value)) for name, value in values.items() if name != "time"
    }
    if "time" in values:
        known["time"] = timedelta(seconds=float(values["time"]))
    return Tolerance(**known)
