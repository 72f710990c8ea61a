"""The contract that a transaction is about."""

from __future__ import annotations

from decimal import Decimal

from journal.brokers.base import InstrumentRow
from journal.brokers.tastytrade.row import Transaction
from journal.brokers.tastytrade.symbols import option_symbol, read_future, read_option
from journal.brokers.text.faults import Missing
from journal.brokers.text.futures import point_value
from journal.brokers.text.notices import Notices
from journal.domain.values import ONE, AssetClass

_CLASSES = {
    "equity": AssetClass.STOCK,
    "equity offering": AssetClass.STOCK,
    "equity option": AssetClass.OPTION,
    "future": AssetClass.FUTURE,
    "future option": AssetClass.FUTURE_OPTION,
    "cryptocurrency": AssetClass.CRYPTO,
    "currency pair": AssetClass.FOREX,
    "bond": AssetClass.BOND,
    "fixed income security": AssetClass.BOND,
    "warrant": AssetClass.WARRANT,
    "event contract": AssetClass.OTHER,
    "index": AssetClass.OTHER,
    "liquidity pool": AssetClass.OTHER,
    "unknown": AssetClass.OTHER,
}
OPTIONS = frozenset({AssetClass.OPTION, AssetClass.FUTURE_OPTION})
_TEN = Decimal(10)
_HUNDRED = Decimal(100)
_TENTH = Decimal("0.1")
_HUNDREDTH = Decimal("0.01")
_NEARLY = Decimal("0.02")
_CACHE_MAX = 20_000


class Instruments:
    """The same contract gives the same object, as long as the cache lasts (20,000 contracts)."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices
        self._known: dict[tuple[object, ...], InstrumentRow] = {}

    def find(self, one: Transaction) -> InstrumentRow:
        """Raises Missing where the row names no contract."""
        # A future's year of one digit means another contract ten years later.
        key = (
            one.symbol, one.instrument_type, one.currency, one.underlying, one.expiry_on, one.strike, one.right,
            one.multiplier, one.at.year if one.symbol[:1] == "/" else 0,
        )  # fmt: skip
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _CACHE_MAX:
                self._known.clear()
            found = self._known[key] = self._same(self._read(one))
        if found.asset_class is AssetClass.OTHER and one.instrument_type not in _CLASSES:
            self._notices.add(one.account_id, one.row, "unknown_asset_class", one.instrument_type)
        return found

    def _same(self, row: InstrumentRow) -> InstrumentRow:
        """The object of an equal contract that another writing of it gave."""
        return self._known.setdefault(("same", row), row)

    def _read(self, one: Transaction) -> InstrumentRow:
        if not one.symbol:
            raise Missing("no_symbol", "it names no symbol")
        asset_class = _class_of(one)
        if asset_class in OPTIONS:
            return self._read_option(one, asset_class)
        symbol, multiplier, underlying = one.symbol, ONE, ""
        if asset_class is AssetClass.FUTURE:
            future = read_future(one.symbol, one.at.date())
            symbol = future.symbol if future else one.symbol
            underlying = f"/{future.product}" if future else ""
            multiplier = self._point_value(one, future.product if future else "")
        elif asset_class is AssetClass.BOND:
            multiplier = _par_multiplier(one)
        return InstrumentRow(
            "", asset_class, symbol, one.currency, multiplier, underlying_symbol=underlying
        )

    def _read_option(self, one: Transaction, asset_class: AssetClass) -> InstrumentRow:
        parts = read_option(one.symbol)
        if parts is not None:
            product, underlying = parts.product, parts.underlying
            symbol, on, strike, right = parts.symbol, parts.expiry_on, parts.strike, parts.right
        elif one.expiry_on and one.strike is not None and one.right:
            on, strike, right = one.expiry_on, one.strike, one.right
            symbol, underlying, product = _written_out(one, asset_class)
        else:
            raise Missing("no_contract", "it does not say which option it is about")
        if asset_class is AssetClass.OPTION:
            # USO1 is an adjusted USO: its own column names what is delivered.
            underlying = one.underlying or underlying
            multiplier = one.multiplier or _hundred(one)
        else:
            # Exports state 1 for every option on a future.
            multiplier = self._point_value(one, product)
        return InstrumentRow(
            "", asset_class, symbol, one.currency, multiplier, underlying_symbol=underlying,
            expiry_on=on, strike=strike, right=right,
        )  # fmt: skip

    def _point_value(self, one: Transaction, product: str) -> Decimal:
        value = point_value(product)
        if value is None:
            value = one.multiplier if one.multiplier and one.multiplier > 1 else _ratio(one)
        if value is None:
            self._notices.add(
                one.account_id, one.row, "futures_multiplier_unknown", product or one.symbol
            )
        return value or ONE


def _class_of(one: Transaction) -> AssetClass:
    if one.instrument_type:
        return _CLASSES.get(one.instrument_type, AssetClass.OTHER)
    is_future = one.symbol.startswith(("/", "./"))
    if one.right or read_option(one.symbol):
        return AssetClass.FUTURE_OPTION if is_future else AssetClass.OPTION
    if is_future:
        return AssetClass.FUTURE
    return AssetClass.CRYPTO if one.symbol.endswith("/USD") else AssetClass.STOCK


def _written_out(one: Transaction, asset_class: AssetClass) -> tuple[str, str, str]:
    """Symbol, underlying and product where the row has the parts in columns of their own, as the oldest layout."""
    # The caller looked.
    assert one.expiry_on is not None
    assert one.strike is not None
    assert one.right is not None
    if asset_class is AssetClass.OPTION:
        text = option_symbol(one.symbol, one.expiry_on, one.right, one.strike)
        return text, one.symbol, ""
    future = read_future(one.symbol.removeprefix("."), one.expiry_on)
    letter = one.right[0].upper()
    text = f"{one.symbol} {one.expiry_on:%y%m%d}{letter}{one.strike.normalize():f}"
    return text, future.symbol if future else "", future.product if future else ""


def _ratio(one: Transaction) -> Decimal | None:
    """Money per point as the row's own figures make it, None where they say too little."""
    price = one.described_price if one.price is None else one.price
    if not (one.quantity and price and one.value) or one.symbol.startswith("/"):
        return None
    ratio = (one.value / (one.quantity * price)).copy_abs()
    near = ratio.to_integral_value() or ONE
    return near if abs(ratio - near) <= near * _NEARLY else None


def _hundred(one: Transaction) -> Decimal:
    """Mini options are of 10: the money of a row says so. Other ratios are prices that were rounded."""
    return _TEN if _ratio(one) == _TEN else _HUNDRED


def _par_multiplier(one: Transaction) -> Decimal:
    """Bonds are quoted in percent of their face value."""
    price = one.described_price if one.price is None else one.price
    if not (one.quantity and price and one.value):
        return _HUNDREDTH
    return _HUNDREDTH if (one.value / (one.quantity * price)).copy_abs() < _TENTH else ONE
