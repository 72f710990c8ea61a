"""What legs bring at expiry: credit or debit, most and least, and where they break even.

At expiry the profit is a line with a bend at each strike, so everything is exact: the extremes lie at the bends or at
the ends. Only a break-even is a quotient, of 28 digits. Invariants, proven by the property tests:

* The profit of legs together is the sum of their profits, at every price of the underlying.
* Neither the order of legs, nor a leg told in parts changes a figure; of a leg that was closed only its money counts.
* No price of the underlying loses more than the maximum loss; scaling quantities scales money and moves no break-even.

The underlying ends at zero or above, unless a strike or a price below zero says otherwise. Where options expire on
different days, their worth on the first of them depends on volatility; but an option that lives on is worth at least
what exercising it brings. So with later options all long (calendar, diagonal) the maximum loss is known all the same.
Of options on futures that is not said: those that expire on another day may be on another future.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from journal.domain.exact import divide, exact_sums, share
from journal.domain.structures.values import Figure, StructureLeg, Terms, Unknown
from journal.domain.values import ZERO, AssetClass, Right


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


@dataclass(frozen=True, slots=True)
class Payoff:
    """What legs bring. Money in their currency.

    `net_premium` is what the options brought (a debit is negative), `net_cash` that of all legs whose price is paid:
    of a covered call, the premium less what the shares cost. `max_loss` is positive when money can be lost; below zero
    it is a profit that is certain. `falls_to_zero`: it is reached only where the underlying is worth nothing.
    `is_at_first_expiry`: `max_loss` holds until the first of several expiries. `curve` is None where unknown.
    """

    net_premium: Figure
    net_cash: Figure
    max_profit: Figure
    max_loss: Figure
    break_evens: tuple[Decimal, ...] = ()
    break_evens_unknown: Unknown | None = None
    has_options: bool = False
    falls_to_zero: bool = False
    is_at_first_expiry: bool = False
    curve: Curve | None = None


def payoff_of(legs: Iterable[StructureLeg], *, with_fees: bool) -> Payoff:
    """What the legs bring at expiry, with the fees that they name or without any.

    Given all fills up to a moment, it is what the whole campaign can still come to: what was closed is money only.
    """
    given = list(legs)
    with exact_sums():
        if reason := _no_money(given):
            return _unknown(Figure(None, reason), Figure(None, reason), reason, given)
        premium = Figure(_brought(leg for leg in given if leg.terms.is_option))
        cash = Figure(_brought(leg for leg in given if leg.terms.is_paid))
        held = net_positions(given)
        if reason := _no_curve(held):
            return _unknown(premium, cash, reason, given)
        total = _brought(given)
        if with_fees:
            total -= sum((leg.fees for leg in given), ZERO)
        curve = _curve(held, total, can_be_negative=_below_zero(held, given))
        if len(_expiries(held)) > 1:
            return _calendar(premium, cash, held, curve)
        return _at_expiry(premium, cash, given, curve)


def net_positions(legs: Iterable[StructureLeg]) -> list[tuple[Terms, Decimal]]:
    """What is open of each contract, without what is flat; in the order of strikes."""
    held: dict[int, tuple[Terms, Decimal]] = {}
    with exact_sums():
        for leg in legs:
            number = leg.terms.instrument_id
            before = held[number][1] if number in held else ZERO
            held[number] = (leg.terms, before + leg.signed_quantity)
    return sorted((each for each in held.values() if each[1]), key=_by_strike)


def _no_money(legs: Sequence[StructureLeg]) -> Unknown | None:
    if not legs:
        return Unknown.NO_LEGS
    if any(leg.terms.inverse for leg in legs):
        return Unknown.INVERSE_CONTRACT
    if any(leg.price is None for leg in legs):
        return Unknown.PRICE_UNKNOWN
    if len({leg.terms.currency for leg in legs}) > 1:
        return Unknown.CURRENCIES_DIFFER
    return None


def _no_curve(held: Sequence[tuple[Terms, Decimal]]) -> Unknown | None:
    if not all(terms.is_complete for terms, _ in held):
        return Unknown.TERMS_UNKNOWN
    lines = [terms for terms, _ in held if not terms.is_option]
    if len(lines) > 1 or not _on_one_price(held):
        return Unknown.UNDERLYINGS_DIFFER
    on_futures = any(terms.asset_class is AssetClass.FUTURE_OPTION for terms, _ in held)
    if on_futures and len(_expiries(held)) > 1:
        return Unknown.EXPIRIES_DIFFER
    return None


def _on_one_price(held: Sequence[tuple[Terms, Decimal]]) -> bool:
    """An option on a future follows a future, any other option does not."""
    classes = {terms.asset_class for terms, _ in held}
    if AssetClass.FUTURE_OPTION in classes:
        return classes <= {AssetClass.FUTURE_OPTION, AssetClass.FUTURE}
    return AssetClass.FUTURE not in classes or len(classes) == 1


def _expiries(held: Iterable[tuple[Terms, Decimal]]) -> list[date]:
    return sorted({terms.expiry_on for terms, _ in held if terms.is_option and terms.expiry_on})


def _brought(legs: Iterable[StructureLeg]) -> Decimal:
    """Money that came (positive) or went for the legs, at their prices."""
    total = ZERO
    for leg in legs:
        assert leg.price is not None  # `_no_money` has looked
        total -= leg.signed_quantity * leg.terms.multiplier * leg.price
    return total


def _below_zero(held: Sequence[tuple[Terms, Decimal]], legs: Iterable[StructureLeg]) -> bool:
    """Whether the underlying has been below zero, as oil was: a strike says so, or the price of what is held."""
    if any(terms.strike is not None and terms.strike < ZERO for terms, _ in held):
        return True
    lines = {terms.instrument_id for terms, _ in held if not terms.is_option}
    return any(
        leg.terms.instrument_id in lines and leg.price is not None and leg.price < ZERO
        for leg in legs
    )


def _curve(held: Sequence[tuple[Terms, Decimal]], cash: Decimal, *, can_be_negative: bool) -> Curve:
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


def _at_expiry(premium: Figure, cash: Figure, legs: Sequence[StructureLeg], curve: Curve) -> Payoff:
    best, worst = _extremes(curve)
    return Payoff(
        net_premium=premium,
        net_cash=cash,
        max_profit=best,
        max_loss=worst,
        break_evens=_break_evens(curve),
        has_options=any(leg.terms.is_option for leg in legs),
        falls_to_zero=_only_at_zero(curve),
        curve=curve,
    )


def _calendar(
    premium: Figure, cash: Figure, held: Sequence[tuple[Terms, Decimal]], curve: Curve
) -> Payoff:
    """At the first expiry, later options counted at what exercising them brings: at least that they are worth."""
    first = _expiries(held)[0]
    later_are_long = all(
        quantity > ZERO for terms, quantity in held if terms.is_option and terms.expiry_on != first
    )
    best, worst = _extremes(curve)
    differ = Figure(None, Unknown.EXPIRIES_DIFFER)
    return Payoff(
        net_premium=premium,
        net_cash=cash,
        max_profit=best if best.reason else differ,
        max_loss=worst if worst.reason or later_are_long else differ,
        break_evens_unknown=Unknown.EXPIRIES_DIFFER,
        has_options=True,
        falls_to_zero=later_are_long and _only_at_zero(curve),
        is_at_first_expiry=later_are_long and worst.reason is None,
    )


def _unknown(
    premium: Figure, cash: Figure, reason: Unknown, legs: Sequence[StructureLeg]
) -> Payoff:
    nothing = Figure(None, reason)
    has_options = any(leg.terms.is_option for leg in legs)
    return Payoff(premium, cash, nothing, nothing, (), reason, has_options)


def _extremes(curve: Curve) -> tuple[Figure, Figure]:
    """The most that can be won, and lost."""
    profits = [profit for _, profit in curve.points]
    falling = curve.slope_below or ZERO
    unlimited = Figure(None, Unknown.UNLIMITED)
    best = unlimited if curve.slope_above > ZERO or falling < ZERO else Figure(max(profits))
    worst = unlimited if curve.slope_above < ZERO or falling > ZERO else Figure(-min(profits))
    return best, worst


def _only_at_zero(curve: Curve) -> bool:
    if curve.slope_below is not None or curve.slope_above < ZERO:
        return False
    at_zero = curve.points[0][1]
    others = [profit for _, profit in curve.points[1:]]
    return all(profit > at_zero for profit in others) and bool(others or curve.slope_above)


def _break_evens(curve: Curve) -> tuple[Decimal, ...]:
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


def _by_strike(held: tuple[Terms, Decimal]) -> tuple[bool, Decimal, bool, int]:
    terms = held[0]
    return (
        terms.is_option,
        terms.strike or ZERO,
        terms.right is Right.CALL,
        terms.instrument_id,
    )


__all__ = ["Curve", "Payoff", "net_positions", "payoff_of"]
