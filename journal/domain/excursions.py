"""How far a trade went against its holder and for them while it was open (MAE, MFE).

What a trade is worth at a price is what was paid and received so far and what is left at that price: fees are not in
it, lot methods make no difference, partial closes and adds do. The adverse excursion is the least that it was worth, at
most nothing; the favourable one the most, at least nothing.

A bar does not say when its high and its low were. So each excursion has two figures. `money` is certain: from prices
that the market had while just that was open (fills, bars that lie whole in the time, and of a bar in which it was
opened the close, of a bar in which it was closed the open). `money_bound` takes every price of every bar that the time
touches, with whatever was open in that bar. The truth lies between; where both are the same it is known.

Invariants: mae.money_bound <= mae.money <= 0 <= mfe.money <= mfe.money_bound; a short is the mirror of a long;
everything scales with quantity and multiplier.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from journal.domain.bars import Bar
from journal.domain.exact import divide, exact_sums
from journal.domain.values import ONE, ZERO

# Fills are outside of bars by a few percent: other venues, times rounded. By so much they are of another unit.
_OTHER_UNITS = Decimal("1.3")


class PathFill(NamedTuple):
    """A fill as part of one trade; quantity and price in the units of the bars, `amount` what price x quantity was in
    the units of its own time."""

    at: datetime
    signed_quantity: Decimal
    price: Decimal
    amount: Decimal


class Extremes(NamedTuple):
    """The highest and lowest price that somebody saw while the trade was open."""

    high: Decimal
    low: Decimal


@dataclass(frozen=True, slots=True)
class Reach:
    """How far it went one way.

    `price` is the farthest price that it certainly had, `move` how far that was from the average price of what was open
    then, and `*_bound` the same at most. `at` is when the bar opened, or the fill was, that `money` is from; None where
    nobody says.
    """

    money: Decimal
    money_bound: Decimal
    price: Decimal
    price_bound: Decimal
    move: Decimal
    move_bound: Decimal
    at: datetime | None

    @property
    def is_exact(self) -> bool:
        return self.money == self.money_bound


class Excursions(NamedTuple):
    mae: Reach
    mfe: Reach


class _State(NamedTuple):
    """What is open from `since` up to `until` (None: still), what was received for the rest, less what was paid."""

    since: datetime
    until: datetime | None
    quantity: Decimal
    cash: Decimal
    average: Decimal


@dataclass(frozen=True, slots=True)
class Worth:
    """What a unit is worth at a price."""

    multiplier: Decimal = ONE
    inverse: bool = False

    def of(self, price: Decimal) -> Decimal:
        if self.inverse:
            return -divide(self.multiplier, price) if price > ZERO else ZERO
        return price * self.multiplier


class _Farthest:
    """The farthest one way: `sign` -1 for the adverse, 1 for the favourable."""

    def __init__(self, sign: int, is_long: bool) -> None:
        self._sign = sign
        self._takes_high = (sign > 0) is is_long
        self.money = self.money_bound = ZERO
        self.price: Decimal | None = None
        self.price_bound: Decimal | None = None
        self.move = self.move_bound = ZERO
        self.at: datetime | None = None

    def of(self, bar: Bar | Extremes) -> Decimal:
        return bar.high if self._takes_high else bar.low

    def certain(
        self, price: Decimal, states: Iterable[_State], worth: Worth, at: datetime | None
    ) -> None:
        """The market had the price in one of the states; which one is not known, so the least far counts."""
        states = list(states)
        money = min(_worth(one, price, worth) * self._sign for one in states) * self._sign
        move = min(_move(one, price) * self._sign for one in states) * self._sign
        if self._is_farther(money, self.money):
            self.money, self.at = money, at
        if self._is_farther(move, self.move):
            self.move = move
        self.price = self._farther_price(price, self.price)
        self.possible(price, states, worth)

    def possible(self, price: Decimal, states: Iterable[_State], worth: Worth) -> None:
        for state in states:
            money, move = _worth(state, price, worth), _move(state, price)
            if self._is_farther(money, self.money_bound):
                self.money_bound = money
            if self._is_farther(move, self.move_bound):
                self.move_bound = move
        self.price_bound = self._farther_price(price, self.price_bound)

    def realised(self, money: Decimal, at: datetime) -> None:
        if self._is_farther(money, self.money):
            self.money, self.at = money, at
        if self._is_farther(money, self.money_bound):
            self.money_bound = money

    def reach(self) -> Reach:
        assert self.price is not None  # fills are prices
        assert self.price_bound is not None
        return Reach(
            self.money, self.money_bound, self.price, self.price_bound, self.move, self.move_bound, self.at
        )  # fmt: skip

    def _is_farther(self, one: Decimal, other: Decimal) -> bool:
        return (one - other) * self._sign > ZERO

    def _farther_price(self, one: Decimal, other: Decimal | None) -> Decimal:
        if other is None:
            return one
        return max(one, other) if self._takes_high else min(one, other)


def _worth(state: _State, price: Decimal, worth: Worth) -> Decimal:
    return state.cash + state.quantity * worth.of(price)


def _move(state: _State, price: Decimal) -> Decimal:
    return price - state.average if state.quantity > ZERO else state.average - price


def excursions(
    fills: Sequence[PathFill],
    bars: Iterable[Bar] = (),
    *,
    worth: Worth = Worth(),
    extremes: Extremes | None = None,
    sessions: bool = False,
) -> Excursions:
    """Of one trade in one instrument, from flat to flat or still open. `fills` and `bars` in order of time, the first
    fill opens. `sessions`: the bars are days of a market that closes; their open and close are those of a session that
    is shorter than the day, so nobody knows whether it was open then. Raises ValueError where the fills are no such
    trade."""
    with exact_sums():
        states, cash = _states(fills, worth)
        is_long = states[0].quantity > ZERO
        both = _Farthest(-1, is_long), _Farthest(1, is_long)
        _take_fills(fills, states, worth, both)
        if states[-1].until is not None:
            for one in both:
                one.realised(cash, states[-1].until)
        if extremes is not None:
            for one in both:
                one.certain(one.of(extremes), states, worth, None)
        for bar, touched in _with_states(bars, states):
            for one in both:
                _take_bar(one, bar, touched, (states[0].since, states[-1].until), worth, sessions)
        return Excursions(both[0].reach(), both[1].reach())


def _states(fills: Sequence[PathFill], worth: Worth) -> tuple[list[_State], Decimal]:
    """What was open from when to when, and what all was worth once it was closed."""
    states: list[_State] = []
    quantity = cash = average = ZERO
    for fill, following in zip(fills, [*fills[1:], None], strict=True):
        before = quantity
        quantity += fill.signed_quantity
        cash -= (
            fill.amount * worth.multiplier
            if not worth.inverse
            else fill.signed_quantity * worth.of(fill.price)
        )
        if before * quantity < ZERO or (not quantity and following is not None):
            raise ValueError("more than one way from flat to flat")
        if before * fill.signed_quantity >= ZERO and quantity:
            average = divide(average * before + fill.price * fill.signed_quantity, quantity)
        until = None if following is None else following.at
        if quantity and until != fill.at:
            states.append(_State(fill.at, until, quantity, cash, average))
    if not states:
        raise ValueError("nothing was open for any time")
    return states, cash


def _take_fills(
    fills: Sequence[PathFill],
    states: Sequence[_State],
    worth: Worth,
    both: tuple[_Farthest, _Farthest],
) -> None:
    """At its own price, a fill changes nothing of what all is worth: the state before it or after it will do."""
    for fill in fills:
        state = next((one for one in reversed(states) if one.since <= fill.at), states[0])
        for one in both:
            one.certain(fill.price, [state], worth, fill.at)


def _take_bar(
    one: _Farthest,
    bar: Bar,
    touched: Sequence[_State],
    time: tuple[datetime, datetime | None],
    worth: Worth,
    sessions: bool,
) -> None:
    start, end = time
    is_begun = bar.opened_at >= start
    is_over = end is not None and bar.closes_at > end
    if is_begun and not is_over:
        one.certain(one.of(bar), touched, worth, bar.opened_at)
        return
    if not sessions and not is_over:
        one.certain(bar.close, touched[-1:], worth, bar.opened_at)
    elif not sessions and is_begun:
        one.certain(bar.open, touched[:1], worth, bar.opened_at)
    one.possible(one.of(bar), touched, worth)


def _with_states(
    bars: Iterable[Bar], states: Sequence[_State]
) -> Iterator[tuple[Bar, Sequence[_State]]]:
    """Each bar with what was open in it; bars in which nothing was are left out."""
    first = 0
    for bar in bars:
        while first < len(states) and _is_over(states[first], bar.opened_at):
            first += 1
        last = first
        while last < len(states) and states[last].since < bar.closes_at:
            last += 1
        if last > first:
            yield bar, states[first:last]


def _is_over(state: _State, at: datetime) -> bool:
    return state.until is not None and state.until <= at


def stranger_among(fills: Iterable[PathFill], bars: Sequence[Bar]) -> PathFill | None:
    """The first fill whose price cannot be one of its bar's: the bars are of something else, or of other units."""
    waiting = iter(bars)
    bar = next(waiting, None)
    for fill in fills:
        while bar is not None and bar.closes_at <= fill.at:
            bar = next(waiting, None)
        if bar is None:
            return None
        if bar.opened_at <= fill.at and _is_strange(fill.price, bar):
            return fill
    return None


def _is_strange(price: Decimal, bar: Bar) -> bool:
    if price <= ZERO or bar.low <= ZERO:
        return False
    return price > bar.high * _OTHER_UNITS or price * _OTHER_UNITS < bar.low


__all__ = ["Excursions", "Extremes", "PathFill", "Reach", "Worth", "excursions", "stranger_among"]
