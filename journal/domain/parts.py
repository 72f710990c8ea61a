"""Parts of fills beside the whole ones: a source of round trips states of a fill only as much as one of them used.

Invariants:

* A part gives way to a fill or an order that can hold it: the fill that it names, else one of its side and second (a
  fill also at its price), as long as all parts that gave way to it are no more than it is.
* What no fill and no order holds stays.
* Orders give way to parts of their side and second that make all of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from journal.domain.values import Side


class Part(NamedTuple):
    """`whole`: the key of the fill that it names, "" where it names none."""

    key: str
    whole: str
    side: Side
    at: datetime
    quantity: Decimal
    price: Decimal


class Whole(NamedTuple):
    """A fill, or an order as one fill: then `price` is an average, and tells nothing of a part of it."""

    key: str
    is_order: bool
    side: Side
    at: datetime
    quantity: Decimal
    price: Decimal


def find_held(parts: Iterable[Part], wholes: Iterable[Whole]) -> set[str]:
    """Keys of the parts that give way."""
    left = {whole.key: whole for whole in wholes}
    held: set[str] = set()
    nameless = []
    for part in parts:
        whole = left.get(part.whole)
        if whole is None:
            nameless.append(part)
        elif whole.side is part.side:
            # It says itself whose part it is: more than the whole can only be said in error.
            held.add(part.key)
            left[whole.key] = whole._replace(quantity=whole.quantity - part.quantity)
    return held | _held_by_moment(nameless, list(left.values()))


class Made(NamedTuple):
    """`orders` give way to `parts`, which stay."""

    orders: set[str]
    parts: set[str]


def find_made(parts: Iterable[Part], orders: Iterable[Whole]) -> Made:
    """Where all parts of a side and second are together just as much as all orders of it. Within a day several orders
    could be meant by the same parts; within a second they are the same."""
    at: dict[tuple[Side, datetime], tuple[list[Part], list[Whole]]] = defaultdict(lambda: ([], []))
    for part in parts:
        at[_moment(part)][0].append(part)
    for order in orders:
        at[_moment(order)][1].append(order)
    made = Made(set(), set())
    for some, whole in at.values():
        if some and sum(one.quantity for one in some) == sum(one.quantity for one in whole):
            made.orders.update(one.key for one in whole)
            made.parts.update(one.key for one in some)
    return made


def _held_by_moment(parts: Sequence[Part], wholes: Sequence[Whole]) -> set[str]:
    by_moment: dict[tuple[Side, datetime], list[Whole]] = defaultdict(list)
    for whole in sorted(wholes, key=lambda one: (one.is_order, one.quantity, one.key)):
        by_moment[_moment(whole)].append(whole)
    held = set()
    # The largest first: it has the fewest places.
    for part in sorted(parts, key=lambda one: (-one.quantity, one.price, one.key)):
        candidates = by_moment.get(_moment(part), [])
        for place, whole in enumerate(candidates):
            fits = whole.is_order or whole.price == part.price
            if fits and whole.quantity >= part.quantity:
                candidates[place] = whole._replace(quantity=whole.quantity - part.quantity)
                held.add(part.key)
                break
    return held


def _moment(one: Part | Whole) -> tuple[Side, datetime]:
    """Some sources state thousandths, others whole seconds."""
    return one.side, one.at.replace(microsecond=0)
