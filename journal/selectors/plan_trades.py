"""A trade with its plan: what was planned beside what was done, and which plans it may be where none is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.dateparse import parse_datetime

from journal.domain.bars import Basis
from journal.domain.chain.against_plan import (
    Comparison,
    Done,
    Part,
    Planned,
    Risked,
    compare,
    stop_loss,
)
from journal.domain.chain.alike import unlike
from journal.domain.chain.close_reason import Closing, Exits, parts_closed
from journal.domain.chain.matching import Candidate, Idea, Opening, propose
from journal.domain.chain.stops import StopOrder
from journal.domain.chain.terms import PlanStatus
from journal.domain.exact import exact_sums
from journal.domain.names import name_key
from journal.domain.values import ZERO
from journal.models import (
    ConfirmedLink,
    Leg,
    LinkVerdict,
    Order,
    Plan,
    PlanVersion,
    Trade,
    TradeChain,
)
from journal.selectors.chain_facts import read_facts
from journal.selectors.names import name_key_of
from journal.selectors.orders import list_steps, orders_of_trade
from journal.selectors.plans import list_plans
from journal.selectors.trade_paths import splits_of
from journal.selectors.trade_risks import TradeRisk, risk_of_trade

_NEAR = timedelta(days=10)
_CANDIDATES_MAX = 5


@dataclass(frozen=True, slots=True)
class PlannedTrade:
    """`version` is the one that held when the trade was opened. `is_rescaled`: there was a split since, and what was
    planned is told in the units after it."""

    chain: TradeChain
    plan: Plan
    version: PlanVersion
    comparison: Comparison
    risk: TradeRisk
    is_rescaled: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    plan: Plan
    candidate: Candidate


def chain_of(trade: Trade) -> TradeChain | None:
    """None where nothing is known of the trade beyond its fills."""
    return TradeChain.objects.select_related("plan").filter(pk=trade.pk).first()


def compare_with_plan(trade: Trade) -> PlannedTrade | None:
    """None for a trade without a plan."""
    return compare_chain(trade, chain_of(trade))


def compare_chain(
    trade: Trade, chain: TradeChain | None, orders: list[Order] | None = None
) -> PlannedTrade | None:
    """The same with a chain, and perhaps orders of the trade, that were read already."""
    if chain is None or chain.plan is None:
        return None
    plan = chain.plan
    version = _version_at(plan, trade.opened_at)
    own = orders_of_trade(trade.pk) if orders is None else orders
    planned = _planned(version, made_at=plan.created_at)
    splits = splits_of(trade)
    done = _done(trade, chain, splits)
    stops = stops_among(own)
    if splits is not None:
        planned = _in_units_of_end(planned, trade, splits)
    done = done._replace(unlike=_unlike(trade, version.terms, planned))
    with exact_sums():
        risk = risk_of_trade(trade, stops, stop_loss(planned, done))
    if splits is not None:
        stops = [_rescaled(one, splits) for one in stops]
    done = done._replace(risked=Risked(risk.amount, risk.reason))
    return PlannedTrade(
        chain, plan, version, compare(planned, done, stops), risk, splits is not None
    )


Splits = tuple[Basis, datetime]


def _in_units_of_end(planned: Planned, trade: Trade, splits: Splits) -> Planned:
    """A plan that was made before a split, as the figures of the trade are."""
    basis, end = splits
    size = planned.quantity

    def told(price: Decimal | None) -> Decimal | None:
        return None if price is None else basis.price(price, trade.opened_at, end)

    return planned._replace(
        entry_price=told(planned.entry_price),
        entry_price_to=told(planned.entry_price_to),
        stop_price=told(planned.stop_price),
        target_price=told(planned.target_price),
        quantity=None if size is None else basis.quantity(size, trade.opened_at, end),
    )


def _rescaled(stop: StopOrder, splits: Splits) -> StopOrder:
    basis, end = splits
    return stop._replace(
        prices=tuple((at, basis.price(price, at, end)) for at, price in stop.prices)
    )


def risk_beside(trade: Trade, planned: PlannedTrade | None, orders: Sequence[Order]) -> TradeRisk:
    """What the trade risked, whether or not it was planned."""
    return planned.risk if planned is not None else risk_of_trade(trade, stops_among(orders))


def _unlike(trade: Trade, terms: dict[str, Any], planned: Planned) -> str:
    if trade.leg_count > 1:
        return ""
    prices = (planned.entry_price, planned.stop_price, planned.target_price)
    return unlike(
        terms.get("symbol", ""), prices, symbol=trade.symbol, average_open=trade.average_open, leg_count=trade.leg_count
    )  # fmt: skip


def _version_at(plan: Plan, at: datetime) -> PlanVersion:
    """The last one before; the first one, where it was written down afterwards."""
    versions = list(plan.versions.order_by("number"))
    held = [one for one in versions if one.made_at <= at]
    return held[-1] if held else versions[0]


def _planned(version: PlanVersion, *, made_at: datetime) -> Planned:
    terms = version.terms
    return Planned(
        side=terms.get("side", ""),
        entry_price=_number(terms.get("entry_price")),
        entry_price_to=_number(terms.get("entry_price_to")),
        stop_price=_number(terms.get("stop_price")),
        target_price=_number(terms.get("target_price")),
        quantity=_number(terms.get("quantity")),
        expires_at=parse_datetime(terms["expires_at"]) if terms.get("expires_at") else None,
        made_at=made_at,
    )


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _done(trade: Trade, chain: TradeChain, splits: Splits | None) -> Done:
    legs = list(Leg.objects.filter(trade_id=trade.pk).select_related("instrument"))
    multipliers = {leg.instrument.multiplier for leg in legs}
    is_known = trade.closed_at is not None and trade.cost_known
    alone = legs[0] if len(legs) == 1 else None
    return Done(
        direction=trade.direction,
        opened_at=trade.opened_at,
        closed_at=trade.closed_at,
        average_open=trade.average_open,
        average_close=trade.average_close,
        quantity=trade.quantity,
        net_pnl=trade.net_pnl if is_known else None,
        multiplier=max(multipliers, default=None),
        is_inverse=any(leg.instrument.is_inverse for leg in legs),
        leg_count=len(legs),
        close_reason=chain.close_reason,
        opened=alone.opened_quantity if alone is not None else None,
        closed=alone.closed_quantity if alone is not None else None,
        parts=_parts(trade, chain, splits) if alone is not None and chain.is_mixed else {},
    )


def _parts(trade: Trade, chain: TradeChain, splits: Splits | None) -> dict[str, Part]:
    """What was closed for each reason, as orders, fills and prices tell it."""
    closings = read_facts(trade.account_id, [trade.pk], ()).closings[trade.pk]
    exits = exits_of(chain.plan, trade)
    if splits is not None:
        closings, exits = [_closed_then(one, splits) for one in closings], None
    return {
        str(reason): Part(*figures) for reason, figures in parts_closed(closings, exits).items()
    }


def _closed_then(closing: Closing, splits: Splits) -> Closing:
    basis, end = splits
    if closing.at is None or closing.price is None:
        return closing
    return closing._replace(
        quantity=basis.quantity(closing.quantity, closing.at, end),
        price=basis.price(closing.price, closing.at, end),
    )


def exits_of(plan: Plan | None, trade: Trade) -> Exits | None:
    """What the plan said of the end of the trade when it came, where it speaks of the prices of that very contract."""
    if plan is None:
        return None
    if plan.version > 1 and trade.closed_at is not None:
        held = _planned(_version_at(plan, trade.closed_at), made_at=plan.created_at)
        prices = (held.entry_price, held.stop_price, held.target_price)
    else:
        prices = (plan.entry_price, plan.stop_price, plan.target_price)
    if unlike(
        plan.symbol, prices, symbol=trade.symbol, average_open=trade.average_open, leg_count=trade.leg_count
    ):  # fmt: skip
        return None
    return Exits(trade.direction, *prices[1:])


def stops_among(orders: Sequence[Order]) -> list[StopOrder]:
    protecting = [order for order in orders if order.role == "stop_loss"]
    steps = list_steps(protecting)
    return [
        StopOrder(
            tuple(
                (step.moment.happened_at, after)
                for step in steps.get(order.pk, ())
                for name, _, after in step.changes
                if name == "stop_price"
            ),
            order.closed_at,
            order.filled_quantity or ZERO,
        )
        for order in protecting
    ]


def propose_plans(trade: Trade) -> list[Proposal]:
    """Plans that this unplanned trade may have carried out, the likeliest first, without those that were refused."""
    refused = ConfirmedLink.objects.filter(trade_id=trade.pk, verdict=LinkVerdict.REFUSED)
    plans = (
        list_plans()
        .alias(name=name_key_of("symbol"))
        .filter(
            Q(account_id=trade.account_id) | Q(account_id=None),
            name__in=sorted({name_key(trade.symbol), name_key(trade.underlying)}),
            created_at__gte=trade.opened_at - _NEAR,
            created_at__lte=trade.opened_at + _NEAR,
        )
    )
    plans = plans.exclude(pk__in=refused.values("plan_id")).exclude(chains__isnull=False)
    by_id = {plan.pk: plan for plan in plans[:500]}
    found = propose(_opening(trade), [_idea(plan) for plan in by_id.values()])
    return [Proposal(by_id[one.plan], one) for one in found[:_CANDIDATES_MAX]]


def propose_trades(plan: Plan) -> list[tuple[Trade, Candidate]]:
    """Unplanned trades that may have carried out this plan, the likeliest first."""
    if TradeChain.objects.filter(plan_id=plan.pk).exists():
        return []
    refused = ConfirmedLink.objects.filter(plan_id=plan.pk, verdict=LinkVerdict.REFUSED)
    planned = TradeChain.objects.filter(plan_id__isnull=False)
    name = name_key(plan.symbol)
    trades = (
        Trade.objects.select_related("account")
        .alias(name=name_key_of("symbol"), named_after=name_key_of("underlying"))
        .filter(
            Q(name=name) | Q(named_after=name),
            opened_at__gte=plan.created_at - _NEAR,
            opened_at__lte=plan.created_at + _NEAR,
        )
    )
    if plan.account_id is not None:
        trades = trades.filter(account_id=plan.account_id)
    trades = trades.exclude(pk__in=refused.values("trade_id")).exclude(pk__in=planned.values("pk"))
    idea = _idea(plan)
    scored: list[tuple[Trade, Candidate]] = [
        (trade, one)
        for trade in trades.order_by("opened_at", "id")[:500]
        for one in propose(_opening(trade), [idea])
    ]
    scored.sort(key=lambda pair: (-pair[1].score, pair[0].pk))
    return scored[:_CANDIDATES_MAX]


def _opening(trade: Trade) -> Opening:
    return Opening(
        symbol=trade.symbol,
        underlying=trade.underlying,
        direction=trade.direction,
        average_open=trade.average_open,
        quantity=trade.quantity,
        opened_at=trade.opened_at,
        leg_count=trade.leg_count,
    )


def _idea(plan: Plan) -> Idea:
    # Nobody waits for what was called off; what fills executed is linked to them.
    is_over = plan.status in (PlanStatus.CANCELLED, PlanStatus.FAILED)
    ends = [one for one in (plan.expires_at, plan.status_at if is_over else None) if one]
    return Idea(
        plan=plan.pk,
        symbol=plan.symbol,
        side=plan.side,
        entry_price=plan.entry_price,
        entry_price_to=plan.entry_price_to,
        stop_price=plan.stop_price,
        quantity=plan.quantity,
        made_at=plan.created_at,
        ended_at=min(ends, default=None),
    )
