"""What legs add up to: money that came and went, and what is open of each contract.

Adding is cheap and sums are exact, so the life of a trade of many fills can be looked at after every one of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from journal.domain.exact import exact_sums
from journal.domain.structures.values import StructureLeg, Terms, Unknown
from journal.domain.values import ZERO, Right

Held = list[tuple[Terms, Decimal]]


class Bag:
    """Sums over legs. `brought` is what all of them are worth at their prices, positive when it came: `premium` that of
    options, `cash` that of what is paid for; `fees` what they cost."""

    __slots__ = (
        "_currencies",
        "_is_inverse",
        "_open",
        "_price_unknown",
        "_was_below_zero",
        "brought",
        "cash",
        "fees",
        "has_options",
        "premium",
    )

    def __init__(self, legs: Iterable[StructureLeg] = ()) -> None:
        self.brought = self.premium = self.cash = self.fees = ZERO
        self.has_options = False
        self._open: dict[int, tuple[Terms, Decimal]] = {}
        self._currencies: set[str] = set()
        self._is_inverse = self._price_unknown = False
        self._was_below_zero: set[int] = set()
        self.add(legs)

    def add(self, legs: Iterable[StructureLeg]) -> None:
        with exact_sums():
            for leg in legs:
                self._add(leg)

    def _add(self, leg: StructureLeg) -> None:
        terms, price = leg.terms, leg.price
        self._open[terms.instrument_id] = (
            terms,
            self.open_of(terms.instrument_id) + leg.signed_quantity,
        )
        self._currencies.add(terms.currency)
        self._is_inverse |= terms.inverse
        self.has_options |= terms.is_option
        self.fees += leg.fees
        if price is None:
            self._price_unknown = True
            return
        value = -leg.signed_quantity * terms.multiplier * price
        self.brought += value
        if terms.is_paid:
            self.cash += value
        if terms.is_option:
            self.premium += value
        elif price < ZERO:
            self._was_below_zero.add(terms.instrument_id)

    def open_of(self, instrument_id: int) -> Decimal:
        """The signed quantity that is open of a contract."""
        found = self._open.get(instrument_id)
        return found[1] if found else ZERO

    @property
    def is_flat(self) -> bool:
        return not any(quantity for _, quantity in self._open.values())

    def held(self) -> Held:
        """What is open of each contract, without what is flat: shares and futures, then options by strike."""
        return sorted((each for each in self._open.values() if each[1]), key=by_strike)

    def no_money(self) -> Unknown | None:
        """Why the sums of money say nothing."""
        if not self._open:
            return Unknown.NO_LEGS
        if self._is_inverse:
            return Unknown.INVERSE_CONTRACT
        if self._price_unknown:
            return Unknown.PRICE_UNKNOWN
        if len(self._currencies) > 1:
            return Unknown.CURRENCIES_DIFFER
        return None

    def goes_below_zero(self) -> bool:
        """Whether the underlying has been below zero, as oil was: a strike says so, or a price of what is held."""
        return any(
            terms.instrument_id in self._was_below_zero
            or (terms.strike is not None and terms.strike < ZERO)
            for terms, quantity in self._open.values()
            if quantity
        )


def by_strike(held: tuple[Terms, Decimal]) -> tuple[bool, Decimal, bool, int]:
    """The order in which a bag tells what it holds."""
    terms = held[0]
    return (
        terms.is_option,
        terms.strike or ZERO,
        terms.right is Right.CALL,
        terms.instrument_id,
    )
