"""Orders that were booked as one fill, beside the single fills that they sum up.

Invariant: an order gives way only to fills that can be its own, on its side of the same instrument. With an id, those
of that order on that day (an order that is good till cancelled may have a row a day), or all of that order if they add
up to the row. Where it or the fills state no id, fills of that day that add up to it, the order's average price among
theirs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any, NamedTuple, Protocol

from journal.domain.values import ZERO, Side

# Average prices are rounded.
_ROUNDING = Decimal("0.0001")
_SUMS_MAX = 4_096


class OrderLine(NamedTuple):
    """A fill, or (`is_order`) a whole order as one, under its fill key. All of one instrument."""

    key: str
    is_order: bool
    order_id: str
    side: Side
    day: date
    quantity: Decimal
    price: Decimal


class _Priced(Protocol):
    @property
    def price(self) -> Decimal: ...


class Repeated(NamedTuple):
    """`keys` of the orders that give way, and those of them whose fills are fewer than the order says, with the sum.
    `makers` are the keys of the fills that an order gave way to because they add up to it.
    """

    keys: set[str]
    incomplete: list[tuple[OrderLine, Decimal]]
    makers: set[str]


def find_repeated(lines: Iterable[OrderLine]) -> Repeated:
    lines = list(lines)
    fills = [one for one in lines if not one.is_order]
    orders = [one for one in lines if one.is_order]
    found = Repeated(set(), [], set())
    by_order = _grouped(fills, attrgetter("order_id", "side"))
    for order in orders:
        own = (
            _named(order, by_order.get((order.order_id, order.side), ())) if order.order_id else []
        )
        if own:
            found.keys.add(order.key)
            if _sum(own) < order.quantity:
                found.incomplete.append((order, _sum(own)))
    taken = {(one.order_id, one.day) for one in orders if one.key in found.keys}
    free = _grouped(
        (one for one in fills if (one.order_id, one.day) not in taken), attrgetter("side", "day")
    )
    rest = [one for one in orders if one.key not in found.keys]
    rest.sort(key=lambda one: (-one.quantity, one.price, one.key))
    # Fills at an order's own price are its own before another one may take them into its average.
    for find in (_at_its_price, _around_its_price):
        for order in rest:
            fitting = free.get((order.side, order.day), [])
            parts = () if order.key in found.keys else find(order, fitting)
            if parts:
                found.keys.add(order.key)
                found.makers.update(one.key for one in parts)
                left = [one for one in fitting if one.key not in found.makers]
                free[order.side, order.day] = left
    return found


def _grouped(
    lines: Iterable[OrderLine], key: Callable[[OrderLine], tuple[Any, ...]]
) -> dict[tuple[Any, ...], list[OrderLine]]:
    groups: dict[tuple[Any, ...], list[OrderLine]] = defaultdict(list)
    for line in lines:
        groups[key(line)].append(line)
    return groups


def _named(order: OrderLine, own: Sequence[OrderLine]) -> Sequence[OrderLine]:
    same_day = [one for one in own if one.day == order.day]
    if same_day:
        return same_day
    return own if _sum(own) == order.quantity else []


def _at_its_price(order: OrderLine, fitting: Iterable[OrderLine]) -> Sequence[OrderLine]:
    return _parts(order, [one for one in fitting if is_among(order.price, [one])])


def _around_its_price(order: OrderLine, fitting: Iterable[OrderLine]) -> Sequence[OrderLine]:
    return _parts(order, fitting)


def _parts(order: OrderLine, fitting: Iterable[OrderLine]) -> Sequence[OrderLine]:
    """Fills of its side and day that add up to an order: all of one order, or some that have no id. Those of an order
    that has an id cannot be of another one."""
    own = [one for one in fitting if not (order.order_id and one.order_id)]
    for order_id in sorted({one.order_id for one in own}):
        group = [one for one in own if one.order_id == order_id]
        if not order_id:
            group = _adding_up(group, order.quantity)
        if group and _sum(group) == order.quantity and is_among(order.price, group):
            return group
    return ()


def _adding_up(fills: Sequence[OrderLine], quantity: Decimal) -> list[OrderLine]:
    """Some of the fills whose quantities make that quantity; none where there are too many ways to look for them."""
    reached: dict[Decimal, list[OrderLine]] = {ZERO: []}
    for fill in fills:
        for total, chosen in list(reached.items()):
            if total + fill.quantity <= quantity:
                reached.setdefault(total + fill.quantity, [*chosen, fill])
        if quantity in reached:
            return reached[quantity]
        if len(reached) > _SUMS_MAX:
            break
    return []


def is_among(price: Decimal, fills: Sequence[_Priced]) -> bool:
    """An average lies between what it is made of."""
    prices = [one.price for one in fills]
    slack = slack_of(price)
    return min(prices) - slack <= price <= max(prices) + slack


def slack_of(price: Decimal) -> Decimal:
    """By how much a price that was rounded may be off."""
    return abs(price) * _ROUNDING


def _sum(fills: Iterable[OrderLine]) -> Decimal:
    return sum((one.quantity for one in fills), ZERO)
