"""The trader's habits: what he looks for, how large, how long, and how often he is right."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple, Protocol

from journal.services.demo.catalogue import (
    COINS,
    EUROPA,
    LONDON,
    PRODUCTS,
    TRADING,
    DemoAccount,
    Product,
)
from journal.services.demo.contracts import Contracts, friday_after, on_tick
from journal.services.demo.ledger import Ledger, Order
from journal.services.demo.market import SESSIONS_A_YEAR, Market

_PIECES = (1, 1, 1, 2, 2, 3)
_COIN = Decimal("0.0001")


class Desk(Protocol):
    """What a habit works with."""

    dice: Random
    market: Market
    contracts: Contracts
    ledger: Ledger
    pace: float  # 1 for a person; less when there is so much to trade that all must be shorter

    def place(self, order: Order) -> None: ...

    def mood(self, index: int) -> float: ...

    def claim(self, account: DemoAccount, product: Product, index: int, part: float) -> float: ...

    def release(self, account: DemoAccount, product: Product, index: int, part: float) -> None: ...


class Habit(Protocol):
    @property
    def weight(self) -> float: ...

    def trade(self, desk: Desk, index: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Directional:
    """Buys or sells short one product and is out after minutes or days. `days` is (0, 0) for a day trade."""

    weight: float
    account: DemoAccount
    symbols: tuple[str, ...]
    budget: float  # money in one position; contracts in a future
    days: tuple[int, int] = (0, 0)
    edge: float = 0.04
    is_long_only: bool = False

    def trade(self, desk: Desk, index: int) -> None:
        dice = desk.dice
        product, start = self._find(desk, index)
        last = index + dice.randint(*self.days)
        end = dice.uniform(0.03, 0.97)
        if last == index:
            end = min(0.99, start + dice.uniform(0.03, 0.35) * desk.pace)
        rises = desk.market.price(product, last, end) > desk.market.price(product, index, start)
        is_right = dice.random() < 0.5 + self.edge + desk.mood(index)
        is_long = rises is is_right
        if self.is_long_only and not is_long:
            return
        if not is_right and dice.random() < 0.5:
            # Losses are cut: out in the first half of what was planned.
            last, end = (
                (index, start + (end - start) / 2) if last == index else ((index + last) // 2, end)
            )
            end = max(end, start + 0.002) if last == index else end
        desk.release(self.account, product, last, end)
        self._place(
            desk, product, is_long=is_long, opens=(index, start), closes=(last, min(end, 0.999))
        )

    def _find(self, desk: Desk, index: int) -> tuple[Product, float]:
        for _ in range(4):
            product = PRODUCTS[desk.dice.choice(self.symbols)]
            start = desk.claim(self.account, product, index, desk.dice.uniform(0.01, 0.6))
            if start < 0.97:
                return product, start
        return product, desk.dice.uniform(0.01, 0.9)

    def _place(
        self, desk: Desk, product: Product, *, is_long: bool,
        opens: tuple[int, float], closes: tuple[int, float],
    ) -> None:  # fmt: skip
        dice = desk.dice
        contract = desk.contracts.of(product, desk.market.days[opens[0]])
        quantity = self._size(desk, product, opens[0])
        signed = quantity if is_long else -quantity
        desk.place(Order(self.account, contract, signed, *opens, dice.choice(_PIECES)))
        half = round_lot(signed / 2, product)
        if half and half != signed and closes[0] > opens[0] and dice.random() < 0.3:
            # Half is sold on the way.
            desk.place(Order(self.account, contract, -half, closes[0], closes[1] * 0.5))
            signed -= half
        desk.place(Order(self.account, contract, -signed, *closes, dice.choice(_PIECES)))

    def _size(self, desk: Desk, product: Product, index: int) -> Decimal:
        if product.category == "FUT":
            return Decimal(desk.dice.randint(1, int(self.budget)))
        budget = self.budget * desk.dice.uniform(0.5, 1.5)
        price = 1.0 if product.category == "CASH" else desk.market.close(product, index)
        return max(round_lot(Decimal(budget / price), product), lot_of(product))


def _cut_short(index: int, start: float, last: int, end: float) -> tuple[int, float]:
    """Losses are cut: out in the first half of what was planned."""
    if last == index:
        return index, start + (end - start) / 2
    middle = (index + last) // 2
    return middle, max(end, start) if middle == index else end


def lot_of(product: Product) -> Decimal:
    if product.category == "CRYPTO":
        return _COIN
    if product.category == "CASH":
        return Decimal(5000)
    return Decimal(5 if product.category == "STK" else 1)


def round_lot(quantity: Decimal, product: Product) -> Decimal:
    lot = lot_of(product)
    return int(quantity / lot) * lot


class Wing(NamedTuple):
    """One leg of a structure: how many standard deviations from the spot, short (-1) or long (1)."""

    right: str
    distance: float
    sign: int


_STRUCTURES = {
    "bull put": (Wing("P", -0.7, -1), Wing("P", -1.4, 1)),
    "bear call": (Wing("C", 0.8, -1), Wing("C", 1.5, 1)),
    "condor": (Wing("P", -1.5, 1), Wing("P", -0.9, -1), Wing("C", 0.9, -1), Wing("C", 1.5, 1)),
    "long call": (Wing("C", 0.3, 1),),
    "short put": (Wing("P", -0.6, -1),),
}


@dataclass(frozen=True, slots=True)
class Options:
    """Sells or buys a structure; mostly manages it early, else lets it expire."""

    weight: float
    structures: tuple[str, ...]
    symbols: tuple[str, ...]
    account: DemoAccount = TRADING
    contracts_most: int = 5
    manages: float = 0.7

    def trade(self, desk: Desk, index: int) -> None:
        dice = desk.dice
        product = PRODUCTS[dice.choice(self.symbols)]
        expiry = self._expiry(desk, index)
        last = desk.market.session_of(expiry)
        units = Decimal(dice.randint(1, self.contracts_most))
        part = dice.uniform(0.05, 0.9)
        closes = None
        if dice.random() < self.manages:
            closes = (dice.randint(index + 1, max(index + 1, last - 2)), dice.uniform(0.05, 0.9))
        wings = _STRUCTURES[dice.choice(self.structures)]
        pieces = dice.choice((1, 1, 2)) if units > 1 else 1
        for wing in wings:
            strike = self._strike(desk, product, wing, index, last)
            contract = desk.contracts.option(product, expiry, strike, wing.right)
            desk.place(Order(self.account, contract, wing.sign * units, index, part, pieces))
            if closes:
                desk.place(Order(self.account, contract, -wing.sign * units, *closes))

    def _expiry(self, desk: Desk, index: int) -> date:
        """A Friday two to six weeks ahead. Whoever trades all day long takes what expires within days."""
        ahead = desk.dice.randint(12, 38)
        if desk.pace < 1:
            return desk.market.days[index + 1 + int(ahead * desk.pace)]
        return friday_after(desk.market.days[index] + timedelta(days=ahead))

    def _strike(self, desk: Desk, product: Product, wing: Wing, index: int, last: int) -> Decimal:
        spot = desk.market.price(product, index, 0.5)
        deviation = spot * product.volatility * math.sqrt((last - index + 1) / SESSIONS_A_YEAR)
        step = Decimal(5 if spot >= 200 else 1) if spot >= 40 else Decimal("0.5")
        return on_tick(spot + wing.distance * deviation, step)


_DAY_STOCKS = (
    "AMD", "TSLA", "META", "AMZN", "GOOGL", "NFLX", "PLTR", "COIN", "SHOP", "UBER", "BA", "DIS",
    "MU", "SOFI", "RIVN",
)  # fmt: skip
_OPTION_ROOTS = ("SPY", "QQQ", "IWM", "GLD", "JPM", "XOM", "CAT")

HABITS: tuple[Habit, ...] = (
    Directional(0.30, TRADING, _DAY_STOCKS, 14_000, edge=0.05),
    Options(0.06, ("bull put", "bear call"), _OPTION_ROOTS),
    Directional(0.09, TRADING, ("ES", "CL", "GC"), 2, edge=0.045),
    Directional(0.09, COINS, ("BTC", "ETH", "SOL", "LTC"), 3_000, days=(0, 9), is_long_only=True),
    Directional(0.08, EUROPA, ("EUR.USD", "GBP.USD", "AUD.USD", "USD.JPY"), 45_000, edge=0.06),
    Directional(0.12, EUROPA, ("SAP", "ASML", "SIE", "MC", "AIR", "BAS", "ALV"), 9_000, days=(0, 6)),
    Options(0.02, ("condor",), _OPTION_ROOTS, contracts_most=3),
    Options(0.02, ("short put",), ("IWM", "XOM", "JPM", "GLD"), contracts_most=2, manages=0.35),
    Directional(0.10, TRADING, _DAY_STOCKS, 9_000, days=(1, 14)),
    Directional(0.03, LONDON, ("RR.", "BARC", "GSK"), 4_000, days=(4, 25), edge=0.09, is_long_only=True),
    Directional(0.05, TRADING, ("MNQ",), 4, edge=0.03),
    Directional(0.03, EUROPA, ("FDXM",), 1, edge=0.03),
    Options(0.01, ("long call",), ("QQQ", "CAT"), contracts_most=2, manages=0.8),
)  # fmt: skip

# Bought on the first day and kept: dividends, a split, unrealised profits.
KEPT = (
    (TRADING, "AAPL", 60), (TRADING, "NVDA", 12), (TRADING, "KO", 150), (EUROPA, "MSFT", 25),
    (LONDON, "SHEL", 300), (LONDON, "ULVR", 180), (TRADING, "JNJ", 40),
)  # fmt: skip
