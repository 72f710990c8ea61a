"""Rows in the text format of PostgreSQL's COPY (https://www.postgresql.org/docs/18/sql-copy.html, “Text Format”)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
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
_moment_texts: dict[datetime | None, str] = {}


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

    Works column by column, which leaves nearly all of it to C. Hardly any text needs escaping, so the lines are made
    first and looked at as a whole.
    """
    columns = [_texts(column) for column in zip(*rows, strict=True)]
    lines = list(map("\t".join, zip(*columns, strict=True)))
    if _is_clean("\n".join(lines), len(lines), len(columns)):
        return lines
    return ["\t".join(map(_field, fields)) for fields in zip(*columns, strict=True)]


def _texts(column: Sequence[Any]) -> Sequence[str]:
    kinds = set(map(type, column))
    if all(issubclass(kind, str) for kind in kinds):
        return column
    if tuple in kinds:
        return _array_texts(column)
    if datetime in kinds:
        return list(map(_moment_text, column))
    if type(None) in kinds:
        return [NULL if value is None else str(value) for value in column]
    return list(map(str, column))


def _moment_text(moment: datetime | None) -> str:
    text = _moment_texts.get(moment)
    if text is None:
        if len(_moment_texts) >= _MOMENTS_MAX:
            _moment_texts.clear()
        # In UTC: moments are equal whatever zone they are in, so another one may have been asked for first.
        text = NULL if moment is None else str(moment.astimezone(UTC))
        _moment_texts[moment] = text
    return text


def _array_texts(column: Sequence[tuple[object, ...] | None]) -> list[str]:
    known: dict[tuple[object, ...] | None, str] = {
        values: NULL if values is None else _array_text(values) for values in set(column)
    }
    return [known[values] for values in column]


def _array_text(values: tuple[object, ...]) -> str:
    quoted = (
        '"{}"'.format(str(value).replace("\\", "\\\\").replace('"', '\\"')) for value in values
    )
    return "{" + ",".join(quoted) + "}"


def _is_clean(text: str, lines: int, fields: int) -> bool:
    return (
        "\\" not in text
        and "\r" not in text
        and "\x00" not in text
        and text.count("\n") < max(1, lines)
        and text.count("\t") == lines * (fields - 1)
    )


def _field(text: str) -> str:
    return text if text == NULL else escape(text)
