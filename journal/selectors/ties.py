"""What ties legs of an account together: orders with fills of several contracts, deliveries, the same plan or
recommendation, what people said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from common.sql import fetch
from journal.domain.structures.grouping import GroupLeg, Tie, TieKind
from journal.domain.values import AssetClass, ExecutionKind
from journal.selectors.named_ties import list_named_ties, names_ties

# Contracts that are held in one pool for all purposes: an order that only adds to them, or takes some away, says
# nothing of what they were bought for.
_POOLED = frozenset({AssetClass.STOCK, AssetClass.FUND})
# Exchanges number the orders of each market by itself, and sell no structures.
_UNTIED = frozenset({AssetClass.CRYPTO, AssetClass.FOREX, AssetClass.CFD})
_DELIVERED = (ExecutionKind.ASSIGNMENT.value, ExecutionKind.EXERCISE.value)

_OF_LEGS = """
SELECT DISTINCT x.trading_day, x.order_id FROM journal_execution x
WHERE x.order_id <> '' AND x.kind = 'trade' AND x.account_id = %(account)s
AND (x.leg_id = ANY(%(legs)s) OR x.closed_leg = ANY(%(legs)s))
"""
_OF_ALL = """
SELECT trading_day, order_id FROM journal_execution
WHERE order_id <> '' AND kind = 'trade' AND account_id = %(account)s
GROUP BY 1, 2 HAVING min(instrument_id) <> max(instrument_id)
"""
_FILLS = """
SELECT e.order_id, e.trading_day, e.id, e.instrument_id, e.executed_at, e.leg_id, e.closed_leg
FROM ({orders}) named
JOIN journal_execution e USING (trading_day, order_id) WHERE e.account_id = %(account)s AND e.kind = 'trade'
"""
_LEGS = """
SELECT l.id, l.instrument_id, coalesce(u.symbol, nullif(i.underlying_symbol, ''), i.symbol) || ' ' || l.currency,
    l.opened_at, l.closed_at, i.asset_class
FROM journal_leg l JOIN journal_instrument i ON i.id = l.instrument_id
LEFT JOIN journal_instrument u ON u.id = i.underlying_id
WHERE l.id = ANY(%(legs)s) AND l.account_id = %(account)s
"""
_DELIVERIES = """
SELECT e.trading_day, e.id, e.leg_id, e.closed_leg FROM journal_execution e
WHERE e.account_id = %(account)s AND e.kind = ANY(%(kinds)s)
AND (%(days)s::date[] IS NULL OR e.trading_day = ANY(%(days)s))
"""
_DAYS = """
SELECT DISTINCT trading_day FROM journal_execution WHERE account_id = %(account)s AND kind = ANY(%(kinds)s)
AND (leg_id = ANY(%(legs)s) OR closed_leg = ANY(%(legs)s))
"""
_SAID = """
SELECT e.leg_id, g.group, g.id FROM journal_leggrouping g
LEFT JOIN journal_joinedfill j ON j.account_id = g.account_id AND j.key = g.fill_key
JOIN journal_execution e ON e.account_id = g.account_id AND e.fill_key = coalesce(j.fill_key, g.fill_key)
WHERE g.account_id = %(account)s AND e.leg_id IS NOT NULL ORDER BY g.id
"""


class _Fill(NamedTuple):
    order_id: str
    day: date
    execution_id: int
    instrument_id: int
    executed_at: datetime
    leg_id: int | None
    closed_leg: int | None

    @property
    def legs(self) -> tuple[int, ...]:
        return tuple(one for one in (self.leg_id, self.closed_leg) if one is not None)


class _Leg(NamedTuple):
    id: int
    instrument_id: int
    underlying: str
    opened_at: datetime
    closed_at: datetime | None
    asset_class: str


def list_tied_legs(
    account_id: int, leg_ids: Collection[int] | None, *, said: bool = True
) -> list[GroupLeg]:
    """These legs with all that they are tied to, directly or by way of others; None: every tied leg of the account.

    Legs that nothing ties to another may be missing. `said` False: as if nobody had said anything.
    """
    words = _words(account_id) if said else {}
    ties: dict[int, set[Tie]] = defaultdict(set)
    legs: dict[int, _Leg] = {}
    if leg_ids is None:
        _add_ties(account_id, None, legs, ties)
        _add_legs(account_id, {*words}, legs)
    else:
        fresh = {*leg_ids, *words}
        _add_legs(account_id, fresh, legs)
        while fresh:
            before = {*legs}
            _add_ties(account_id, fresh, legs, ties)
            fresh = legs.keys() - before
    return [
        GroupLeg(
            leg.id, leg.instrument_id, leg.underlying, leg.opened_at, leg.closed_at,
            frozenset(ties.get(leg.id, ())), words.get(leg.id, ""),
        )
        for leg in legs.values()
    ]  # fmt: skip


def list_delivered(account_id: int, leg_ids: Collection[int]) -> dict[int, set[Tie]]:
    """By leg the exercises and assignments that ended it, or that brought shares into it or took them out; with the
    legs on their other sides."""
    legs: dict[int, _Leg] = {}
    found = _deliveries(account_id, leg_ids)
    _add_legs(account_id, {leg for _, _, *of in found for leg in of if leg}, legs)
    ties: dict[int, set[Tie]] = defaultdict(set)
    for day, _, *of in found:
        for leg in (legs[one] for one in of if one in legs):
            ties[leg.id].add(Tie(TieKind.DELIVERY, leg.underlying, day))
    own = {tie for leg_id in leg_ids for tie in ties.get(leg_id, ())}
    return {leg_id: told & own for leg_id, told in ties.items() if told & own}


def list_spoken_legs(account_id: int) -> list[int]:
    """Legs of which a person said where they belong."""
    return [*_words(account_id)]


def list_grouping_anchors(account_id: int, leg_ids: Collection[int]) -> list[int]:
    """The ids of what people said of the groups of these legs."""
    wanted = set(leg_ids)
    return [id_ for leg_id, _, id_ in fetch(_SAID, {"account": account_id}) if leg_id in wanted]


def _words(account_id: int) -> dict[int, str]:
    """The group that people put a leg in. Of two legs that became one, the last word."""
    return {leg_id: group for leg_id, group, _ in fetch(_SAID, {"account": account_id})}


def _add_ties(
    account_id: int,
    leg_ids: Collection[int] | None,
    legs: dict[int, _Leg],
    ties: dict[int, set[Tie]],
) -> None:
    by_order = _shared_orders(account_id, leg_ids)
    deliveries = _deliveries(account_id, leg_ids)
    by_name = list_named_ties(account_id, leg_ids) if names_ties(account_id) else {}
    named = {leg for fills in by_order.values() for fill in fills for leg in fill.legs}
    named |= {leg for _, _, *of in deliveries for leg in of if leg}
    _add_legs(account_id, named | by_name.keys(), legs)
    for leg_id, told in by_name.items():
        ties[leg_id] |= told
    for (order_id, day), fills in by_order.items():
        tie = Tie(TieKind.ORDER, order_id, day)
        for leg_id in _tied_by(fills, legs):
            ties[leg_id].add(tie)
    for day, execution_id, *of in deliveries:
        for delivered in (legs[one] for one in of if one in legs):
            # Shares that were there before are more than what one option delivered.
            if delivered.asset_class not in _POOLED or delivered.id == execution_id:
                ties[delivered.id].add(Tie(TieKind.DELIVERY, delivered.underlying, day))


def _shared_orders(
    account_id: int, leg_ids: Collection[int] | None
) -> dict[tuple[str, date], list[_Fill]]:
    """Fills of orders that filled several contracts on one trading day, by order and day."""
    orders = _OF_ALL if leg_ids is None else _OF_LEGS
    found = fetch(
        _FILLS.format(orders=orders), {"account": account_id, "legs": list(leg_ids or ())}
    )
    by_order: dict[tuple[str, date], list[_Fill]] = defaultdict(list)
    for fill in map(_Fill._make, found):
        by_order[fill.order_id, fill.day].append(fill)
    return {
        order: fills
        for order, fills in by_order.items()
        if len({fill.instrument_id for fill in fills}) > 1
    }


def _deliveries(
    account_id: int, leg_ids: Collection[int] | None
) -> list[tuple[date, int, int | None, int | None]]:
    values: dict[str, object] = {"account": account_id, "kinds": list(_DELIVERED), "days": None}
    if leg_ids is not None:
        days = fetch(_DAYS, {**values, "legs": list(leg_ids)})
        if not days:
            return []
        values["days"] = [day for (day,) in days]
    return fetch(_DELIVERIES, values)


def _tied_by(fills: Iterable[_Fill], legs: Mapping[int, _Leg]) -> set[int]:
    """The legs that this order says something of."""
    tied = set()
    for fill in fills:
        for leg in filter(None, map(legs.get, fill.legs)):
            is_whole = leg.id == fill.execution_id or leg.closed_at == fill.executed_at
            if leg.asset_class not in _UNTIED and (is_whole or leg.asset_class not in _POOLED):
                tied.add(leg.id)
    return tied


def _add_legs(account_id: int, leg_ids: Collection[int], legs: dict[int, _Leg]) -> None:
    wanted = [one for one in leg_ids if one not in legs]
    if wanted:
        rows = fetch(_LEGS, {"account": account_id, "legs": wanted})
        legs.update((row[0], _Leg._make(row)) for row in rows)
