"""Entries by hand beside the single fills that they sum up.

A person enters an order as one fill, at the minute and the average price that they remember; the broker's statement has
it in pieces. Such an entry is the fills of its instrument, side and trading day that add up to it, its price among
theirs: all fills of one order, or some that state no order, or one fill at another minute. The larger entry chooses
first, and of equal ones the one that is nearer in time to its fills.

Invariants (proven beside this module's other tests):

* No fill is part of two entries, and an entry is either all of its fills or none of them.
* Orders, and positions, that an entry and a fill both name are the same.
* The result follows from the set of entries and fills, not from their order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from heapq import nsmallest
from typing import NamedTuple

from journal.domain.orders import is_among, slack_of
from journal.domain.values import ZERO

_SUMS_MAX = 4_096
# Of a bot's thousands of equal fills so many are looked at for each entry.
_NEAREST = 256


class Line(NamedTuple):
    """A fill, or an entry that is no other report's twin. `position` is the ticket that it belongs to; ids that nobody
    states are "". All that are asked about together are of one instrument, side and trading day."""

    key: str
    order_id: str
    position: str
    at: datetime
    quantity: Decimal
    price: Decimal


class _Choice(NamedTuple):
    """Fills that an entry may be. They sort by who chooses first."""

    less: Decimal
    is_nameless: bool
    apart: tuple[float, float]
    entry: tuple[datetime, str]
    keys: tuple[str, ...]


def find_parts(entries: Iterable[Line], fills: Iterable[Line]) -> dict[str, tuple[str, ...]]:
    """To the key of each entry that is nothing but fills the keys of these, in the order of time."""
    waiting = {one.key: one for one in sorted(entries, key=_in_time)}
    free = {one.key: one for one in sorted(fills, key=_in_time)}
    found: dict[str, tuple[str, ...]] = {}

    def take(entry: Line, keys: tuple[str, ...]) -> None:
        found[entry.key] = keys
        del waiting[entry.key]
        for key in keys:
            del free[key]

    for choice in sorted(_choices(waiting, free)):
        key = choice.entry[1]
        if key in waiting and all(one in free for one in choice.keys):
            take(waiting[key], choice.keys)
    for entry in sorted(waiting.values(), key=lambda one: (-one.quantity, *_in_time(one))):
        own = [one for one in free.values() if not one.order_id and _may_be(entry, one)]
        parts = _adding_up(entry, own)
        if parts:
            take(entry, tuple(one.key for one in sorted(parts, key=_in_time)))
    return found


def _in_time(line: Line) -> tuple[datetime, str]:
    return line.at, line.key


def _choices(waiting: Mapping[str, Line], free: Mapping[str, Line]) -> Iterator[_Choice]:
    """Single fills, and all fills of one order."""
    orders: dict[str, list[Line]] = defaultdict(list)
    by_quantity: dict[Decimal, list[tuple[Line, ...]]] = defaultdict(list)
    for fill in free.values():
        by_quantity[fill.quantity].append((fill,))
        if fill.order_id:
            orders[fill.order_id].append(fill)
    for own in orders.values():
        if own[1:]:
            by_quantity[sum((one.quantity for one in own), ZERO)].append(tuple(own))
    for entry in waiting.values():
        fitting = by_quantity.get(entry.quantity, ())
        yield from nsmallest(_NEAREST, filter(None, (_choice(entry, one) for one in fitting)))


def _choice(entry: Line, parts: Sequence[Line]) -> _Choice | None:
    is_named = bool(entry.order_id) and entry.order_id == parts[0].order_id
    if not all(_may_be(entry, one) for one in parts):
        return None
    if not is_named and not is_among(entry.price, parts):
        return None
    keys = tuple(one.key for one in parts)
    return _Choice(-entry.quantity, not is_named, _apart(entry, parts), _in_time(entry), keys)


def _may_be(entry: Line, fill: Line) -> bool:
    return not (
        (entry.order_id and fill.order_id and entry.order_id != fill.order_id)
        or (entry.position and fill.position and entry.position != fill.position)
    )


def _apart(entry: Line, parts: Sequence[Line]) -> tuple[float, float]:
    """Seconds to the nearest of the fills, and to the one that is furthest."""
    seconds = [abs((one.at - entry.at).total_seconds()) for one in parts]
    return min(seconds), max(seconds)


def _adding_up(entry: Line, fills: Iterable[Line]) -> Sequence[Line]:
    """Some of the fills, rather at the entry's own price and near in time."""
    near = sorted(fills, key=lambda one: (_apart(entry, [one]), *_in_time(one)))
    own = [one for one in near if is_among(entry.price, [one])]
    return _some_of(entry, own) or _some_of(entry, near)


def _some_of(entry: Line, near: Iterable[Line]) -> Sequence[Line]:
    """The first of the fills that make the entry's quantity around its price; none where there are too many ways to
    look for them. A sum is known by whether it has fills at or below that price, and at or above it."""
    slack = slack_of(entry.price)
    reached: dict[tuple[Decimal, bool, bool], list[Line]] = {(ZERO, False, False): []}
    whole = (entry.quantity, True, True)
    for fill in near:
        is_low, is_high = fill.price <= entry.price + slack, fill.price >= entry.price - slack
        for (total, low, high), chosen in list(reached.items()):
            if total + fill.quantity <= entry.quantity:
                made = (total + fill.quantity, low or is_low, high or is_high)
                reached.setdefault(made, [*chosen, fill])
        if whole in reached:
            return reached[whole]
        if len(reached) > _SUMS_MAX:
            break
    return ()
