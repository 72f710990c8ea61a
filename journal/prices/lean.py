"""QuantConnect LEAN's files: zipped bars of trades, and factor files with the splits.

Equities are written in ten thousandths of a dollar, in New York's time; currencies and coins as they are, in UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import chain, islice
from typing import BinaryIO
from zoneinfo import ZoneInfo

from journal.brokers.text.faults import BadNumber
from journal.brokers.text.moments import read_zone
from journal.brokers.text.tables import Line, read_table
from journal.domain.bars import DAY_SECONDS, Bar, Split, bar_end
from journal.prices.base import Expected, PriceRead, UnreadablePrices, price, symbol_of_name

SOURCE = "lean"
_SCALE = Decimal(10_000)
_NEW_YORK = "America/New_York"
_MEMBER = re.compile(
    r"(?P<day>\d{8})_(?P<symbol>.+?)_(?P<resolution>second|minute)_(?P<kind>trade|quote)\.csv",
    re.IGNORECASE,
)
_RESOLUTIONS = {"second": 1, "minute": 60}
_STAMP = re.compile(r"\d{8} \d\d:\d\d", re.ASCII)
_LOOKED_AT = 50
# Factors have eight digits; splits are ratios of small numbers.
_LARGEST_TERM = 200
_SAME_FACTOR = Fraction(1, 100_000)


def is_member(name: str) -> bool:
    return _MEMBER.fullmatch(name.rsplit("/", 1)[-1]) is not None


def is_stamped(line: Line | None) -> bool:
    """A row of hours or days: "20140606 00:00,6500000,…"."""
    return line is not None and len(line.cells) >= 5 and bool(_STAMP.fullmatch(line.cells[0]))


def read_bars(stream: BinaryIO, name: str, expected: Expected) -> PriceRead:
    """Raises UnreadablePrices."""
    lines = read_table(stream, ",")
    first = list(islice(lines, _LOOKED_AT))
    if not first:
        raise UnreadablePrices("no_bars", "The file holds no bars.")
    is_scaled = all(cell.isdigit() for line in first for cell in line.cells[1:5])
    zone = expected.zone or (_NEW_YORK if is_scaled else "UTC")
    member = _MEMBER.fullmatch(name.rsplit("/", 1)[-1])
    if member is not None and member["kind"].lower() == "quote":
        raise UnreadablePrices(
            "quotes", "The file holds quotes (bid and ask). Hand in the file of trades, which ends in _trade."
        )  # fmt: skip
    if member is not None:
        day = datetime.strptime(member["day"], "%Y%m%d").date()  # noqa: DTZ007 - a day
        seconds, symbol = _RESOLUTIONS[member["resolution"].lower()], member["symbol"]
    else:
        day, seconds, symbol = None, _seconds_of(first), symbol_of_name(name)
    read = PriceRead(
        symbol=(expected.symbol or symbol).upper(),
        source=expected.source or SOURCE,
        seconds=seconds,
        zone=zone,
        is_adjusted=bool(expected.is_adjusted),
        bars=iter(()),
    )
    read.bars = _bars(chain(first, lines), read, day, _SCALE if is_scaled else Decimal(1))
    return read


def _seconds_of(lines: Sequence[Line]) -> int:
    return DAY_SECONDS if all(line.cells[0].endswith(" 00:00") for line in lines) else 3_600


def _bars(
    lines: Iterable[Line], read: PriceRead, day: date | None, scale: Decimal
) -> Iterator[Bar]:
    zone = read_zone(read.zone)
    for line in lines:
        try:
            opened_at = _opened_at(line.cells[0], day, zone)
            cells = [price(cell) for cell in line.cells[1:6]]
            if len(cells) < 4:
                raise BadNumber("")
        except (ValueError, OverflowError):
            read.refuse(line.number, f"“{','.join(line.cells)[:80]}” is no bar")
            continue
        first, high, low, close = (cell / scale for cell in cells[:4])
        volume = cells[4] if len(cells) > 4 else None
        closes_at = bar_end(opened_at, read.seconds, zone)
        bar = Bar(opened_at, closes_at, first, high, low, close, volume)
        if bar.fault:
            read.refuse(line.number, bar.fault)
            continue
        yield bar


def _opened_at(cell: str, day: date | None, zone: ZoneInfo) -> datetime:
    if day is None:
        local = datetime.strptime(cell, "%Y%m%d %H:%M").replace(tzinfo=zone)
    else:
        # Milliseconds of the clock on the wall.
        local = datetime.combine(day, time(), zone) + timedelta(milliseconds=int(cell))
    return local.astimezone(ZoneInfo("UTC"))


def is_factors(line: Line | None) -> bool:
    """A row of a factor file: day, price factor, split factor, price."""
    if line is None or not 3 <= len(line.cells) <= 4 or not re.fullmatch(r"\d{8}", line.cells[0]):
        return False
    return all(
        re.fullmatch(r"\d+(\.\d+)?(e-?\d+)?", cell, re.IGNORECASE) for cell in line.cells[1:3]
    )


def read_factors(stream: BinaryIO, name: str, expected: Expected) -> PriceRead:
    """The splits of a factor file. Its factor of a row holds up to and with that day. Raises UnreadablePrices."""
    zone = expected.zone or _NEW_YORK
    stem = re.sub(r"^factors?[_ -]", "", name.rsplit("/", 1)[-1], flags=re.IGNORECASE)
    read = PriceRead(
        symbol=(expected.symbol or symbol_of_name(stem)).upper(), source=expected.source or SOURCE,
        seconds=DAY_SECONDS, zone=zone, is_adjusted=False, bars=iter(()),
    )  # fmt: skip
    before: tuple[date, Fraction] | None = None
    for line in read_table(stream, ","):
        try:
            day = datetime.strptime(line.cells[0], "%Y%m%d").date()  # noqa: DTZ007 - a day
            factor = Fraction(line.cells[2])
            if factor <= 0:
                raise ValueError(factor)
        except (ValueError, IndexError):
            read.refuse(line.number, f"“{','.join(line.cells)[:80]}” is no row of factors")
            continue
        if before is not None and before[1] != factor:
            read.splits.append(_split(before[0], factor / before[1], read_zone(zone)))
        before = day, factor
    return read


def _split(last_day: date, ratio: Fraction, zone: ZoneInfo) -> Split:
    """From the day after on. The ratio is that of small numbers which the rounded factors are of, where one is."""
    small = ratio.limit_denominator(_LARGEST_TERM)
    if small and abs(small / ratio - 1) < _SAME_FACTOR:
        ratio = small
    at = datetime.combine(last_day + timedelta(days=1), time(), zone).astimezone(ZoneInfo("UTC"))
    return Split(at, Decimal(ratio.numerator), Decimal(ratio.denominator))
