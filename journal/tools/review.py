"""The review of a closed trade: what was intended, what was decided, what was done, and what came of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from journal.domain.excursions import Reach
from journal.models import (
    Decision,
    ExecutionReport,
    Order,
    Plan,
    Recommendation,
    RecommendationOutcome,
    Trade,
    TradeChain,
)
from journal.selectors.excursions import TradeExcursions, excursions_of
from journal.selectors.orders import orders_of_trade
from journal.selectors.plan_trades import chain_of, compare_chain, risk_beside
from journal.selectors.plans import has_plans, list_plans
from journal.selectors.recommendations import list_decisions, list_outcomes, list_recommendations
from journal.selectors.trade_pages import ExecutionLine, TradePage, build_trade_page
from journal.selectors.trade_risks import TradeRisk
from journal.tools.answers import moment, number, untrusted, untrusted_data
from journal.tools.compared import comparison_of, proposals_for
from journal.tools.insights import broken_rules, insights_of
from journal.tools.plans import plan_told
from journal.tools.problems import TradeOpen
from journal.tools.registry import Arguments, Call
from journal.tools.review_parts import parts_of
from journal.tools.structures import structure_told
from journal.tools.tickets import Ticket, trade_of
from journal.tools.trades import detail_of

_DECISIONS_MAX = 10


class ReviewClosedTrade(Arguments):
    ticket: Ticket


def review_closed_trade(call: Call, wanted: ReviewClosedTrade) -> dict[str, Any]:
    """Raises TradeOpen, with what is known of it."""
    trade = trade_of(call, wanted.ticket)
    told = _review(trade, call)
    if trade.closed_at is None:
        raise TradeOpen(told)
    return {"trade_id": trade.pk, **told, "about_accounts": [trade.account_id]}


def _review(trade: Trade, call: Call) -> dict[str, Any]:
    chain = TradeChain.objects.filter(pk=trade.pk).first()
    plan = None if chain is None or chain.plan_id is None else list_plans().get(pk=chain.plan_id)
    recommendation = _recommendation(chain, plan)
    reach = excursions_of(trade, now=call.now)
    page, orders = build_trade_page(trade), orders_of_trade(trade.pk)
    planned = compare_chain(trade, chain_of(trade), orders)
    compared = comparison_of(planned)
    risk = risk_beside(trade, planned, orders)
    return {
        **detail_of(page, orders),
        "duration_seconds": None
        if trade.closed_at is None
        else int((trade.closed_at - trade.opened_at).total_seconds()),
        **_risked(trade, risk),
        "structure": structure_told(trade),
        "has_plan": plan is not None,
        "plan": None if plan is None else plan_told(plan),
        "plan_link": {
            **_link(chain, plan),
            "proposed": [] if plan is not None else proposals_for(trade),
        },
        "planned_against_actual": compared,
        "recommendation": None if recommendation is None else _recommended(recommendation),
        "decisions": [] if recommendation is None else _decisions(recommendation),
        "close_reason": _close_reason(chain),
        "excursions": _excursions(reach),
        "at_broker": _at_broker(page, orders),
        "insights": [
            *broken_rules(compared),
            *insights_of(trade, plan=plan, reach=reach, plans_are_made=has_plans()),
        ],
        **parts_of(trade, call.caller.account_id),
    }


def _link(chain: TradeChain | None, plan: Plan | None) -> dict[str, Any]:
    others = [] if chain is None else chain.other_plans
    if chain is None or plan is None:
        why = "Neither its orders nor its fills name a plan, and nobody has confirmed one."
        return {"linked_by": None, "unknown_because": why, "other_plans": len(others)}
    return {"linked_by": chain.plan_by, "unknown_because": None, "other_plans": len(others)}


def _close_reason(chain: TradeChain | None) -> dict[str, Any]:
    if chain is None or not chain.close_reason:
        return {"reason": "unknown", "known_by": None, "is_mixed": False}
    return {
        "reason": chain.close_reason,
        "known_by": chain.reason_by or None,
        "is_mixed": chain.is_mixed,
    }


def _recommendation(chain: TradeChain | None, plan: Plan | None) -> Recommendation | None:
    names = [
        name
        for name in (
            "" if chain is None else chain.recommendation_id,
            "" if plan is None else plan.recommendation_id,
        )
        if name
    ]
    for name in names:
        found = list_recommendations().filter(record_id=name).order_by("-pk").first()
        if found is not None:
            return found
    return None


def _recommended(one: Recommendation) -> dict[str, Any]:
    outcomes = list_outcomes(one.record_id)
    return {
        "record_id": untrusted(one.record_id),
        "recommended_at": moment(one.recommended_at),
        "status": one.status,
        "pool": one.pool,
        "symbol": one.symbol,
        "strategy": untrusted(one.strategy),
        "side": one.side or None,
        "quantity": number(one.quantity),
        "entry_price": number(one.entry_price),
        "stop_price": number(one.stop_price),
        "target_price": number(one.target_price),
        "expected_profit": number(one.expected_profit),
        "expected_loss": number(one.expected_loss),
        "probability": number(one.probability),
        "legs": untrusted_data(one.legs),
        "features": untrusted_data(one.features),
        "parameters": untrusted_data(one.parameters),
        "reason": untrusted(one.reason),
        "scanner": untrusted(one.scanner),
        "scanner_version": untrusted(one.scanner_version),
        "outcome": _outcome(outcomes[0]) if outcomes else None,
    }


def _outcome(one: RecommendationOutcome) -> dict[str, Any]:
    return {
        "result": number(one.result),
        "currency": one.currency or None,
        "result_per_unit": number(one.result_per_unit),
        "r_multiple": number(one.r_multiple),
        "mark_quality": one.mark_quality,
        "source": one.source,
        "known_at": moment(one.known_at),
    }


def _decisions(recommendation: Recommendation) -> list[dict[str, Any]]:
    return [_decision(one) for one in list_decisions(recommendation.record_id)[-_DECISIONS_MAX:]]


def _decision(one: Decision) -> dict[str, Any]:
    return {
        "verdict": one.verdict,
        "at": moment(one.decided_at),
        "via": one.via,
        "by": untrusted(one.actor),
        "reason": untrusted(one.reason),
    }


def _risked(trade: Trade, risk: TradeRisk) -> dict[str, Any]:
    """The one figure that the trade's page counts R in, planned or not."""
    is_known = trade.closed_at is not None and trade.cost_known
    why = risk.reason or ("" if is_known else "Its result is not known.")
    return {
        "risked": {
            "amount": number(risk.amount),
            "basis": risk.words or None,
            "unknown_because": risk.reason or None,
        },
        "r": number(risk.multiple(trade.net_pnl)) if is_known else None,
        "r_unknown_because": why or None,
    }


def _excursions(reach: TradeExcursions) -> dict[str, Any]:
    if reach.found is None:
        return {"mae": None, "mfe": None, "unknown_because": reach.reason}
    return {
        "mae": _reach(reach.found.mae),
        "mfe": _reach(reach.found.mfe),
        "prices": None if reach.quality is None else reach.quality.value,
        "unknown_because": None,
    }


def _reach(one: Reach) -> dict[str, Any]:
    """Before fees. The truth lies between `money`, which is certain, and `money_at_most`."""
    return {
        "money": number(one.money),
        "money_at_most": number(one.money_bound),
        "price": number(one.price),
        "at": moment(one.at),
    }


def _at_broker(page: TradePage, orders: list[Order]) -> dict[str, Any]:
    """What the broker and the bots told of it, and where they differ."""
    sources = sorted({report.source for line in page.lines for report in line.reports})
    return {
        "reported_by": sources,
        "has_statement": "statement" in sources,
        "orders": len(orders),
        "rejected_or_cancelled": sum(order.status in ("rejected", "cancelled") for order in orders),
        "stop_moves": sum(order.changes for order in orders if order.role == "stop_loss"),
        "differences": [one for line in page.lines for one in _differences(line)][:20],
    }


def _differences(line: ExecutionLine) -> list[dict[str, Any]]:
    """Where the reports of one fill do not say the same: the first one counts."""
    first, others = (line.reports[0], line.reports[1:]) if line.reports else (None, [])
    told = []
    for other in others:
        for name in ("price", "quantity", "fee"):
            one, two = _figure(first, name), _figure(other, name)
            if one is not None and two is not None and one != two:
                told.append(
                    {
                        "fill": line.execution.pk,
                        "what": name,
                        "counts": {"source": _source(first), "value": number(one)},
                        "other": {"source": _source(other), "value": number(two)},
                    }
                )
    return told


def _source(report: ExecutionReport | None) -> str | None:
    return None if report is None else report.source


def _figure(report: ExecutionReport | None, name: str) -> Decimal | None:
    value: Decimal | None = getattr(report, name, None)
    return value
