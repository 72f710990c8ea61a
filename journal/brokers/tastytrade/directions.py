"""Whether an option that expired was held long or short, where its row does not say.

The nearest earlier row of the contract says it: what bought to open, or sold to close, was long. Files come newest
first, so an expiration waits until such a row comes; in a file that starts with the oldest it is known already. What
no row of the file tells stays open.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from journal.brokers.base import InstrumentRow
from journal.brokers.tastytrade.kinds import Move
from journal.brokers.tastytrade.row import Transaction
from journal.domain.values import PositionEffect, Side

_CONTRACTS_MAX = 50_000
_Key = tuple[str, str]  # account, symbol


class Waiting(NamedTuple):
    one: Transaction
    instrument: InstrumentRow
    quantity: Decimal


class Seen(NamedTuple):
    at: datetime
    closing_side: Side


class Settled(NamedTuple):
    """`side` is what ends the position; None: the file does not tell."""

    waiting: Waiting
    side: Side | None


class Directions:
    """In memory that grows with contracts and open questions, not with rows."""

    def __init__(self) -> None:
        self._waiting: dict[_Key, list[Waiting]] = defaultdict(list)
        self._seen: dict[_Key, Seen] = {}

    def note(self, one: Transaction, instrument: InstrumentRow, move: Move) -> Iterator[Settled]:
        """A row that moved the contract; gives the expirations that it answers."""
        if move.effect is PositionEffect.UNKNOWN:
            return
        key = (one.account_id, instrument.symbol)
        seen = Seen(one.at, _closing_side(move))
        self._remember(key, seen)
        waiting = self._waiting.pop(key, [])
        left = [each for each in waiting if each.one.at < one.at]
        if left:
            self._waiting[key] = left
        yield from (Settled(each, seen.closing_side) for each in waiting if each.one.at >= one.at)

    def ask(self, waiting: Waiting) -> Settled | None:
        """None: a later row of the file may tell."""
        key = (waiting.one.account_id, waiting.instrument.symbol)
        seen = self._seen.get(key)
        if seen is not None and seen.at <= waiting.one.at:
            return Settled(waiting, seen.closing_side)
        self._waiting[key].append(waiting)
        return None

    def rest(self) -> Iterator[Settled]:
        """What no row of the file told."""
        for waiting in self._waiting.values():
            yield from (Settled(each, None) for each in waiting)
        self._waiting.clear()

    def _remember(self, key: _Key, seen: Seen) -> None:
        known = self._seen.get(key)
        if known is not None and known.at > seen.at:
            return
        if len(self._seen) >= _CONTRACTS_MAX:
            self._seen.clear()
        self._seen[key] = seen


def _closing_side(move: Move) -> Side:
    if move.effect is PositionEffect.CLOSE:
        return move.side
    return Side.SELL if move.side is Side.BUY else Side.BUY
