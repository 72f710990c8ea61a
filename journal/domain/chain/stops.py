"""The stops of a trade: where they stood, and how they were moved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from journal.domain.exact import divide
from journal.domain.values import ZERO, Direction

# A stop is cancelled a moment after the one that takes its place was sent.
_IN_PLACE = timedelta(minutes=1)


class StopOrder(NamedTuple):
    """Where a stop stood, each price from its moment on; `ended_at` is None while it lives."""

    prices: tuple[tuple[datetime, Decimal], ...]
    ended_at: datetime | None = None
    filled: Decimal = ZERO


class StopMove(NamedTuple):
    """`before` is None for a stop that took no other's place."""

    at: datetime
    before: Decimal | None
    after: Decimal
    is_wider: bool


def moves_of(direction: str, stops: Sequence[StopOrder]) -> tuple[StopMove, ...]:
    """Those of each stop; one that comes where another ends takes its place. Several may live at once."""
    ended: list[StopOrder] = []
    moves: list[StopMove] = []
    for stop in sorted((one for one in stops if one.prices), key=_by_beginning):
        before = _replaced(stop, ended)
        for at, price in stop.prices:
            if price != before:
                # Away from the price of a long is down.
                away = before is not None and (price < before) == (direction == Direction.LONG)
                moves.append(StopMove(at, before, price, away))
            before = price
        ended.append(stop)
    return tuple(sorted(moves, key=_by_moment))


def _replaced(stop: StopOrder, others: list[StopOrder]) -> Decimal | None:
    """Where the stop stood whose place this one takes: the last of `others` that ended by
    then without a fill, which leaves them."""
    begins = stop.prices[0][0] + _IN_PLACE
    over = [
        one
        for one in others
        if one.ended_at is not None and one.ended_at <= begins and not one.filled
    ]
    if not over:
        return None
    last = max(over, key=_by_end)
    others.remove(last)
    return last.prices[-1][1]


def _by_beginning(stop: StopOrder) -> datetime:
    return stop.prices[0][0]


def _by_end(stop: StopOrder) -> datetime:
    return stop.ended_at or stop.prices[-1][0]


def _by_moment(move: StopMove) -> datetime:
    return move.at


def stop_at_last(
    planned: Decimal | None, stops: Sequence[StopOrder], moves: Sequence[StopMove]
) -> Decimal | None:
    """A stop that was moved is to be had where it stood last; of several, those that were filled."""
    filled = [one for one in stops if one.filled and one.prices]
    size = sum((one.filled for one in filled), ZERO)
    if size:
        return divide(sum((one.prices[-1][1] * one.filled for one in filled), ZERO), size)
    return moves[-1].after if moves else planned
