"""What a market's contracts are: coins against coins as they are, contracts with the size that the file states or that
its money tells.

One contract of a linear market is worth size x price in the currency it settles in, one of an inverse market size /
price in the coin. `amount` counts contracts, so the size is the contract's multiplier.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from journal.brokers.base import InstrumentRow
from journal.brokers.ccxt_json.item import Item, number_in, text_in
from journal.brokers.ccxt_json.symbols import Market, read_symbol
from journal.brokers.text.faults import Missing
from journal.domain.exact import divide
from journal.domain.values import ONE, ZERO, AssetClass

# Contracts of these count in coins.
IN_COINS = frozenset({"bybit", "binance", "binanceusdm"})
_SIZES = [
    Decimal(digits).scaleb(places) for digits in ("1", "2", "2.5", "5") for places in range(-9, 10)
]
# Money is rounded to what its currency has.
_ROUNDING = Decimal("0.005")
LACK = "nothing in the file says how much one contract of this market is"


class Contracts:
    """The contracts of one file. The same contract gives the same object."""

    def __init__(self, exchange: str, markets: Mapping[str, Any]) -> None:
        self._exchange = exchange
        self._stated = {
            name: number_in(one, "contractSize")
            for name, one in markets.items()
            if isinstance(one, Mapping) and text_in(one, "contractSize")
        }
        self._markets: dict[str, Market] = {}
        self._sizes: dict[str, Decimal] = {}
        self._rows: dict[tuple[str, Decimal], InstrumentRow] = {}

    def market(self, symbol: str) -> Market:
        """Raises BadValue."""
        if symbol not in self._markets:
            self._markets[symbol] = read_symbol(symbol)
        return self._markets[symbol]

    def learn(self, item: Item) -> None:
        """What the money of a fill tells of its contract's size, for those that do not state theirs."""
        market = self.market(item.text("symbol"))
        stated = item.number("contractSize") or self._stated.get(market.symbol)
        if stated:
            self._sizes[market.symbol] = stated
        elif market.is_contract and market.symbol not in self._sizes:
            size = self._size_of(market, item)
            if size:
                self._sizes[market.symbol] = size

    def instrument(self, symbol: str) -> InstrumentRow:
        """Raises BadValue, and Missing where nothing says how much a contract is."""
        market = self.market(symbol)
        if not market.is_contract:
            return self._row(market, ONE)
        size = self._stated.get(market.symbol) or self._sizes.get(market.symbol)
        if not size and self._exchange in IN_COINS and not market.is_inverse:
            size = ONE
        if not size:
            raise Missing("contract_unknown", LACK)
        return self._row(market, size)

    def coin(self, name: str, quote: str) -> InstrumentRow:
        return self._row(Market(f"{name}/{quote}", name, quote), ONE)

    def _size_of(self, market: Market, item: Item) -> Decimal | None:
        price, amount = item.number("price") or ZERO, item.number("amount") or ZERO
        cost = item.number("cost") or ZERO
        if not (price and amount and cost) or market.right is not None:
            return None
        told = cost * price / amount if market.is_inverse else cost / (price * amount)
        nearest = min(_SIZES, key=lambda size: abs(size - told))
        return nearest if abs(nearest - told) <= told * _ROUNDING else None

    def _row(self, market: Market, size: Decimal) -> InstrumentRow:
        key = (market.symbol, size)
        if key not in self._rows:
            self._rows[key] = _pair(market) if not market.is_contract else contract_of(market, size)
        return self._rows[key]


def _pair(market: Market) -> InstrumentRow:
    """As readers of other exchanges have it: the coin, in what it is quoted in."""
    return InstrumentRow("", AssetClass.CRYPTO, market.base, market.quote, ONE)


def contract_of(market: Market, size: Decimal) -> InstrumentRow:
    """`size` of one contract: coins where it is linear, money where it is inverse."""
    return InstrumentRow(
        broker_id="",
        asset_class=AssetClass.FUTURE if market.right is None else AssetClass.OPTION,
        symbol=market.symbol,
        currency=market.currency,
        multiplier=size,
        underlying_symbol=market.base,
        expiry_on=market.expiry_on,
        strike=market.strike,
        right=market.right,
        inverse=market.is_inverse,
    )


def contract_row(symbol: str, size: Decimal) -> InstrumentRow:
    """Of one market whose size is known. Raises BadValue."""
    market = read_symbol(symbol)
    return contract_of(market, size) if market.is_contract else _pair(market)


def money_of(row: InstrumentRow, quantity: Decimal, price: Decimal) -> Decimal:
    """What so much is worth at the price, in the contract's currency."""
    if row.inverse:
        return divide(quantity * row.multiplier, price) if price else ZERO
    return quantity * row.multiplier * price
