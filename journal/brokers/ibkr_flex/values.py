"""Text of a Flex attribute into a number, an id or a word.

Numbers, like days and instants, are a dictionary that fills itself: a statement says the same few thousand
texts again and again, and looking one up costs a third of reading it. All are bounded, so that memory does
not grow with the file.
"""

from __future__ import annotations

import re
from decimal import Decimal

from journal.brokers.text.faults import BadNumber
from journal.domain.values import ZERO

# What Flex writes where it has nothing to say. "MULTI" stands on summary rows of several executions.
NOTHING = frozenset({"", "-", "--", "---", "N/A", "n/a", "MULTI", "null", "NULL", "none"})
# "0" is not an id either: copies of a fill under a second account of an advisor carry it.
NO_ID = NOTHING | {"0"}

REMEMBERED = 20_000
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", re.ASCII)
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)", re.ASCII)
_SCIENTIFIC = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)[eE][+-]?\d{1,2}", re.ASCII)
_DIGITS_MAX = 60


class Numbers(dict[str | None, Decimal | None]):
    """Text → Decimal, None where Flex says that it has none. Raises BadNumber."""

    def __missing__(self, text: str | None) -> Decimal | None:
        if len(self) >= REMEMBERED:
            self.clear()
        if text is not None and len(text) <= _DIGITS_MAX and _PLAIN.fullmatch(text):
            value: Decimal | None = Decimal(text) or ZERO
        else:
            value = None if text is None else parse_number(text)
        self[text] = value
        return value


class Costs(dict[str | None, Decimal | None]):
    """The same, turned around: Flex writes costs negative, the book writes them positive."""

    def __missing__(self, text: str | None) -> Decimal | None:
        if len(self) >= REMEMBERED:
            self.clear()
        number = None if text is None else parse_number(text)
        # copy_negate, not minus: minus rounds to the context's precision.
        value = self[text] = number.copy_negate() if number else number
        return value


def parse_number(text: str) -> Decimal | None:
    if _PLAIN.fullmatch(text) and len(text) <= _DIGITS_MAX:
        return Decimal(text) or ZERO
    return _parse_odd_number(text)


def _parse_odd_number(text: str) -> Decimal | None:
    stripped = text.strip()
    if stripped in NOTHING:
        return None
    if stripped != text:
        return parse_number(stripped)
    if len(text) <= _DIGITS_MAX:
        if _THOUSANDS.fullmatch(text):
            return parse_number(text.replace(",", ""))
        if _SCIENTIFIC.fullmatch(text):
            return Decimal(text) or ZERO
    raise BadNumber(text)


def identifier(text: str | None) -> str:
    """An id, or "" where Flex writes one of its words for nothing."""
    return "" if text is None or text in NO_ID else text


def word(text: str | None) -> str:
    """A word, or "" where Flex writes one of its words for nothing."""
    return "" if text is None or text in NOTHING else text
