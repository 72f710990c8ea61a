"""What a table tells beside its columns: its notation, zone, currency, kind of contract, and what its words mean."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal

from journal.brokers.generic_table.columns import Column, folded_actions
from journal.brokers.generic_table.headings import normal
from journal.brokers.generic_table.mapping import Action
from journal.brokers.generic_table.money import STABLE_COINS, currency_in
from journal.brokers.generic_table.symbols import future_root
from journal.brokers.generic_table.words import class_of, counts
from journal.brokers.text.contracts import read_option
from journal.brokers.text.currencies import FIAT
from journal.brokers.text.futures import PRODUCTS, point_value
from journal.brokers.text.layout import plain
from journal.brokers.text.moments import day_orders
from journal.brokers.text.numbers import decimal_point
from journal.domain.values import AssetClass

_SEPARATED = re.compile(r"\d[.,]\d", re.ASCII)
_TWO_WAYS = re.compile(r"(\d\d?)[-/](\d\d?)[-/](\d{4}|\d\d)(?!\d)", re.ASCII)
_COIN_WORDS = """
    BTC XBT ETH XRP LTC BCH ADA DOT SOL DOGE SHIB AVAX MATIC POL LINK UNI ATOM XLM XMR ETC FIL TRX NEAR APT ARB OP SUI
    TON BNB ALGO AAVE MKR EOS XTZ ICP PEPE INJ
"""
_COINS = frozenset(_COIN_WORDS.split())
_ZONES = {
    "utc": "UTC", "gmt": "UTC", "est": "America/New_York", "edt": "America/New_York", "et": "America/New_York",
    "eastern": "America/New_York", "cst": "America/Chicago", "ct": "America/Chicago", "pst": "America/Los_Angeles",
    "pt": "America/Los_Angeles", "cet": "Europe/Berlin", "cest": "Europe/Berlin", "mez": "Europe/Berlin",
    "bst": "Europe/London", "jst": "Asia/Tokyo", "hkt": "Asia/Hong_Kong", "ist": "Asia/Kolkata",
}  # fmt: skip


def point_of(cells: Iterable[str], delimiter: str) -> tuple[str, bool]:
    """The decimal separator, and whether it is open: there are separators that could be either."""
    cells = list(cells)
    found = decimal_point(cells)
    if found is not None:
        return found, False
    return ("," if delimiter == ";" else "."), any(map(_SEPARATED.search, cells))


def day_first_of(cells: Iterable[str]) -> tuple[bool | None, bool]:
    """Whether dates begin with the day (None: they are written otherwise), and whether that is open."""
    cells = list(cells)
    orders = day_orders(cells)
    if len(orders) == 1:
        return orders.pop(), False
    unsure = (match for match in map(_TWO_WAYS.match, cells) if match)
    return None, any(match[1] != match[2] for match in unsure)


def zone_of(names: Iterable[str]) -> str:
    """The zone that the name of a column of times states: "Date (UTC)". "" where none does."""
    words = [word for name in names for word in normal(name, brackets=True).split()]
    return next((_ZONES[word] for word in words if word in _ZONES), "")


def currency_of(names: Sequence[str], cells: Sequence[str], symbols: Sequence[str]) -> str:
    """By most of the signs and codes in cells of money, else in the names of their columns, else by what pairs are
    quoted in, and futures. Cells that state another one are read in that."""
    found = Counter(code for cell in cells if (code := currency_in(cell)))
    if found:
        return found.most_common(1)[0][0]
    for name in names:
        code = currency_in(name) or currency_in(name.upper())
        if code:
            return code
    quoted = {_quoted_in(symbol) for symbol in symbols}
    return quoted.pop() if len(quoted) == 1 else ""


def _quoted_in(symbol: str) -> str:
    product = PRODUCTS.get(future_root(symbol))
    return product.currency if product else quote_of(symbol)


def quote_of(symbol: str) -> str:
    """What a pair is quoted in: EUR of BTC/EUR and BTC-EUR, USDT of BTCUSDT. "" for what is no pair."""
    parts = re.split(r"[/_-]", symbol.upper())
    if len(parts) == 2 and parts[1] in FIAT | STABLE_COINS:
        return parts[1]
    whole = parts[0] if len(parts) == 1 else ""
    return next(
        (
            code
            for code in sorted(FIAT | STABLE_COINS)
            if whole.endswith(code)
            and len(whole) - len(code) >= 3
            and _is_base(whole.removesuffix(code))
        ),
        "",
    )


def _is_base(text: str) -> bool:
    return text in _COINS or text in FIAT


def kind_of(symbols: Sequence[str]) -> AssetClass | None:
    """The class of most of them. Options name themselves, row by row."""
    if not symbols:
        return None
    found = Counter(_kind(symbol) for symbol in symbols)
    kind, _ = found.most_common(1)[0]
    return kind


def _kind(symbol: str) -> AssetClass:
    base = re.split(r"[/_-]", symbol.upper())[0]
    quote = quote_of(symbol)
    if quote and (base.removesuffix(quote) in FIAT):
        return AssetClass.FOREX
    if quote or base in _COINS:
        return AssetClass.CRYPTO
    if read_option(symbol) is not None:
        return AssetClass.STOCK
    return AssetClass.FUTURE if future_root(symbol) else AssetClass.STOCK


def multipliers_of(
    kind: AssetClass | None, symbols: Iterable[str]
) -> tuple[dict[str, Decimal], list[str]]:
    """Money per point of the futures, by root, and the roots of which it is not known."""
    if kind is not AssetClass.FUTURE:
        return {}, []
    roots = sorted({future_root(symbol) or symbol.upper() for symbol in symbols})
    values = {root: value for root in roots if (value := point_value(root)) is not None}
    return values, [root for root in roots if root not in values]


def sides_of(column: Column) -> dict[str, Action]:
    """What each word of the column means; those that are no side are left out of the book."""
    return {word: action or Action.SKIP for word, action in folded_actions(column).items()}


def statuses_of(columns: Collection[Column]) -> dict[str, bool]:
    """Whether rows with a word count. A word that is not known counts only where no known one does not."""
    return {word: counts(word) is not False for column in columns for word in column.words}


def classes_of(column: Column) -> dict[str, AssetClass]:
    return {
        word: kind for cell in column.words if (kind := class_of(cell)) and (word := plain(cell))
    }
