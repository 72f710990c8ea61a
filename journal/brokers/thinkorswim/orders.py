"""Orders of the trade history, leg by leg, and the rows of cash that state their money and fees.

A spread is a row with the time of the order and its first leg, and a row for each further leg without a time. The
history states no fees; movements of cash do, without an id that both have: they are told by time and symbol.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from journal.brokers.text.faults import BadValue
from journal.brokers.text.row import Row
from journal.brokers.thinkorswim.contracts import root
from journal.domain.values import ZERO

# Cash is sometimes booked a second after the fill.
_LATER = timedelta(seconds=1)
_WORDS = re.compile(r"[\s/]+(?=[A-Z0-9])|\s+", re.ASCII)
# "BOT +1,000 QXA @25.50"
_DESCRIBED_UNITS = re.compile(r"\b(?:BOT|SOLD) [+-]?(\d[\d,]*(?:\.\d+)?)", re.ASCII)
# More has more digits than arithmetic keeps.
_COSTS_MAX = Decimal(10**12)
_FINE = Decimal("0.0001")


@dataclass(slots=True)
class Order:
    """`fees` of each leg; none where no movement of cash was found. `money` came of all legs together, without fees."""

    legs: list[Row]
    fees: list[Decimal] = field(default_factory=list)
    money: Decimal | None = None
    ref: str = ""

    @property
    def symbol(self) -> str:
        return root(self.legs[0].text("symbol"))

    @property
    def at(self) -> datetime | None:
        return self.legs[0].at if self.legs[0].moment_or_none is not None else None


def gather(rows: Iterable[Row]) -> list[Order]:
    orders: list[Order] = []
    for row in rows:
        if orders and not row.text("date"):
            when = orders[-1].legs[0].moment_or_none
            if when is not None:
                row.moment = when
            orders[-1].legs.append(row)
        else:
            orders.append(Order([row]))
    return orders


def attach(orders: Sequence[Order], paid: Iterable[Row]) -> list[Row]:
    """Gives orders their money and fees; returns the movements that belong to none of them."""
    by_moment: dict[datetime, list[Order]] = defaultdict(list)
    for order in orders:
        if order.at is not None:
            by_moment[order.at].append(order)
    pools: dict[tuple[datetime, str], list[Row]] = defaultdict(list)
    left = []
    for row in paid:
        key = _key(row, by_moment) if _reads(row) else None
        if key is None:
            left.append(row)
        else:
            pools[key].append(row)
    for (at, symbol), rows in pools.items():
        for some, theirs in _groups([one for one in by_moment[at] if one.symbol == symbol], rows):
            _share(some, theirs)
    return [row for row in left if not (_reads(row) and _attach_late(orders, row))]


def _attach_late(orders: Iterable[Order], row: Row) -> bool:
    """What was booked at another time of the day than the fill: to the nearest of as many units, else to all fills of
    the symbol that have no money yet. Else their shares would be booked twice."""
    named, day, at, units = _named(row), row.moment.day, row.at, _described_units(row)
    found = [
        (abs(order.at - at), order)
        for order in orders
        if not order.fees
        and order.at is not None
        and order.symbol in named
        and order.legs[0].moment.day == day
    ]
    alike = [one for one in found if _units(one[1].legs[0]) == units]
    if alike:
        _share([min(alike, key=lambda one: one[0])[1]], [row])
    elif found:
        _share([order for _, order in found], [row])
    return bool(found)


def _key(row: Row, by_moment: dict[datetime, list[Order]]) -> tuple[datetime, str] | None:
    named = _named(row)
    for at in (row.at, row.at - _LATER):
        for order in by_moment.get(at, ()):
            if order.symbol in named:
                return at, order.symbol
    return None


def _named(row: Row) -> set[str]:
    """All that may be a symbol among the words of a movement."""
    words = {root(word) for word in _WORDS.split(row.text("description"))}
    return words | {f"/{word}" for word in words}


def _reads(row: Row) -> bool:
    try:
        costs(row), row.decimal("amount")
    except BadValue:
        return False
    return row.moment_or_none is not None


def costs(row: Row) -> Decimal:
    """Positive; written as what they do to the balance."""
    paid = -(row.money("misc") + row.money("fee")) or ZERO
    if abs(paid) > _COSTS_MAX:
        raise BadValue(row.text("fee") or row.text("misc"), "what a trade costs")
    return paid


def _groups(
    orders: Sequence[Order], rows: Sequence[Row]
) -> Iterable[tuple[Sequence[Order], Sequence[Row]]]:
    """Each order with its own movement where the quantities tell which, else all of the instant together."""
    by_units = {_described_units(row): row for row in rows}
    wanted = [_units(order.legs[0]) for order in orders]
    if len(by_units) == len(rows) == len(orders) and by_units.keys() == set(wanted):
        return [([order], [by_units[units]]) for order, units in zip(orders, wanted, strict=True)]
    return [(orders, rows)]


def _described_units(row: Row) -> Decimal | None:
    match = _DESCRIBED_UNITS.search(row.text("description"))
    return Decimal(match[1].replace(",", "")) if match else None


def _share(orders: Sequence[Order], rows: Sequence[Row]) -> None:
    """Fees by units. Money where it is that of one order."""
    total = sum((costs(row) for row in rows), ZERO)
    weights = [[_units(leg) for leg in order.legs] for order in orders]
    units = sum(map(sum, weights))
    left, refs = total, {row.text("ref").strip('="') for row in rows}
    for order, weight in zip(orders, weights, strict=True):
        order.fees = [(total * one / units).quantize(_FINE) if units else ZERO for one in weight]
        left -= sum(order.fees)
        order.ref = refs.copy().pop() if len(refs) == 1 else ""
    orders[-1].fees[-1] += left
    amounts = [row.decimal("amount") for row in rows]
    moved = sum((_described_units(row) or ZERO for row in rows), ZERO)
    if len(orders) == 1 and None not in amounts and moved == _units(orders[0].legs[0]):
        orders[0].money = sum(filter(None, amounts), ZERO)


def _units(leg: Row) -> Decimal:
    try:
        return leg.money("quantity").copy_abs()
    except BadValue:
        return ZERO
