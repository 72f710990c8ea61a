"""Parcels, and the order in which each lot method gives them up.

A parcel is a quantity with its money and its fee. A fill is a parcel on its way in; an open lot is a parcel
that waits for its close. What leaves a parcel and what stays always add up to what was there.

`value` is in money, contract multiplier included: price x quantity x multiplier for a linear contract, and
-quantity x multiplier / price for an inverse one. With that sign a long position gains closing value minus opening
value in both, and everything after the first line of arithmetic is the same for both.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from heapq import heappop, heappush
from typing import Protocol

from journal.domain.exact import share
from journal.domain.values import ONE, ZERO, Direction, LotMethod

PriceOf = Callable[[Decimal, Decimal], Decimal]


class Parcel:
    """`price` is what a person reads; `value` is what P&L is computed from.

    `cost_stated`: it follows from what the broker says that the position cost (`journal.domain.stated_costs`).
    """

    __slots__ = (
        "at", "broker_id", "cost_known", "cost_stated", "execution_id", "fee", "fx_rate", "price", "quantity",
        "value",
    )  # fmt: skip

    def __init__(  # noqa: PLR0913, PLR0917 - one per fill: keywords would cost a tenth of all booking
        self,
        quantity: Decimal,
        value: Decimal,
        fee: Decimal,
        price: Decimal,
        at: datetime,
        execution_id: int | None,
        fx_rate: Decimal | None,
        broker_id: str = "",
        cost_known: bool = True,
    ) -> None:
        self.quantity = quantity
        self.value = value
        self.fee = fee
        self.price = price
        self.at = at
        self.execution_id = execution_id
        self.fx_rate = fx_rate
        self.broker_id = broker_id
        self.cost_known = cost_known
        self.cost_stated = False

    def take(self, quantity: Decimal) -> tuple[Decimal, Decimal]:
        """Remove `quantity` and return the value and the fee that go with it."""
        held, value, fee = self.quantity, self.value, self.fee
        if quantity == held:
            self.quantity = self.value = self.fee = ZERO
            return value, fee
        value = share(value, quantity, held)
        self.value -= value
        if fee:
            fee = share(fee, quantity, held)
            self.fee -= fee
        self.quantity = held - quantity
        return value, fee

    def split_off(self, quantity: Decimal) -> Parcel:
        value, fee = self.take(quantity)
        part = Parcel(
            quantity, value, fee, self.price, self.at, self.execution_id, self.fx_rate,
            self.broker_id, self.cost_known,
        )  # fmt: skip
        part.cost_stated = self.cost_stated
        return part


class Lots(Protocol):
    """The open lots of one position. Iterates in the order in which they were opened."""

    def push(self, parcel: Parcel) -> None: ...

    def head(self) -> Parcel:
        """The lot that the next close consumes. Only called while a lot is open."""
        ...

    def drop(self) -> object:
        """Forget the head, which was consumed to the last unit."""
        ...

    def __iter__(self) -> Iterator[Parcel]: ...


class Fifo:
    """First in, first out."""

    __slots__ = ("_parcels", "drop", "push")

    def __init__(self) -> None:
        self._parcels: deque[Parcel] = deque()
        self.push = self._parcels.append
        self.drop = self._parcels.popleft

    def head(self) -> Parcel:
        return self._parcels[0]

    def __iter__(self) -> Iterator[Parcel]:
        return iter(self._parcels)


class Lifo:
    """Last in, first out."""

    __slots__ = ("_parcels", "drop", "push")

    def __init__(self) -> None:
        self._parcels: list[Parcel] = []
        self.push = self._parcels.append
        self.drop = self._parcels.pop

    def head(self) -> Parcel:
        return self._parcels[-1]

    def __iter__(self) -> Iterator[Parcel]:
        return iter(self._parcels)


class Hifo:
    """Highest cost first when long, lowest proceeds first when short: the smallest gain either way.

    Among lots of one price the oldest goes first. Opening fees do not count towards the price.
    """

    __slots__ = ("_count", "_heap", "_sign")

    def __init__(self, direction: Direction) -> None:
        self._heap: list[tuple[Decimal, int, Parcel]] = []
        self._count = 0
        self._sign = -ONE if direction is Direction.LONG else ONE

    def push(self, parcel: Parcel) -> None:
        self._count += 1
        heappush(self._heap, (self._sign * parcel.price, self._count, parcel))

    def head(self) -> Parcel:
        return self._heap[0][2]

    def drop(self) -> None:
        heappop(self._heap)

    def __iter__(self) -> Iterator[Parcel]:
        return (parcel for _, _, parcel in sorted(self._heap, key=lambda entry: entry[1]))


class Average:
    """One pool: total cost over total quantity, and the last unit out takes what is left of the cost.

    The pool has the date and the execution of its first opening.
    """

    __slots__ = ("_pool", "_price_of")

    def __init__(self, price_of: PriceOf) -> None:
        self._pool: Parcel | None = None
        self._price_of = price_of

    def push(self, parcel: Parcel) -> None:
        pool = self._pool
        if pool is None:
            self._pool = parcel
            return
        pool.fx_rate = _average_rate(pool, parcel)
        pool.quantity += parcel.quantity
        pool.value += parcel.value
        pool.fee += parcel.fee
        pool.cost_known = pool.cost_known and parcel.cost_known
        pool.price = self._price_of(pool.value, pool.quantity)

    def head(self) -> Parcel:
        assert self._pool is not None  # Lots.head: only while a lot is open
        return self._pool

    def drop(self) -> None:
        self._pool = None

    def __iter__(self) -> Iterator[Parcel]:
        return iter(() if self._pool is None else (self._pool,))


def _average_rate(pool: Parcel, parcel: Parcel) -> Decimal | None:
    """Weighted by quantity: an opening rate is shown, base P&L uses the closing one."""
    if pool.fx_rate == parcel.fx_rate:
        return pool.fx_rate
    if pool.fx_rate is None or parcel.fx_rate is None:
        return None
    weighted = pool.fx_rate * pool.quantity + parcel.fx_rate * parcel.quantity
    return share(weighted, ONE, pool.quantity + parcel.quantity)


def new_lots(method: LotMethod, direction: Direction, price_of: PriceOf) -> Lots:
    if method is LotMethod.LIFO:
        return Lifo()
    if method is LotMethod.HIFO:
        return Hifo(direction)
    if method is LotMethod.AVERAGE:
        return Average(price_of)
    return Fifo()
