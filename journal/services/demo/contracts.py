"""Contracts of the demo: one for a stock, many for an option root or a future."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from journal.services.demo.catalogue import Product
from journal.services.demo.market import SESSIONS_A_YEAR, Market, is_session, option_value

_ROLL = timedelta(days=8)
_QUARTERS = (3, 6, 9, 12)
_MONTH_CODES = "FGHJKMNQUVXZ"
_CENT = Decimal("0.01")


class Contract(NamedTuple):
    number: int  # what the broker calls it
    product: Product
    category: str
    symbol: str
    description: str
    multiplier: int
    tick: Decimal
    expiry: date | None = None
    strike: Decimal | None = None
    right: str = ""

    @property
    def is_option(self) -> bool:
        return bool(self.right)


class Contracts:
    """The same terms give the same contract. Numbers are given in the order of first use."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._known: dict[tuple[object, ...], Contract] = {}

    def of(self, product: Product, on: date) -> Contract:
        if product.category == "FUT":
            return self._future(product, _front_expiry(on))
        return self._get((product.symbol,), product, product.category, product.symbol, product.name)

    def _future(self, product: Product, expiry: date) -> Contract:
        symbol = f"{product.symbol}{_MONTH_CODES[expiry.month - 1]}{expiry.year % 10}"
        return self._get(
            (product.symbol, expiry), product, "FUT", symbol,
            f"{product.symbol} {expiry:%d%b%y}".upper(), expiry=expiry,
        )  # fmt: skip

    def option(self, product: Product, expiry: date, strike: Decimal, right: str) -> Contract:
        root = product.symbol
        return self._get(
            (root, expiry, strike, right), product, "OPT",
            f"{root:<6}{expiry:%y%m%d}{right}{int(strike * 1000):08d}",
            f"{root} {expiry:%d%b%y} {strike.normalize():f} {right}".upper(),
            expiry=expiry, strike=strike, right=right,
        )  # fmt: skip

    def _get(  # noqa: PLR0913
        self, key: tuple[object, ...], product: Product, category: str, symbol: str, text: str,
        *, expiry: date | None = None, strike: Decimal | None = None, right: str = "",
    ) -> Contract:  # fmt: skip
        contract = self._known.get(key)
        if contract is None:
            contract = self._known[key] = Contract(
                70_000_001 + len(self._known), product, category, symbol, text,
                100 if right else product.multiplier, _CENT if right else product.tick,
                expiry, strike, right,
            )  # fmt: skip
        return contract

    def price(self, contract: Contract, index: int, part: float) -> Decimal:
        """What it trades at, on its tick and never below one."""
        return on_tick(self._value(contract, index, part), contract.tick)

    def mark(self, contract: Contract, index: int) -> Decimal:
        return self.price(contract, index, 1.0)

    def _value(self, contract: Contract, index: int, part: float) -> float:
        spot = self._market.price(contract.product, index, part)
        if contract.strike is None or contract.expiry is None:
            return spot
        left = self._market.session_of(contract.expiry) - index + 1 - part
        return option_value(
            spot=spot,
            strike=float(contract.strike),
            is_call=contract.right == "C",
            years=left / SESSIONS_A_YEAR,
            volatility=self.implied(contract.product, index),
        )

    def implied(self, product: Product, index: int) -> float:
        """A little more than what happens: sellers of premium live on it."""
        return product.volatility * 1.12


def on_tick(value: float, tick: Decimal) -> Decimal:
    return max(1, round(value / float(tick))) * tick


def _front_expiry(on: date) -> date:
    """The third Friday of the quarter's last month that is not about to come."""
    year, month = on.year, on.month
    while True:
        if month > 12:
            year, month = year + 1, 1
        if month in _QUARTERS:
            first = date(year, month, 1)
            friday = first + timedelta(days=(4 - first.weekday()) % 7 + 14)
            if friday - on > _ROLL:
                return friday
        month += 1


def friday_after(day: date) -> date:
    """The next Friday, or the session before it when that is a holiday."""
    friday = day + timedelta(days=(4 - day.weekday()) % 7)
    while not is_session(friday):
        friday -= timedelta(days=1)
    return friday
