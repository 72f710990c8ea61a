"""Which fill of the book is which fill of the broker.

In order, each on what the ones before left: by an id of the fill; by the broker's order and then by ours, fill by fill
in time and else by their sums; by all that is said of it, where as many fit on each side; by sums of neighbours, which
is a proposal and no match. A pair that could as well be another one is no pair: a person decides.

Invariants:

* A fill is in one pair, group or remainder, on both sides, and none is lost.
* The order of the lines decides nothing.
* Two fills whose ids of one kind differ are never matched by what is said of them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from enum import IntEnum
from operator import attrgetter
from typing import NamedTuple

from journal.domain.exact import divide
from journal.domain.values import ZERO
from reconciliation.domain.records import FillLine, Terms
from reconciliation.domain.tolerances import Tolerances

_DAY = timedelta(days=1)


class Level(IntEnum):
    FILL_ID = 1
    ORDER_ID = 2
    CLIENT_ID = 3
    ATTRIBUTES = 4
    SUMS = 5


class Pair(NamedTuple):
    """The same fills on both sides; one each but for sums."""

    level: Level
    ours: tuple[FillLine, ...]
    theirs: tuple[FillLine, ...]


class Matched(NamedTuple):
    """`proposed` may be the same, and a person says so."""

    pairs: list[Pair]
    proposed: list[Pair]
    ours: list[FillLine]
    theirs: list[FillLine]


class _Left:
    """What is not matched yet. In an order that does not depend on that of the lines."""

    def __init__(self, ours: Iterable[FillLine], theirs: Iterable[FillLine]) -> None:
        self.ours = dict(enumerate(sorted(ours, key=_place)))
        self.theirs = dict(enumerate(sorted(theirs, key=_place)))
        self.pairs: list[Pair] = []

    def lines(self, ours: Iterable[int], theirs: Iterable[int]) -> Iterator[FillLine]:
        yield from (self.ours[number] for number in ours)
        yield from (self.theirs[number] for number in theirs)

    def take(self, level: Level, ours: Sequence[int], theirs: Sequence[int]) -> None:
        self.pairs.append(
            Pair(
                level,
                tuple(self.ours.pop(number) for number in ours),
                tuple(self.theirs.pop(number) for number in theirs),
            )
        )


def match_fills(
    ours: Iterable[FillLine],
    theirs: Iterable[FillLine],
    terms: Mapping[int, Terms],
    tolerances: Tolerances,
) -> Matched:
    left = _Left(ours, theirs)
    _match_by_fill_id(left)
    for level, name in ((Level.ORDER_ID, "order_id"), (Level.CLIENT_ID, "client_order_id")):
        _match_by_order(left, level, attrgetter(name))
    proposed = _match_by_attributes(left, terms, tolerances)
    pairs, left.pairs = left.pairs, []
    _match_by_sums(left, terms, tolerances)
    return Matched(
        pairs, proposed + left.pairs, list(left.ours.values()), list(left.theirs.values())
    )


def _place(fill: FillLine) -> tuple[object, ...]:
    return (
        fill.at,
        fill.symbol,
        fill.side,
        fill.quantity,
        fill.price,
        fill.ids,
        fill.order_id,
        fill.client_order_id,
    )


def _match_by_fill_id(left: _Left) -> None:
    by_id: dict[str, int] = {}
    for number, fill in left.theirs.items():
        for id_ in fill.ids:
            by_id.setdefault(id_, number)
    for number, fill in list(left.ours.items()):
        found = (by_id[id_] for id_ in fill.ids if by_id.get(id_) in left.theirs)
        other = next(found, None)
        if other is not None:
            left.take(Level.FILL_ID, [number], [other])


def _match_by_order(left: _Left, level: Level, order_of: Callable[[FillLine], str]) -> None:
    """Within an order fills of one quantity are matched in time; what is left of both, if it is as much."""
    ours, theirs = _grouped(left.ours, order_of), _grouped(left.theirs, order_of)
    for order in sorted(set(map(order_of, left.ours.values())) - {""}):
        one, other = ours[order], theirs.get(order, [])
        if _are_alike([left.ours[n] for n in one], [left.theirs[n] for n in other]):
            _match_within(left, level, one, other)


def _match_within(left: _Left, level: Level, one: list[int], other: list[int]) -> None:
    """What is matched is taken out of both."""
    by_quantity = defaultdict[Decimal, list[int]](list)
    for number in other:
        by_quantity[left.theirs[number].quantity].append(number)
    for number in list(one):
        waiting = by_quantity[left.ours[number].quantity]
        fitting = [n for n in waiting if not _contradict(left.ours[number], left.theirs[n])]
        if fitting:
            waiting.remove(fitting[0])
            one.remove(number)
            other.remove(fitting[0])
            left.take(level, [number], [fitting[0]])
    is_one_sided = min(len(one), len(other)) == 1
    if is_one_sided and _sum(left.ours[n] for n in one) == _sum(left.theirs[n] for n in other):
        left.take(level, one, other)


def _match_by_attributes(
    left: _Left, terms: Mapping[int, Terms], tolerances: Tolerances
) -> list[Pair]:
    """What could be one another, in time. Where more could be on one side than on the other, the nearest are, if all
    say the same; else they are proposed."""
    proposed: list[Pair] = []
    for ours, theirs in _components(_fits(left, terms, tolerances)):
        pairs = list(zip(ours, theirs, strict=False))
        # Of those that say the same it makes no difference which one is left over.
        prices = {line.price for line in left.lines(ours, theirs)}
        fit = all(_could_be(left.ours[n], left.theirs[m], terms, tolerances) for n, m in pairs)
        if len(ours) == len(theirs) and fit:
            for number, other in pairs:
                left.take(Level.ATTRIBUTES, [number], [other])
            continue
        nearest = _nearest(left, ours, theirs, terms, tolerances)
        (left.pairs if len(prices) == 1 else proposed).extend(nearest)
    return proposed


def _fits(left: _Left, terms: Mapping[int, Terms], tolerances: Tolerances) -> dict[int, list[int]]:
    """For each of ours all of theirs that it could be."""
    by_kind = _grouped(left.theirs, _kind)
    times = {kind: [left.theirs[n].at for n in numbers] for kind, numbers in by_kind.items()}
    found = {}
    for number, fill in left.ours.items():
        kind = _kind(fill)
        if kind not in by_kind:
            continue
        # Both are in time; nothing is as far away as a day and more.
        first = bisect_left(times[kind], fill.at - _DAY)
        last = bisect_right(times[kind], fill.at + _DAY)
        others = [
            n
            for n in by_kind[kind][first:last]
            if _could_be(fill, left.theirs[n], terms, tolerances)
        ]
        if others:
            found[number] = others
    return found


def _components(fits: Mapping[int, Sequence[int]]) -> Iterator[tuple[list[int], list[int]]]:
    """Ours and theirs that hang together, each in order."""
    wanted: dict[int, list[int]] = defaultdict(list)
    for number, others in fits.items():
        for other in others:
            wanted[other].append(number)
    seen: set[int] = set()
    for start in fits:
        if start in seen:
            continue
        ours, theirs, waiting = {start}, set[int](), [start]
        while waiting:
            fresh = set(fits[waiting.pop()]) - theirs
            theirs |= fresh
            more = {number for other in fresh for number in wanted[other]} - ours
            ours |= more
            waiting += more
        seen |= ours
        yield sorted(ours), sorted(theirs)


def _nearest(
    left: _Left,
    ours: Iterable[int],
    theirs: Iterable[int],
    terms: Mapping[int, Terms],
    tolerances: Tolerances,
) -> list[Pair]:
    apart = sorted(
        (abs(left.ours[n].at - left.theirs[m].at), n, m)
        for n in ours
        for m in theirs
        if _could_be(left.ours[n], left.theirs[m], terms, tolerances)
    )
    pairs = []
    for _, number, other in apart:
        if number in left.ours and other in left.theirs:
            left.take(Level.ATTRIBUTES, [number], [other])
            pairs.append(left.pairs.pop())
    return pairs


def _match_by_sums(left: _Left, terms: Mapping[int, Terms], tolerances: Tolerances) -> None:
    """One fill on one side that is all of several on the other, of the same day or moment."""
    for one_side, other_side, swap in (
        (left.ours, left.theirs, False),
        (left.theirs, left.ours, True),
    ):
        groups = _grouped(other_side, _group)
        for number, fill in list(one_side.items()):
            others = [
                n
                for n in groups.get(_group(fill), ())
                if n in other_side and _are_near(fill, other_side[n], tolerances, terms)
            ]
            lines = [other_side[n] for n in others]
            if (
                len(lines) > 1
                and _sum(lines) == fill.quantity
                and _is_average(fill, lines, terms, tolerances)
            ):
                if swap:
                    left.take(Level.SUMS, others, [number])
                else:
                    left.take(Level.SUMS, [number], others)


def _grouped(
    fills: Mapping[int, FillLine], key: Callable[[FillLine], Hashable]
) -> dict[Hashable, list[int]]:
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for number, fill in fills.items():
        groups[key(fill)].append(number)
    return groups


def _group(fill: FillLine) -> Hashable:
    return fill.instrument_id, fill.side


def _kind(fill: FillLine) -> Hashable:
    return fill.instrument_id, fill.side, fill.quantity


def _are_alike(ours: Iterable[FillLine], theirs: Iterable[FillLine]) -> bool:
    """An order is of one instrument and side; an id that several use is none."""
    return len({_group(fill) for fill in (*ours, *theirs)}) == 1


def _contradict(one: FillLine, other: FillLine) -> bool:
    """Two ids of one kind (the word before the colon) that differ are two fills."""
    kinds = {id_.partition(":")[0]: id_ for id_ in other.ids}
    return any(kinds.get(id_.partition(":")[0], id_) != id_ for id_ in one.ids)


def _could_be(
    one: FillLine, other: FillLine, terms: Mapping[int, Terms], tolerances: Tolerances
) -> bool:
    known = terms.get(one.instrument_id or 0)
    if known is None or _contradict(one, other):
        return False
    tolerance = tolerances.of(known.asset_class)
    return tolerance.same_price(known, one.price, other.price) and _are_near(
        one, other, tolerances, terms
    )


def _are_near(
    one: FillLine, other: FillLine, tolerances: Tolerances, terms: Mapping[int, Terms]
) -> bool:
    known = terms.get(one.instrument_id or 0)
    usual = tolerances.of(known.asset_class).time if known else tolerances.money.time
    return abs(one.at - other.at) <= (_DAY if one.is_dated or other.is_dated else usual)


def _is_average(
    fill: FillLine, lines: Sequence[FillLine], terms: Mapping[int, Terms], tolerances: Tolerances
) -> bool:
    known = terms.get(fill.instrument_id or 0)
    if known is None:
        return False
    spent = sum((line.quantity * line.price for line in lines), ZERO)
    return tolerances.of(known.asset_class).same_average(fill.price, divide(spent, _sum(lines)))


def _sum(fills: Iterable[FillLine]) -> Decimal:
    return sum((fill.quantity for fill in fills), ZERO)
