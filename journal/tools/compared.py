"""Planned against actual, as the trade's page has it: figures, risk, moves of the stop, rules kept and broken."""

from __future__ import annotations

from typing import Any

from journal.domain.chain.against_plan import Comparison, Figure
from journal.models import Trade
from journal.selectors.plan_trades import PlannedTrade, propose_plans
from journal.tools.answers import moment, number, untrusted

_PROPOSED_MAX = 5


def comparison_of(planned: PlannedTrade | None) -> dict[str, Any] | None:
    """None for a trade without a plan. Slippage is positive where it cost."""
    if planned is None:
        return None
    comparison = planned.comparison
    return {
        "by_version": planned.version.number,
        "figures": [_figure(one) for one in comparison.figures],
        "risk": number(comparison.risk),
        "risk_basis": planned.risk.words or None,
        "risk_unknown_because": comparison.risk_reason or None,
        "r": number(comparison.r),
        "r_unknown_because": comparison.r_reason or None,
        "planned_r": number(comparison.planned_r),
        "stop_moves": _moves(comparison),
        "rules": [
            {"rule": one.name.value, "kept": one.kept, "words": one.words}
            for one in comparison.rules
        ],
    }


def _figure(one: Figure) -> dict[str, Any]:
    return {
        "what": one.name,
        "planned": number(one.planned),
        "planned_to": number(one.planned_to),
        "actual": number(one.actual),
        "stood_at": number(one.stood),
        "slippage": number(one.difference),
        "slippage_money": number(one.money),
        "slippage_r": number(one.r),
        "unknown_because": one.reason or None,
    }


def _moves(comparison: Comparison) -> list[dict[str, Any]]:
    return [
        {
            "at": moment(one.at),
            "from": number(one.before),
            "to": number(one.after),
            "is_wider": one.is_wider,
        }
        for one in comparison.stop_moves[:20]
    ]


def proposals_for(trade: Trade) -> list[dict[str, Any]]:
    """Plans that the trade may have carried out, where none is known. A person confirms; nothing is guessed."""
    return [
        {
            "plan_id": untrusted(one.plan.plan_id),
            "score": number(one.candidate.score),
            "is_ambiguous": one.candidate.is_ambiguous,
            "why": [part.words for part in one.candidate.parts],
        }
        for one in propose_plans(trade)[:_PROPOSED_MAX]
    ]
