"""Any table of bars in text: with headings or without, times as ISO, as a broker writes them, or as an epoch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain, islice, pairwise
from typing import BinaryIO, NamedTuple
from zoneinfo import ZoneInfo

from journal.brokers.text.faults import BadDate, BadNumber, BadValue
from journal.brokers.text.moments import day_orders, read_when, read_zone
from journal.brokers.text.numbers import decimal_point, read_number
from journal.brokers.text.tables import Line, open_table
from journal.domain.bars import DAY_SECONDS, SECONDS_MAX, Bar, bar_end, interval_name
from journal.domain.names import name_key
from journal.prices.base import Expected, PriceRead, UnreadablePrices, price, symbol_of_name
from journal.prices.columns import Columns, of_bare_row, of_header

SOURCE = "file"
_HEADER_LINES_MAX = 40
_JUDGED_LINES = 2_000
# By its digits an epoch counts seconds, milliseconds, microseconds or nanoseconds.
_EPOCHS = {9: 1, 10: 1, 12: 1_000, 13: 1_000, 16: 1_000_000, 19: 1_000_000_000}


class _NoBar(Exception):
    """Why a row is none."""


class _Reading(NamedTuple):
    columns: Columns
    zone: ZoneInfo
    point: str
    day_first: bool | None

    def stamp(self, cells: Sequence[str]) -> str:
        stamp = cells[self.columns.time]
        return stamp if self.columns.clock is None else f"{stamp} {cells[self.columns.clock]}"

    def opened_at(self, cells: Sequence[str]) -> datetime:
        stamp = self.stamp(cells)
        unit = _epoch_unit(stamp)
        if unit is not None:
            return datetime.fromtimestamp(int(stamp.split(".")[0]) / unit, UTC)
        return read_when(stamp, day_first=self.day_first).instant(self.zone)


def read_bars(stream: BinaryIO, name: str, expected: Expected) -> PriceRead:
    """Raises UnreadablePrices, and UnreadableStatement for what is no table in text."""
    lines = open_table(stream).lines
    columns, lines = _columns(lines)
    first = list(islice(lines, _JUDGED_LINES))
    if not first:
        raise UnreadablePrices("no_bars", "The file has headings, but no bars.")
    stamps = [_stamp(line, columns) for line in first if len(line.cells) > columns.last]
    zone = _zone(stamps, expected)
    reading = _Reading(
        columns, read_zone(zone), _point(first, columns), _day_first(stamps, expected)
    )
    seconds = expected.seconds or _seconds(first, reading, stamps)
    is_adjusted = expected.is_adjusted if expected.is_adjusted is not None else columns.is_adjusted
    read = PriceRead(
        symbol=_symbol(first, columns, name, expected), source=expected.source or SOURCE, seconds=seconds, zone=zone,
        is_adjusted=is_adjusted, bars=iter(()),
    )  # fmt: skip
    if columns.is_adjusted and expected.is_adjusted is None:
        read.notes.append(
            "It has a column of adjusted closes, so its prices are taken as adjusted for splits."
        )
    read.bars = _bars(chain(first, lines), read, reading)
    return read


def _columns(lines: Iterator[Line]) -> tuple[Columns, Iterator[Line]]:
    seen: list[Line] = []
    for line in islice(lines, _HEADER_LINES_MAX):
        if (columns := of_header(line)) is not None:
            return columns, lines
        seen.append(line)
    if seen and (columns := of_bare_row(seen[0])) is not None:
        return columns, chain(seen, lines)
    raise UnreadablePrices(
        "no_bars",
        "The file is no table of bars that Fillbook can read: it needs columns named time (or date), open, high, low "
        "and close, or just these in this order.",
    )


def _stamp(line: Line, columns: Columns) -> str:
    return _Reading(columns, ZoneInfo("UTC"), ".", None).stamp(line.cells)


def _epoch_unit(stamp: str) -> int | None:
    whole = stamp.split(".", maxsplit=1)[0]
    return _EPOCHS.get(len(whole)) if whole.isascii() and whole.isdecimal() else None


def _zone(stamps: Sequence[str], expected: Expected) -> str:
    """The one that was said; where nobody did, times with an offset need none."""
    if expected.zone:
        return expected.zone
    if all(_states_offset(stamp) for stamp in stamps[:_HEADER_LINES_MAX]):
        return "UTC"
    raise UnreadablePrices(
        "zone_needed",
        "The times in this file say no time zone. Hand it in again and say which one they are in, such as "
        "America/New_York or UTC; for bars of a day, in which zone the day begins.",
    )


def _states_offset(stamp: str) -> bool:
    if _epoch_unit(stamp) is not None:
        return True
    try:
        return read_when(stamp, day_first=True).offset is not None
    except BadValue:
        return True  # it is told as a row that cannot be read


def _day_first(stamps: Sequence[str], expected: Expected) -> bool | None:
    if expected.day_first is not None:
        return expected.day_first
    found = day_orders(stamps)
    return found.pop() if len(found) == 1 else None


def _point(lines: Sequence[Line], columns: Columns) -> str:
    cells = (line.cells[columns.close] for line in lines if len(line.cells) > columns.last)
    return decimal_point(islice(cells, 200)) or "."


def _seconds(lines: Sequence[Line], reading: _Reading, stamps: Sequence[str]) -> int:
    """The distance that most bars have from the next one; a day where only days are named."""
    times = []
    for line in lines:
        if len(line.cells) > reading.columns.last:
            try:
                times.append(reading.opened_at(line.cells))
            except (BadValue, ValueError, OverflowError, OSError):
                continue
    if reading.columns.clock is None and _are_days(stamps, reading.day_first):
        return DAY_SECONDS
    apart = Counter(abs(int((after - before).total_seconds())) for before, after in pairwise(times))
    apart.pop(0, None)
    if not apart:
        raise UnreadablePrices(
            "interval_needed",
            "How long a bar of this file is cannot be seen from it. Hand it in again and say it: 1m, 5m, 1h, 1d.",
        )
    seconds = apart.most_common(1)[0][0]
    # Clocks that are put forward make a day an hour shorter.
    if DAY_SECONDS - 3_600 <= seconds <= DAY_SECONDS + 3_600:
        seconds = DAY_SECONDS
    if seconds > SECONDS_MAX:
        raise UnreadablePrices(
            "interval_too_long",
            f"A bar of this file is {interval_name(seconds)} long. Bars of a day and shorter ones can be used.",
        )
    return seconds


def _are_days(stamps: Sequence[str], day_first: bool | None) -> bool:
    try:
        return all(
            _epoch_unit(one) is None
            and read_when(one, day_first=True if day_first is None else day_first).at is None
            for one in stamps[:_HEADER_LINES_MAX]
        )
    except BadValue:
        return False


def _symbol(lines: Sequence[Line], columns: Columns, name: str, expected: Expected) -> str:
    if columns.symbol is not None:
        place = columns.symbol
        named = {line.cells[place] for line in lines if len(line.cells) > place} - {""}
        if len(named) > 1:
            raise UnreadablePrices(
                "several_symbols",
                f"The file has bars of {len(named)} symbols ({', '.join(sorted(named)[:5])}…). Hand in one file for "
                "each of them.",
            )
        if named and not expected.symbol:
            return named.pop()[:64]
    return expected.symbol or symbol_of_name(name)


def _bars(lines: Iterable[Line], read: PriceRead, reading: _Reading) -> Iterator[Bar]:
    for line in lines:
        try:
            bar = _bar(line.cells, read, reading)
        except BadDate as error:
            read.refuse(line.number, f"“{error.text[:40]}” is not a time")
        except BadValue as error:
            read.refuse(line.number, f"“{error.text[:40]}” is not {error.wanted}")
        except _NoBar as error:
            read.refuse(line.number, str(error))
        except (ValueError, OverflowError, OSError):
            read.refuse(line.number, f"“{reading.stamp(line.cells)[:40]}” is not a time")
        else:
            yield bar


def _is_of_another(cells: Sequence[str], columns: Columns, symbol: str) -> bool:
    if columns.symbol is None or columns.symbol >= len(cells):
        return False
    return bool(symbol) and name_key(cells[columns.symbol]) not in ("", name_key(symbol))


def _bar(cells: Sequence[str], read: PriceRead, reading: _Reading) -> Bar:
    columns, point = reading.columns, reading.point
    if len(cells) <= columns.last:
        raise _NoBar("the row is cut off")
    opened_at = reading.opened_at(cells)
    bar = Bar(
        opened_at,
        bar_end(opened_at, read.seconds, reading.zone),
        price(cells[columns.open], point),
        price(cells[columns.high], point),
        price(cells[columns.low], point),
        price(cells[columns.close], point),
        _volume(cells, reading),
    )
    if bar.fault:
        raise _NoBar(bar.fault)
    if _is_of_another(cells, columns, read.symbol):
        raise _NoBar(f"it is of “{cells[columns.symbol or 0][:40]}”, not of {read.symbol}")
    return bar


def _volume(cells: Sequence[str], reading: _Reading) -> Decimal | None:
    place = reading.columns.volume
    if place is None or place >= len(cells):
        return None
    try:
        return read_number(cells[place], reading.point)
    except BadNumber:
        return None  # “1.2M”: nothing depends on it
