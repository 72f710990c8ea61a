"""Which legs of an account are one trade.

Two words decide it. A *tie* is a fact that several legs share: one broker order with fills of theirs on one trading
day, one plan, one recommendation, one assignment that ended an option and opened its shares. A *said* group is where
a person put a leg. Invariants, proven by the property tests:

* Every leg is in one group. The result follows from the set of legs and ties, in any order.
* Legs that a person put together are together, whatever they are; legs that a person put apart never are, also not by
  way of a third leg.
* A tie joins different instruments of one underlying only; one plan that is carried out twice is two trades.
* A leg whose ties lead into several groups that a person keeps apart is put into none of them: it is told.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

# A roll that is sent as two orders of one plan leaves the plan flat for a moment.
FLAT_FOR_A_MOMENT = timedelta(minutes=5)


class TieKind(StrEnum):
    ORDER = "order"
    PLAN = "plan"
    RECOMMENDATION = "recommendation"
    DELIVERY = "delivery"


_USED_AGAIN = (TieKind.PLAN, TieKind.RECOMMENDATION)


class Tie(NamedTuple):
    """`name` is the order's, plan's or recommendation's id, or the option execution that delivered.

    `day` is the trading day of an order's fills: brokers use ids again. None for the others.
    """

    kind: TieKind
    name: str
    day: date | None = None


class GroupLeg(NamedTuple):
    """A leg as grouping sees it. `ties` are those of all its fills, of closing ones too (a roll is one trade).

    `underlying` is any name that is the same for a share and its derivatives. A delivery is a tie of the shares only
    where it opened their leg: shares that were held before are more than what one option delivered.
    `said` names the group that a person put it in, "" where nobody said anything.
    """

    id: int
    instrument_id: int
    underlying: str
    opened_at: datetime
    closed_at: datetime | None
    ties: frozenset[Tie] = frozenset()
    said: str = ""


class Group(NamedTuple):
    """One trade. `leg_ids` in the order of opening: the first names the trade.

    `ties` are those that joined at least two of its legs; `by_hand`: a person put at least two of them together.
    """

    leg_ids: tuple[int, ...]
    ties: tuple[Tie, ...] = ()
    by_hand: bool = False

    @property
    def trade_id(self) -> int:
        return self.leg_ids[0]


class Contested(NamedTuple):
    """Legs that are tied to several trades which a person keeps apart, so they are in none of them."""

    trade_id: int
    claimed_by: tuple[int, ...]


class Grouping(NamedTuple):
    groups: tuple[Group, ...]
    contested: tuple[Contested, ...] = ()


def group_legs(legs: Iterable[GroupLeg]) -> Grouping:
    """Group the legs of one account; groups come in the order in which their first legs were opened."""
    ordered = sorted(legs, key=_by_opening)
    bundles = list(_bundles(ordered))
    union = _Union(leg.id for leg in ordered)
    said = {leg.id: leg.said for leg in ordered if leg.said}
    first_said: dict[str, int] = {}
    for leg_id, name in said.items():
        union.join(first_said.setdefault(name, leg_id), leg_id)
    for _, tied in bundles:
        silent = [leg for leg in tied if not leg.said]
        if _are_several(silent):
            for leg in silent[1:]:
                union.join(silent[0].id, leg.id)
    claims = _claims(bundles, union)
    for root, claimed_by in claims.items():
        if len(claimed_by) == 1:
            union.join(root, first_said[next(iter(claimed_by))])
    return _result(ordered, bundles, union, first_said, claims)


def _claims(
    bundles: Sequence[tuple[Tie, list[GroupLeg]]], union: _Union
) -> Mapping[int, frozenset[str]]:
    """Which groups of a person the legs of which nobody said anything are tied to, by the root of those legs."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for _, tied in bundles:
        named = {leg.said for leg in tied if leg.said}
        for leg in tied:
            if named and not leg.said:
                found[union.root(leg.id)] |= named
    return {root: frozenset(names) for root, names in found.items()}


def _result(
    ordered: Sequence[GroupLeg],
    bundles: Sequence[tuple[Tie, list[GroupLeg]]],
    union: _Union,
    first_said: Mapping[str, int],
    claims: Mapping[int, frozenset[str]],
) -> Grouping:
    members: dict[int, list[GroupLeg]] = {}
    for leg in ordered:
        members.setdefault(union.root(leg.id), []).append(leg)
    joining: defaultdict[int, set[Tie]] = defaultdict(set)
    for tie, tied in bundles:
        for root, count in Counter(union.root(leg.id) for leg in tied).items():
            if count > 1:
                joining[root].add(tie)
    groups = tuple(
        Group(
            tuple(leg.id for leg in inside),
            tuple(sorted(joining[root], key=_by_name)),
            sum(bool(leg.said) for leg in inside) > 1,
        )
        for root, inside in members.items()
    )
    trades = {root: inside[0].id for root, inside in members.items()}
    contested = (
        Contested(
            trades[union.root(root)],
            tuple(sorted(trades[union.root(first_said[name])] for name in names)),
        )
        for root, names in claims.items()
        if len(names) > 1
    )
    return Grouping(groups, tuple(sorted(contested)))


def _bundles(ordered: Sequence[GroupLeg]) -> Iterator[tuple[Tie, list[GroupLeg]]]:
    """Each tie with legs that it joins: of one underlying and at least two instruments."""
    tied: defaultdict[tuple[Tie, str], list[GroupLeg]] = defaultdict(list)
    for leg in ordered:
        for tie in leg.ties:
            tied[tie, leg.underlying].append(leg)
    for (tie, _), legs in tied.items():
        if len(legs) < 2:
            continue
        for run in _runs(legs) if tie.kind in _USED_AGAIN else [legs]:
            if _are_several(run):
                yield tie, run


def _are_several(legs: Sequence[GroupLeg]) -> bool:
    return len({leg.instrument_id for leg in legs}) > 1


def _runs(legs: Sequence[GroupLeg]) -> Iterator[list[GroupLeg]]:
    """Cut where all was closed before the next opened: a plan that is carried out twice is two trades.

    `legs` are in the order of opening.
    """
    run: list[GroupLeg] = []
    over: datetime | None = None
    for leg in legs:
        if run and over is not None and leg.opened_at - over > FLAT_FOR_A_MOMENT:
            yield run
            run = []
        if not run:
            over = leg.closed_at
        elif over is not None:
            over = max(over, leg.closed_at) if leg.closed_at else None
        run.append(leg)
    if run:
        yield run


class _Union:
    """Sets that are joined; the root of a set is any one of its members."""

    def __init__(self, ids: Iterable[int]) -> None:
        self._parent = {each: each for each in ids}

    def root(self, each: int) -> int:
        parent = self._parent
        while parent[each] != each:
            parent[each] = parent[parent[each]]
            each = parent[each]
        return each

    def join(self, one: int, other: int) -> None:
        self._parent[self.root(other)] = self.root(one)


def _by_opening(leg: GroupLeg) -> tuple[datetime, int]:
    return leg.opened_at, leg.id


def _by_name(tie: Tie) -> tuple[str, str, date]:
    return tie.kind, tie.name, tie.day or date.min
