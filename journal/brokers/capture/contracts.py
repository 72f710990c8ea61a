"""What a captured record trades."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Any

from journal.brokers.base import InstrumentRow
from journal.brokers.capture.fields import Fields, choices_of
from journal.brokers.ccxt_json.contracts import IN_COINS, contract_of
from journal.brokers.ccxt_json.symbols import read_symbol
from journal.brokers.text.contracts import read_option
from journal.brokers.text.currencies import FIAT
from journal.brokers.text.faults import BadValue
from journal.domain.values import ONE, AssetClass, Right

FIELDS = frozenset(
    {
        "symbol", "asset_class", "currency", "multiplier", "underlying", "expiry_on", "strike", "right", "exchange",
        "isin", "instrument_id", "is_inverse", "description",
    }
)  # fmt: skip
_CLASSES = choices_of(
    AssetClass,
    stk=AssetClass.STOCK, equity=AssetClass.STOCK, etf=AssetClass.STOCK, opt=AssetClass.OPTION,
    equity_option=AssetClass.OPTION, fut=AssetClass.FUTURE, fop=AssetClass.FUTURE_OPTION, cash=AssetClass.FOREX,
    fx=AssetClass.FOREX, spot=AssetClass.CRYPTO, coin=AssetClass.CRYPTO, swap=AssetClass.FUTURE,
    perpetual=AssetClass.FUTURE,
)  # fmt: skip
_RIGHTS = choices_of(Right, c=Right.CALL, p=Right.PUT)
_CURRENCY_MAX = 12
_SHARES_OF_OPTION = Decimal(100)
_PRICED_PER_CONTRACT = (AssetClass.FUTURE, AssetClass.FUTURE_OPTION)


def read_contract(fields: Fields, base_currency: str, broker: str) -> InstrumentRow | None:
    """Faults go to `fields`. A contract that says too little to know its money is refused, never guessed."""
    symbol = fields.needed_text("symbol")
    if not symbol:
        return None
    if "/" in symbol and ":" in symbol:
        return _unified(fields, symbol, broker)
    given = fields.record
    plain = given.keys() & FIELDS
    if plain <= {"symbol", "currency"}:
        return _simple(fields, symbol, base_currency)
    return _full(fields, symbol, base_currency)


def _unified(fields: Fields, symbol: str, broker: str) -> InstrumentRow | None:
    """A contract by ccxt's name of it (BTC/USDT:USDT), which says all but its size."""
    try:
        market = read_symbol(symbol)
    except BadValue as fault:
        fields.faults["symbol"] = f"“{symbol}” is not {fault.wanted}."
        return None
    size = fields.positive("multiplier")
    if size is None and broker in IN_COINS and not market.is_inverse:
        size = ONE
    if size is None:
        fields.faults.setdefault("multiplier", "is missing: say how much one contract is.")
        return None
    return _same(contract_of(market, size))


def _simple(fields: Fields, symbol: str, base_currency: str) -> InstrumentRow | None:
    currency = fields.text("currency", _CURRENCY_MAX).upper()
    found = _named(fields, symbol, currency or base_currency)
    if not found.currency:
        _ask_currency(fields)
    return found


def _full(fields: Fields, symbol: str, base_currency: str) -> InstrumentRow | None:
    currency = fields.text("currency", _CURRENCY_MAX).upper()
    named = _named(fields, symbol, currency or base_currency)
    asset_class = fields.choice("asset_class", _CLASSES) or named.asset_class
    stated = fields.positive("multiplier")
    if stated is None and asset_class in _PRICED_PER_CONTRACT and "multiplier" not in fields.faults:
        fields.faults["multiplier"] = "is missing: say how much money one point of the price is."
    currency = currency or (named.currency if asset_class is named.asset_class else base_currency)
    if not currency:
        _ask_currency(fields)
    found = InstrumentRow(
        broker_id=fields.text("instrument_id"),
        asset_class=asset_class,
        # A share may have a slash in its name (BAC/PRL) and is then no pair.
        symbol=symbol if asset_class is AssetClass.STOCK else named.symbol,
        currency=currency,
        multiplier=stated or _multiplier(asset_class),
        description=fields.text("description", 255),
        underlying_symbol=fields.text("underlying") or named.underlying_symbol,
        expiry_on=fields.day("expiry_on") or named.expiry_on,
        strike=fields.positive("strike") or named.strike,
        right=fields.choice("right", _RIGHTS) or named.right,
        exchange=fields.text("exchange", 32),
        isin=fields.text("isin", 12),
        inverse=fields.flag("is_inverse"),
    )
    if asset_class in (AssetClass.OPTION, AssetClass.FUTURE_OPTION):
        _check_option(fields, found)
    return _same(found)


def _check_option(fields: Fields, option: InstrumentRow) -> None:
    for name in ("expiry_on", "strike", "right"):
        if getattr(option, name) is None and name not in fields.faults:
            fields.faults[name] = "is missing: an option needs expiry_on, strike and right."


def _named(fields: Fields, symbol: str, currency: str) -> InstrumentRow:
    named = _by_name(symbol, currency)
    if len(named.currency) > _CURRENCY_MAX:
        fields.faults["symbol"] = (
            f"“{symbol}” is a pair, and what stands after the slash is no currency: it has more than "
            f"{_CURRENCY_MAX} characters."
        )
    return named


def _ask_currency(fields: Fields) -> None:
    fields.faults.setdefault("currency", "is missing, and the account has none of its own.")


def _multiplier(asset_class: AssetClass) -> Decimal:
    return _SHARES_OF_OPTION if asset_class is AssetClass.OPTION else ONE


@lru_cache(maxsize=10_000)
def _by_name(symbol: str, currency: str) -> InstrumentRow:
    """What a symbol alone says: an option by its OCC name, money or a coin by the slash before what it is paid in, else
    a share. One letter after the slash is a class of shares (BRK/B)."""
    option = read_option(symbol)
    if option is not None:
        return _same(
            _row(
                AssetClass.OPTION, symbol, currency or "USD",
                underlying_symbol=option.underlying, expiry_on=option.expiry_on, strike=option.strike,
                right=option.right,
            )
        )  # fmt: skip
    base, slash, quote = symbol.partition("/")
    if slash and base and len(quote) > 1 and quote.isalnum():
        if base.upper() in FIAT and quote.upper() in FIAT:
            return _same(_row(AssetClass.FOREX, symbol, quote.upper()))
        return _same(_row(AssetClass.CRYPTO, base, quote))
    return _same(_row(AssetClass.STOCK, symbol, currency))


def _row(asset_class: AssetClass, symbol: str, currency: str, **more: Any) -> InstrumentRow:
    return InstrumentRow(
        broker_id="", asset_class=asset_class, symbol=symbol, currency=currency,
        multiplier=_multiplier(asset_class), **more,
    )  # fmt: skip


@lru_cache(maxsize=10_000)
def _same(row: InstrumentRow) -> InstrumentRow:
    """The same contract gives the same object."""
    return row
