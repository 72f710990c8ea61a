"""Rows into tables by COPY: the way bulk evidence and derived rows enter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models

_SPECIAL = re.compile(r"[\\\t\n\r\x00]")
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\x00": ""}
_BLOCK_LINES = 2_000


def _escape(text: str) -> str:
    return _SPECIAL.sub(lambda found: _ESCAPES[found.group()], text)


def _field(value: object) -> str:
    """One value in PostgreSQL's text format. Everything but text and lists prints itself."""
    if value is None:
        return "\\N"
    if type(value) is str:
        return value if value.isalnum() else _escape(value)
    if type(value) is tuple or type(value) is list:
        return _escape(_array(value))
    return str(value)


def _array(values: Sequence[object]) -> str:
    quoted = (
        '"{}"'.format(str(value).replace("\\", "\\\\").replace('"', '\\"')) for value in values
    )
    return "{" + ",".join(quoted) + "}"


def column_of(model: type[models.Model], name: str) -> str:
    return str(getattr(model._meta.get_field(name), "column"))  # noqa: B009 - relations have none


def copy_rows(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """Write rows of values in the order of `columns` (field names) and count them.

    Database defaults do not apply but the primary key's; columns left out must be nullable or have one.
    `rows` must not query the database while it is read: the connection is busy with the COPY.
    """
    names = ", ".join(f'"{column_of(model, name)}"' for name in columns)
    statement = f'COPY "{model._meta.db_table}" ({names}) FROM STDIN'
    count = 0
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        lines: list[str] = []
        for row in rows:
            lines.append("\t".join(map(_field, row)))
            if len(lines) >= _BLOCK_LINES:
                count += len(lines)
                copy.write("\n".join(lines) + "\n")
                lines.clear()
        if lines:
            count += len(lines)
            copy.write("\n".join(lines) + "\n")
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
