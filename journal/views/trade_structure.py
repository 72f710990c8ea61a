"""What the legs of a trade are together: what it can win and lose, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from common.numbers import write_money, write_price
from journal.charts import payoff_line
from journal.domain.exact import divide
from journal.domain.structures.life import Life, StepKind
from journal.domain.structures.payoff import Curve
from journal.domain.structures.proposals import Proposal, Reason
from journal.domain.structures.risk import percent_of_maximum
from journal.domain.structures.values import SENTENCES, Figure, Unknown
from journal.domain.values import ZERO
from journal.models import Leg, Trade
from journal.selectors.lives import read_lives
from journal.selectors.structures import list_proposals
from journal.selectors.trade_risks import OPTIONS, TradeRisk

_STEPS = {
    StepKind.ADDED: "Added",
    StepKind.REDUCED: "Reduced",
    StepKind.CLOSED: "Closed",
    StepKind.ROLLED: "Rolled",
    StepKind.EXPIRED: "Expired",
    StepKind.ASSIGNED: "Assigned",
    StepKind.EXERCISED: "Exercised",
    StepKind.SETTLED_IN_CASH: "Settled in cash",
    StepKind.LIQUIDATED: "Liquidated",
}
_REASONS = {
    Reason.OPENED_TOGETHER: "opened together",
    Reason.OPENED_ON_ONE_DAY: "opened on one day",
    Reason.AGAINST_SHARES: "against shares held",
    Reason.ROLLED: "one closed as the other opened",
    Reason.DELIVERED: "shares went in or out by its exercise or assignment, beside others",
}
_NAMES = {Reason.ROLLED: "roll", Reason.DELIVERED: "delivery"}
# Beyond the outermost bend, as a part of what lies between the bends.
_MARGIN = Decimal("0.35")


@dataclass(frozen=True, slots=True)
class Told:
    """A figure, or the sentence that says why there is none."""

    value: Decimal | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StructureCard:
    """`max_profit` as it was opened; `adjusted` what it could bring after that changed, None where it did not."""

    life: Life
    net_premium: Told
    max_profit: Told
    adjusted: Told | None
    max_loss: Told
    risk: Told
    risk_basis: str
    r: Told
    percent: Told
    break_evens: Sequence[Decimal]
    break_evens_reason: str
    steps: list[tuple[str, Any]]
    chart: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """Trades that are probably one with this one. `ids` are those of the others."""

    name: str
    says: str
    ids: list[int]
    symbols: list[str]
    is_ambiguous: bool


def structure_card(trade: Trade, risk: TradeRisk) -> StructureCard | None:
    """None for what is one leg of something else than options."""
    if trade.leg_count == 1 and trade.asset_class not in OPTIONS:
        return None
    life = read_lives([trade.pk]).get(trade.pk)
    if life is None:
        return None
    payoff, is_closed = life.payoff, trade.closed_at is not None and trade.cost_known
    nothing = Told(None, "It is still open." if trade.cost_known else "Its result is not known.")
    return StructureCard(
        life=life,
        net_premium=_told(payoff.net_premium),
        max_profit=_told(payoff.max_profit),
        adjusted=_adjusted(life.max_profit) if life.max_profit != payoff.max_profit else None,
        max_loss=_told(payoff.max_loss),
        risk=Told(risk.amount, risk.reason),
        risk_basis=risk.words,
        r=Told(risk.multiple(trade.net_pnl), risk.reason) if is_closed else nothing,
        percent=_told(_share(percent_of_maximum(trade.net_pnl, life.max_profit)))
        if is_closed
        else nothing,
        break_evens=payoff.break_evens,
        break_evens_reason=SENTENCES[payoff.break_evens_unknown]
        if payoff.break_evens_unknown
        else "",
        steps=[(_STEPS[step.kind], step) for step in life.steps],
        chart=_chart(payoff.curve, trade.currency) if payoff.curve else None,
    )


def _told(figure: Figure) -> Told:
    return Told(figure.value, SENTENCES[figure.reason] if figure.reason else "")


def _adjusted(figure: Figure) -> Told:
    if figure.reason is Unknown.UNLIMITED:
        return Told(None, "without limit")
    return Told(figure.value, f"not known. {SENTENCES[figure.reason]}" if figure.reason else "")


def _share(percent: Figure) -> Figure:
    return percent if percent.value is None else Figure(divide(percent.value, Decimal(100)))


def _chart(curve: Curve, currency: str) -> dict[str, Any] | None:
    """From somewhat below the lowest bend to somewhat above the highest."""
    prices = [price for price, _ in curve.points if price > ZERO]
    if not prices:
        return None
    width = (max(prices) - min(prices)) or max(prices) * _MARGIN
    low = max(min(prices) - width * _MARGIN, ZERO)
    ends = [low, *prices, max(prices) + width * _MARGIN]
    points = [(price, curve.profit_at(price)) for price in sorted(set(ends))]
    return {
        "figure_id": "payoff",
        "says": "What it would bring at expiry, by the price of the underlying, as it was opened, fees included.",
        "figure": payoff_line(points, currency=currency),
        "size": "s",
        "columns": ["Underlying", "Profit or loss"],
        "rows": [
            [write_price(price), write_money(profit, currency, plus=True)]
            for price, profit in points
        ],
    }


def proposal_lines(trade: Trade, companions: Sequence[Trade]) -> list[ProposalLine]:
    found, legs = list_proposals(trade, companions)
    return [_line(one, trade, legs) for one in found]


def _line(proposal: Proposal, trade: Trade, legs: dict[int, Leg]) -> ProposalLine:
    others = [legs[id_] for id_ in proposal.leg_ids if legs[id_].trade_id != trade.pk]
    return ProposalLine(
        name=proposal.shape.name if proposal.shape else _NAMES[proposal.reason],
        says=_says(proposal),
        ids=sorted({leg.trade_id for leg in others}),
        symbols=[leg.instrument.symbol for leg in others],
        is_ambiguous=proposal.is_ambiguous,
    )


def _says(proposal: Proposal) -> str:
    says = _REASONS[proposal.reason]
    if proposal.apart >= timedelta(seconds=1):
        says += f", {int(proposal.apart.total_seconds())} s apart"
    return says
