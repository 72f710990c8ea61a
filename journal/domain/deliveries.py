"""Which exercise or assignment delivered which shares.

Brokers book two fills that do not name each other: the option at 0 (or at a settlement price), and the underlying at
the strike. They belong together when underlying (its id, or its name where no id is known), direction, strike and day
agree and the sizes can be told apart. What stays ambiguous is a problem and is left unpaired: both fills are still
booked, only the premium stays in the option's P&L.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from journal.domain.trouble import problem
from journal.domain.values import (
    ZERO,
    ExecutionKind,
    OptionDelivery,
    Problem,
    Right,
    Side,
)

# A delivery may be booked after a weekend or a holiday.
NEAR = timedelta(days=4)


class OptionEnd(NamedTuple):
    """An exercise or assignment fill. `underlying` is what the option's row calls the deliverable; it counts where
    `underlying_id`, the deliverable's instrument, is not known."""

    fill_id: int
    instrument_id: int
    underlying: str
    right: Right
    strike: Decimal
    multiplier: Decimal
    side: Side
    quantity: Decimal
    price: Decimal
    at: datetime
    underlying_id: int | None = None

    @property
    def units(self) -> Decimal:
        return self.quantity * self.multiplier

    @property
    def delivers(self) -> Side:
        """A call that ends moves the underlying the other way than the option moves, a put the same way."""
        if self.right is Right.PUT:
            return self.side
        return Side.SELL if self.side is Side.BUY else Side.BUY


class ShareMove(NamedTuple):
    """A fill of an underlying (a share, or a future) that a delivery may have caused; `names`: all it was called."""

    fill_id: int
    instrument_id: int
    names: frozenset[str]
    side: Side
    quantity: Decimal
    multiplier: Decimal
    price: Decimal
    at: datetime
    kind: ExecutionKind = ExecutionKind.ASSIGNMENT

    @property
    def units(self) -> Decimal:
        return self.quantity * self.multiplier


class Pairing(NamedTuple):
    deliveries: list[OptionDelivery]
    problems: list[Problem]


# The underlying by id, or by name (then the id is None); what way it moves, at which price.
Key = tuple[int | None, str, Side, Decimal]


def pair_deliveries(options: Iterable[OptionEnd], shares: Iterable[ShareMove]) -> Pairing:
    """Pair one account's exercises and assignments with what they delivered, in any order of input."""
    result = Pairing([], [])
    ends: dict[Key, list[OptionEnd]] = defaultdict(list)
    moves: dict[Key, list[ShareMove]] = defaultdict(list)
    for option in sorted(options, key=lambda each: (each.at, each.fill_id)):
        ends[_underlying_key(option)].append(option)
    for share in sorted(shares, key=lambda each: (each.at, each.fill_id)):
        for key in _share_keys(share):
            moves[key].append(share)
    paired: set[int] = set()
    # What is certain first: a name has only what no id has taken.
    for key in sorted(ends, key=lambda each: each[0] is None):
        free = [share for share in moves.get(key, []) if share.fill_id not in paired]
        before = len(result.deliveries)
        left = _pair_group(ends[key], free, result)
        paired |= {delivery.share_fill_id for delivery in result.deliveries[before:]}
        result.problems.extend(_unpaired(option) for option in left if not option.price)
    return result


def _underlying_key(option: OptionEnd) -> Key:
    name = option.underlying if option.underlying_id is None else ""
    return option.underlying_id, name, option.delivers, option.strike


def _share_keys(share: ShareMove) -> list[Key]:
    by_name = [(None, name, share.side, share.price) for name in sorted(share.names)]
    return [(share.instrument_id, "", share.side, share.price), *by_name]


def _pair_group(
    options: list[OptionEnd], shares: list[ShareMove], result: Pairing
) -> list[OptionEnd]:
    """Nearest in time first: the same instant, the same day, then within a few days."""
    for is_near in (_same_instant, _same_day, _within_days):
        for cluster in _clusters(options, is_near):
            near = [share for share in shares if is_near(cluster[0].at, share.at)]
            paired, used = _pair_cluster(cluster, near, result)
            options = [each for each in options if each not in paired]
            shares = [each for each in shares if each not in used]
    return options


def _same_instant(one: datetime, other: datetime) -> bool:
    return one == other


def _same_day(one: datetime, other: datetime) -> bool:
    return one.date() == other.date()


def _within_days(one: datetime, other: datetime) -> bool:
    return abs(one - other) <= NEAR


def _clusters(
    options: Sequence[OptionEnd], is_near: Callable[[datetime, datetime], bool]
) -> list[list[OptionEnd]]:
    clusters: list[list[OptionEnd]] = []
    for option in options:
        if clusters and is_near(clusters[-1][0].at, option.at):
            clusters[-1].append(option)
        else:
            clusters.append([option])
    return clusters


def _pair_cluster(
    options: list[OptionEnd], shares: list[ShareMove], result: Pairing
) -> tuple[list[OptionEnd], list[ShareMove]]:
    """One to one where sizes are equal, then all to all where that leaves no choice."""
    options, shares = list(options), list(shares)
    paired, used = [], []
    for option in list(options):
        share = next((each for each in shares if each.units == option.units), None)
        if share is not None:
            result.deliveries.append(OptionDelivery(option.fill_id, share.fill_id))
            options.remove(option)
            shares.remove(share)
            paired.append(option)
            used.append(share)
    if not options or not shares:
        return paired, used
    if _is_ambiguous(options, shares):
        result.problems.append(_ambiguous(options[0]))
        return paired, used
    result.deliveries.extend(
        OptionDelivery(option.fill_id, share.fill_id) for option in options for share in shares
    )
    return paired + options, used + shares


def _is_ambiguous(options: list[OptionEnd], shares: list[ShareMove]) -> bool:
    """Several different options against fewer shares than they would deliver, or more shares than all of them."""
    wanted = sum((option.units for option in options), ZERO)
    moved = sum((share.units for share in shares), ZERO)
    several = len({option.instrument_id for option in options}) > 1
    return moved > wanted or (several and moved != wanted)


def _ambiguous(option: OptionEnd) -> Problem:
    return problem(
        "delivery_ambiguous", execution_id=option.fill_id, instrument_id=option.instrument_id
    )


def _unpaired(option: OptionEnd) -> Problem:
    return problem(
        "delivery_missing",
        execution_id=option.fill_id,
        instrument_id=option.instrument_id,
        underlying=option.underlying,
        strike=option.strike,
    )
