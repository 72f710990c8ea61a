"""What trades risked when they were opened, many at a time: the figure that R is counted in.

As `journal.selectors.trade_risks`, but for hindsight: only what was stated by the time of the entry counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from common.sql import fetch
from journal.domain.chain.against_plan import Done, Planned, stop_loss
from journal.domain.chain.alike import unlike
from journal.domain.exact import exact_sums
from journal.domain.structures.risk import RiskBasis
from journal.domain.values import AssetClass, Direction
from journal.models import Order, PlanVersion
from journal.selectors.joined_fills import known_keys
from journal.selectors.lives import read_lives
from learning.domain.entry import AT_ENTRY, first_stop, loss_at

OPTIONS = (AssetClass.OPTION, AssetClass.FUTURE_OPTION, AssetClass.WARRANT)
_AT_ONCE = 500


class Opened(NamedTuple):
    """A trade as its risk depends on it; `opened_quantity` is all that was opened over its life."""

    id: int
    opened_at: datetime
    direction: str
    symbol: str
    asset_class: str
    leg_count: int
    average_open: Decimal | None
    quantity: Decimal
    opened_quantity: Decimal | None
    multiplier: Decimal
    is_inverse: bool
    plan_id: int | None
    # Of the recommendation that it followed, where that was made by then.
    proposed_entry: Decimal | None
    proposed_stop: Decimal | None


class EntryRisk(NamedTuple):
    amount: Decimal
    basis: RiskBasis


def risks_of(
    account_id: int, trades: Sequence[Opened], resized: Collection[int]
) -> dict[int, EntryRisk]:
    """By trade of the account, where it is known. Prices of what a corporate action `resized` meanwhile are in other
    units than the stop, so it has a risk by its legs only."""
    comparable = [one for one in trades if one.id not in resized]
    stops = _planned_losses(comparable)
    found: dict[int, EntryRisk] = {}
    single = [one for one in comparable if one.leg_count == 1]
    for one in single:
        if one.id in stops:
            found[one.id] = EntryRisk(stops[one.id], RiskBasis.PLANNED_STOP)
    by_order = _first_stops(account_id, [one for one in single if one.id not in found])
    found |= {id_: EntryRisk(loss, RiskBasis.FIRST_STOP) for id_, loss in by_order.items()}
    limited = [
        one.id
        for one in trades
        if one.id not in found and (one.leg_count > 1 or one.asset_class in OPTIONS)
    ]
    return found | _by_legs(limited, stops)


def _by_legs(trade_ids: Sequence[int], stops: Mapping[int, Decimal]) -> dict[int, EntryRisk]:
    found = {}
    for start in range(0, len(trade_ids), _AT_ONCE):
        some = trade_ids[start : start + _AT_ONCE]
        lives = read_lives(some, {id_: stops[id_] for id_ in some if id_ in stops})
        for id_, life in lives.items():
            if life.risk.amount is not None and life.risk.basis is not None:
                found[id_] = EntryRisk(life.risk.amount, life.risk.basis)
    return found


def _planned_losses(trades: Sequence[Opened]) -> dict[int, Decimal]:
    """What the stop of the plan, as it stood at the entry, would have lost; without a plan, that of the proposal."""
    versions = _versions({one.plan_id for one in trades if one.plan_id is not None})
    found = {}
    for one in trades:
        planned = _planned(versions.get(one.plan_id or 0, ()), one)
        if planned is None:
            continue
        with exact_sums():
            loss = stop_loss(planned[0], _done(one, *planned)).amount
        if loss is not None:
            found[one.id] = loss
    return found


def _versions(plan_ids: Collection[int]) -> dict[int, list[PlanVersion]]:
    found: dict[int, list[PlanVersion]] = defaultdict(list)
    if plan_ids:
        for one in PlanVersion.objects.filter(plan_id__in=plan_ids).order_by("plan_id", "number"):
            found[one.plan_id].append(one)
    return found


def _planned(versions: Sequence[PlanVersion], trade: Opened) -> tuple[Planned, str] | None:
    """With the symbol that it names, "" where it need not be asked."""
    held = [one for one in versions if one.made_at <= trade.opened_at + AT_ENTRY]
    if held:
        terms, made_at = held[-1].terms, held[-1].made_at
        prices = [_price(terms.get(f"{name}_price")) for name in ("entry", "stop")]
        entry_to = _price(terms.get("entry_price_to"))
        symbol, quantity = terms.get("symbol", ""), _price(terms.get("quantity"))
    elif trade.proposed_stop is not None:
        prices, entry_to = [trade.proposed_entry, trade.proposed_stop], None
        symbol, quantity, made_at = "", None, trade.opened_at
    else:
        return None
    if prices[1] is None:
        return None
    planned = Planned(
        side="", entry_price=prices[0], entry_price_to=entry_to, stop_price=prices[1],
        target_price=None, quantity=quantity, expires_at=None, made_at=made_at,
    )  # fmt: skip
    return planned, symbol


def _done(trade: Opened, planned: Planned, symbol: str) -> Done:
    odd = ""
    if trade.leg_count == 1:
        prices = (planned.entry_price, planned.stop_price)
        odd = unlike(
            symbol, prices, symbol=trade.symbol, average_open=trade.average_open, leg_count=trade.leg_count
        )  # fmt: skip
    return Done(
        direction=trade.direction,
        opened_at=trade.opened_at,
        closed_at=None,
        average_open=trade.average_open,
        average_close=None,
        quantity=trade.quantity,
        net_pnl=None,
        multiplier=trade.multiplier,
        is_inverse=trade.is_inverse,
        leg_count=trade.leg_count,
        unlike=odd,
    )


def _price(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


# The stops that protect what opened each trade, with the prices at which they stood: those that name its entry as
# parent, that share its group, or that were filled in it.
_STOPS = f"""
WITH own AS (
    SELECT l.trade_id, e.account_id, e.fill_key FROM journal_leg l JOIN journal_execution e ON e.leg_id = l.id
    WHERE l.trade_id = ANY(%(trades)s)
    UNION
    SELECT l.trade_id, e.account_id, e.fill_key FROM journal_leg l JOIN journal_execution e ON e.closed_leg = l.id
    WHERE l.trade_id = ANY(%(trades)s)
), known AS ({known_keys("own")}), words AS (
    SELECT DISTINCT own.trade_id, own.account_id, word.id FROM own JOIN known ON known.fill_key = own.fill_key
    JOIN journal_executionreport r ON r.account_id = own.account_id AND r.fill_key = known.key
    JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL
    CROSS JOIN LATERAL (VALUES (r.order_id), (r.order_reference)) AS word (id) WHERE word.id <> ''
), entered AS (
    SELECT w.trade_id, o.* FROM words w JOIN journal_order o ON o.account_id = w.account_id AND o.client_order_id = w.id
    UNION
    SELECT w.trade_id, o.* FROM words w JOIN journal_order o ON o.account_id = w.account_id AND o.order_id = w.id
), named AS (
    SELECT trade_id, account_id, client_order_id AS id FROM entered WHERE client_order_id <> ''
    UNION SELECT trade_id, account_id, order_id FROM entered WHERE order_id <> ''
), stops AS (
    SELECT trade_id, account_id, client_order_id, order_id FROM entered WHERE role = 'stop_loss'
    UNION
    SELECT n.trade_id, o.account_id, o.client_order_id, o.order_id FROM named n
    JOIN journal_order o ON o.account_id = n.account_id AND o.parent_id = n.id AND o.role = 'stop_loss'
    UNION
    SELECT e.trade_id, o.account_id, o.client_order_id, o.order_id FROM entered e
    JOIN journal_order o ON o.account_id = e.account_id AND o.group_id = e.group_id AND o.role = 'stop_loss'
    WHERE e.group_id <> ''
)
SELECT DISTINCT s.trade_id, p.happened_at, p.stop_price FROM stops s JOIN journal_orderreport p
    ON p.account_id = s.account_id AND p.stop_price IS NOT NULL
    AND ((s.client_order_id <> '' AND p.client_order_id = s.client_order_id)
        OR (s.order_id <> '' AND p.order_id = s.order_id))
JOIN journal_importbatch b ON b.id = p.batch_id AND b.withdrawn_at IS NULL
"""


def _first_stops(account_id: int, trades: Sequence[Opened]) -> dict[int, Decimal]:
    """What the first stop order would have lost, where it stood at the entry."""
    has_stops = Order.objects.filter(account_id=account_id, role="stop_loss")
    if not trades or not has_stops.exists():
        return {}
    prices: dict[int, list[tuple[datetime, Decimal]]] = defaultdict(list)
    ids = [one.id for one in trades]
    for start in range(0, len(ids), _AT_ONCE):
        values = {"account": account_id, "trades": ids[start : start + _AT_ONCE]}
        for id_, at, price in fetch(_STOPS, values):
            prices[id_].append((at, price))
    found = {}
    for one in trades:
        stop = first_stop(prices.get(one.id, ()), one.opened_at)
        loss = None if stop is None else _loss(one, stop)
        if loss is not None:
            found[one.id] = loss
    return found


def _loss(trade: Opened, stop: Decimal) -> Decimal | None:
    if trade.average_open is None or trade.opened_quantity is None:
        return None
    is_long = trade.direction == Direction.LONG
    if not trade.is_inverse:
        return loss_at(
            stop, trade.average_open, trade.opened_quantity, is_long=is_long, multiplier=trade.multiplier
        )  # fmt: skip
    if stop <= 0 or trade.average_open <= 0:
        return None
    # A contract of so much money: its worth in coins falls with one over the price.
    return loss_at(
        -1 / stop, -1 / trade.average_open, trade.opened_quantity, is_long=is_long, multiplier=trade.multiplier
    )  # fmt: skip
