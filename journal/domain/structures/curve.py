"""Profit at expiry as a line with a bend at each strike: its extremes, and where it crosses nothing."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from journal.domain.exact import divide, exact_sums, share
from journal.domain.structures.values import Figure, Terms, Unknown
from journal.domain.values import ZERO, Right


class Curve(NamedTuple):
    """Profit at expiry: straight between `points` (price of the underlying, profit), with slopes before and after.

    `slope_below` is None where the underlying cannot fall below the first point, which is zero.
    """

    points: tuple[tuple[Decimal, Decimal], ...]
    slope_below: Decimal | None
    slope_above: Decimal

    def profit_at(self, price: Decimal) -> Decimal:
        """Money at that price of the underlying, to 28 digits between two points."""
        with exact_sums():
            first, last = self.points[0], self.points[-1]
            if price <= first[0]:
                return first[1] + (price - first[0]) * (self.slope_below or ZERO)
            if price >= last[0]:
                return last[1] + (price - last[0]) * self.slope_above
            index = next(i for i, point in enumerate(self.points) if point[0] >= price)
            (x0, y0), (x1, y1) = self.points[index - 1], self.points[index]
            return y0 + share(y1 - y0, price - x0, x1 - x0)


def curve_of(
    held: Sequence[tuple[Terms, Decimal]], cash: Decimal, *, can_be_negative: bool
) -> Curve:
    bends = {terms.strike for terms, _ in held if terms.strike is not None and terms.is_option}
    if not can_be_negative or not bends:
        bends.add(ZERO)
    below = above = ZERO
    for terms, quantity in held:
        size = quantity * terms.multiplier
        if terms.right is not Right.PUT:
            above += size
        if terms.right is not Right.CALL:
            below += size if terms.right is None else -size
    points = tuple(
        (price, cash + sum((_worth(each, price) for each in held), ZERO)) for price in sorted(bends)
    )
    return Curve(points, below if can_be_negative else None, above)


def _worth(held: tuple[Terms, Decimal], price: Decimal) -> Decimal:
    """What a position is worth at expiry with the underlying at that price."""
    terms, quantity = held
    if not terms.is_option or terms.strike is None:
        return quantity * terms.multiplier * price
    over = price - terms.strike
    return quantity * terms.multiplier * max(over if terms.right is Right.CALL else -over, ZERO)


def extremes(curve: Curve) -> tuple[Figure, Figure]:
    """The most that can be won, and lost."""
    profits = [profit for _, profit in curve.points]
    falling = curve.slope_below or ZERO
    unlimited = Figure(None, Unknown.UNLIMITED)
    best = unlimited if curve.slope_above > ZERO or falling < ZERO else Figure(max(profits))
    worst = unlimited if curve.slope_above < ZERO or falling > ZERO else Figure(-min(profits))
    return best, worst


def is_worst_at_zero(curve: Curve) -> bool:
    if curve.slope_below is not None or curve.slope_above < ZERO:
        return False
    at_zero = curve.points[0][1]
    others = [profit for _, profit in curve.points[1:]]
    return all(profit > at_zero for profit in others) and bool(others or curve.slope_above)


def break_evens(curve: Curve) -> tuple[Decimal, ...]:
    """Where a profit turns into a loss or back, and where a stretch of exactly nothing begins or ends."""
    points = curve.points
    found = [
        price for index, (price, profit) in enumerate(points) if not profit and _turns(curve, index)
    ]
    for (x0, y0), (x1, y1) in pairwise(points):
        if y0 * y1 < ZERO:
            found.append(x0 + share(x1 - x0, -y0, y1 - y0))
    price, profit = points[-1]
    if profit * curve.slope_above < ZERO:
        found.append(price - divide(profit, curve.slope_above))
    price, profit = points[0]
    if curve.slope_below and profit * curve.slope_below > ZERO:
        found.append(price - divide(profit, curve.slope_below))
    return tuple(sorted(found))


def _turns(curve: Curve, index: int) -> bool:
    """Whether a point without profit has any beside it."""
    points = curve.points
    left = points[index - 1][1] if index else curve.slope_below or ZERO
    right = points[index + 1][1] if index + 1 < len(points) else curve.slope_above
    return bool(left or right)
