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

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from journal.domain.exact import exact_sums
from journal.domain.structures.bag import Bag, Held
from journal.domain.structures.curve import (
    Curve,
    break_evens,
    curve_of,
    extremes,
    is_worst_at_zero,
)
from journal.domain.structures.values import Figure, StructureLeg, Unknown
from journal.domain.values import ZERO, AssetClass


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


def payoff_of(legs: Iterable[StructureLeg] | Bag, *, with_fees: bool) -> Payoff:
    """What the legs bring at expiry, with the fees that they name or without any.

    Given all fills up to a moment, it is what the whole campaign can still come to: what was closed is money only.
    """
    bag = legs if isinstance(legs, Bag) else Bag(legs)
    if reason := bag.no_money():
        return _unknown(Figure(None, reason), Figure(None, reason), reason, bag.has_options)
    premium, cash, held = Figure(bag.premium), Figure(bag.cash), bag.held()
    if reason := _no_curve(held):
        return _unknown(premium, cash, reason, bag.has_options)
    with exact_sums():
        total = bag.brought - bag.fees if with_fees else bag.brought
        curve = curve_of(held, total, can_be_negative=bag.goes_below_zero())
        if len(_expiries(held)) > 1:
            return _calendar(premium, cash, held, curve)
        return _at_expiry(premium, cash, bag.has_options, curve)


def _no_curve(held: Held) -> Unknown | None:
    if not all(terms.is_complete for terms, _ in held):
        return Unknown.TERMS_UNKNOWN
    lines = [terms for terms, _ in held if not terms.is_option]
    if len(lines) > 1 or not _on_one_price(held):
        return Unknown.UNDERLYINGS_DIFFER
    on_futures = any(terms.asset_class is AssetClass.FUTURE_OPTION for terms, _ in held)
    if on_futures and len(_expiries(held)) > 1:
        return Unknown.EXPIRIES_DIFFER
    return None


def _on_one_price(held: Held) -> bool:
    """An option on a future follows a future, any other option does not; and nobody joins two shares to one price."""
    if len({terms.underlying for terms, _ in held} - {""}) > 1:
        return False
    classes = {terms.asset_class for terms, _ in held}
    if AssetClass.FUTURE_OPTION in classes:
        return classes <= {AssetClass.FUTURE_OPTION, AssetClass.FUTURE}
    return AssetClass.FUTURE not in classes or len(classes) == 1


def _expiries(held: Held) -> list[date]:
    return sorted({terms.expiry_on for terms, _ in held if terms.is_option and terms.expiry_on})


def _at_expiry(premium: Figure, cash: Figure, has_options: bool, curve: Curve) -> Payoff:
    best, worst = extremes(curve)
    return Payoff(
        net_premium=premium,
        net_cash=cash,
        max_profit=best,
        max_loss=worst,
        break_evens=break_evens(curve),
        has_options=has_options,
        falls_to_zero=is_worst_at_zero(curve),
        curve=curve,
    )


def _calendar(premium: Figure, cash: Figure, held: Held, curve: Curve) -> Payoff:
    """At the first expiry, later options counted at what exercising them brings: at least that they are worth."""
    first = _expiries(held)[0]
    later_are_long = all(
        quantity > ZERO for terms, quantity in held if terms.is_option and terms.expiry_on != first
    )
    best, worst = extremes(curve)
    differ = Figure(None, Unknown.EXPIRIES_DIFFER)
    return Payoff(
        net_premium=premium,
        net_cash=cash,
        max_profit=best if best.reason else differ,
        max_loss=worst if worst.reason or later_are_long else differ,
        break_evens_unknown=Unknown.EXPIRIES_DIFFER,
        has_options=True,
        falls_to_zero=later_are_long and is_worst_at_zero(curve),
        is_at_first_expiry=later_are_long and worst.reason is None,
    )


def _unknown(premium: Figure, cash: Figure, reason: Unknown, has_options: bool) -> Payoff:
    nothing = Figure(None, reason)
    return Payoff(premium, cash, nothing, nothing, (), reason, has_options)


__all__ = ["Curve", "Payoff", "payoff_of"]
