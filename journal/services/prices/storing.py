"""Bars into the database: by COPY, once each. The same bars again change nothing; others of the same time replace them.

A bar that is not over yet is left out: its high and low may still move, and nobody would know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from common.copy_text import NULL_OPTION, lines_of
from journal.domain.bars import Bar, Split
from journal.domain.names import name_key
from journal.models import PriceBasis, PriceSeries, PriceSplit

_COLUMNS = ("opened_at", "open", "high", "low", "close", "volume")
_HANDED_ROWS = 2_500
_MERGE = """
WITH fresh AS (
    SELECT DISTINCT ON (opened_at) * FROM fresh_price_bar ORDER BY opened_at, ordinal DESC
), written AS (
    INSERT INTO journal_pricebar AS known
        (workspace_id, series_id, opened_at, open, high, low, close, volume)
    SELECT %(workspace)s, %(series)s, opened_at, open, high, low, close, volume FROM fresh
    ON CONFLICT (series_id, opened_at) DO UPDATE SET
        open = EXCLUDED.open, high = EXCLUDED.high, low = EXCLUDED.low, close = EXCLUDED.close,
        volume = coalesce(EXCLUDED.volume, known.volume)
    WHERE (known.open, known.high, known.low, known.close) IS DISTINCT FROM
        (EXCLUDED.open, EXCLUDED.high, EXCLUDED.low, EXCLUDED.close)
        OR coalesce(EXCLUDED.volume, known.volume) IS DISTINCT FROM known.volume
    RETURNING xmax = 0 AS is_new
)
SELECT (SELECT count(*) FROM fresh_price_bar), (SELECT min(opened_at) FROM fresh), (SELECT max(opened_at) FROM fresh),
    (SELECT count(*) FROM written WHERE is_new), (SELECT count(*) FROM written WHERE NOT is_new)
"""


class SeriesName(NamedTuple):
    """Which series bars belong to. `zone` counts where the series comes to be."""

    symbol: str
    seconds: int
    source: str
    zone: str = "UTC"
    is_adjusted: bool = False


class Stored(NamedTuple):
    """`read` bars came, of which `unfinished` were left out, `added` were new and `changed` said something else."""

    series: PriceSeries
    read: int
    added: int
    changed: int
    unfinished: int


def series_of(workspace_id: int, name: SeriesName) -> PriceSeries:
    """The series of that name, locked until the transaction is over."""
    basis = PriceBasis.ADJUSTED if name.is_adjusted else PriceBasis.RAW
    own = {
        "workspace_id": workspace_id,
        "key": name_key(name.symbol)[:64],
        "seconds": name.seconds,
        "source": name.source[:48],
        "basis": basis,
    }
    PriceSeries.objects.get_or_create(
        **own, defaults={"symbol": name.symbol[:64], "zone": name.zone}
    )
    return PriceSeries.objects.select_for_update().get(**own)


@transaction.atomic
def store_bars(
    workspace_id: int, name: SeriesName, bars: Iterable[Bar], *, now: datetime | None = None
) -> Stored:
    """`bars` is read once and must not ask the database for anything; what it raises undoes all of it."""
    now = now or timezone.now()
    series = series_of(workspace_id, name)
    left_out: list[int] = [0]
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE fresh_price_bar (ordinal bigint GENERATED ALWAYS AS IDENTITY, "
            "opened_at timestamptz, open numeric, high numeric, low numeric, close numeric, volume numeric) "
            "ON COMMIT DROP"
        )
        statement = f"COPY fresh_price_bar ({', '.join(_COLUMNS)}) FROM STDIN WITH ({NULL_OPTION})"
        with cursor.copy(statement) as copy:
            for block in _blocks(bars, now, left_out):
                copy.write("\n".join(lines_of(block)) + "\n")
        cursor.execute(_MERGE, {"workspace": workspace_id, "series": series.pk})
        read, first_at, last_at, added, changed = cursor.fetchone()
        # Not only at the end: one transaction may store several series.
        cursor.execute("DROP TABLE fresh_price_bar")
    if read:
        _note(series, first_at, last_at, added, now)
    return Stored(series, read + left_out[0], added, changed, left_out[0])


def _blocks(
    bars: Iterable[Bar], now: datetime, left_out: list[int]
) -> Iterator[Sequence[Sequence[object]]]:
    waiting = iter(bars)
    while block := list(islice(waiting, _HANDED_ROWS)):
        over = [bar for bar in block if bar.closes_at <= now]
        left_out[0] += len(block) - len(over)
        if over:
            yield [(bar.opened_at, *bar[2:]) for bar in over]


def _note(
    series: PriceSeries, first_at: datetime, last_at: datetime, added: int, now: datetime
) -> None:
    series.first_at = min(first_at, series.first_at or first_at)
    series.last_at = max(last_at, series.last_at or last_at)
    if series.basis == PriceBasis.ADJUSTED:
        series.adjusted_at = now
    series.bars += added
    series.save(update_fields=["first_at", "last_at", "adjusted_at", "bars", "updated_at"])


@transaction.atomic
def store_splits(workspace_id: int, symbol: str, source: str, splits: Iterable[Split]) -> int:
    """How many were not known. A source's own word on one day replaces what it said before."""
    added = 0
    for split in splits:
        _, is_new = PriceSplit.objects.update_or_create(
            workspace_id=workspace_id,
            key=name_key(symbol)[:64],
            source=source[:48],
            at=split.at,
            defaults={"symbol": symbol[:64], "new": split.new, "old": split.old},
        )
        added += is_new
    return added


@transaction.atomic
def delete_series(series: PriceSeries) -> None:
    """With its bars. Prices are nobody's evidence: they can be handed in again."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM journal_pricebar WHERE series_id = %s", [series.pk])
    series.delete()


__all__ = ["SeriesName", "Stored", "delete_series", "series_of", "store_bars", "store_splits"]
