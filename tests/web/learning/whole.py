"""Something in every list of the learner."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from journal.models import BrokerAccount
from learning.domain.figures import Figure, Interval, Reason, Unit
from learning.domain.insights.bet import Odds
from learning.domain.insights.card import Decision, Result, read_insight
from learning.domain.insights.classic import Facts
from learning.models import (
    Claim,
    ClaimEvent,
    LearningRun,
    ParameterVersion,
    Prediction,
    ProbabilityModel,
    Report,
    ReturnPoint,
    ReturnState,
    RunKind,
    SymbolChange,
    SymbolStanding,
    TradeInsight,
)
from learning.services import measuring, returning, running

AS_OF = datetime(2026, 7, 1, tzinfo=UTC)


def learning_run(workspace_id: int, told: Any) -> LearningRun:
    return running.run(
        RunKind.WHAT_WORKS, workspace_id, AS_OF, "v1", {}, lambda rng: {"told": told}
    )


def period_report(workspace_id: int, told: str) -> Report:
    """A report of a week without trades, with a headline that names what is told."""
    document = {
        "kind": "weekly", "workspace": told, "headline": told, "since": "2026-06-22", "until": "2026-06-28",
        "zone": "UTC", "as_of": "2026-06-29T06:00:00Z", "sections": [], "footer": [],
    }  # fmt: skip
    kept = running.run(
        RunKind.WEEKLY, workspace_id, AS_OF, "v1", {}, lambda rng: {"document": document, "score": None}
    )  # fmt: skip
    return Report.objects.create(
        workspace_id=workspace_id, run=kept, kind="weekly", since=date(2026, 6, 22), until=date(2026, 6, 28),
        zone="UTC", as_of=AS_OF, headline=told, trades=0, focus=None, is_scheduled=True,
    )  # fmt: skip


def a_version(workspace_id: int, told: str) -> ParameterVersion:
    return ParameterVersion.objects.create(
        workspace_id=workspace_id, status="waiting", policy="evidence", cause="evidence", effective={"iv_rank_min": 40.0},
        state={}, as_of=AS_OF, reason=told,
    )  # fmt: skip


def a_prediction(workspace_id: int, told: str) -> Prediction:
    """By the base rate, of a proposal that nobody recorded."""
    kept = running.run(
        RunKind.PROBABILITY, workspace_id, AS_OF, "v1", {}, lambda rng: {"told": told}
    )
    model = ProbabilityModel.objects.create(
        workspace_id=workspace_id, run=kept, as_of=AS_OF, expires_at=AS_OF + timedelta(days=30), rung="base",
        is_deployed=False, n=60, strategies=[told or "spread"], model={}, base={}, figures={},
    )  # fmt: skip
    return Prediction.objects.create(
        workspace_id=workspace_id, model=model, recommendation_id=4_711, record_id=told or "scan-1", opened_at=AS_OF,
        told_as_of=AS_OF, p=0.61, base=0.6,
    )  # fmt: skip


def a_step_of_a_symbol(workspace_id: int, told: str) -> SymbolChange:
    symbol = told or "SPY"
    evidence = {
        "standing": "watch", "n_then": 24, "n": 24, "on_paper": 0, "won": 10, "lost": 14, "weeks": 6, "raw": -0.3,
        "mean": Figure(-0.2, 24, Unit.R, Interval(-0.5, 0.1, 0.9)).as_json(), "below_zero": 0.8, "held_by_person": False,
        "above_typical": False,
    }  # fmt: skip
    SymbolStanding.objects.create(
        workspace_id=workspace_id, symbol=symbol, standing="watch", since=AS_OF, as_of=AS_OF, n=24, evidence=evidence,
    )  # fmt: skip
    return SymbolChange.objects.create(
        workspace_id=workspace_id, symbol=symbol, before="normal", after="watch", at=AS_OF, n=24, evidence=evidence,
    )  # fmt: skip


def learnt(workspace_id: int, told: str = "") -> dict[str, int]:
    """Of the trades that there are; the id that addresses of runs take."""
    measuring.measure_all(workspace_id)
    returning.measure_returns(workspace_id, AS_OF)
    ReturnPoint.objects.create(
        workspace_id=workspace_id,
        of=ReturnState.objects.filter(part="all").first(),
        on=date(2026, 6, 26),
        n=20,
        values={"sharpe": 1.25},
    )
    a_prediction(workspace_id, told)
    a_step_of_a_symbol(workspace_id, told)
    return {
        "learning": learning_run(workspace_id, told).pk,
        "claims": a_claim(workspace_id, told).pk,
        "parameters": a_version(workspace_id, told).pk,
        "insights": an_insight(workspace_id, told).pk,
        "reports": period_report(workspace_id, told).pk,
    }


def an_insight(workspace_id: int, told: str = "") -> TradeInsight:
    """Of some trade, with its four blocks."""
    account = BrokerAccount.objects.filter(workspace_id=workspace_id).order_by("pk").first()
    few = Figure.absent(Reason.TOO_FEW, 0, Unit.R, least=10)
    decision = Decision(False, [], Odds(few, few, few, told))
    card = read_insight(decision, Result(Facts(1, told or "SPY"), 0.5, np.array([]), ()))
    return TradeInsight.objects.create(
        id=4_711, workspace_id=workspace_id, account=account, opened_at=AS_OF, closed_at=AS_OF, known_at=AS_OF,
        grade=card.process.grade.value, told=card.as_json(), classic_text=[told or "SPY"], digest="", formulas="1",
        made_at=AS_OF,
    )  # fmt: skip


def a_claim(workspace_id: int, told: str = "") -> Claim:
    """Raised, with the first step of its life."""
    claim = Claim.objects.create(
        workspace_id=workspace_id, subject=f"symbol:{told or 'SPY'}", outcome="won", direction=1, effect=0.11,
        raised_at=AS_OF, n_at_raising=132, since=AS_OF, looked_at=AS_OF, new=38, next_look=60, grade="B",
        sentence=f"{told or 'SPY'} has gone with better results.", told={"subject": told}, told_at=AS_OF,
    )  # fmt: skip
    ClaimEvent.objects.create(
        workspace_id=workspace_id,
        claim=claim,
        at=AS_OF,
        state="raised",
        looks=0,
        new=0,
        words="Raised",
    )
    return claim
