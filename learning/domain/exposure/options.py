"""Prices and Greeks of one option by QuantLib: Black-Scholes on a spot, Black-76 on a future.

Both are of European exercise: an American option on a share that pays no dividend before it ends is worth the same if
it is a call, and a little more if it is a put. Vega is per volatility point, theta per calendar day, rho per percent.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from enum import StrEnum
from math import exp, isfinite, sqrt

import QuantLib as ql  # noqa: N813 - the name it goes by

from learning.domain.figures import Reason

DAYS_A_YEAR = 365.0
# Below this total deviation an option is what it is worth at once; the formulas divide by it.
_NO_TIME = 1e-9


class Kind(StrEnum):
    CALL = "call"
    PUT = "put"


@dataclass(frozen=True, slots=True)
class Option:
    """`years` to expiry on a calendar; `rate` and `dividend` per year, continuously compounded.

    `is_on_future` makes the price of the underlying a forward (Black-76), and `dividend` is not looked at.
    `volatility` per year, 0.20 for 20 %; None where no quote tells it.
    """

    kind: Kind
    strike: float
    years: float
    volatility: float | None
    rate: float = 0.0
    dividend: float = 0.0
    is_on_future: bool = False

    def forward(self, price: float) -> float:
        return price if self.is_on_future else price * exp((self.rate - self.dividend) * self.years)

    @property
    def discount(self) -> float:
        return exp(-self.rate * self.years)


@dataclass(frozen=True, slots=True)
class Greeks:
    """Of one unit of the underlying, in its currency."""

    value: float
    delta: float
    gamma: float
    vega: float
    theta: float
    rho: float


def _type(kind: Kind) -> int:
    return int(ql.Option.Call if kind is Kind.CALL else ql.Option.Put)


def _is_readable(option: Option, price: float) -> bool:
    numbers = (option.strike, option.years, option.rate, option.dividend, price)
    return all(map(isfinite, numbers)) and option.strike > 0 and price > 0


def _ended(option: Option, price: float) -> Greeks:
    """Without time or volatility left: what exercise brings, and no curve."""
    sign = 1.0 if option.kind is Kind.CALL else -1.0
    inside = max(0.0, sign * (option.forward(price) - option.strike)) * option.discount
    delta = 0.0
    if inside > 0:
        delta = sign * (
            option.discount if option.is_on_future else exp(-option.dividend * option.years)
        )
    return Greeks(inside, delta, 0.0, 0.0, 0.0, 0.0)


def greeks(option: Option, price: float) -> Greeks | Reason:
    """At `price` of the underlying. A Reason where no volatility or no sensible price is known."""
    if option.volatility is None or not isfinite(option.volatility) or option.volatility < 0:
        return Reason.NO_QUOTE
    if not _is_readable(option, price):
        return Reason.NO_QUOTE
    years = max(0.0, option.years)
    deviation = option.volatility * sqrt(years)
    if deviation < _NO_TIME:
        return _ended(
            Option(
                option.kind,
                option.strike,
                years,
                0.0,
                option.rate,
                option.dividend,
                option.is_on_future,
            ),
            price,
        )
    told = _by_formula(option, price, years, deviation)
    return told if all(map(isfinite, astuple(told))) else Reason.NO_QUOTE


def _by_formula(option: Option, price: float, years: float, deviation: float) -> Greeks:
    assert option.volatility is not None
    payoff = ql.PlainVanillaPayoff(_type(option.kind), option.strike)
    black = ql.BlackCalculator(payoff, option.forward(price), deviation, option.discount)
    if option.is_on_future:
        # A future costs nothing to carry: all that interest does is to discount.
        value = black.value()
        theta = option.rate * value - black.vega(years) * option.volatility / (2 * years)
        return Greeks(
            value, black.deltaForward(), black.gammaForward(), black.vega(years) / 100,
            theta / DAYS_A_YEAR, -years * value / 100,
        )  # fmt: skip
    return Greeks(
        black.value(), black.delta(price), black.gamma(price), black.vega(years) / 100,
        black.theta(price, years) / DAYS_A_YEAR, black.rho(years) / 100,
    )  # fmt: skip


def implied_volatility(option: Option, price: float, paid: float) -> float | Reason:
    """The volatility at which the option is worth `paid`; NO_QUOTE outside of what arbitrage allows."""
    if not _is_readable(option, price) or option.years <= 0 or not isfinite(paid):
        return Reason.NO_QUOTE
    forward, discount = option.forward(price), option.discount
    sign = 1.0 if option.kind is Kind.CALL else -1.0
    floor = discount * max(0.0, sign * (forward - option.strike))
    ceiling = discount * (forward if option.kind is Kind.CALL else option.strike)
    if not floor + 1e-12 * ceiling < paid < ceiling * (1 - 1e-12):
        return Reason.NO_QUOTE
    try:
        deviation = ql.blackFormulaImpliedStdDev(
            _type(option.kind), option.strike, forward, paid, discount
        )
    except RuntimeError:  # no root within what it searches
        return Reason.NO_QUOTE
    return float(deviation) / sqrt(option.years)
