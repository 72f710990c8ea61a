"""Counting for `/metrics`. Counts are added when the transaction commits, in one statement that adds to what is there:
so no count is lost between processes, none is made for what was rolled back, and no transaction waits for another's.

A process that is killed in that very moment loses a count; nothing but `/metrics` rests on them.
"""

from __future__ import annotations

import logging
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial

from django.db import DatabaseError, connection, transaction

from reconciliation.models import Tally

logger = logging.getLogger(__name__)

# As the specification names them; the label's meaning behind.
SYNCS = "broker_position_sync_total"  # broker
DIVERGENCES = "reconciliation_divergences_total"  # reason: the class of the difference
GUARD_TRIGGERS = "drawdown_guard_triggers_total"
AUTOCLOSED = "positions_autoclosed_total"  # reason: of the intent
LATENCY = "reconciliation_latency_seconds"  # a histogram
COUNTERS = (SYNCS, DIVERGENCES, GUARD_TRIGGERS, AUTOCLOSED)

# Upper bounds of the histogram's buckets, in seconds. A row holds what fell into its bucket alone.
BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
BEYOND = "+Inf"
SUM = "sum"
_LABEL_LENGTH = 64


def count(name: str, label: str = "", by: float = 1) -> None:
    """`name` is one of COUNTERS; `label` the value of its label."""
    add({(name, label): by})


def observe(name: str, seconds: float) -> None:
    """Into the histogram `name`."""
    observe_all(name, [seconds])


def observe_all(name: str, seconds: Iterable[float]) -> None:
    found: Counter[tuple[str, str]] = Counter()
    for one in seconds:
        found[name, bucket_of(one)] += 1
        found[name, SUM] += one  # type: ignore[assignment]  # a Counter of floats adds as well
    add(found)


def bucket_of(seconds: float) -> str:
    """The label of the first bucket whose bound is not below."""
    place = bisect_left(BOUNDS, seconds)
    return str(BOUNDS[place]) if place < len(BOUNDS) else BEYOND


def add(counts: Mapping[tuple[str, str], float]) -> None:
    """Many at once, by (name, label): one statement."""
    rows = sorted((name, label[:_LABEL_LENGTH], by) for (name, label), by in counts.items() if by)
    if rows:
        transaction.on_commit(partial(_write, rows))


def _write(rows: list[tuple[str, str, float]]) -> None:
    # In the order of their names, in which everybody takes them: none waits for another in a circle.
    table = connection.ops.quote_name(Tally._meta.db_table)
    places = ", ".join(["(%s, %s, %s)"] * len(rows))
    statement = (
        f"INSERT INTO {table} (name, label, value) VALUES {places} "
        f"ON CONFLICT (name, label) DO UPDATE SET value = {table}.value + EXCLUDED.value"
    )
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, [value for row in rows for value in row])
    except DatabaseError as error:
        # What was counted is done and committed: it does not fail for the count.
        logger.warning("tally_lost: %s", type(error).__name__)
