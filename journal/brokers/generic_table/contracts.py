"""Which contract a row of a mapped table is about."""

from __future__ import annotations

from decimal import Decimal

from journal.brokers.base import InstrumentRow
from journal.brokers.generic_table.columns import ISIN
from journal.brokers.generic_table.lookups import meant_by
from journal.brokers.generic_table.mapping import Role, TableMapping
from journal.brokers.generic_table.symbols import future_of, future_root, without_exchange
from journal.brokers.generic_table.when import read_moment
from journal.brokers.generic_table.words import right_of
from journal.brokers.text.contracts import OptionName, read_option
from journal.brokers.text.faults import BadValue, Missing
from journal.brokers.text.remarks import LACKS
from journal.brokers.text.row import Row
from journal.domain.values import ONE, ZERO, AssetClass

_OF_OPTION = Decimal(100)
_OPTIONS = frozenset({AssetClass.OPTION, AssetClass.FUTURE_OPTION})


def contract_of(row: Row, mapping: TableMapping, currency: str) -> InstrumentRow:
    symbol, exchange = without_exchange(row.text(Role.SYMBOL) or mapping.symbol)
    if not symbol:
        raise Missing("no_symbol", LACKS["no_symbol"])
    kind = _kind(row, mapping)
    option = _option(row, symbol, kind)
    if option is not None and kind not in _OPTIONS:
        kind = AssetClass.OPTION
    described = row.security(
        symbol, currency, kind, _multiplier(row, mapping, symbol, kind),
        description=row.text(Role.DESCRIPTION), exchange=exchange,
        isin=symbol if ISIN.fullmatch(symbol) else row.text(Role.ISIN),
    )  # fmt: skip
    if option is None:
        return _as_future(row, described) if kind is AssetClass.FUTURE else described
    return row.desk.contract(
        described._replace(
            underlying_symbol=option.underlying,
            expiry_on=option.expiry_on,
            strike=option.strike,
            right=option.right,
        )
    )


def _as_future(row: Row, described: InstrumentRow) -> InstrumentRow:
    """Under the name that it has whichever platform writes it: ESZ26 is also ES 12-26."""
    future = future_of(described.symbol, row.moment.day)
    root = future.root if future else row.text(Role.UNDERLYING)
    symbol = future.symbol if future else described.symbol
    return row.desk.contract(described._replace(symbol=symbol, underlying_symbol=root))


def _kind(row: Row, mapping: TableMapping) -> AssetClass:
    word = row.text(Role.ASSET_CLASS)
    usual = mapping.asset_class or AssetClass.STOCK
    if not word:
        return usual
    found = meant_by(mapping.classes, word)
    if found is None:
        row.notice("class_not_mapped", word)
        return AssetClass.OTHER
    return found


def _option(row: Row, symbol: str, kind: AssetClass) -> OptionName | None:
    """By columns of its own, else by the symbol."""
    strike, right = row.decimal(Role.STRIKE), row.text(Role.RIGHT)
    if not strike and kind not in _OPTIONS:
        return read_option(symbol) if kind is not AssetClass.CRYPTO else None
    if not strike or not right:
        named = read_option(symbol) or read_option(row.text(Role.DESCRIPTION))
        if named is None:
            raise Missing("no_contract", "it does not say which option it is about")
        return named
    meant = right_of(right)
    if meant is None:
        raise BadValue(right, "a call or a put")
    expiry = read_moment(row.word(Role.EXPIRY, "no_date"), day_first=row.desk.day_first).day
    return OptionName(row.text(Role.UNDERLYING) or symbol, expiry, strike, meant)


def _multiplier(row: Row, mapping: TableMapping, symbol: str, kind: AssetClass) -> Decimal:
    stated = row.decimal(Role.MULTIPLIER)
    if stated is not None and stated > ZERO:
        return stated
    if kind is AssetClass.FUTURE:
        root = future_root(symbol) or symbol.upper()
        known = mapping.multipliers.get(root) or mapping.multiplier
        if known is None:
            raise Missing(
                "point_value_missing", f"the mapping does not say what a point of {root} is worth"
            )
        return known
    if mapping.multiplier is not None:
        return mapping.multiplier
    return _OF_OPTION if kind in _OPTIONS else ONE
