"""By how much two figures may differ and still be one: per class of instrument, editable, with a version.

Defaults: quantities are exact where they are counted, and one step apart at most where they are measured (crypto,
forex); prices are one tick apart, or 0.01 % where nothing states a tick; averages 0.01 %; money 0.01 of its currency,
realised money that went through a rate of exchange 0.05 %; times 120 seconds, a day where only the date is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from journal.domain.values import AssetClass
from reconciliation.domain.records import Terms

_MEASURED = {AssetClass.CRYPTO, AssetClass.FOREX, AssetClass.FUND}


class Tolerance(NamedTuple):
    """`steps` and `ticks` count those of the instrument; `ratio` is of the price where it has no tick."""

    steps: Decimal = Decimal(0)
    ticks: Decimal = Decimal(1)
    ratio: Decimal = Decimal("0.0001")
    average_ratio: Decimal = Decimal("0.0001")
    realized: Decimal = Decimal("0.01")
    realized_ratio: Decimal = Decimal("0.0005")
    cash: Decimal = Decimal("0.01")
    fee: Decimal = Decimal("0.01")
    time: timedelta = timedelta(seconds=120)

    def same_quantity(self, terms: Terms, one: Decimal, other: Decimal) -> bool:
        return abs(one - other) <= self.steps * terms.step

    def same_price(self, terms: Terms, one: Decimal, other: Decimal) -> bool:
        slack = self.ticks * terms.tick if terms.tick else self.ratio * max(abs(one), abs(other))
        return abs(one - other) <= slack

    def same_average(self, one: Decimal, other: Decimal) -> bool:
        return abs(one - other) <= self.average_ratio * max(abs(one), abs(other))

    def same_realized(self, one: Decimal, other: Decimal, *, is_converted: bool) -> bool:
        slack = self.realized
        if is_converted:
            slack = max(slack, self.realized_ratio * max(abs(one), abs(other)))
        return abs(one - other) <= slack


class Tolerances(NamedTuple):
    """`by_class` overrides what is usual."""

    version: int = 1
    by_class: Mapping[AssetClass, Tolerance] = MappingProxyType({})

    def of(self, asset_class: AssetClass) -> Tolerance:
        known = self.by_class.get(asset_class)
        if known is not None:
            return known
        return Tolerance(steps=Decimal(1)) if asset_class in _MEASURED else Tolerance()

    @property
    def money(self) -> Tolerance:
        """Of figures that are of no instrument."""
        return self.by_class.get(AssetClass.OTHER, Tolerance())
