"""Rows of an archive into tables, with new keys. PostgreSQL does it: no number passes through Python's floats."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import connection

from journal.services.portable.tables import Moved, moved

_PEOPLE = "people"
_ROWS = "CREATE TEMPORARY TABLE moved_rows (n bigint GENERATED ALWAYS AS IDENTITY, j jsonb NOT NULL) ON COMMIT DROP"
_KEYS = (
    "CREATE TEMPORARY TABLE moved_keys (name text, old bigint, new bigint, PRIMARY KEY (name, old)) "
    "ON COMMIT DROP"
)


class Loader:
    """`moved_rows` holds the rows of one table as they are in the archive, `moved_keys` the keys there and here."""

    def __init__(self, workspace_id: int) -> None:
        self._workspace_id = workspace_id
        self._known = {one.name for one in moved()}
        self._run("DROP TABLE IF EXISTS moved_rows, moved_keys")
        self._run(_ROWS)
        self._run(_KEYS)

    def know_people(self, people: Mapping[int, int]) -> None:
        for old, new in people.items():
            self._run("INSERT INTO moved_keys VALUES (%s, %s, %s)", [_PEOPLE, old, new])

    def fill(self, lines: Iterable[str]) -> None:
        self._run("TRUNCATE moved_rows RESTART IDENTITY")
        with (
            connection.cursor() as cursor,
            cursor.copy("COPY moved_rows (j) FROM STDIN") as copy,
        ):
            for line in lines:
                copy.write_row((line,))

    def rename_files(self, names: Mapping[str, str]) -> None:
        """Where the storage has them now, by their content."""
        for sha256, name in names.items():
            self._run(
                "UPDATE moved_rows SET j = jsonb_set(j, '{stored_as}', to_jsonb(%s::text)) WHERE j ->> 'sha256' = %s",
                [name, sha256],
            )

    def write(self, table: Moved) -> None:
        """In the order in which they were written there."""
        meta = table.model._meta
        if _has_number(table.model):
            self._run(
                "INSERT INTO moved_keys SELECT %s, old, nextval(pg_get_serial_sequence(%s, 'id')) "
                "FROM (SELECT (j ->> 'id')::bigint AS old FROM moved_rows ORDER BY n) AS rows",
                [table.name, f'"{meta.db_table}"'],
            )
            self._run("ANALYZE moved_keys")
        fields = meta.concrete_fields
        columns = ", ".join(f'"{field.column}"' for field in fields)
        values, joins = self._values(table)
        self._run(
            f'INSERT INTO "{meta.db_table}" ({columns}) SELECT {", ".join(values)} FROM moved_rows m '
            f'CROSS JOIN LATERAL jsonb_populate_record(NULL::"{meta.db_table}", m.j) AS r '
            f"{' '.join(joins)} ORDER BY m.n"
        )

    def _values(self, table: Moved) -> tuple[list[str], list[str]]:
        values, joins = [], []
        for place, field in enumerate(table.model._meta.concrete_fields):
            column, name = field.column, self._keys_for(table, field)
            if field.is_relation and field.related_model._meta.label == "accounts.Workspace":
                values.append(str(int(self._workspace_id)))
            elif column in table.cleared or name == "":
                values.append("NULL")
            elif column in table.instead:
                values.append(table.instead[column])
            elif name is None:
                values.append(f'r."{column}"')
            else:
                key = f"k{place}"
                joins.append(
                    f"LEFT JOIN moved_keys {key} ON {key}.name = '{name}' AND {key}.old = r.\"{column}\""
                )
                values.append(f"{key}.new")
        return values, joins

    def _keys_for(self, table: Moved, field: Any) -> str | None:
        """Among which keys the new one is found; None for a column that is no key, "" where what it names stays."""
        if field.primary_key and _has_number(table.model):
            return table.name
        if field.column in table.people:
            return _PEOPLE
        if not field.is_relation:
            return None
        label = field.related_model._meta.label
        if label == settings.AUTH_USER_MODEL:
            return _PEOPLE
        return label if label in self._known else ""

    def keys_of(self, name: str) -> dict[int, int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT old, new FROM moved_keys WHERE name = %s", [name])
            return dict(cursor.fetchall())

    def close(self) -> None:
        self._run("DROP TABLE moved_rows, moved_keys")

    def _run(self, statement: str, values: list[Any] | None = None) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)


def _has_number(model: Any) -> bool:
    return [field.column for field in model._meta.pk_fields] == ["id"]
