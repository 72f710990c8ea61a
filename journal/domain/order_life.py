"""What became of an order, from the reports of its life.

Reports come in any order and from anybody. Those that share an id speak of one order; in the order of their moments
each says what is new, and what it leaves open is as it was. Invariants:

* The result does not depend on the order in which the reports arrive.
* What is over stays over: only another end (a fill after a cancel) says otherwise.
* What was filled never becomes less.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

_ENDS = {"filled", "cancelled", "rejected", "expired"}
# Of what happened at one moment, what cannot come before the rest comes last.
_STEPS = {
    "placed": 0,
    "triggered": 1,
    "modified": 2,
    "partially_filled": 3,
    "expired": 4,
    "cancelled": 5,
    "rejected": 6,
    "filled": 7,
}
# What an order is, and may be said once; the terms of it, which may change.
_TOLD = (
    "instrument_id", "client_order_id", "order_id", "parent_id", "group_id", "role", "side", "order_type",
    "time_in_force", "average_price", "fee", "fee_currency", "reason", "position_id", "plan_id", "recommendation_id",
    "strategy",
)  # fmt: skip
# Who only confirms what somebody else did.
_CONFIRMING = {"statement", "broker_api"}
TERMS = ("quantity", "limit_price", "stop_price")


class OrderMoment(NamedTuple):
    """One report. Empty text and None leave open."""

    id: int
    instrument_id: int | None
    client_order_id: str
    order_id: str
    parent_id: str
    group_id: str
    role: str
    side: str
    order_type: str
    time_in_force: str
    quantity: Decimal | None
    limit_price: Decimal | None
    stop_price: Decimal | None
    status: str
    filled_quantity: Decimal | None
    average_price: Decimal | None
    fee: Decimal | None
    fee_currency: str
    reason: str
    position_id: str
    plan_id: str
    recommendation_id: str
    strategy: str
    source: str
    happened_at: datetime


class OrderLife(NamedTuple):
    """An order as it stands. `values` are those of OrderMoment but for id, status and moment; `changes` counts the
    reports that moved a price or the quantity after it was placed."""

    id: int
    values: dict[str, Any]
    status: str
    changes: int
    placed_at: datetime
    last_at: datetime
    closed_at: datetime | None


class OrderStep(NamedTuple):
    """One moment, and what it made of the order's terms: (name, before, after), `before` None where it was open."""

    moment: OrderMoment
    changes: tuple[tuple[str, Decimal | None, Decimal], ...]


def orders_of(moments: Iterable[OrderMoment]) -> list[OrderLife]:
    """Each order of one account once, by the id of its first report."""
    lives = [_life(own) for own in _by_order(list(moments))]
    return sorted(lives, key=lambda life: life.id)


def histories_of(moments: Iterable[OrderMoment]) -> dict[int, list[OrderStep]]:
    """The steps of each order of one account, the oldest first, by the order's id."""
    return {min(one.id for one in own): _steps_of(own) for own in _by_order(list(moments))}


def _steps_of(moments: Iterable[OrderMoment]) -> list[OrderStep]:
    terms: dict[str, Decimal] = {}
    steps = []
    for moment in in_time(moments):
        said = {name: term for name in TERMS if (term := getattr(moment, name)) is not None}
        changes = tuple(
            (name, terms.get(name), term) for name, term in said.items() if terms.get(name) != term
        )
        terms.update(said)
        steps.append(OrderStep(moment, changes))
    return steps


def in_time(moments: Iterable[OrderMoment]) -> list[OrderMoment]:
    return sorted(moments, key=lambda one: (one.happened_at, _STEPS.get(one.status, 0), one.id))


def _by_order(moments: list[OrderMoment]) -> list[list[OrderMoment]]:
    """Reports that share either id, also by way of others."""
    first: dict[Hashable, int] = {}
    parent = list(range(len(moments)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    for number, moment in enumerate(moments):
        for name in (("client", moment.client_order_id), ("broker", moment.order_id)):
            if name[1]:
                parent[root(number)] = root(first.setdefault(name, number))
    orders: dict[int, list[OrderMoment]] = defaultdict(list)
    for number, moment in enumerate(moments):
        orders[root(number)].append(moment)
    return list(orders.values())


def _life(moments: Sequence[OrderMoment]) -> OrderLife:
    ordered = in_time(moments)
    values: dict[str, Any] = dict.fromkeys((*_TOLD, *TERMS, "filled_quantity"))
    status, closed_at, changes = "", None, 0
    for moment in ordered:
        for name in _TOLD:
            said = getattr(moment, name)
            # A fee of zero is said; empty text and None are not.
            if said is not None and said != "":
                values[name] = said
        changes += _take_terms(values, moment)
        if moment.filled_quantity is not None:
            values["filled_quantity"] = max(
                values["filled_quantity"] or moment.filled_quantity, moment.filled_quantity
            )
        if closed_at is None or moment.status in _ENDS:
            status = moment.status
            closed_at = moment.happened_at if moment.status in _ENDS else None
    # By whom it was given, whoever told the rest.
    acted = (one.source for one in ordered if one.source not in _CONFIRMING)
    values["source"] = next(acted, ordered[0].source)
    if status == "filled" and values["filled_quantity"] is None:
        values["filled_quantity"] = values["quantity"]
    return OrderLife(
        min(one.id for one in moments), values, status, changes, ordered[0].happened_at, ordered[-1].happened_at,
        closed_at,
    )  # fmt: skip


def _take_terms(values: dict[str, Any], moment: OrderMoment) -> bool:
    """Whether the report moved what was agreed before."""
    is_change = False
    for name in TERMS:
        term = getattr(moment, name)
        if term is not None:
            is_change |= values[name] is not None and values[name] != term
            values[name] = term
    return is_change
