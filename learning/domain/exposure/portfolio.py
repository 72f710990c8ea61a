"""Greeks of a portfolio, in the account's currency: all of it, by bucket, and weighted by beta to one index.

What has no quote, or no beta, is counted as such and never taken for zero: each figure's n is what went into it, and
`unquoted` and `without_beta` are what did not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite

from learning.domain.exposure.options import Greeks, Option, greeks
from learning.domain.figures import Figure, Reason, Unit


@dataclass(frozen=True, slots=True)
class Holding:
    """`quantity` is negative where short; one is `multiplier` units of the underlying, whose price is `price`.

    `option` None is the underlying itself. `currency_rate` turns its currency into the account's. `beta` is to the
    index, `volatility` the underlying's per year, each None where not known. `expiry` is a day, as text.
    """

    underlying: str
    quantity: float
    price: float | None
    multiplier: float = 1.0
    option: Option | None = None
    beta: float | None = None
    volatility: float | None = None
    sector: str | None = None
    expiry: str | None = None
    currency_rate: float = 1.0

    @property
    def units(self) -> float:
        return self.quantity * self.multiplier * self.currency_rate

    def greeks(self) -> Greeks | Reason:
        if self.price is None or not isfinite(self.price) or self.price <= 0:
            return Reason.NO_QUOTE
        if self.option is None:
            return Greeks(self.price, 1.0, 0.0, 0.0, 0.0, 0.0)
        return greeks(self.option, self.price)


def delta_money(holding: Holding) -> float | None:
    """What a move of the underlying by all of its price would bring, were the delta to stay; None without a quote."""
    told = holding.greeks()
    if isinstance(told, Reason) or holding.price is None:
        return None
    return holding.units * told.delta * holding.price


def portfolio_greeks(
    holdings: Sequence[Holding], index_price: float | None = None
) -> dict[str, Figure]:
    """Money per what is named.

    delta, gamma: for 1 % of each underlying, gamma being what delta changes by; vega: for a volatility point; theta:
    for a calendar day; rho: for a percent of interest; beta_delta: for 1 % of the index; beta_units: that in units of
    the index, where its price is given.
    """
    quoted = [
        (one, told, one.price)
        for one in holdings
        if not isinstance(told := one.greeks(), Reason) and one.price is not None
    ]
    n = len(quoted)
    out = {"unquoted": Figure(float(len(holdings) - n), len(holdings), Unit.COUNT)}
    if holdings and not n:
        names = ("delta", "gamma", "vega", "theta", "rho", "beta_delta")
        return out | {name: Figure.absent(Reason.NO_QUOTE, 0, Unit.MONEY) for name in names}

    def total(of: Callable[[Holding, Greeks, float], float]) -> Figure:
        return Figure(sum(of(*row) for row in quoted), n, Unit.MONEY)

    out["delta"] = total(lambda one, told, price: one.units * told.delta * price / 100)
    out |= _weighted(holdings, n, index_price)
    options = sum(one.option is not None for one in holdings)
    if options and not any(one.option is not None for one, _, _ in quoted):
        # What only options have is not zero where none of them has a price.
        absent = Figure.absent(Reason.NO_QUOTE, 0, Unit.MONEY)
        return out | dict.fromkeys(("gamma", "vega", "theta", "rho"), absent)
    out["gamma"] = total(lambda one, told, price: one.units * told.gamma * (price / 100) ** 2)
    out["vega"] = total(lambda one, told, _: one.units * told.vega)
    out["theta"] = total(lambda one, told, _: one.units * told.theta)
    out["rho"] = total(lambda one, told, _: one.units * told.rho)
    return out


def _weighted(holdings: Sequence[Holding], n: int, index_price: float | None) -> dict[str, Figure]:
    known = [
        money * one.beta / 100
        for one in holdings
        if one.beta is not None and (money := delta_money(one)) is not None
    ]
    out = {"without_beta": Figure(float(n - len(known)), n, Unit.COUNT)}
    if n and not known:
        return out | {"beta_delta": Figure.absent(Reason.NO_QUOTE, 0, Unit.MONEY)}
    out["beta_delta"] = Figure(sum(known), len(known), Unit.MONEY)
    if index_price is not None and index_price > 0:
        out["beta_units"] = Figure(100 * sum(known) / index_price, len(known), Unit.COUNT)
    return out


def by_bucket(
    holdings: Sequence[Holding], bucket: Callable[[Holding], str | None]
) -> dict[str | None, dict[str, Figure]]:
    """The same per sector, expiry or underlying: `bucket` says which; None is where it is not known."""
    groups: dict[str | None, list[Holding]] = {}
    for one in holdings:
        groups.setdefault(bucket(one), []).append(one)
    return {name: portfolio_greeks(members) for name, members in groups.items()}
