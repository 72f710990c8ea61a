from reconciliation.models.closing import CloseIntent, CloseStep
from reconciliation.models.divergences import (
    Divergence,
    DivergenceStep,
    ReconciliationRules,
    Resolution,
    ToleranceVersion,
)
from reconciliation.models.guards import (
    FLOOR,
    ChangeState,
    DrawdownAction,
    DrawdownAlert,
    DrawdownAlertType,
    FiringOutcome,
    Guard,
    GuardFiring,
    GuardKind,
    GuardSample,
    GuardVersion,
    TradingLock,
)
from reconciliation.models.runs import (
    LogEvent,
    LogStatus,
    ReconciliationLog,
    ReconciliationRun,
    RunOutcome,
)
from reconciliation.models.snapshots import (
    Heard,
    PositionSnapshot,
    Snapshot,
    SnapshotOrder,
    SnapshotPosition,
)
from reconciliation.models.tallies import Tally
from reconciliation.models.worths import AccountWorth

__all__ = [
    "FLOOR",
    "AccountWorth",
    "ChangeState",
    "CloseIntent",
    "CloseStep",
    "Divergence",
    "DivergenceStep",
    "DrawdownAction",
    "DrawdownAlert",
    "DrawdownAlertType",
    "FiringOutcome",
    "Guard",
    "GuardFiring",
    "GuardKind",
    "GuardSample",
    "GuardVersion",
    "Heard",
    "LogEvent",
    "LogStatus",
    "PositionSnapshot",
    "ReconciliationLog",
    "ReconciliationRules",
    "ReconciliationRun",
    "Resolution",
    "RunOutcome",
    "Snapshot",
    "SnapshotOrder",
    "SnapshotPosition",
    "Tally",
    "ToleranceVersion",
    "TradingLock",
]
