"""Which prices there are, and bars of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import QuerySet

from common.errors import NotFound
from common.sql import fetch
from journal.domain.bars import DAY_SECONDS, Bar, Split, bar_end
from journal.domain.names import name_key
from journal.domain.values import AssetClass
from journal.models import Instrument, PriceFile, PriceSeries, PriceSplit

# More bars than these are taken together by the hour, then by the day, but for those near fills.
BARS_MAX = 3_000
_COARSE = (3_600, DAY_SECONDS)
_NEAR_MAX = 40
_PAGE = 1_000
# A second or two on a small machine that is busy.
_WAITED_FOR = 200_000
_DAY = timedelta(days=1)
_PAIRS = {AssetClass.CRYPTO, AssetClass.FOREX, AssetClass.METAL}


class Bars(NamedTuple):
    """`seconds` is the length of most of them; `near` the source's own length, which those around fills have."""

    bars: list[Bar]
    seconds: int
    near: int


def list_series() -> QuerySet[PriceSeries]:
    return PriceSeries.objects.order_by("key", "seconds", "source", "pk")


def get_series(series_id: int) -> PriceSeries:
    """Within the open workspace. Raises NotFound for anybody else's."""
    series = PriceSeries.objects.filter(pk=series_id).first()
    if series is None:
        raise NotFound("price_series_not_found", "There are no such prices in this workspace.")
    return series


def list_price_files(limit: int = 20) -> list[PriceFile]:
    return list(PriceFile.objects.select_related("series", "author").order_by("-pk")[:limit])


def keys_of(instrument: Instrument) -> list[str]:
    """The names under which prices of an instrument may be: its own ones, and of a coin or currency the pair."""
    names = [instrument.symbol, *instrument.former_symbols]
    if AssetClass(instrument.asset_class) in _PAIRS:
        names = [f"{name}{instrument.currency}" for name in names] + names
    return list(dict.fromkeys(name_key(name) for name in names if name_key(name)))


def series_for(keys: Iterable[str], since: datetime, until: datetime) -> list[PriceSeries]:
    """Those that have a bar between the two in all probability, the finest first, and as traded before adjusted. Those
    that would have so many bars of that time that a page has to wait for them come last."""
    found = PriceSeries.objects.filter(
        key__in=list(keys), first_at__lt=until + _DAY, last_at__gt=since - _DAY
    )
    length = (until - since).total_seconds()
    ordered = found.order_by("seconds", "-basis", "pk")
    return sorted(ordered, key=lambda one: length / one.seconds > _WAITED_FOR)


def has_prices(instrument: Instrument) -> bool:
    return PriceSeries.objects.filter(key__in=keys_of(instrument)).exists()


def splits_for(keys: Iterable[str]) -> list[Split]:
    """What sources of prices tell of, each split once: two sources may differ by a day."""
    found: list[Split] = []
    rows = PriceSplit.objects.filter(key__in=list(keys)).order_by("at", "pk")
    for one in rows:
        split = Split(one.at, one.new, one.old)
        if not any(is_same_split(split, known) for known in found):
            found.append(split)
    return found


def is_same_split(one: Split, other: Split) -> bool:
    return abs(one.at - other.at) < 4 * _DAY and one.new * other.old == other.new * one.old


def read_bars(
    series: PriceSeries, since: datetime, until: datetime, near: Sequence[datetime] = ()
) -> Bars:
    """Those that touch the time, in order. Where they are many they are taken together, but for those at `near`."""
    start = since - timedelta(seconds=series.seconds)
    if series.seconds >= DAY_SECONDS:
        start -= timedelta(hours=1)
    expected = (until - start).total_seconds() / series.seconds
    if expected <= BARS_MAX:
        return Bars(_touching(_fine(series, start, until), since), series.seconds, series.seconds)
    coarse = next(
        (one for one in _COARSE if (until - start).total_seconds() / one <= BARS_MAX), _COARSE[-1]
    )
    if coarse <= series.seconds:
        return Bars(_touching(_fine(series, start, until), since), series.seconds, series.seconds)
    bars = _together(series, start, until, coarse, near)
    return Bars(_touching(bars, since), coarse, series.seconds)


def _touching(bars: list[Bar], since: datetime) -> list[Bar]:
    return [bar for bar in bars if bar.closes_at > since]


def _fine(series: PriceSeries, start: datetime, until: datetime) -> list[Bar]:
    rows = fetch(
        "SELECT opened_at, opened_at, open, high, low, close, volume FROM journal_pricebar "
        "WHERE series_id = %s AND opened_at > %s AND opened_at < %s ORDER BY opened_at",
        [series.pk, start, until],
    )
    return [_bar(row, series) for row in rows]


def stream_bars(series: PriceSeries, since: datetime, most: int) -> Iterator[Bar]:
    """From the last one that opened before `since` on, page by page, at most so many."""
    before = fetch(
        "SELECT max(opened_at) FROM journal_pricebar WHERE series_id = %s AND opened_at < %s",
        [series.pk, since],
    )
    start = before[0][0] or since
    left = most
    while left > 0:
        rows = fetch(
            "SELECT opened_at, opened_at, open, high, low, close, volume FROM journal_pricebar "
            "WHERE series_id = %s AND opened_at >= %s ORDER BY opened_at LIMIT %s",
            [series.pk, start, min(left, _PAGE)],
        )
        yield from (_bar(row, series) for row in rows)
        if len(rows) < _PAGE:
            return
        left -= len(rows)
        start = rows[-1][0] + timedelta(microseconds=1)


_TOGETHER = """
SELECT min(opened_at), max(opened_at), (array_agg(open ORDER BY opened_at))[1], max(high), min(low),
    (array_agg(close ORDER BY opened_at DESC))[1], sum(volume)
FROM (
    SELECT *, date_bin(%(length)s, opened_at, TIMESTAMPTZ '2000-01-01 00:00+00') AS bucket
    FROM journal_pricebar WHERE series_id = %(series)s AND opened_at > %(start)s AND opened_at < %(until)s
) AS one
GROUP BY CASE WHEN bucket = ANY(%(near)s) THEN opened_at ELSE bucket END ORDER BY 1
"""


def _together(
    series: PriceSeries, start: datetime, until: datetime, length: int, near: Sequence[datetime]
) -> list[Bar]:
    rows = fetch(
        _TOGETHER,
        {
            "length": timedelta(seconds=length),
            "series": series.pk,
            "start": start,
            "until": until,
            "near": [_bucket(at, length) for at in near[:_NEAR_MAX]],
        },
    )
    return [_bar(row, series) for row in rows]


def _bucket(at: datetime, length: int) -> datetime:
    return datetime.fromtimestamp(at.timestamp() // length * length, at.tzinfo)


def _bar(
    row: tuple[datetime, datetime, Decimal, Decimal, Decimal, Decimal, Decimal | None],
    series: PriceSeries,
) -> Bar:
    opened_at, last_at, first, high, low, close, volume = row
    closes_at = bar_end(last_at, series.seconds, series.tz)
    return Bar(opened_at, closes_at, first, high, low, close, volume)
