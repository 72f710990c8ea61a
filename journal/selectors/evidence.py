"""Effective evidence as booking needs it: read in bulk, as plain tuples."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from django.db import connection
from django.db.models.functions import Coalesce
from psycopg import Cursor as ServerBindingCursor
from psycopg.pq import Format

from journal.domain.exact import divide
from journal.domain.values import ONE

# Of reports of one fill, what was said last comes first.
NEWEST_FIRST = (Coalesce("stated_at", "batch__received_at").desc(), "-id")
BEGINNING = datetime(1, 1, 2, tzinfo=UTC)

_REPORT_COLUMNS = (
    "id", "instrument_id", "batch_id", "source", "report", "kind", "authority", "fill_key",
    "broker_id", "exec_id", "trade_id", "order_id", "original_ids", "side", "quantity", "price",
    "executed_at", "sequence", "fee", "tax", "fee_currency", "fx_rate", "effect", "stated_cost",
    "stated_pnl",
)  # fmt: skip


class Report(NamedTuple):
    """One execution report that counts (its batch is not withdrawn).

    `stated_at` is when its source made the statement, or, where it does not say, when the file was handed in.
    """

    id: int
    instrument_id: int
    batch_id: int
    source: str
    report: str
    kind: str
    authority: int
    fill_key: str
    broker_id: str
    exec_id: str
    trade_id: str
    order_id: str
    original_ids: list[str]
    side: str
    quantity: Decimal
    price: Decimal
    executed_at: datetime
    sequence: int
    fee: Decimal | None
    tax: Decimal | None
    fee_currency: str
    fx_rate: Decimal | None
    effect: str
    stated_cost: Decimal | None
    stated_pnl: Decimal | None
    stated_at: datetime


def count_reports(account_id: int, instrument_ids: list[int]) -> dict[int, int]:
    """Reports per instrument, withdrawn ones too: for planning the size of a read, nothing else."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT instrument_id, count(*) FROM journal_executionreport "
            "WHERE account_id = %s AND instrument_id = ANY(%s) GROUP BY instrument_id",
            [account_id, instrument_ids],
        )
        return dict(cursor.fetchall())


def list_reported_instruments(account_id: int) -> list[int]:
    """Every instrument that the account's evidence or book knows, withdrawn evidence included."""
    tables = (
        "executionreport",
        "corporateactionreport",
        "transferreport",
        "optioneventreport",
        "execution",
    )
    union = " UNION ".join(
        f"SELECT instrument_id FROM journal_{table} "
        f"WHERE account_id = %(account)s AND instrument_id IS NOT NULL"
        for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(union, {"account": account_id})
        return sorted(row[0] for row in cursor.fetchall())


def iter_reports(
    account_id: int,
    since: Mapping[int, datetime | None],
    *,
    until: Mapping[int, datetime] | None = None,
) -> Iterator[tuple[int, list[Report]]]:
    """Per instrument, its reports from the given moment on (None: all of them), in booking order; those before `until`
    only, where that is given (for all of the instruments)."""
    columns = ", ".join(f"r.{name}" for name in _REPORT_COLUMNS)
    before = "" if until is None else "AND r.executed_at < wanted.until "
    statement = (
        f"SELECT {columns}, coalesce(r.stated_at, b.received_at) "
        "FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS wanted (instrument_id, since, until) "
        "JOIN journal_executionreport r ON r.account_id = %s "
        f"AND r.instrument_id = wanted.instrument_id AND r.executed_at >= wanted.since {before}"
        "JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL "
        "ORDER BY r.instrument_id, r.executed_at, r.sequence, r.id"
    )
    moments = [at or BEGINNING for at in since.values()]
    connection.ensure_connection()
    # The driver's own cursor, in binary: the text of a hundred thousand times is slow to read.
    with ServerBindingCursor(connection.connection) as cursor:
        cursor.format = Format.BINARY
        ends = [None if until is None else until[id_] for id_ in since]
        cursor.execute(statement, [list(since), moments, ends, account_id])
        rows = map(Report._make, cursor.fetchall())
        for instrument_id, reports in groupby(rows, key=lambda row: row.instrument_id):
            yield instrument_id, list(reports)


def list_delivery_links(account_id: int) -> list[tuple[int, int]]:
    """Pairs of instruments that an exercise or assignment ties together: option and underlying.

    Generous on purpose (about the same day; the underlying by id or by any name, of undone imports too): what was
    tied together once has to come apart together, and booking too many instruments together is only slower.
    Either side may be stated by a fill or by the section of option events.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH moves AS ("
            "SELECT instrument_id, (executed_at AT TIME ZONE 'UTC')::date AS moved_on "
            "FROM journal_executionreport "
            "WHERE account_id = %(account)s AND kind IN ('assignment', 'exercise') "
            "UNION SELECT instrument_id, happened_on FROM journal_optioneventreport "
            "WHERE account_id = %(account)s AND kind IN ('assignment', 'exercise', 'delivery')), "
            "moved AS (SELECT i.* FROM journal_instrument i WHERE i.id IN (SELECT instrument_id FROM moves)), "
            "meant AS (SELECT id, underlying_symbol AS word FROM moved WHERE \"right\" <> '' "
            "UNION SELECT o.id, n.underlying_symbol FROM moved o "
            "JOIN journal_instrumentname n ON n.instrument_id = o.id WHERE o.\"right\" <> ''), "
            "called AS (SELECT id, symbol AS word FROM moved WHERE \"right\" = '' "
            "UNION SELECT s.id, n.symbol FROM moved s "
            "JOIN journal_instrumentname n ON n.instrument_id = s.id WHERE s.\"right\" = ''), "
            "tied AS (SELECT id AS option_id, underlying_id AS share_id FROM moved "
            "WHERE underlying_id IS NOT NULL AND \"right\" <> '' "
            "UNION SELECT meant.id, called.id FROM meant JOIN called ON called.word = meant.word) "
            "SELECT DISTINCT tied.option_id, tied.share_id FROM tied "
            "JOIN moves option ON option.instrument_id = tied.option_id "
            "JOIN moves share ON share.instrument_id = tied.share_id "
            "AND share.moved_on BETWEEN option.moved_on - 5 AND option.moved_on + 5",
            {"account": account_id},
        )
        return [(option_id, share_id) for option_id, share_id in cursor.fetchall()]


def list_booked_in(workspace_id: int, instrument_ids: Collection[int]) -> list[tuple[int, int]]:
    """(account, instrument) of every account that has fills of the instruments in its book."""
    if not instrument_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.id, i.id FROM journal_brokeraccount a, unnest(%s::bigint[]) AS i (id) "
            "WHERE a.workspace_id = %s AND EXISTS (SELECT FROM journal_execution e "
            "WHERE e.account_id = a.id AND e.instrument_id = i.id)",
            [list(instrument_ids), workspace_id],
        )
        return [(account_id, instrument_id) for account_id, instrument_id in cursor.fetchall()]


def list_uncuttable_instruments(account_id: int) -> set[int]:
    """Instruments with cancels, corrections, whole orders or parts of fills: what they speak of may lie at any other
    time.

    And those with ends of options that do not say which way round they were: a fill that does stands at another time.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT instrument_id FROM journal_executionreport "
            "WHERE account_id = %(account)s AND (report <> 'fill' OR authority <= 20) "
            "UNION SELECT instrument_id FROM journal_optioneventreport "
            "WHERE account_id = %(account)s AND NOT is_directed",
            {"account": account_id},
        )
        return {row[0] for row in cursor.fetchall()}


def list_booked_before(
    account_id: int, since: Mapping[int, datetime | None], fill_keys: Mapping[int, Collection[str]]
) -> set[str]:
    """Those of the fills (by instrument) that the book holds at a time before the instrument's moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT instrument_id FROM unnest(%s::bigint[], %s::timestamptz[]) AS wanted (instrument_id, since) "
            "WHERE EXISTS (SELECT FROM journal_execution e WHERE e.account_id = %s "
            "AND e.instrument_id = wanted.instrument_id AND e.executed_at < wanted.since)",
            [list(since), [at or BEGINNING for at in since.values()], account_id],
        )
        keys = [key for (id_,) in cursor.fetchall() for key in fill_keys.get(id_, ())]
        if not keys:
            return set()
        cursor.execute(
            "SELECT fill_key FROM journal_execution WHERE account_id = %s AND fill_key = ANY(%s)",
            [account_id, keys],
        )
        return {row[0] for row in cursor.fetchall()}


def list_rated_instruments(account_id: int, since: datetime) -> list[tuple[int, datetime]]:
    """Instruments with fills that a rate of that time or later converts, and the first of those fills."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT instrument_id, min(executed_at) FROM journal_execution "
            "WHERE account_id = %s AND uses_rates AND executed_at >= %s GROUP BY instrument_id",
            [account_id, since],
        )
        return [(instrument_id, at) for instrument_id, at in cursor.fetchall()]


class RateBook:
    """Conversion rates that the account's statements state, by day.

    `rate` answers with the latest on or before the day, at most `MAX_AGE_DAYS` old, straight or inverted or
    through the base currency; None when nothing is known. It never guesses.
    """

    MAX_AGE_DAYS = 10

    def __init__(self, account_id: int, base_currency: str) -> None:
        self._account_id = account_id
        self._base = base_currency
        self._series: dict[tuple[str, str], tuple[list[date], list[Decimal]]] | None = None

    def rate(self, source: str, target: str, on: date) -> Decimal | None:
        if source == target:
            return ONE
        direct = self._either_way(source, target, on)
        if direct is not None or self._base in (source, target):
            return direct
        to_base = self._either_way(source, self._base, on)
        from_base = self._either_way(self._base, target, on)
        return None if to_base is None or from_base is None else to_base * from_base

    def _either_way(self, source: str, target: str, on: date) -> Decimal | None:
        straight = self._stated(source, target, on)
        if straight is not None:
            return straight
        inverse = self._stated(target, source, on)
        return None if not inverse else divide(ONE, inverse)

    def _stated(self, source: str, target: str, on: date) -> Decimal | None:
        days, rates = self._load().get((source, target), ([], []))
        index = bisect_right(days, on) - 1
        if index < 0 or (on - days[index]).days > self.MAX_AGE_DAYS:
            return None
        return rates[index]

    def load(self) -> None:
        """Read them now: where rates are asked for later there may be no database."""
        self._load()

    def _load(self) -> dict[tuple[str, str], tuple[list[date], list[Decimal]]]:
        if self._series is None:
            series: dict[tuple[str, str], tuple[list[date], list[Decimal]]] = defaultdict(
                lambda: ([], [])
            )
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT DISTINCT ON (r.from_currency, r.to_currency, r.reported_on) "
                    "r.from_currency, r.to_currency, r.reported_on, r.rate "
                    "FROM journal_conversionrate r JOIN journal_importbatch b ON b.id = r.batch_id "
                    "WHERE r.account_id = %s AND b.withdrawn_at IS NULL "
                    "ORDER BY r.from_currency, r.to_currency, r.reported_on, r.id DESC",
                    [self._account_id],
                )
                for source, target, day, rate in cursor.fetchall():
                    days, rates = series[(source, target)]
                    days.append(day)
                    rates.append(rate)
            self._series = dict(series)
        return self._series
