"""What the facts of one trade say by themselves. Nothing is learnt here, and one trade proves nothing: that is said."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from journal.domain.exact import divide
from journal.domain.values import ZERO
from journal.models import Plan, Trade
from journal.selectors.excursions import TradeExcursions
from journal.tools.answers import number

# Shares of the gross result from which on something is worth a word.
_FEES_WEIGH = Decimal("0.1")
_GAVE_BACK = Decimal("0.5")
GRADE = "observation of one trade"


def insights_of(
    trade: Trade, *, plan: Plan | None, reach: TradeExcursions, plans_are_made: bool
) -> list[dict[str, Any]]:
    found = [
        _unplanned(plan, plans_are_made),
        _unknown_cost(trade),
        _fees(trade),
        _given_back(trade, reach),
    ]
    return [{**one, "grade": GRADE} for one in found if one is not None]


def broken_rules(compared: dict[str, Any] | None) -> list[dict[str, Any]]:
    """`compared` is what `journal.tools.compared` tells."""
    rules = [] if compared is None else compared["rules"]
    return [
        {"code": f"broke_{one['rule']}", "text": one["words"], "grade": GRADE}
        for one in rules
        if not one["kept"]
    ]


def _unplanned(plan: Plan | None, plans_are_made: bool) -> dict[str, Any] | None:
    if plan is not None or not plans_are_made:
        return None
    return {
        "code": "unplanned",
        "text": "No plan is linked to this trade, though plans are made here.",
    }


def _unknown_cost(trade: Trade) -> dict[str, Any] | None:
    if trade.cost_known:
        return None
    words = "What was paid for a part of it is not known, so its result is not known either."
    return {"code": "cost_unknown", "text": words}


def _fees(trade: Trade) -> dict[str, Any] | None:
    if not trade.cost_known or trade.gross_pnl <= ZERO or trade.fees <= ZERO:
        return None
    share = divide(trade.fees, trade.gross_pnl)
    if share < _FEES_WEIGH:
        return None
    return {
        "code": "fees_weigh",
        "text": "Fees took a large share of what it made before them.",
        "share": number(share.quantize(Decimal("0.0001"))),
    }


def _given_back(trade: Trade, reach: TradeExcursions) -> dict[str, Any] | None:
    if reach.found is None or trade.closed_at is None or not trade.cost_known:
        return None
    best = reach.found.mfe.money
    if best <= ZERO or trade.gross_pnl > best * _GAVE_BACK:
        return None
    return {
        "code": "gave_back",
        "text": "More than half of what it was worth at its best was given back before it closed.",
        "best": number(best),
        "kept": number(trade.gross_pnl),
    }
