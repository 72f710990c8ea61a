"""Rows in the text format of PostgreSQL's COPY (https://www.postgresql.org/docs/18/sql-copy.html, “Text Format”)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import repeat
from operator import is_
from types import NoneType
from typing import Any

# What stands for NULL: a character that no text of ours may hold, so that a line needs no second look.
NULL = "\x1e"
NULL_OPTION = "NULL E'\\x1e'"
_SPECIAL = re.compile(r"[\\\t\n\r\x00\x1e]")
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\x00": "", "\x1e": ""}
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_MEANT = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}

# The same moments come again and again: in a fill, its matches and its trade. Formatting one costs twenty look-ups.
_MOMENTS_MAX = 20_000
_moment_texts: dict[datetime, str] = {}
# Few enough to stay in the processor's cache from value to line.
_BLOCK_ROWS = 250
_TWO_DIGITS = [f"{number:02}" for number in range(60)]
# Their texts need no escaping.
_PLAIN_KINDS = {int, Decimal, bool, float}
_PLAIN_KINDS_OR_NONE = _PLAIN_KINDS | {NoneType}
# Equal values of these have equal texts, and few are different from all others in their column.
_REPEATED_KINDS = {date, tuple, NoneType}


def escape(text: str) -> str:
    return _SPECIAL.sub(lambda found: _ESCAPES[found.group()], text)


def unescape(text: str) -> str:
    return _ESCAPED.sub(lambda found: _MEANT[found.group(1)], text)


def array_of(text: str) -> list[str]:
    """What `lines_of` made of a tuple of texts, read back."""
    return [_ESCAPED.sub(r"\1", found) for found in _QUOTED.findall(text)]


def fields_of(line: str) -> list[str]:
    """The fields of a line; NULL stays NULL."""
    fields = line.split("\t")
    return [unescape(field) for field in fields] if "\\" in line else fields


def lines_of(rows: Sequence[Sequence[Any]]) -> list[str]:
    """Rows of values as lines; lists must come as tuples.

    Works column by column, which leaves nearly all of it to C.
    """
    lines: list[str] = []
    for start in range(0, len(rows), _BLOCK_ROWS):
        block = rows[start : start + _BLOCK_ROWS]
        columns = [_texts(column) for column in zip(*block, strict=True)]
        lines += map("\t".join, zip(*columns, strict=True))
    return lines


def _texts(column: Sequence[Any]) -> Sequence[str]:
    first = column[0]
    # Many columns are one value from top to bottom, and then one object.
    if first is column[-1] and all(map(is_, column, repeat(first))):
        return [_text(first)] * len(column)
    kinds = set(map(type, column))
    if kinds <= _PLAIN_KINDS:
        return list(map(str, column))
    if kinds <= _PLAIN_KINDS_OR_NONE:
        return [NULL if value is None else str(value) for value in column]
    if all(issubclass(kind, str) for kind in kinds):
        return _escaped(column)
    if kinds <= _REPEATED_KINDS:
        known = {value: _text(value) for value in set(column)}
        return [known[value] for value in column]
    return list(map(_text, column))


def _escaped(column: Sequence[str]) -> Sequence[str]:
    # Hardly any text needs it, and looking for single characters in a long one is quick.
    together = "".join(column)
    if any(map(together.__contains__, _ESCAPES)):
        return list(map(escape, column))
    return column


def _text(value: object) -> str:
    if value is None:
        return NULL
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, datetime):
        return _moment_text(value)
    return escape(_array_text(value)) if isinstance(value, tuple) else str(value)


def _moment_text(moment: datetime) -> str:
    text = _moment_texts.get(moment)
    if text is None:
        if len(_moment_texts) >= _MOMENTS_MAX:
            _moment_texts.clear()
        # In UTC: moments are equal whatever zone they are in, so another one may have been asked for first.
        text = _moment_texts[moment] = _utc_text(moment.astimezone(UTC))
    return text


def _utc_text(at: datetime) -> str:
    """What `str` says, in half its time."""
    if at.microsecond:
        return str(at)
    day = _day_text(at.toordinal())
    return f"{day} {_TWO_DIGITS[at.hour]}:{_TWO_DIGITS[at.minute]}:{_TWO_DIGITS[at.second]}+00:00"


@lru_cache(maxsize=10_000)
def _day_text(ordinal: int) -> str:
    return str(date.fromordinal(ordinal))


def _array_text(values: tuple[object, ...]) -> str:
    quoted = (
        '"{}"'.format(str(value).replace("\\", "\\\\").replace('"', '\\"')) for value in values
    )
    return "{" + ",".join(quoted) + "}"
