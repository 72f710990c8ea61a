"""Structures of options as the demo's scanner proposes them, and what their legs cost when."""

from __future__ import annotations

import math
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple

from journal.domain.values import Side
from journal.services.demo.catalogue import PRODUCTS, Product
from journal.services.demo.chain_script import STRUCTURES, STRUCTURES_LATEST, Fate, Part, Shape
from journal.services.demo.chain_shares import When, first_session
from journal.services.demo.contracts import Contract, Contracts, friday_after, on_tick
from journal.services.demo.market import SESSIONS_A_YEAR, Market

_ROOTS = ("SPY", "QQQ", "IWM", "GLD", "JPM", "XOM", "CAT", "AAPL", "MSFT", "KO")
_NEAR, _FAR = timedelta(days=26), timedelta(days=54)
_HELD = (4, 11)


class Leg(NamedTuple):
    contract: Contract
    sign: int  # how many for one structure, and which way
    price: Decimal

    @property
    def side(self) -> Side:
        return Side.BUY if self.sign > 0 else Side.SELL

    @property
    def is_shares(self) -> bool:
        return not self.contract.is_option


class Spread(NamedTuple):
    """`closing` are the legs as they were closed, each with the sign of that fill."""

    number: int
    product: Product
    shape: Shape
    units: int
    made: When
    legs: tuple[Leg, ...]
    left: When | None
    closing: tuple[Leg, ...]
    rolled_at: When | None = None
    rolled: tuple[
        Leg, ...
    ] = ()  # what closed the first legs and opened the next ones, in one order

    @property
    def credit(self) -> Decimal:
        """For one structure, by the price of one share; negative where it was paid."""
        return credit_of(self.legs)


def credit_of(legs: tuple[Leg, ...]) -> Decimal:
    return sum((-leg.sign * leg.price for leg in legs), Decimal(0))


def list_spreads(market: Market, contracts: Contracts, dice: Random) -> list[Spread]:
    first, held = first_session(market), _HELD[1] + 1
    span = market.count - held - first
    dated = [(first + place * span // len(STRUCTURES), one) for place, one in enumerate(STRUCTURES)]
    dated += [(market.count - 1 - ago, shape) for ago, shape in STRUCTURES_LATEST]
    return [
        _spread(market, contracts, dice, number, session, shape)
        for number, (session, shape) in enumerate(dated, 1)
    ]


def _spread(
    market: Market, contracts: Contracts, dice: Random, number: int, session: int, shape: Shape
) -> Spread:
    """Each one of another underlying than those before it, so that no two share a contract."""
    product = PRODUCTS[_ROOTS[number % len(_ROOTS)]]
    made = When(session, dice.uniform(0.1, 0.7))
    units = 1 if any(part.right == "S" for part in shape.parts) else dice.randint(1, 4)
    opened = When(session, made.part + 0.05)
    legs = tuple(_leg(market, contracts, product, part, opened) for part in shape.parts)
    left = None
    if shape.fate is not Fate.OPEN:
        left = When(min(session + dice.randint(*_HELD), market.count - 1), dice.uniform(0.1, 0.9))
    if left is None or left.session <= session:
        return Spread(number, product, shape, units, made, legs, None, ())
    if not shape.rolls:
        return Spread(
            number, product, shape, units, made, legs, left, against(contracts, legs, left)
        )
    at = When((session + left.session) // 2, 0.4)
    later = tuple(
        _leg(market, contracts, product, part._replace(is_far=True), at) for part in shape.parts
    )
    rolled = against(contracts, legs, at) + later
    return Spread(
        number, product, shape, units, made, legs, left, against(contracts, later, left), at, rolled
    )  # fmt: skip


def against(contracts: Contracts, legs: tuple[Leg, ...], when: When) -> tuple[Leg, ...]:
    return tuple(Leg(leg.contract, -leg.sign, contracts.price(leg.contract, *when)) for leg in legs)


def _leg(market: Market, contracts: Contracts, product: Product, part: Part, when: When) -> Leg:
    day = market.days[when.session]
    if part.right == "S":
        shares = contracts.of(product, day)
        return Leg(shares, part.sign * 100, contracts.price(shares, *when))
    near, far = friday_after(day + _NEAR), friday_after(day + _FAR)
    spot = market.price(product, when.session, 0.5)
    size = Decimal(5 if spot >= 200 else 1)
    middle = on_tick(spot, size)
    left = market.session_of(near) - when.session + 1
    width = on_tick(spot * product.volatility * 0.8 * math.sqrt(left / SESSIONS_A_YEAR), size)
    contract = contracts.option(
        product, far if part.is_far else near, middle + part.steps * width, part.right
    )
    return Leg(contract, part.sign, contracts.price(contract, *when))
