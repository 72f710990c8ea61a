"""Which legs that nothing joins are probably one structure: by shape and time, for a person to decide.

Four things speak for it: legs that opened within a minute and make a shape that has a name; an option that was opened
against shares held at that time; a leg that was opened while one like it was closed; shares that an option delivered to
others that were there before. Of shapes that contain one another
the largest counts (a condor, not its two spreads). Where a leg fits into several, all of them are given and marked
ambiguous. Where too much was opened at once to tell anything apart (a file that knows days only), the legs are named
and nothing is proposed. Time grows with the number of legs, times a constant for a crowd.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from heapq import heappop, heappush
from itertools import accumulate, combinations
from typing import NamedTuple

from journal.domain.structures.bag import by_strike
from journal.domain.structures.grouping import Tie
from journal.domain.structures.shape import Kind, Shape, shape_of_held
from journal.domain.structures.values import Terms
from journal.domain.values import ZERO, AssetClass, Right

TOGETHER = timedelta(minutes=1)
# A crowd is told apart by smaller distances, if that is possible.
CLOSER = (timedelta(seconds=5), timedelta(0))
CROWD = 8
# Somebody who scalps closes and opens all the time: more than this is no roll that anybody could pick out.
ROLLS = 3
_BESIDE_SHARES = (Kind.COVERED_CALL, Kind.COVERED_PUT, Kind.PROTECTIVE_PUT, Kind.PROTECTIVE_CALL)


class Reason(StrEnum):
    OPENED_TOGETHER = "opened_together"
    OPENED_ON_ONE_DAY = "opened_on_one_day"
    AGAINST_SHARES = "against_shares"
    ROLLED = "rolled"
    DELIVERED = "delivered"


class OpenedLeg(NamedTuple):
    """A leg of an account about which no person has said anything; `trade_id` is the trade that it is in now.

    `signed_quantity` is the most that was open. `is_day_only`: the source knows the day, not the time.
    `is_traded_out`: it was closed by a trade, not by an expiry or a delivery. `delivered` are the exercises and
    assignments that ended it, or moved shares into it or out of it.
    """

    id: int
    trade_id: int
    underlying: str
    terms: Terms
    signed_quantity: Decimal
    opened_at: datetime
    closed_at: datetime | None = None
    is_day_only: bool = False
    is_traded_out: bool = True
    delivered: frozenset[Tie] = frozenset()


class Proposal(NamedTuple):
    """Legs that are probably one structure, in the order of opening. `apart` is the time between the first and the last
    of what speaks for it. `shape` is None for a roll and a delivery."""

    leg_ids: tuple[int, ...]
    reason: Reason
    shape: Shape | None
    apart: timedelta
    is_ambiguous: bool = False


class Proposals(NamedTuple):
    """`crowded`: legs of which too many were opened at once. (Too many rolls are none.)"""

    proposals: tuple[Proposal, ...]
    crowded: tuple[tuple[int, ...], ...] = ()


def propose(legs: Iterable[OpenedLeg]) -> Proposals:
    """What a person might join, of all legs of one account."""
    ordered = sorted(legs, key=_by_opening)
    in_trade = Counter(leg.trade_id for leg in ordered)
    alone = [leg for leg in ordered if in_trade[leg.trade_id] == 1]
    crowded: list[tuple[int, ...]] = []
    together = list(_opened_together(alone, crowded))
    written = list(_without_known(_against_shares(alone), together))
    written += _without_known(_deliveries(ordered), written)
    options = {leg.id for leg in ordered if leg.terms.is_option}
    shapes = _mark_shared([*together, *written], shared_by=options)
    rolls = _mark_shared(list(_rolls(ordered)), shared_by={leg.id for leg in ordered})
    return Proposals(tuple(sorted([*shapes, *rolls], key=_by_legs)), tuple(sorted(crowded)))


def _without_known(found: Iterable[Proposal], known: Iterable[Proposal]) -> list[Proposal]:
    """Without those that only say a part of what is known to have been opened together."""
    sets: defaultdict[int, list[frozenset[int]]] = defaultdict(list)
    for each in known:
        ids = frozenset(each.leg_ids)
        for leg_id in ids:
            sets[leg_id].append(ids)
    return [
        each
        for each in found
        if not any(ids.issuperset(each.leg_ids) for ids in sets[each.leg_ids[-1]])
    ]


def _mark_shared(proposals: Sequence[Proposal], *, shared_by: set[int]) -> list[Proposal]:
    """Shares may lie behind several options; what else is in two proposals makes both ambiguous."""
    used = Counter(leg_id for each in proposals for leg_id in each.leg_ids)
    together = Counter(
        leg_id
        for each in proposals
        if each.reason is not Reason.AGAINST_SHARES
        for leg_id in each.leg_ids
    )
    return [
        each._replace(is_ambiguous=True)
        if any(
            used[leg_id] > 1 if leg_id in shared_by else together[leg_id] > 1
            for leg_id in each.leg_ids
        )
        else each
        for each in proposals
    ]


def _opened_together(
    alone: Iterable[OpenedLeg], crowded: list[tuple[int, ...]]
) -> Iterator[Proposal]:
    by_underlying: defaultdict[tuple[str, bool], list[OpenedLeg]] = defaultdict(list)
    for leg in alone:
        by_underlying[leg.underlying, leg.is_day_only].append(leg)
    for legs in by_underlying.values():
        for cluster in _clusters(legs, TOGETHER):
            for crowd in _told_apart(cluster, crowded):
                yield from _shapes_in(crowd)


def _clusters(legs: Sequence[OpenedLeg], gap: timedelta) -> Iterator[list[OpenedLeg]]:
    cluster: list[OpenedLeg] = []
    for leg in legs:
        if cluster and leg.opened_at - cluster[-1].opened_at > gap:
            yield cluster
            cluster = []
        cluster.append(leg)
    if cluster:
        yield cluster


def _told_apart(
    cluster: list[OpenedLeg], crowded: list[tuple[int, ...]], closer: Sequence[timedelta] = CLOSER
) -> Iterator[list[OpenedLeg]]:
    if len(cluster) <= CROWD:
        yield cluster
    elif closer:
        for part in _clusters(cluster, closer[0]):
            yield from _told_apart(part, crowded, closer[1:])
    else:
        crowded.append(tuple(leg.id for leg in cluster))


def _shapes_in(cluster: Sequence[OpenedLeg]) -> Iterator[Proposal]:
    """The largest sets of legs that have a name, of two to four legs."""
    larger: list[frozenset[int]] = []
    for size in (4, 3, 2):
        found = []
        for some in combinations(cluster, size):
            ids = frozenset(leg.id for leg in some)
            if any(ids < other for other in larger) or not _may_fit(some):
                continue
            shape = _shape_of(some)
            if shape.kind is not Kind.CUSTOM:
                found.append(ids)
                yield _together(some, shape)
        larger += found


def _may_fit(some: Sequence[OpenedLeg]) -> bool:
    """Whether a shape can come of it at all, by time, contracts and quantities: most sets are put aside here."""
    if some[-1].opened_at - some[0].opened_at > TOGETHER:
        return False
    if len({leg.terms.instrument_id for leg in some}) < len(some):
        return False
    sizes = sorted(abs(leg.signed_quantity) for leg in some if leg.terms.is_option)
    longs = sum(leg.signed_quantity > ZERO for leg in some)
    if len(some) == 4:
        return longs == 2 and len(sizes) == 4 and sizes[0] == sizes[-1]
    if len(some) == 3 and sizes:
        return 0 < longs < 3 and sizes[0] == sizes[1] and sizes[-1] <= 2 * sizes[0]
    return not sizes or sizes[-1] <= 3 * sizes[0]


def _together(some: Sequence[OpenedLeg], shape: Shape) -> Proposal:
    reason = Reason.OPENED_ON_ONE_DAY if some[0].is_day_only else Reason.OPENED_TOGETHER
    apart = some[-1].opened_at - some[0].opened_at
    return Proposal(tuple(leg.id for leg in some), reason, shape, apart)


def _against_shares(alone: Iterable[OpenedLeg]) -> Iterator[Proposal]:
    """Options opened while shares (or a future) were held, which they cover or protect."""
    open_shares: defaultdict[str, list[OpenedLeg]] = defaultdict(list)
    behind: defaultdict[int, list[tuple[OpenedLeg, Proposal]]] = defaultdict(list)
    shares: dict[int, OpenedLeg] = {}
    for leg in alone:
        held = open_shares[leg.underlying]
        if not leg.terms.is_option:
            held.append(leg)
            continue
        held[:] = [each for each in held if not each.closed_at or each.closed_at > leg.opened_at]
        for share in held:
            shape = _shape_of((share, leg))
            if shape.kind in _BESIDE_SHARES:
                apart = leg.opened_at - share.opened_at
                ids = (share.id, leg.id)
                shares[share.id] = share
                behind[share.id].append((leg, Proposal(ids, Reason.AGAINST_SHARES, shape, apart)))
    for share_id, options in behind.items():
        yield from _within(shares[share_id], options)


def _within(share: OpenedLeg, options: Sequence[tuple[OpenedLeg, Proposal]]) -> Iterator[Proposal]:
    """Options of which more are open at once than there are shares could each be the one that is covered."""
    sold: dict[bool, Decimal] = {True: ZERO, False: ZERO}
    ends: list[tuple[datetime, int, bool, Decimal]] = []
    still_open: dict[bool, set[int]] = {True: set(), False: set()}
    ambiguous: set[int] = set()
    size = abs(share.signed_quantity * share.terms.multiplier)
    for leg, _ in options:
        while ends and ends[0][0] <= leg.opened_at:
            _, ended, side, units = heappop(ends)
            sold[side] -= units
            still_open[side].discard(ended)
        side = leg.signed_quantity > ZERO
        units = abs(leg.signed_quantity * leg.terms.multiplier)
        sold[side] += units
        still_open[side].add(leg.id)
        if leg.closed_at:
            heappush(ends, (leg.closed_at, leg.id, side, units))
        if sold[side] > size:
            ambiguous |= still_open[side]
            still_open[side] = set()
    for leg, proposal in options:
        yield proposal._replace(is_ambiguous=leg.id in ambiguous)


def _deliveries(ordered: Iterable[OpenedLeg]) -> Iterator[Proposal]:
    """Shares that an option brought to others, or took from them: they are more than what it delivered, so it says
    nothing of all of them."""
    shares: defaultdict[Tie, list[OpenedLeg]] = defaultdict(list)
    options: list[OpenedLeg] = []
    for leg in ordered:
        if leg.terms.is_option:
            options.append(leg)
            continue
        for tie in leg.delivered:
            shares[tie].append(leg)
    for option in options:
        sides = {leg.id: leg for tie in option.delivered for leg in shares[tie]}
        for share in sides.values():
            if share.trade_id != option.trade_id:
                first, last = sorted((share, option), key=_by_opening)
                yield Proposal((first.id, last.id), Reason.DELIVERED, None, timedelta(0))


_Roll = tuple[str, Right | None, AssetClass, Decimal, bool]


def _rolls(ordered: Iterable[OpenedLeg]) -> Iterator[Proposal]:
    """A leg that was closed when another of the same right, side and quantity was opened."""
    alike: defaultdict[_Roll, list[OpenedLeg]] = defaultdict(list)
    for leg in ordered:
        terms = leg.terms
        if terms.is_option or terms.asset_class is AssetClass.FUTURE:
            key = (leg.underlying, terms.right, terms.asset_class, leg.signed_quantity)
            alike[*key, leg.is_day_only].append(leg)
    for legs in alike.values():
        if len(legs) > 1:
            yield from _rolls_among(legs)


def _rolls_among(legs: Sequence[OpenedLeg]) -> Iterator[Proposal]:
    """What was opened in a crowd is no roll at all: that another could not be told from it is no reason for it."""
    found: list[Proposal] = []
    openings = [leg.opened_at for leg in legs]
    crowds = [0] * (len(legs) + 1)
    for leg in legs:
        if not leg.closed_at or not leg.is_traded_out:
            continue
        first = bisect_left(openings, leg.closed_at - TOGETHER)
        last = bisect_right(openings, leg.closed_at + TOGETHER)
        into = [each for each in legs[first : min(last, first + CROWD)] if _is_rolled(leg, each)]
        if last - first > CROWD or len(into) > ROLLS:
            crowds[first] += 1
            crowds[last] -= 1
            continue
        for each in into:
            apart = abs(each.opened_at - leg.closed_at)
            found.append(Proposal((leg.id, each.id), Reason.ROLLED, None, apart))
    crowded = {leg.id for leg, depth in zip(legs, accumulate(crowds), strict=False) if depth}
    yield from (roll for roll in found if roll.leg_ids[1] not in crowded)


def _is_rolled(closed: OpenedLeg, opened: OpenedLeg) -> bool:
    return (
        opened.opened_at > closed.opened_at
        and opened.trade_id != closed.trade_id
        and opened.terms.instrument_id != closed.terms.instrument_id
    )


def _shape_of(legs: Iterable[OpenedLeg]) -> Shape:
    return shape_of_held(sorted(((leg.terms, leg.signed_quantity) for leg in legs), key=by_strike))


def _by_opening(leg: OpenedLeg) -> tuple[datetime, int]:
    return leg.opened_at, leg.id


def _by_legs(proposal: Proposal) -> tuple[tuple[int, ...], str]:
    return proposal.leg_ids, proposal.reason
