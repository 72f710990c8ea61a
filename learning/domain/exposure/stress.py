"""What the portfolio would lose at once: every option revalued, not its Greeks extended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import exp, sqrt
from typing import NamedTuple

from learning.domain.exposure.options import Greeks, greeks
from learning.domain.exposure.portfolio import Holding, delta_money
from learning.domain.figures import Figure, Reason, Unit

SIGMAS = (-2.0, -1.0, 0.0, 1.0, 2.0)
POINTS = (-10.0, 0.0, 10.0)
DAYS = 5.0
TRADING_DAYS = 252.0


class Scenario(NamedTuple):
    """All underlyings move by `sigmas` of their own deviation over `days`, volatilities by `points`."""

    sigmas: float
    points: float
    days: float = DAYS


@dataclass(frozen=True, slots=True)
class Stressed:
    """`change` in money; `unknown` positions have no quote or no volatility and are not in it."""

    scenario: Scenario
    change: Figure
    unknown: int


def scenarios() -> tuple[Scenario, ...]:
    return tuple(Scenario(sigmas, points) for sigmas in SIGMAS for points in POINTS)


def change_of(holding: Holding, scenario: Scenario) -> float | None:
    """Money gained or lost at once; time does not pass. None where price or volatility is not known."""
    option, price = holding.option, holding.price
    daily = holding.volatility if holding.volatility is not None else option and option.volatility
    now = holding.greeks()
    if price is None or isinstance(now, Reason) or (daily is None and scenario.sigmas):
        return None
    moved = price * exp(scenario.sigmas * (daily or 0.0) * sqrt(scenario.days / TRADING_DAYS))
    if option is None:
        return holding.units * (moved - price)
    volatility = max(0.01, (option.volatility or 0.0) + scenario.points / 100)
    then = greeks(replace(option, volatility=volatility), moved)
    return holding.units * (then.value - now.value) if isinstance(then, Greeks) else None


def stress(
    holdings: Sequence[Holding], grid: Sequence[Scenario] | None = None
) -> tuple[Stressed, ...]:
    """Two deviations of five days up and down, and volatility ten points up and down, in all combinations."""
    told = []
    for scenario in scenarios() if grid is None else grid:
        changes = [change_of(one, scenario) for one in holdings]
        known = [change for change in changes if change is not None]
        figure = (
            Figure(sum(known), len(known), Unit.MONEY)
            if known or not holdings
            else Figure.absent(Reason.NO_QUOTE, 0, Unit.MONEY)
        )
        told.append(Stressed(scenario, figure, len(changes) - len(known)))
    return tuple(told)


@dataclass(frozen=True, slots=True)
class Concentration:
    """The largest share of the risk that one `bucket` has, and 1/Σ share²: as many equal ones would be as spread."""

    bucket: str | None
    share: Figure
    equal_to: Figure
    shares: dict[str | None, float]


def concentration(
    holdings: Sequence[Holding], bucket: Callable[[Holding], str | None],
    risk: Callable[[Holding], float | None] = delta_money,
) -> Concentration | Figure:  # fmt: skip
    """By expiry, sector or underlying: `bucket` says which (None is unknown). `risk` is a holding's in money, its sign
    not looked at; by default its delta. A Figure with its reason where no risk is known."""
    sums: dict[str | None, float] = {}
    for one in holdings:
        amount = risk(one)
        if amount is not None:
            sums[bucket(one)] = sums.get(bucket(one), 0.0) + abs(amount)
    total = sum(sums.values())
    if total <= 0:
        why = Reason.NO_QUOTE if holdings else Reason.NO_TRADES
        return Figure.absent(why, len(holdings), Unit.FRACTION)
    shares = {name: amount / total for name, amount in sums.items()}
    largest = max(shares, key=lambda name: (shares[name], str(name)))
    n = len(holdings)
    spread = 1 / sum(share**2 for share in shares.values())
    return Concentration(
        largest, Figure(shares[largest], n, Unit.FRACTION), Figure(spread, n, Unit.COUNT), shares
    )
