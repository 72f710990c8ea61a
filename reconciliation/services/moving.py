"""What of reconciliation goes into the archive of a workspace."""

from __future__ import annotations

from journal.services.portable.tables import Moved

_FOUND = "is found again by the first run"
_GUARDS = "acts on accounts with real money: set up anew, by somebody who means it"

MOVED = (
    Moved("reconciliation.Snapshot", cleared=("connection_id",)),
    Moved("reconciliation.SnapshotPosition"),
    Moved("reconciliation.SnapshotOrder"),
    Moved("reconciliation.PositionSnapshot"),
    Moved(
        "reconciliation.ReconciliationLog", cleared=("decision", "run", "intent"), people=("user",)
    ),
    Moved("reconciliation.ToleranceVersion", people=("user",)),
    Moved("reconciliation.ReconciliationRules"),
)

LEFT = {
    **dict.fromkeys(
        (
            "reconciliation.ReconciliationRun", "reconciliation.Divergence", "reconciliation.DivergenceStep",
            "reconciliation.AccountWorth",
        ),
        _FOUND,
    ),
    **dict.fromkeys(
        (
            "reconciliation.Guard", "reconciliation.GuardVersion", "reconciliation.GuardSample",
            "reconciliation.GuardFiring", "reconciliation.DrawdownAlert", "reconciliation.TradingLock",
            "reconciliation.CloseIntent", "reconciliation.CloseStep",
        ),
        _GUARDS,
    ),
}  # fmt: skip
