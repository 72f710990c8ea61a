"""Rows into tables by COPY: the way bulk evidence and derived rows enter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from django.db import connection, models

# What stands for NULL: a character that no text of ours may hold, so that a line needs no second look.
_NULL = "\x1e"
_SPECIAL = re.compile(r"[\\\t\n\r\x00\x1e]")
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\x00": "", "\x1e": ""}
_NEEDS_ESCAPE = re.compile(r"[\\\n\r\x00]").search
_BLOCK_LINES = 1_000


def _escape(text: str) -> str:
    return _SPECIAL.sub(lambda found: _ESCAPES[found.group()], text)


def _array(values: Sequence[object]) -> str:
    quoted = (
        '"{}"'.format(str(value).replace("\\", "\\\\").replace('"', '\\"')) for value in values
    )
    return "{" + ",".join(quoted) + "}"


def line_of(row: Sequence[Any]) -> str:
    """One row in PostgreSQL's text format. Nearly every line needs no escaping, so it is made first and
    looked at as a whole. Lists must come as tuples."""
    fields = [
        value
        if type(value) is str
        else _NULL
        if value is None
        else _array(value)
        if type(value) is tuple
        else str(value)
        for value in row
    ]
    line = "\t".join(fields)
    if _NEEDS_ESCAPE(line) or line.count("\t") >= len(row):
        return "\t".join([field if field == _NULL else _escape(field) for field in fields])
    return line


def column_of(model: type[models.Model], name: str) -> str:
    return str(getattr(model._meta.get_field(name), "column"))  # noqa: B009 - relations have none


def copy_rows(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """Write rows of values in the order of `columns` (field names) and count them.

    Database defaults do not apply but the primary key's; columns left out must be nullable or have one.
    `rows` must not query the database while it is read: the connection is busy with the COPY.
    """
    return copy_lines(model, columns, map(line_of, rows))


def copy_lines(model: type[models.Model], columns: Sequence[str], lines: Iterable[str]) -> int:
    """The same for rows that are lines already (`line_of`)."""
    names = ", ".join(f'"{column_of(model, name)}"' for name in columns)
    statement = f"COPY \"{model._meta.db_table}\" ({names}) FROM STDIN WITH (NULL E'\\x1e')"
    count = 0
    waiting = iter(lines)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        while block := list(islice(waiting, _BLOCK_LINES)):
            count += len(block)
            copy.write("\n".join(block) + "\n")
    return count


def reserve_ids(model: type[models.Model], count: int) -> list[int]:
    """Take ids from the table's sequence, so that rows can refer to one another before they are written."""
    if count == 0:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [f'"{model._meta.db_table}"', count],
        )
        return [row[0] for row in cursor.fetchall()]
