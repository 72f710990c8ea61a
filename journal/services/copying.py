"""Rows into tables by COPY: the way bulk evidence and derived rows enter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import Any

from django.db import connection, models

from common.copy_text import NULL_OPTION, lines_of

# Lines are handed over in large pieces.
_HANDED_LINES = 2_500


def column_of(model: type[models.Model], name: str) -> str:
    return str(getattr(model._meta.get_field(name), "column"))  # noqa: B009 - relations have none


def copy_rows(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """Write rows of values in the order of `columns` (field names) and count them.

    Database defaults do not apply but the primary key's; columns left out must be nullable or have one.
    `rows` must not query the database while it is read: the connection is busy with the COPY.
    """
    waiting = iter(rows)
    blocks = iter(lambda: list(islice(waiting, _HANDED_LINES)), [])
    return copy_lines(model, columns, chain.from_iterable(map(lines_of, blocks)))


def copy_lines(model: type[models.Model], columns: Sequence[str], lines: Iterable[str]) -> int:
    """The same for rows that are lines already (`lines_of`)."""
    names = ", ".join(f'"{column_of(model, name)}"' for name in columns)
    statement = f'COPY "{model._meta.db_table}" ({names}) FROM STDIN WITH ({NULL_OPTION})'
    count = 0
    waiting = iter(lines)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        while block := list(islice(waiting, _HANDED_LINES)):
            count += len(block)
            copy.write("\n".join(block) + "\n")
    return count


def reserve_ids(model: type[models.Model], count: int) -> list[int]:
    """Take ids from the table's sequence, so that rows can refer to one another before they are written."""
    if count == 0:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            # The sequence is looked up once, not once for each of its numbers.
            "WITH own AS MATERIALIZED (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS name) "
            "SELECT array_agg(nextval(own.name)) FROM own, generate_series(1, %s)",
            [f'"{model._meta.db_table}"', count],
        )
        ids: list[int] = cursor.fetchone()[0]
    return ids
