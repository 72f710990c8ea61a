"""What the trade's own page and its orders say that an insight is made from, and which insights are to be made."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from math import isfinite
from typing import Any, NamedTuple

from common.sql import fetch
from journal.domain.structures.risk import percent_of_maximum
from journal.models import Recommendation, Trade
from journal.selectors.lives import read_lives
from journal.selectors.plan_trades import PlannedTrade, compare_with_plan
from learning.domain.adherence import OptionFacts, OptionPlan
from learning.domain.entry import AT_ENTRY
from learning.domain.seconds import DAY
from learning.models import TradeFact

# Newest first: whoever imports ten years wants to see the latest trades first.
_STALE = """
SELECT f.id FROM learning_tradefact f LEFT JOIN learning_tradeinsight i ON i.id = f.id
WHERE f.workspace_id = %s AND (i.id IS NULL OR i.digest <> f.digest OR i.formulas <> %s)
ORDER BY f.closed_at DESC, f.id DESC LIMIT %s
"""
_GONE = """
SELECT i.id FROM learning_tradeinsight i LEFT JOIN learning_tradefact f ON f.id = i.id
WHERE i.workspace_id = %s AND f.id IS NULL
"""
_FLOORS = ("iv_rank_min", "min_iv_rank", "iv_rank_floor")
_DTE_LEAST = ("dte_min", "min_dte")
_DTE_MOST = ("dte_max", "max_dte")
_DAYS_MOST = ("days_max", "max_days", "day_limit")


class Facts(NamedTuple):
    """Of one closed trade, beyond its fact: the comparison with its plan, what the scanner's parameters asked for, what
    was done of it, and how much of the most that it could make was taken, in percent."""

    planned: PlannedTrade | None
    asked: OptionPlan
    done: OptionFacts
    percent_of_maximum: float | None


def stale_insights(workspace_id: int, formulas: str, limit: int) -> list[int]:
    return [id_ for (id_,) in fetch(_STALE, [workspace_id, formulas, limit])]


def gone_insights(workspace_id: int) -> list[int]:
    """Of trades that are no closed trades of known result any more."""
    return [id_ for (id_,) in fetch(_GONE, [workspace_id])]


def facts_beside(facts: Sequence[TradeFact]) -> dict[int, Facts]:
    """By trade."""
    ids = [one.pk for one in facts]
    trades = {one.pk: one for one in Trade.objects.filter(pk__in=ids).select_related("account")}
    many = [id_ for id_, one in trades.items() if _is_structure(one)]
    lives = read_lives(many)
    proposals = _proposals(facts)
    found = {}
    for fact in facts:
        trade = trades.get(fact.pk)
        if trade is None:
            continue
        life = lives.get(fact.pk)
        taken = None if life is None else percent_of_maximum(trade.net_pnl, life.max_profit).value
        found[fact.pk] = Facts(
            planned=compare_with_plan(trade) if fact.plan_id else None,
            asked=_asked(proposals.get(fact.recommendation_id), fact),
            done=_done(fact),
            percent_of_maximum=None if taken is None else float(taken),
        )
    return found


def _is_structure(trade: Trade) -> bool:
    return trade.leg_count > 1 or trade.asset_class in ("option", "future_option", "warrant")


def _proposals(facts: Sequence[TradeFact]) -> dict[str, Recommendation]:
    names: Collection[str] = {one.recommendation_id for one in facts} - {""}
    if not names:
        return {}
    rows = Recommendation.objects.filter(
        workspace_id=facts[0].workspace_id, record_id__in=names, batch__withdrawn_at=None
    )
    return {one.record_id: one for one in rows.order_by("pk")}


def _asked(proposal: Recommendation | None, fact: TradeFact) -> OptionPlan:
    """What its scanner asked for when the trade was opened; nothing where it was proposed only later."""
    if proposal is None or proposal.recommended_at > fact.opened_at + AT_ENTRY:
        return OptionPlan()
    said = proposal.parameters
    return OptionPlan(
        iv_rank_least=_number(said, _FLOORS),
        dte_least=_number(said, _DTE_LEAST),
        dte_most=_number(said, _DTE_MOST),
        days_most=_number(said, _DAYS_MOST),
    )


def _done(fact: TradeFact) -> OptionFacts:
    return OptionFacts(
        iv_rank=fact.features.get("iv_rank"),
        dte=fact.features.get("dte"),
        days_held=round((fact.closed_at - fact.opened_at).total_seconds() / DAY, 1),
    )


def _number(said: Mapping[str, Any], names: Sequence[str]) -> float | None:
    """Nobody breaks a rule that asks for what is no number."""
    for name in names:
        try:
            number = float(Decimal(str(said.get(name))))
        except ArithmeticError:
            continue
        if isfinite(number):
            return number
    return None
