"""What was learnt of an account is gone with it.

Most of what is learnt is of all accounts together, and nobody can take one out of a claim, a report or a threshold. So
all of it goes, and is learnt anew from what is left, Monday by Monday and each as of itself (`services.demo.past`).
What stays is what people said: the settings of the learner, and where they put symbols.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from journal.models import BrokerAccount, Instrument
from learning.models import (
    BookChange,
    Claim,
    ClaimEvent,
    ExposureReading,
    LearningRun,
    LearningSettings,
    MetricPoint,
    MetricState,
    ParameterAnswer,
    ParameterVersion,
    Prediction,
    ProbabilityModel,
    Report,
    ReportPicture,
    ReturnPoint,
    ReturnState,
    StepFailure,
    SymbolChange,
    SymbolStanding,
    TradeFact,
    TradeInsight,
    Trial,
)
from learning.services.counting import count_everything
from learning.services.locks import (
    lock_exposing,
    lock_insights,
    lock_learner,
    lock_measuring,
    lock_symbols,
)
from learning.services.versions import begin_anew

DERIVED: tuple[Any, ...] = (
    ReportPicture, Report, Prediction, ProbabilityModel, ClaimEvent, Claim, Trial, ExposureReading, StepFailure,
    SymbolStanding, LearningRun,
)  # fmt: skip
"""Gone whole, in an order in which nothing is left that hangs on what goes."""

BY_ACCOUNT: tuple[Any, ...] = (TradeFact, TradeInsight, BookChange)
"""Gone where their account is."""

COUNTED_AGAIN: tuple[Any, ...] = (MetricPoint, MetricState, ReturnPoint, ReturnState)
"""Gone whole, and counted at once or by the task that follows."""

VERSIONS: tuple[Any, ...] = (ParameterAnswer, ParameterVersion)
"""Gone but for one, which begins anew: numbers that a scanner was told do not come again."""

SAID_BY_PEOPLE: tuple[Any, ...] = (LearningSettings, SymbolChange)
"""What stays; of changes those that somebody made, without what was counted."""


@transaction.atomic
def forget_account(workspace_id: int) -> None:
    """To be called in the transaction that erased an account, once its trades are gone. It waits for whoever is at work
    with what is erased: else they would write of it afterwards. Safe to do twice."""
    lock_learner(workspace_id)
    lock_measuring(workspace_id)
    lock_insights(workspace_id)
    lock_exposing(workspace_id)
    lock_symbols(workspace_id)
    own = {"workspace_id": workspace_id}
    accounts = BrokerAccount.objects.filter(**own).values("pk")
    for model in BY_ACCOUNT:
        model._base_manager.filter(**own).exclude(account__in=accounts).delete()
    begin_anew(workspace_id)
    for model in (*DERIVED, *COUNTED_AGAIN):
        model._base_manager.filter(**own).delete()
    _keep_what_people_said(workspace_id)
    count_everything(workspace_id)


def _keep_what_people_said(workspace_id: int) -> None:
    """Where they put symbols that are still known here, or never were traded. Outcomes are counted from none."""
    changes = SymbolChange.objects.filter(workspace_id=workspace_id)
    changes.filter(made_by=None, reason="").delete()
    known = _names(workspace_id)
    for one in changes.order_by("at", "id"):
        if one.evidence and one.symbol.upper() not in known:
            one.delete()
            continue
        SymbolChange.objects.filter(pk=one.pk).update(n=0, evidence={})
        SymbolStanding.objects.update_or_create(
            workspace_id=workspace_id,
            symbol=one.symbol,
            defaults={"standing": one.after, "since": one.at, "as_of": one.at},
        )


def _names(workspace_id: int) -> set[str]:
    rows = Instrument.objects.filter(workspace_id=workspace_id)
    pairs = rows.values_list("symbol", "underlying_symbol", "underlying__symbol")
    return {name.upper() for pair in pairs for name in pair if name}
