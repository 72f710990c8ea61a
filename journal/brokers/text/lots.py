"""What one lot of a symbol is, where a broker's reports do not say it: MetaTrader's, XTB's.

Told, in this order:
1. what the source states of the symbol (`symbol_info`, JSON only);
2. currency pairs and metals by their name and the size that is the rule (a lot is 100,000 of the first currency, 100 oz
   of gold, 5,000 oz of silver), unless the deals of an instrument that is quoted in the account's currency contradict;
3. anything else by its own deals: profit ÷ (points × lots) is the same round number for every deal where the instrument
   is quoted in the account's currency;
4. where it is no such number, it is quoted in a currency that the file does not name. Then the instrument is booked in
   points ("PTS" in place of a currency), and each deal's own profit says what a point was worth.

Whatever is not quoted in the account's currency gets a rate for each closing deal: stated profit ÷ profit in quoted
currency. So the profit in the account's currency is the stated one, to the cent, whichever size was taken.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from journal.brokers.base import InstrumentRow
from journal.domain.exact import divide
from journal.domain.values import ONE, AssetClass

POINTS = "PTS"
_PAIR = re.compile(r"([A-Z]{3})([A-Z]{3})")
_METALS = {"XAU": 100, "XAG": 5_000, "XPT": 100, "XPD": 100}
_LOT = Decimal(100_000)
_CURRENCIES = frozenset(
    {
        "AED", "AUD", "BGN", "BRL", "CAD", "CHF", "CLP", "CNH", "CNY", "COP", "CZK", "DKK", "EUR", "GBP",
        "HKD", "HUF", "IDR", "ILS", "INR", "ISK", "JPY", "KRW", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN",
        "QAR", "RON", "RUB", "SAR", "SEK", "SGD", "THB", "TRY", "TWD", "UAH", "USD", "ZAR",
    }
)  # fmt: skip
_CENT = Decimal("0.01")
# Prices of positions that several deals opened are rounded.
_ROUNDING = Decimal("0.0005")
# Below this a rounded profit says too little of its size.
_TELLING = Decimal("0.5")
_SIZES = [
    Decimal(digits).scaleb(places) for digits in ("1", "2", "2.5", "5") for places in range(-3, 7)
]


class Fact(NamedTuple):
    """A stated profit, and the points times lots that made it."""

    units: Decimal
    profit: Decimal


@dataclass(frozen=True, slots=True)
class Symbol:
    """A contract that the source itself states (symbol_info)."""

    name: str
    currency: str
    contract_size: Decimal


class Contract(NamedTuple):
    instrument: InstrumentRow
    is_own: bool  # quoted in the account's currency
    is_assumed: bool = False  # the deals are too small to be sure of the size


class Contracts:
    """The contracts of one file. `facts` are its closing deals, by symbol; `hints` what else states a profit."""

    def __init__(
        self,
        currency: str,
        facts: dict[str, list[Fact]],
        hints: dict[str, list[Fact]],
        symbols: Iterable[Symbol] = (),
    ) -> None:
        self._facts = facts
        self._hints = hints
        self._stated = {one.name: one for one in symbols}
        self._known: dict[str, Contract | None] = {}
        self.is_derived = not currency
        self.currency = currency or self._derive_currency()

    def find(self, symbol: str) -> Contract | None:
        """None where nothing says what one lot is."""
        if symbol not in self._known:
            self._known[symbol] = self._decide(symbol)
        return self._known[symbol]

    def _decide(self, symbol: str) -> Contract | None:
        facts = self._facts.get(symbol) or self._hints.get(symbol) or []
        asset_class, quoted, size = _rule(symbol)
        if symbol in self._stated:
            quoted, size = self._stated[symbol].currency, self._stated[symbol].contract_size
            return self._contract(symbol, asset_class, quoted, size)
        if size is not None and (quoted != self.currency or all(_fits(size, one) for one in facts)):
            return self._contract(symbol, asset_class, quoted, size)
        if not facts:
            return None
        telling = max(facts, key=lambda one: abs(one.profit))
        fitting = [one for one in _SIZES if all(_fits(one, fact) for fact in facts)]
        if not fitting:
            return self._contract(symbol, asset_class, POINTS, ONE)
        found = min(fitting, key=lambda size: _oddness(size, telling))
        contract = self._contract(symbol, asset_class, self.currency, found)
        return contract._replace(is_assumed=abs(telling.profit) < _TELLING)

    def _contract(
        self, symbol: str, asset_class: AssetClass, currency: str, size: Decimal
    ) -> Contract:
        # The size is part of the id: a lot of this symbol at another broker may be another contract.
        instrument = InstrumentRow(
            broker_id=f"{symbol[:32]}:{currency}:{size.normalize():f}",
            asset_class=asset_class,
            symbol=symbol,
            currency=currency,
            multiplier=Decimal(f"{size:f}"),
        )
        return Contract(instrument, currency == self.currency)

    def _derive_currency(self) -> str:
        """The quoted currency of a pair whose profits are just points times the usual lot. "" where there is none."""
        for symbol in sorted(self._facts):
            _, quoted, size = _rule(symbol)
            facts = self._facts[symbol]
            is_telling = any(abs(one.profit) >= _TELLING for one in facts)
            if size is not None and is_telling and all(_fits(size, one) for one in facts):
                return quoted
        return ""


def _rule(symbol: str) -> tuple[AssetClass, str, Decimal | None]:
    match = _PAIR.match(symbol)
    if match and match[2] in _CURRENCIES:
        if match[1] in _METALS:
            return AssetClass.METAL, match[2], Decimal(_METALS[match[1]])
        if match[1] in _CURRENCIES:
            return AssetClass.FOREX, match[2], _LOT
    return AssetClass.CFD, "", None


def _fits(size: Decimal, fact: Fact) -> bool:
    return abs(fact.profit - size * fact.units) <= _CENT + abs(fact.profit) * _ROUNDING


def _oddness(size: Decimal, fact: Fact) -> tuple[bool, Decimal]:
    """Of several sizes that fit small profits: a power of ten, and the one that fits best."""
    is_power = size.normalize().as_tuple().digits == (1,)
    return not is_power, abs(fact.profit - size * fact.units)


class Rates:
    """What one unit of an instrument's currency was in the account's, as closing deals tell."""

    def __init__(self) -> None:
        self._by_position: dict[str, Decimal] = {}
        self._by_name: defaultdict[str, list[tuple[datetime, Decimal]]] = defaultdict(list)

    def learn(self, instrument: InstrumentRow, position: str, at: datetime, fact: Fact) -> None:
        """Deals must come in the order of time."""
        quoted = fact.units * instrument.multiplier
        if quoted * fact.profit <= 0:
            return
        rate = divide(fact.profit, quoted)
        self._by_position.setdefault(f"{instrument.symbol}|{position}", rate)
        names = [instrument.symbol]
        if instrument.currency != POINTS:
            names.append(f"|{instrument.currency}")
        for name in names:
            self._by_name[name].append((at, rate))

    def near(self, instrument: InstrumentRow, position: str, at: datetime) -> Decimal | None:
        """For what has no rate of its own: that of the position's close, so that fees of opening are worth the same
        then; else the nearest in time, of the symbol or of its currency."""
        own = self._by_position.get(f"{instrument.symbol}|{position}")
        known = self._by_name.get(instrument.symbol) or self._by_name.get(f"|{instrument.currency}")
        if own is not None or not known:
            return own
        place = bisect_left(known, at, key=lambda one: one[0])
        around = known[max(0, place - 1) : place + 1]
        return min(around, key=lambda one: abs(one[0] - at))[1]
