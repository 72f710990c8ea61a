"""LotMethod.BROKER: the broker says which lots a fill consumed, and the book follows.

All of what it says or nothing: unless every stated lot is found with enough left of it, and together they are
exactly the quantity closed, the caller falls back to first in, first out.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from journal.domain.lots import Parcel
from journal.domain.values import ZERO, StatedLot


class BrokerLots:
    """First in, first out, where lots can also be taken from the middle.

    A parcel that was emptied there stays in the queue and is passed over when it comes to the front.
    """

    __slots__ = ("_by_id", "_by_time", "_parcels")

    def __init__(self) -> None:
        self._parcels: deque[Parcel] = deque()
        self._by_id: dict[str, Parcel] = {}
        self._by_time: defaultdict[datetime, list[Parcel]] = defaultdict(list)

    def push(self, parcel: Parcel) -> None:
        self._parcels.append(parcel)
        self._by_time[parcel.at].append(parcel)
        if parcel.broker_id:
            self._by_id[parcel.broker_id] = parcel

    def head(self) -> Parcel:
        while not self._parcels[0].quantity:
            self._parcels.popleft()
        return self._parcels[0]

    def drop(self) -> None:
        self._parcels.popleft()

    def __iter__(self) -> Iterator[Parcel]:
        return (parcel for parcel in self._parcels if parcel.quantity)

    def choose(
        self, stated: Sequence[StatedLot], quantity: Decimal
    ) -> list[tuple[Parcel, Decimal]] | None:
        """Which parcel gives how much, or None where the statement and the book do not agree."""
        if sum((lot.quantity for lot in stated), ZERO) != quantity:
            return None
        left: dict[int, Decimal] = {}
        chosen = []
        for lot in stated:
            parcel = self._find(lot, left)
            if parcel is None:
                return None
            left[id(parcel)] = left.get(id(parcel), parcel.quantity) - lot.quantity
            chosen.append((parcel, lot.quantity))
        return chosen

    def _find(self, stated: StatedLot, left: dict[int, Decimal]) -> Parcel | None:
        def has_enough(parcel: Parcel) -> bool:
            return left.get(id(parcel), parcel.quantity) >= stated.quantity

        parcel = self._by_id.get(stated.opening_broker_id)
        if parcel is not None:
            return parcel if has_enough(parcel) else None
        if stated.opened_at is None:
            return None
        # Without an id: opened in that second, and at that price if one of several was.
        fitting = [
            parcel for parcel in self._by_time.get(stated.opened_at, ()) if has_enough(parcel)
        ]
        fitting.sort(key=lambda parcel: parcel.price != stated.open_price)
        return fitting[0] if fitting else None
