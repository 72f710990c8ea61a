"""The book's word on many accounts at once, in the shape in which it is held against the broker's.

A fixed number of queries, however many accounts there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from common.sql import fetch
from journal.brokers.base import POSITION
from journal.domain.corporate import ActionKind
from journal.domain.exact import divide
from journal.domain.values import AssetClass, Side
from journal.models import BrokerAccount, Instrument
from journal.selectors.positions import list_stated
from reconciliation.domain.records import (
    Action,
    OrderLine,
    PositionLine,
    RealizedLine,
    Statement,
    Terms,
)
from reconciliation.selectors import book_orders
from reconciliation.selectors.book_cash import cash_of, realized_since
from reconciliation.selectors.fills import NO_FILLS, Fills, fills_since

# What is measured and not counted has no smaller step than these.
_STEPS = {
    AssetClass.CRYPTO: Decimal("1e-8"),
    AssetClass.FUND: Decimal("0.0001"),
    AssetClass.FOREX: Decimal("0.01"),
}
# A corporate action or transfer may be booked days before or after the broker's positions show it.
_AROUND = timedelta(days=7)

# An average is the same by every way of matching lots only while nothing of the position was closed.
_LOTS = f"""
SELECT l.account_id, l.instrument_id,
       CASE WHEN a.is_hedging AND r.trade_id LIKE '{POSITION}%%'
            THEN substr(r.trade_id, {len(POSITION) + 1}) ELSE '' END,
       sum(l.signed_quantity),
       CASE WHEN bool_and(l.cost_known AND l.price IS NOT NULL)
             AND (bool_and(coalesce(leg.closed_quantity, 0) = 0) OR min(a.lot_method) = 'average')
            THEN sum(l.signed_quantity * l.price) END,
       min(leg.trade_id)
FROM journal_openlot l
JOIN journal_brokeraccount a ON a.id = l.account_id
LEFT JOIN journal_leg leg ON leg.id = l.leg_id
LEFT JOIN journal_execution e ON a.is_hedging AND e.id = l.opening_id
LEFT JOIN journal_executionreport r ON r.id = e.report_id
WHERE l.account_id = ANY(%(accounts)s)
GROUP BY 1, 2, 3
"""
_ORDER = """
SELECT o.account_id, o.id, o.order_id, o.client_order_id, o.instrument_id, coalesce(i.symbol, ''), o.side, o.quantity,
       coalesce(o.filled_quantity, 0), o.last_at, o.closed_at IS NOT NULL, o.role, o.order_type,
       coalesce(o.stop_price, o.limit_price)
FROM journal_order o LEFT JOIN journal_instrument i ON i.id = o.instrument_id
WHERE o.account_id = ANY(%(accounts)s) AND o.side <> '' AND o.quantity IS NOT NULL
  AND (o.order_id <> '' OR o.client_order_id <> '')
"""
# What is at work, and what ended lately.
_ORDERS = f"""
{_ORDER} AND o.workspace_id = %(workspace)s AND o.closed_at IS NULL
UNION ALL
{_ORDER} AND o.last_at >= %(since)s AND o.closed_at IS NOT NULL
"""
_PLANNED = """
SELECT c.id, p.stop_price, p.target_price FROM journal_tradechain c JOIN journal_plan p ON p.id = c.plan_id
WHERE c.id = ANY(%(trades)s) AND (p.stop_price IS NOT NULL OR p.target_price IS NOT NULL)
"""
_ACTIONS = """
SELECT r.account_id, r.instrument_id, (r.effective_at AT TIME ZONE 'UTC')::date, r.kind
FROM journal_corporateactionreport r JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL
WHERE r.account_id = ANY(%(accounts)s) AND r.effective_at >= %(around)s
UNION
SELECT r.account_id, r.instrument_id, (r.occurred_at AT TIME ZONE 'UTC')::date, 'transfer'
FROM journal_transferreport r JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL
WHERE r.account_id = ANY(%(accounts)s) AND r.occurred_at >= %(around)s AND r.instrument_id IS NOT NULL
"""
_SPLITS = {ActionKind.SPLIT, ActionKind.REVERSE_SPLIT, ActionKind.STOCK_DIVIDEND}


@dataclass(slots=True)
class Book:
    """One account: `statement` is the book's side; fills of it and of the broker's reports are in `fills`, and what
    both said of an order that is over in `told_orders`."""

    statement: Statement
    fills: Fills = NO_FILLS
    their_realized: tuple[RealizedLine, ...] | None = None
    actions: tuple[Action, ...] = ()
    told_orders: tuple[tuple[OrderLine, OrderLine], ...] = ()


@dataclass(slots=True)
class Books:
    """By account, with what has to be known of the instruments in them."""

    of: dict[int, Book]
    terms: dict[int, Terms] = field(default_factory=dict)


def books_of(
    workspace_id: int, accounts: Sequence[BrokerAccount], *, since: datetime, now: datetime
) -> Books:
    """As the book stands; fills, orders that ended and realised money since `since`. All accounts are of the
    workspace."""
    ids = [account.pk for account in accounts]
    values: dict[str, Any] = {
        "accounts": ids, "workspace": workspace_id, "since": since, "around": now - _AROUND,
    }  # fmt: skip
    fills = fills_since(ids, since)
    orders, stops = _orders(values)
    told_orders = book_orders.told_twice(orders, values)
    uncertain = book_orders.uncertain(values, now=now)
    positions = _positions(values, stops)
    for account_id, instrument_id, quantity in list_stated(workspace_id, ids):
        positions[account_id].append(PositionLine(instrument_id, "", "", quantity))
    realized = realized_since(accounts, since)
    cash = cash_of(accounts, now=now)
    actions = _actions(values)
    books = {
        id_: Book(
            Statement(
                now, tuple(positions[id_]), (*orders[id_], *uncertain.get(id_, ())), fills.get(id_, NO_FILLS).ours,
                cash.get(id_),
                realized[id_].ours if id_ in realized else None,
            ),
            fills.get(id_, NO_FILLS),
            realized[id_].theirs if id_ in realized else None,
            tuple(actions[id_]),
            tuple(told_orders.get(id_, ())),
        )
        for id_ in ids
    }  # fmt: skip
    terms = terms_of(workspace_id, _instruments(books.values()))
    for book in books.values():
        book.statement = book.statement._replace(
            positions=tuple(_named(line, terms) for line in book.statement.positions)
        )
    return Books(books, terms)


def _named(line: PositionLine, terms: Mapping[int, Terms]) -> PositionLine:
    known = terms.get(line.instrument_id or 0)
    return line._replace(symbol=known.symbol) if known else line


def terms_of(workspace_id: int, instrument_ids: Iterable[int]) -> dict[int, Terms]:
    wanted = set(instrument_ids)
    if not wanted:
        return {}
    rows = Instrument.objects.filter(workspace_id=workspace_id, pk__in=wanted)
    names = "id", "symbol", "asset_class", "currency", "multiplier", "tick_size", "expiry_on"
    found = {}
    for id_, symbol, asset_class, currency, multiplier, tick, expiry in rows.values_list(*names):
        kind = AssetClass(asset_class)
        step = _STEPS.get(kind, Decimal(0))
        found[id_] = Terms(
            id_, symbol, kind, currency, multiplier, tick or Decimal(0), step, expiry
        )
    return found


def _instruments(books: Iterable[Book]) -> set[int]:
    found: set[int] = set()
    for book in books:
        found.update(line.instrument_id for line in book.statement.positions if line.instrument_id)
        found.update(line.instrument_id for line in book.statement.orders if line.instrument_id)
        for lines in (book.fills.ours, book.fills.theirs):
            found.update(line.instrument_id for line in lines if line.instrument_id)
    return found


def _positions(
    values: Mapping[str, Any],
    stops: Mapping[tuple[int, int], tuple[Decimal | None, Decimal | None]],
) -> defaultdict[int, list[PositionLine]]:
    rows = fetch(_LOTS, values)
    trades = sorted({row[5] for row in rows if row[5] is not None})
    planned = {
        id_: (stop, target)
        for id_, stop, target in (fetch(_PLANNED, {"trades": trades}) if trades else ())
    }
    found: defaultdict[int, list[PositionLine]] = defaultdict(list)
    for account_id, instrument_id, ticket, quantity, weighted, trade in rows:
        if not quantity:
            continue
        average = None if weighted is None else divide(weighted, quantity)
        plan = planned.get(trade, (None, None))
        stop, target = stops.get((account_id, instrument_id), plan)
        found[account_id].append(
            PositionLine(
                instrument_id, "", ticket, quantity, average, stop, target,
                wants_stop=plan[0] is not None, evidence=(f"trade:{trade}",) if trade else (),
            )
        )  # fmt: skip
    return found


def _orders(
    values: Mapping[str, Any],
) -> tuple[
    defaultdict[int, list[OrderLine]], dict[tuple[int, int], tuple[Decimal | None, Decimal | None]]
]:
    """And the stop and target that protective orders have, by account and instrument."""
    found: defaultdict[int, list[OrderLine]] = defaultdict(list)
    stops: dict[tuple[int, int], tuple[Decimal | None, Decimal | None]] = {}
    for row in sorted(fetch(_ORDERS, values), key=lambda row: (row[9], row[1])):
        account_id, id_, order_id, client_id, instrument_id, symbol, side, *rest = row
        quantity, filled, at, is_over, role, _, price = rest
        found[account_id].append(
            OrderLine(
                order_id, client_id, instrument_id, symbol, Side(side), quantity, filled, is_over, at,
                evidence=(f"order:{id_}",),
            )
        )  # fmt: skip
        if role in ("stop_loss", "take_profit") and instrument_id and not is_over:
            stop, target = stops.get((account_id, instrument_id), (None, None))
            both = (price, target) if role == "stop_loss" else (stop, price)
            stops[account_id, instrument_id] = both
    return found, stops


def _actions(values: Mapping[str, Any]) -> defaultdict[int, list[Action]]:
    found: defaultdict[int, list[Action]] = defaultdict(list)
    for account_id, instrument_id, on, kind in fetch(_ACTIONS, values):
        word = "split" if kind in _SPLITS else kind
        found[account_id].append(Action(instrument_id, on, word))
    return found
