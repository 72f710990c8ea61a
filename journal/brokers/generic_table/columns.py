"""What stands in a column, by its first cells: how many of them are dates, numbers, sides, currencies …"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from journal.brokers.generic_table.mapping import WORDS_MAX, Action, Role
from journal.brokers.generic_table.sight import is_date, is_number
from journal.brokers.generic_table.when import is_clock
from journal.brokers.generic_table.words import action_of, class_of, counts, right_of
from journal.brokers.text.currencies import FIAT
from journal.brokers.text.faults import BadNumber
from journal.brokers.text.layout import plain
from journal.brokers.text.numbers import decimal_point, read_number

ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}\d", re.ASCII)
_CODE = re.compile(r"[A-Z][A-Za-z0-9]{2,5}", re.ASCII)
_DIGITS = re.compile(r"\d+", re.ASCII)
_TICKER = re.compile(r"[A-Z0-9$.^/][A-Z0-9 .,:/_=^$#&+-]{0,30}", re.ASCII)
# So many of the cells must be what a column is said to hold: some rows of every table are odd.
_MOST = 0.8
_COINS = frozenset(
    [
        "USDT",
        "USDC",
        "BUSD",
        "FDUSD",
        "TUSD",
        "DAI",
        "BTC",
        "XBT",
        "ETH",
        "BNB",
        "GBX",
        "GBp",
        "EURC",
    ]
)


@dataclass(frozen=True)
class Column:
    """`cells` are those of rows that hold anything at this place, with the numbers of the rows beside them."""

    name: str
    cells: Sequence[str]
    rows: Sequence[int]
    row_count: int

    def share(self, test: Callable[[str], object]) -> float:
        """The part of its cells for which the test holds; 0 for an empty column."""
        return sum(map(bool, map(test, self.cells))) / len(self.cells) if self.cells else 0.0

    @cached_property
    def dates(self) -> float:
        return self.share(is_date)

    @cached_property
    def clocks(self) -> float:
        return self.share(is_clock)

    @cached_property
    def numbers(self) -> float:
        return self.share(is_number)

    @cached_property
    def are_digits(self) -> bool:
        return self.share(_DIGITS.fullmatch) == 1

    @cached_property
    def actions(self) -> float:
        return self.share(action_of)

    @cached_property
    def tickers(self) -> float:
        return self.share(_TICKER.fullmatch)

    @cached_property
    def words(self) -> dict[str, str]:
        """What is written, by how it is compared, in the order of the table."""
        found: dict[str, str] = {}
        for cell in self.cells:
            found.setdefault(plain(cell), cell)
        return found

    @property
    def is_filled(self) -> bool:
        return len(self.cells) * 2 >= self.row_count

    def values(self, point: str) -> Mapping[int, Decimal]:
        """The numbers, by row."""
        found = {}
        for row, cell in zip(self.rows, self.cells, strict=True):
            number = number_of(cell, point)
            if number is not None:
                found[row] = number
        return found


def number_of(cell: str, point: str) -> Decimal | None:
    """As a row reads it: in the other notation where it can only be in that one."""
    try:
        return read_number(cell, point)
    except BadNumber:
        other = decimal_point([cell])
        try:
            return read_number(cell, other) if other and other != point else None
        except BadNumber:
            return None


def is_known_currency(cell: str) -> bool:
    return cell.upper() in FIAT or cell in _COINS


def is_currency(cell: str) -> bool:
    """Known, or written like one: there are more coins than anybody lists."""
    return is_known_currency(cell) or bool(_CODE.fullmatch(cell) and cell.isupper())


def fits(role: Role, column: Column) -> bool:
    """Whether what stands in the column can be this."""
    return bool(column.cells) and _TESTS.get(role, _is_text)(column)


def _is_moment(column: Column) -> bool:
    return column.dates >= _MOST


def _is_amount(column: Column) -> bool:
    # Bare digits may be a day (20260304); a column of such days is no amount.
    return column.numbers >= _MOST and not (
        column.dates == 1 and column.are_digits and len(column.cells[0]) == 8
    )


def _is_side(column: Column) -> bool:
    return column.actions > 0 and len(folded_actions(column)) <= WORDS_MAX


def _is_symbol(column: Column) -> bool:
    return (
        column.share(_is_bare_number) < 0.5
        and column.dates < 0.5
        and column.clocks == 0
        and column.is_filled
    )


def _is_bare_number(cell: str) -> bool:
    """ESM7 is none, though a number may have a code before it."""
    return not any(map(str.isalpha, cell)) and is_number(cell)


def _is_unique(column: Column) -> bool:
    return len(set(column.cells)) == len(column.cells) and _is_text(column)


def _is_text(column: Column) -> bool:
    return column.share(lambda cell: "." in cell and is_number(cell)) < 0.5


def _is_account(column: Column) -> bool:
    """Numbers of accounts have digits; a kind of account (Margin, Cash) is none."""
    return column.share(lambda cell: any(map(str.isdigit, cell))) == 1 and len(column.words) <= max(
        3, len(column.cells) // 5
    )


_TESTS: dict[Role, Callable[[Column], bool]] = {
    Role.DATE: _is_moment,
    Role.EXIT_DATE: _is_moment,
    Role.EXPIRY: _is_moment,
    Role.TIME: lambda column: column.clocks >= 0.8,
    Role.EXIT_TIME: lambda column: column.clocks >= 0.8,
    Role.SYMBOL: _is_symbol,
    Role.SIDE: _is_side,
    Role.QUANTITY: _is_amount,
    Role.PRICE: _is_amount,
    Role.EXIT_PRICE: _is_amount,
    Role.AMOUNT: _is_amount,
    Role.FEE: _is_amount,
    Role.EXIT_FEE: _is_amount,
    Role.TAX: _is_amount,
    Role.PROFIT: _is_amount,
    Role.STRIKE: _is_amount,
    Role.MULTIPLIER: _is_amount,
    Role.CURRENCY: lambda column: column.share(is_currency) >= 0.9,
    Role.FEE_CURRENCY: lambda column: column.share(is_currency) >= 0.9,
    Role.ASSET_CLASS: lambda column: column.share(class_of) >= 0.5,
    Role.RIGHT: lambda column: column.share(right_of) >= 0.9,
    Role.ISIN: lambda column: column.share(ISIN.fullmatch) >= 0.9,
    Role.STATUS: lambda column: column.share(lambda cell: counts(cell) is not None) >= 0.8,
    Role.EXECUTION_ID: _is_unique,
    Role.ACCOUNT: _is_account,
}


def folded_actions(column: Column) -> dict[str, Action | None]:
    """What the words of a column say of the side. Words that go on ("you bought ACME INC") are one word with a star."""
    found: dict[str, Action | None] = {}
    many = len(column.words) > WORDS_MAX // 4
    for word in column.words:
        action = action_of(word)
        key = begins_with(word) if action is not None and many else word
        found[key] = action
    return found


def begins_with(word: str) -> str:
    """The words of two that a long text begins with, with a star; a short one as it is."""
    words = word.split()
    return f"{' '.join(words[:2])}*" if len(words) > 2 else word
