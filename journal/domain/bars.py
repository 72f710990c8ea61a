"""Price bars: what a market did in a stretch of time, and on which basis its prices stand.

Prices before and after a split are prices of different units. `Basis` brings those of any time to the units of another
time; a *raw* series has each bar in the units of its own time, an *adjusted* one all bars in the units of its end.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from journal.domain.exact import divide
from journal.domain.values import ONE, ZERO

DAY_SECONDS = 86_400
# Longer than a day is no bar that says when anything happened.
SECONDS_MAX = DAY_SECONDS


class Bar(NamedTuple):
    """From `opened_at` up to and without `closes_at`. `volume` is None where nobody states it."""

    opened_at: datetime
    closes_at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal | None = None

    @property
    def fault(self) -> str:
        """Why this is no bar, "" where it is one."""
        if self.high < self.low:
            return "its high is below its low"
        if not (self.low <= self.open <= self.high and self.low <= self.close <= self.high):
            return "it opens or closes outside its own high and low"
        if self.volume is not None and self.volume < ZERO:
            return "its volume is negative"
        return ""


class Split(NamedTuple):
    """From `at` on, `new` units are what `old` units were before."""

    at: datetime
    new: Decimal
    old: Decimal = ONE


def bar_end(opened_at: datetime, seconds: int, zone: ZoneInfo) -> datetime:
    """A day ends where the next one begins in its zone, which is not always 24 hours later."""
    if seconds < DAY_SECONDS:
        return opened_at + timedelta(seconds=seconds)
    local = opened_at.astimezone(zone).replace(tzinfo=None) + timedelta(seconds=seconds)
    return local.replace(tzinfo=zone).astimezone(UTC)


def interval_name(seconds: int) -> str:
    """1m, 15m, 4h, 1d."""
    for unit, mark in ((DAY_SECONDS, "d"), (3_600, "h"), (60, "m")):
        if seconds % unit == 0:
            return f"{seconds // unit}{mark}"
    return f"{seconds}s"


def interval_seconds(name: str) -> int | None:
    """The other way; None for what is no interval."""
    units = {"s": 1, "m": 60, "h": 3_600, "d": DAY_SECONDS}
    number, unit = name[:-1], name[-1:].lower()
    if not (number.isascii() and number.isdigit() and unit in units and len(number) < 6):
        return None
    seconds = int(number) * units[unit]
    return seconds if 0 < seconds <= SECONDS_MAX else None


class Basis:
    """The splits of one instrument, and prices and quantities brought from one time to another."""

    def __init__(self, splits: Iterable[Split]) -> None:
        self.splits = sorted(splits)
        self._times = [split.at for split in self.splits]

    def between(self, since: datetime, until: datetime) -> Sequence[Split]:
        """Those after `since`, up to and with `until`."""
        return self.splits[bisect_right(self._times, since) : bisect_right(self._times, until)]

    def ratio(self, since: datetime, until: datetime) -> tuple[Decimal, Decimal]:
        """(new, old): so many units at `until` are what so many were at `since`, whichever is earlier."""
        if since > until:
            new, old = self.ratio(until, since)
            return old, new
        new = old = ONE
        for split in self.between(since, until):
            new, old = new * split.new, old * split.old
        return new, old

    def quantity(self, quantity: Decimal, since: datetime, until: datetime) -> Decimal:
        new, old = self.ratio(since, until)
        return quantity if new == old else divide(quantity * new, old)

    def price(self, price: Decimal, since: datetime, until: datetime) -> Decimal:
        new, old = self.ratio(since, until)
        return price if new == old else divide(price * old, new)

    def raw_bars(self, bars: Iterable[Bar], until: datetime) -> Iterator[Bar]:
        """Bars of a raw series in the units of `until`.

        Sources date a split after the close or before the open. In which units the bar stands that a split falls into,
        its own prices tell: it opens near the close before it, in the one or in the other.
        """
        before: Bar | None = None
        for bar in bars:
            inside = self.between(bar.opened_at, bar.closes_at - timedelta(microseconds=1))
            at = bar.opened_at
            if inside and before is not None and self._is_new(bar, before):
                at = inside[-1].at
            yield rebased(bar, self, at, until)
            before = bar

    def adjusted_bars(self, bars: Iterable[Bar], end: datetime, until: datetime) -> Iterator[Bar]:
        """Bars of a series that is adjusted to the units of `end`, in the units of `until`."""
        return (rebased(bar, self, end, until) for bar in bars)

    def _is_new(self, bar: Bar, before: Bar) -> bool:
        new, old = self.ratio(bar.opened_at, bar.closes_at)
        if before.close <= ZERO or bar.open <= ZERO:
            return False
        as_new = divide(before.close * old, new)
        return _apart(bar.open, as_new) < _apart(bar.open, before.close)


def rebased(bar: Bar, basis: Basis, since: datetime, until: datetime) -> Bar:
    """With its prices, and its volume, in other units."""
    new, old = basis.ratio(since, until)
    if new == old:
        return bar

    def turned(price: Decimal) -> Decimal:
        return divide(price * old, new)

    return bar._replace(
        open=turned(bar.open),
        high=turned(bar.high),
        low=turned(bar.low),
        close=turned(bar.close),
        volume=None if bar.volume is None else divide(bar.volume * new, old),
    )


def _apart(one: Decimal, other: Decimal) -> Decimal:
    return divide(max(one, other), min(one, other))
