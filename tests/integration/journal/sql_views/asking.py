"""Asking by SQL, as ourselves or as a role."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from django.db import DatabaseError, connection, transaction

ROLE = "fillbook_test_reader"
VIEWS = (
    "trading.workspaces", "trading.trades", "trading.complete_trades", "trading.performance_metrics",
    "trading.trade_sources", "trading.plans", "trading.recommendations", "trading.structures", "monitoring.orders", "monitoring.order_history", "monitoring.trades",
    "monitoring.positions",
)  # fmt: skip


def ask(query: str, values: object = None) -> list[dict[str, object]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@contextmanager
def acting_as(role: str):
    """As somebody who signed in as this role."""
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT {role} TO current_user WITH SET TRUE, INHERIT FALSE")
        cursor.execute(f"SET ROLE {role}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")


def refused(statement: str) -> str:
    with pytest.raises(DatabaseError) as error, transaction.atomic():
        ask(statement)
    return str(error.value)


def refused_as(role: str, statement: str) -> str:
    with acting_as(role):
        return refused(statement)
