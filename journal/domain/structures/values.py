"""The values that structures speak in.

A structure is a bag of legs, and a leg may be given as a whole or fill by fill: what several say of one contract adds
up. So the same functions answer for what was opened, and for all that was done until some moment.
Money is in the quoted currency of the legs; a figure that cannot be known is None and says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from journal.domain.values import ONE, ZERO, AssetClass, Right

_OPTIONS = (AssetClass.OPTION, AssetClass.FUTURE_OPTION, AssetClass.WARRANT)
# Nobody pays the price of these when opening them.
_MARGINED = (AssetClass.FUTURE, AssetClass.CFD)


class Unknown(StrEnum):
    """Why there is no figure."""

    NO_LEGS = "no_legs"
    PRICE_UNKNOWN = "price_unknown"
    TERMS_UNKNOWN = "terms_unknown"
    INVERSE_CONTRACT = "inverse_contract"
    CURRENCIES_DIFFER = "currencies_differ"
    UNDERLYINGS_DIFFER = "underlyings_differ"
    EXPIRIES_DIFFER = "expiries_differ"
    UNLIMITED = "unlimited"
    RISK_UNDEFINED = "risk_undefined"
    NO_RISK = "no_risk"
    NO_PROFIT = "no_profit"
    QUANTITIES_DIFFER = "quantities_differ"


SENTENCES = {
    Unknown.NO_LEGS: "There are no legs.",
    Unknown.PRICE_UNKNOWN: "The price of a leg is not known.",
    Unknown.TERMS_UNKNOWN: "Strike, right or expiry of an option is not known.",
    Unknown.INVERSE_CONTRACT: "A leg is settled in the coin itself, so what it is worth is no straight line.",
    Unknown.CURRENCIES_DIFFER: "The legs are in different currencies.",
    Unknown.UNDERLYINGS_DIFFER: "The legs depend on different prices, such as those of two futures.",
    Unknown.EXPIRIES_DIFFER: "The legs expire on different days, so it depends on volatility too.",
    Unknown.UNLIMITED: "It is unlimited.",
    Unknown.RISK_UNDEFINED: "The loss is not limited by the legs, and no stop was planned.",
    Unknown.NO_RISK: "At expiry it cannot lose.",
    Unknown.NO_PROFIT: "At expiry it cannot win.",
    Unknown.QUANTITIES_DIFFER: "Quantities changed by something else than fills, such as a split.",
}


class Figure(NamedTuple):
    """A number, or why there is none."""

    value: Decimal | None
    reason: Unknown | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a contract pays. `strike`, `right` and `expiry_on` None: it has none, or nobody says.

    `multiplier` is money per point and unit: 100 for an option on 100 shares, 1 for a share. `underlying` is what it
    follows, "" where that is not said.
    """

    instrument_id: int
    asset_class: AssetClass
    currency: str
    multiplier: Decimal = ONE
    right: Right | None = None
    strike: Decimal | None = None
    expiry_on: date | None = None
    inverse: bool = False
    underlying: str = ""

    @property
    def is_option(self) -> bool:
        return self.right is not None or self.asset_class in _OPTIONS

    @property
    def is_paid(self) -> bool:
        """Whether opening it takes or brings its price in cash."""
        return self.asset_class not in _MARGINED

    @property
    def is_complete(self) -> bool:
        if not self.is_option:
            return True
        return self.right is not None and self.strike is not None and self.expiry_on is not None


class StructureLeg(NamedTuple):
    """A leg as it was opened, or one fill of it. `price` per unit, None when not known; `fees` positive: they cost."""

    terms: Terms
    signed_quantity: Decimal
    price: Decimal | None
    fees: Decimal = ZERO
