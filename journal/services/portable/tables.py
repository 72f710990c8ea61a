"""What of a workspace goes into its archive, table by table, and what stays and why.

Every table whose rows belong to a workspace is in one of the two lists (a test walks over all there are): a new one has
to say. An app above says so for its own when it is ready (`offer`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps


@dataclass(frozen=True, slots=True)
class Moved:
    """A table that moves, after those that it refers to. Keys of rows, and references to people and rows, are others in
    the new place: foreign keys are seen to, `people` names plain columns that hold ids of people.

    `cleared` are columns that mean nothing there; `instead` says in SQL what others become (of `r`).
    `only` is a condition in SQL on its rows (`t`).
    """

    name: str
    cleared: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    only: str = ""
    instead: Mapping[str, str] = field(default_factory=dict)

    @property
    def model(self) -> Any:
        return apps.get_model(self.name)


_BY_NAME = ("user",)
_TOKEN = ("token",)
_HANGS_ON_FILL = ("trade_id",)

_moved: list[Moved] = [
    Moved("journal.BrokerAccount", cleared=("rebook_asked_at", "erasure_asked_at", "erasure_author_id")),
    Moved("journal.StatementFile"),
    Moved("journal.ErasedInFile"),
    Moved("journal.ImportBatch", cleared=(*_TOKEN, "connection_id")),
    Moved("journal.ColumnMapping"),
    Moved("journal.Instrument"),
    Moved("journal.BrokerInstrument"),
    Moved("journal.InstrumentName"),
    *(
        Moved(f"journal.{name}")
        for name in (
            "ExecutionReport", "ClosedLotReport", "CashReport", "CorporateActionReport", "OptionEventReport",
            "TransferReport", "PositionReport", "CashBalanceReport", "NavReport", "ConversionRate", "OrderReport",
            "AccountTermsReport",
        )
    ),
    Moved("journal.CapturedRecord", cleared=_TOKEN, people=_BY_NAME),
    Moved("journal.NamedFill"),
    # What booking found is found again.
    Moved("journal.DataIssue", cleared=("instrument_id", "execution_id"), only="t.batch_id IS NOT NULL"),
    Moved("journal.Recommendation"),
    Moved("journal.Decision", cleared=_TOKEN, people=_BY_NAME),
    Moved("journal.RecommendationOutcome", cleared=_TOKEN, people=_BY_NAME),
    Moved("journal.DecisionRules"),
    Moved("journal.Plan"),
    Moved("journal.PlanVersion", cleared=_TOKEN, people=_BY_NAME),
    Moved("journal.PlanChange", cleared=_TOKEN, people=_BY_NAME),
    Moved("journal.Tag"),
    *(
        Moved(f"journal.{name}", cleared=_HANGS_ON_FILL)
        for name in (
            "TradeNote", "TradeTag", "Correction", "ConfirmedLink", "CloseReasonNote", "LegGrouping",
        )
    ),
    Moved("journal.IssueDismissal"),
    Moved("journal.AlertRules"),
    Moved("journal.PriceSeries"),
    Moved("journal.PriceBar"),
    Moved("journal.PriceSplit"),
]  # fmt: skip

_DERIVED = "follows from what is here, and is derived again"
_SECRET = "holds or stands for a secret: set up anew"  # noqa: S105 - says so
_HERE = "is of this installation"

_left: dict[str, str] = {
    **dict.fromkeys(
        (
            "journal.Execution", "journal.JoinedFill", "journal.LotMatch", "journal.OpenLot", "journal.Leg",
            "journal.Trade", "journal.DayRollup", "journal.SliceRollup", "journal.TradeChain", "journal.Order",
            "journal.Structure", "journal.RecommendationStanding",
        ),
        _DERIVED,
    ),
    **dict.fromkeys(
        (
            "accounts.ApiToken", "accounts.Assistant", "accounts.Invitation", "journal.Connection",
            "journal.AlertChannel", "journal.DecisionLink", "journal.WebhookEndpoint", "journal.ReportingRole",
        ),
        _SECRET,
    ),
    **dict.fromkeys(
        (
            "accounts.Membership", "journal.Alert", "journal.Told", "journal.WebhookDelivery", "journal.WebhookEvent",
            "journal.BridgeSeries", "journal.BridgePush", "journal.BridgeCommand", "journal.Pull",
            "journal.PullDocument", "journal.PaperLedger", "journal.FileRemoval", "journal.ImportProgress",
            "journal.PriceFile", "journal.IdempotentRequest", "journal.ToolCall",
        ),
        _HERE,
    ),
}  # fmt: skip

_afterwards: list[Callable[[int], None]] = []


def offer(
    *moved: Moved, left: Mapping[str, str], afterwards: Callable[[int], None] | None = None
) -> None:
    """Called once by an app above. `afterwards` derives what it derives, of a workspace that came out of an archive and
    was booked; within its scope and the transaction."""
    known = {one.name for one in _moved}
    _moved.extend(one for one in moved if one.name not in known)
    _left.update(left)
    if afterwards is not None and afterwards not in _afterwards:
        _afterwards.append(afterwards)


def moved() -> tuple[Moved, ...]:
    return tuple(_moved)


def left() -> Mapping[str, str]:
    """Name of the table: why it stays."""
    return _left


def derive_afterwards(workspace_id: int) -> None:
    for derive in _afterwards:
        derive(workspace_id)
