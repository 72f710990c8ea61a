"""What a reader of price files gives, and what it may be told beforehand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from journal.brokers.text.faults import BadNumber
from journal.brokers.text.numbers import read_number
from journal.domain.bars import Bar, Split

PROBLEMS_KEPT = 20


class UnreadablePrices(Exception):
    """Nothing of the file can be used: `message` says why, and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What whoever hands a file in says of it; "" and None where they leave it to the file.

    `zone` is that of times without an offset, and of days. `is_adjusted`: its prices are adjusted for splits.
    """

    symbol: str = ""
    seconds: int | None = None
    zone: str = ""
    source: str = ""
    is_adjusted: bool | None = None
    day_first: bool | None = None


@dataclass(slots=True)
class PriceRead:
    """A file that is being read. `bars` may be read once; `bad_rows` and `problems` (row, why) fill up meanwhile.

    A file of splits (`splits`) has no bars.
    """

    symbol: str
    source: str
    seconds: int
    zone: str
    is_adjusted: bool
    bars: Iterator[Bar]
    splits: list[Split] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    bad_rows: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)

    def refuse(self, row: int, why: str) -> None:
        self.bad_rows += 1
        if len(self.problems) < PROBLEMS_KEPT:
            self.problems.append((row, why))


def price(cell: str, point: str = ".") -> Decimal:
    """Raises BadNumber, also where there is nothing."""
    number = read_number(cell, point)
    if number is None:
        raise BadNumber(cell)
    return number


def symbol_of_name(name: str) -> str:
    """The symbol that a file is called by: its first word, such as of "BTCUSDT-1m-2026-01.zip"."""
    stem = name.replace("\\", "/").rsplit("/", 1)[-1].split(".", 1)[0]
    word = stem.replace("-", " ").replace("_", " ").split(" ")[0]
    is_symbol = 0 < len(word) <= 32 and word.isalnum() and not word.isdecimal()
    return word.upper() if is_symbol else ""
