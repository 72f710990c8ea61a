"""Sums per trading day, kept up to date on write: pages read these, not the trades.

What was realised, and what was paid for it, is told apart by the source of its trade. Where statements are all there
is, that goes without looking at the trades.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from django.db import connection

from journal.models import Source
from journal.selectors.summing import MATCH_COLUMNS, MATCH_SUMS, TRADE_COLUMNS, TRADE_SUMS

_EXECUTION_SUMS = """
    count(*) AS executions,
    sum(e.fee_quoted) AS fees_paid,
    sum(e.fee_quoted * coalesce(e.fx_rate, CASE WHEN i.currency = a.base_currency THEN 1 END))
        AS fees_paid_base"""

_EXECUTION_COLUMNS = ("executions", "fees_paid", "fees_paid_base")


def refresh_rollups(workspace_id: int, account_id: int, days: Collection[date] | None) -> None:
    """Sum the given trading days of an account again; None is all of them."""
    if days is not None and not days:
        return
    values = {
        "workspace": workspace_id,
        "account": account_id,
        "days": None if days is None else sorted(days),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ANYBODY_ACTED, values)
        statements = _STATEMENTS[cursor.fetchone()[0]]
        for statement in statements:
            cursor.execute(statement, values)


def _during(column: str) -> str:
    return f"account_id = %(account)s AND (%(days)s::date[] IS NULL OR {column} = ANY(%(days)s))"


def _insert(table: str, keys: tuple[str, ...], parts: dict[str, tuple[str, ...]]) -> str:
    """INSERT … SELECT that joins the parts (common table expressions) on the keys."""
    columns = [name for names in parts.values() for name in names]
    sums = [f"coalesce({part}.{name}, 0)" for part, names in parts.items() for name in names]
    joined = " FULL JOIN ".join(
        part if index == 0 else f"{part} USING ({', '.join(keys)})"
        for index, part in enumerate(parts)
    )
    return (
        f"INSERT INTO {table} (workspace_id, account_id, {', '.join(keys)}, {', '.join(columns)}) "
        f"SELECT %(workspace)s, %(account)s, {', '.join(keys)}, {', '.join(sums)} FROM {joined}"
    )


_DAY_KEYS = ("day", "currency", "source")
_SLICE_KEYS = ("day", "currency", "source", "asset_class", "direction")
# Read off the beginning of an index that holds no others.
_ANYBODY_ACTED = f"""SELECT EXISTS (
    SELECT FROM journal_trade WHERE account_id = %(account)s AND source <> '{Source.STATEMENT}')"""


class _Sources(NamedTuple):
    """How to find the source of a match, of an execution: an expression, and what has to be joined for it."""

    of_match: str
    of_execution: str
    join_match: str = ""
    join_execution: str = ""


_ONLY_STATEMENTS = _Sources(f"'{Source.STATEMENT}'::text", f"'{Source.STATEMENT}'::text")
_SOMEBODY_ACTED = _Sources(
    "t.source",
    f"coalesce(t.source, '{Source.STATEMENT}')",
    "JOIN journal_leg l ON l.id = m.leg_id JOIN journal_trade t ON t.id = l.trade_id",
    "LEFT JOIN journal_leg l ON l.id = coalesce(e.leg_id, e.closed_leg) "
    "LEFT JOIN journal_trade t ON t.id = l.trade_id",
)


def _slice_statements(sources: _Sources) -> tuple[str, ...]:
    return (
        f"DELETE FROM journal_slicerollup WHERE {_during('day')}",
        f"""WITH matched AS (
            SELECT m.closed_on AS day, m.currency, {sources.of_match} AS source, m.asset_class,
                m.direction, {MATCH_SUMS}
            FROM journal_lotmatch m {sources.join_match} WHERE m.{_during("m.closed_on")}
            GROUP BY 1, 2, 3, 4, 5
        ), closed AS (
            SELECT closed_on AS day, currency, source, asset_class, direction, {TRADE_SUMS}
            FROM journal_trade WHERE {_during("closed_on")} AND closed_on IS NOT NULL
            GROUP BY 1, 2, 3, 4, 5
        ) """
        + _insert(
            "journal_slicerollup",
            _SLICE_KEYS,
            {"matched": MATCH_COLUMNS, "closed": TRADE_COLUMNS},
        ),
    )


# A day is the sum of its slices, and what was executed on it.
_SLICE_COLUMNS = MATCH_COLUMNS + TRADE_COLUMNS


def _day_statements(sources: _Sources) -> tuple[str, ...]:
    return (
        f"DELETE FROM journal_dayrollup WHERE {_during('day')}",
        f"""WITH sliced AS (
            SELECT day, currency, source,
                {", ".join(f"sum({name}) AS {name}" for name in _SLICE_COLUMNS)}
            FROM journal_slicerollup WHERE {_during("day")} GROUP BY 1, 2, 3
        ), executed AS (
            SELECT e.trading_day AS day, i.currency, {sources.of_execution} AS source,
                {_EXECUTION_SUMS}
            FROM journal_execution e JOIN journal_instrument i ON i.id = e.instrument_id
            JOIN journal_brokeraccount a ON a.id = e.account_id {sources.join_execution}
            WHERE e.{_during("e.trading_day")} GROUP BY 1, 2, 3
        ) """
        + _insert(
            "journal_dayrollup",
            _DAY_KEYS,
            {"sliced": _SLICE_COLUMNS, "executed": _EXECUTION_COLUMNS},
        ),
    )


# By whether anybody but statements speaks of the account.
_STATEMENTS = {
    acted: _slice_statements(sources) + _day_statements(sources)
    for acted, sources in ((False, _ONLY_STATEMENTS), (True, _SOMEBODY_ACTED))
}
