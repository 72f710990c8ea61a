"""Workspaces copied row by row: many users from a few, without booking each trade of each again."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from django.apps import apps
from django.db import connection, models

from accounts.models import Membership, User, Workspace
from config.runtime.postgres import SUPERUSER

# What only captures, pages and later closes read.
_LEFT = {
    "journal_capturedrecord", "journal_webhookevent", "journal_webhookdelivery", "learning_metricpoint",
    "learning_metricstate", "learning_bookchange", "journal_alert", "journal_told",
}  # fmt: skip
# Numbers of rows that are no foreign keys of Django's.
_NUMBERS = {"trade_id", "closed_leg", "last_id"}


def copy_workspaces(ids: Sequence[int], copies: int) -> None:
    """So many copies of each, with all that is theirs. Every number of a row moves by the same step."""
    if copies < 1:
        return
    tables = [Workspace, *_tables()]
    told = connection.get_connection_params()
    with psycopg.connect(
        host=told["host"], dbname=told["dbname"], user=SUPERUSER, autocommit=True
    ) as server:
        # No trigger fires and no key is checked: the rows are as right as those that they are copied from.
        server.execute("SET session_replication_role = replica")
        step = 1 + max(_most(server, table) for table in tables)
        for table in tables:
            statement = _statement(table)
            if server.execute(_count(table), [list(ids)]).fetchone() != (0,):
                server.execute(statement, {"ids": list(ids), "step": step, "copies": copies})
        for table in tables:
            if isinstance(table._meta.pk, models.AutoField):
                name, key = table._meta.db_table, table._meta.pk.column
                server.execute(
                    f"SELECT setval(pg_get_serial_sequence('{name}', '{key}'), max({key}) + 1) FROM {name}"
                )


def _tables() -> list[type[models.Model]]:
    return [
        table
        for table in apps.get_models()
        if table._meta.app_label in {"journal", "learning"}
        and table._meta.managed
        and table._meta.db_table not in _LEFT
        and not table.__name__.endswith("Event")
        and any(field.attname == "workspace_id" for field in table._meta.concrete_fields)
    ] + [Membership]


def _own(table: type[models.Model]) -> str:
    return "id" if table is Workspace else "workspace_id"


def _count(table: type[models.Model]) -> str:
    return f"SELECT count(*) FROM {table._meta.db_table} WHERE {_own(table)} = ANY(%s)"


def _most(server: psycopg.Connection, table: type[models.Model]) -> int:
    key = table._meta.pk
    if isinstance(key, models.CompositePrimaryKey) or key.is_relation:
        return 0
    row = server.execute(f"SELECT max({key.column}) FROM {table._meta.db_table}").fetchone()
    return int(row[0] or 0) if row else 0


def _statement(table: type[models.Model]) -> str:
    fields = table._meta.concrete_fields
    columns = ", ".join(f'"{field.column}"' for field in fields)
    told = ", ".join(_value(field) for field in fields)
    return (
        f"INSERT INTO {table._meta.db_table} ({columns}) SELECT {told} FROM {table._meta.db_table} AS own, "
        f"generate_series(1, %(copies)s) AS copy WHERE own.{_own(table)} = ANY(%(ids)s)"
    )


def _value(field: models.Field) -> str:
    name = f'own."{field.column}"'
    if field.attname == "slug":
        return f"{name} || '-' || copy"
    is_named = field.attname in _NUMBERS and isinstance(field, models.BigIntegerField)
    is_number = (field.primary_key and not field.is_relation) or is_named
    if is_number or (field.is_relation and field.related_model is not User):
        return f"{name} + copy * %(step)s"
    return name
