"""Closed trades as paths of prices in R, from entry until as long again after they ended, from bars that are kept here.

A trade of one instrument is followed as one position: all that was opened, at its average price, less its fees. Trades
of several instruments (spreads) have no bars that say what they were worth at one moment, and are counted as such.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import NamedTuple

import numpy as np

from common.sql import fetch
from journal.domain.bars import DAY_SECONDS
from journal.domain.names import name_key
from journal.domain.values import AssetClass
from journal.models import PriceSeries
from journal.selectors.trade_paths import resized_among
from learning.domain.exits.paths import Paths, Resolution
from learning.domain.seconds import second_within
from learning.domain.trades import Floats, Ints, weeks_of

NEWEST = 1_000
"""Of older trades nothing is replayed: how somebody closed years ago says little of what would be better now."""
_OBSERVED_MOST = 160
_ROWS_MOST = 60_000
_BARS_LEAST = 3
_OUTSIDE = 1.03  # a fill may be so far outside of its bar: other venues, other clocks
_PAIRS = {AssetClass.CRYPTO, AssetClass.FOREX, AssetClass.METAL}

_CLOSED = """
SELECT f.id, f.opened_at, f.closed_at, f.risk, f.r, f.close_reason, t.leg_count, t.fees, l.average_open,
    l.opened_quantity, l.direction, i.multiplier, i.is_inverse, i.asset_class, i.currency, i.symbol, i.former_symbols
FROM learning_tradefact f
JOIN journal_trade t ON t.id = f.id
JOIN LATERAL (SELECT * FROM journal_leg WHERE trade_id = f.id ORDER BY id LIMIT 1) l ON TRUE
JOIN journal_instrument i ON i.id = l.instrument_id
WHERE f.workspace_id = %(workspace)s AND f.known_at <= %(as_of)s AND f.risk > 0 AND f.r IS NOT NULL
ORDER BY f.known_at DESC, f.id DESC LIMIT %(most)s
"""
_BARS = """
SELECT extract(epoch FROM opened_at)::bigint, high::float8, low::float8, close::float8
FROM journal_pricebar WHERE series_id = %(series)s AND opened_at >= %(since)s AND opened_at < %(until)s ORDER BY 1
"""
# What many small bars are taken together for has the last price of each stretch.
_FEWER_BARS = """
SELECT extract(epoch FROM max(opened_at))::bigint, max(high)::float8, min(low)::float8,
    (array_agg(close ORDER BY opened_at DESC))[1]::float8
FROM journal_pricebar WHERE series_id = %(series)s AND opened_at >= %(since)s AND opened_at < %(until)s
GROUP BY date_bin(%(length)s, opened_at, TIMESTAMPTZ '2000-01-01 00:00+00') ORDER BY 1
"""


class Closed(NamedTuple):
    id: int
    opened_at: datetime
    closed_at: datetime
    risk: Decimal
    r: float
    close_reason: str
    leg_count: int
    fees: Decimal
    average_open: Decimal | None
    quantity: Decimal
    direction: str
    multiplier: Decimal
    is_inverse: bool
    asset_class: str
    currency: str
    symbol: str
    former_symbols: list[str]

    @property
    def names(self) -> list[str]:
        names = [self.symbol, *self.former_symbols]
        if AssetClass(self.asset_class) in _PAIRS:
            names = [f"{one}{self.currency}" for one in names] + names
        return [key for key in dict.fromkeys(map(name_key, names)) if key]

    @property
    def horizon(self) -> datetime:
        """As long again as it was held, and an hour at least."""
        return self.closed_at + max(self.closed_at - self.opened_at, timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Observed:
    """Trades whose path is known, all of one resolution. `made` is what each really made, `mae` and `mfe` how far it
    went while it was open; all in R and after fees."""

    paths: Paths
    trade_ids: Ints
    made: Floats
    mae: Floats
    mfe: Floats
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TradePaths:
    """`without` counts the trades that have no path, by why: several_instruments, no_prices, not_over, odd_prices."""

    observed: Mapping[Resolution, Observed]
    without: Mapping[str, int]

    @property
    def version(self) -> str:
        told = blake2b(repr(sorted(self.without.items())).encode(), digest_size=16)
        for resolution, one in sorted(self.observed.items()):
            told.update(f"{resolution}:{one.reasons}".encode())
            for column in (
                one.trade_ids,
                one.made,
                one.mae,
                one.mfe,
                one.paths.at,
                one.paths.marks,
            ):
                told.update(np.ascontiguousarray(column).tobytes())
        return told.hexdigest()


class _Bars(NamedTuple):
    """Of one series: when each was over, in seconds since 1970, and its prices."""

    ends: list[int]
    highs: Floats
    lows: Floats
    closes: Floats
    seconds: int


class _Path(NamedTuple):
    trade: Closed
    marks: Floats
    at: Ints
    mae: float
    mfe: float


@dataclass
class _Gathered:
    paths: dict[Resolution, list[_Path]] = field(default_factory=dict)
    without: dict[str, int] = field(default_factory=dict)

    def miss(self, why: str) -> None:
        self.without[why] = self.without.get(why, 0) + 1


def paths_as_of(workspace_id: int, as_of: datetime) -> TradePaths:
    """Of the newest trades with a risk that were known then, by bars that were over then."""
    asked = {"workspace": workspace_id, "as_of": as_of, "most": NEWEST}
    trades = [Closed._make(row) for row in fetch(_CLOSED, asked)]
    split = resized_among([one.id for one in trades]) if trades else set()
    gathered = _Gathered()
    single = []
    for one in reversed(trades):
        if one.leg_count != 1 or one.is_inverse or one.average_open is None or one.id in split:
            gathered.miss("several_instruments" if one.leg_count != 1 else "odd_prices")
        elif one.horizon > as_of:
            gathered.miss("not_over")
        else:
            single.append(one)
    library = _Library(workspace_id, single, as_of)
    for one in single:
        _follow(one, library, gathered)
    observed = {kind: _together(found, kind) for kind, found in sorted(gathered.paths.items())}
    return TradePaths(observed, gathered.without)


def _follow(one: Closed, library: _Library, gathered: _Gathered) -> None:
    found = library.bars_of(one)
    if found is None:
        gathered.miss("no_prices")
        return
    path = _path(one, found)
    if path is None:
        gathered.miss("odd_prices")
        return
    kind = Resolution.DAILY if found.seconds >= DAY_SECONDS else Resolution.INTRADAY
    gathered.paths.setdefault(kind, []).append(path)


class _Library:
    """Bars of what was traded: a series is read once, over the time of all its trades."""

    def __init__(self, workspace_id: int, trades: Sequence[Closed], as_of: datetime) -> None:
        self.as_of = as_of
        self.named: dict[tuple[object, ...], list[str]] = {}
        names = {name for one in trades for name in self._names(one)}
        self.series: dict[str, list[PriceSeries]] = {}
        found = PriceSeries.objects.filter(workspace_id=workspace_id, key__in=names, bars__gt=0)
        for series in found.order_by("seconds", "-basis", "pk"):
            self.series.setdefault(series.key, []).append(series)
        self.spans: dict[int, tuple[datetime, datetime]] = {}
        self.chosen = {one.id: self._choose(one) for one in trades}
        self.read: dict[int, _Bars] = {}

    def bars_of(self, one: Closed) -> _Bars | None:
        series = self.chosen[one.id]
        if series is None:
            return None
        if series.pk not in self.read:
            self.read[series.pk] = self._read(series)
        return self.read[series.pk]

    def _names(self, one: Closed) -> list[str]:
        """Worked out once for each instrument, of which there are fewer than trades."""
        instrument = one.asset_class, one.currency, one.symbol, *one.former_symbols
        if instrument not in self.named:
            self.named[instrument] = one.names
        return self.named[instrument]

    def _choose(self, one: Closed) -> PriceSeries | None:
        """The finest that covers it, or the next one where that would be too fine to be read whole."""
        covering = [
            series
            for name in self._names(one)
            for series in self.series.get(name, [])
            if series.first_at and series.last_at
            and series.first_at <= one.opened_at + timedelta(seconds=series.seconds)
            and series.last_at >= min(one.horizon, self.as_of) - timedelta(days=4)
            and (one.closed_at - one.opened_at).total_seconds() >= _BARS_LEAST * series.seconds
        ]  # fmt: skip
        if not covering:
            return None
        chosen = covering[0]
        since, until = self.spans.get(chosen.pk, (one.opened_at, one.horizon))
        self.spans[chosen.pk] = min(since, one.opened_at), max(until, one.horizon)
        return chosen

    def _read(self, series: PriceSeries) -> _Bars:
        since, until = self.spans[series.pk]
        length = series.seconds
        while (until - since).total_seconds() / length > _ROWS_MOST and length < DAY_SECONDS:
            length *= 2
        rows = fetch(
            _BARS if length == series.seconds else _FEWER_BARS,
            {
                "series": series.pk,
                "since": since - timedelta(seconds=2 * series.seconds),
                "until": until,
                "length": timedelta(seconds=length),
            },
        )
        moments, *prices = zip(*rows, strict=True) if rows else ((), (), (), ())
        ends = [at + series.seconds for at in moments]
        kept = bisect_right(ends, second_within(self.as_of))
        highs, lows, closes = (np.array(one[:kept], dtype=np.float64) for one in prices)
        return _Bars(ends[:kept], highs, lows, closes, series.seconds)


def _path(one: Closed, bars: _Bars) -> _Path | None:
    opened, closed, horizon = (
        second_within(moment) for moment in (one.opened_at, one.closed_at, one.horizon)
    )
    first, last = bisect_right(bars.ends, opened), bisect_right(bars.ends, horizon)
    if last - first < _BARS_LEAST or one.average_open is None:
        return None
    entry = float(one.average_open)
    if not bars.lows[first] / _OUTSIDE <= entry <= bars.highs[first] * _OUTSIDE:
        return None
    sign = 1.0 if one.direction == "long" else -1.0
    unit = float(one.quantity * one.multiplier / one.risk)
    fees = float(one.fees / one.risk)

    def worth(prices: Floats) -> Floats:
        return sign * (prices - entry) * unit - fees

    inside = slice(first, max(first + 1, bisect_left(bars.ends, closed)))
    reach = np.concatenate([worth(bars.highs[inside]), worth(bars.lows[inside]), [one.r, -fees]])
    picked = _picked(first, last)
    marks = np.concatenate([[-fees], worth(bars.closes[picked])])
    at = np.array([opened, *(bars.ends[place] for place in picked)], dtype=np.int64)
    return _Path(one, marks, at, float(reach.min()), float(reach.max()))


def _picked(first: int, last: int) -> Ints:
    """Every bar, or so many of them evenly that there are not too many, the last one always."""
    stride = -(-(last - first) // _OBSERVED_MOST)
    return np.arange(last - 1, first - 1, -stride)[::-1].astype(np.int64)


def _together(found: Sequence[_Path], resolution: Resolution) -> Observed:
    opened = np.array([int(one.at[0]) for one in found], dtype=np.int64)
    return Observed(
        Paths.of(
            [one.marks for one in found], [one.at for one in found], weeks_of(opened), resolution
        ),
        np.array([one.trade.id for one in found], dtype=np.int64),
        np.array([one.trade.r for one in found]),
        np.array([one.mae for one in found]),
        np.array([one.mfe for one in found]),
        tuple(one.trade.close_reason for one in found),
    )
