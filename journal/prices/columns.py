"""Which columns of a table of bars are which: by their headings, or, where it has none, by what they hold."""

from __future__ import annotations

import re
from typing import NamedTuple

from journal.brokers.text.layout import plain
from journal.brokers.text.tables import Line

# Our name → how tables call it, in lower case without brackets and underlines; the first that is there is taken.
HEADINGS = {
    "time": (
        "time", "datetime", "date time", "timestamp", "open time", "opened at", "opentime", "date", "day", "dt", "ts",
        "time utc", "date utc", "gmt time", "local time", "unix", "t",
    ),
    "clock": ("time", "hour", "clock"),
    "open": ("open", "o", "open price", "first", "opening price"),
    "high": ("high", "h", "high price", "max", "highest"),
    "low": ("low", "l", "low price", "min", "lowest"),
    "close": ("close", "c", "close/last", "last", "close price", "closing price", "price"),
    "volume": ("volume", "vol", "v", "vol.", "tickvol", "tick volume", "base volume", "volume usd", "real volume"),
    "symbol": ("symbol", "ticker", "instrument", "pair", "market"),
    "adjusted": ("adj close", "adjusted close", "adj. close"),
}  # fmt: skip
_NEEDED = ("time", "open", "high", "low", "close")
_DATE_ALONE = re.compile(r"\d{4}[-./]?\d\d?[-./]?\d\d?|\d\d?[-./]\d\d?[-./]\d{4}", re.ASCII)
_CLOCK = re.compile(r"\d\d?:\d\d(:\d\d)?", re.ASCII)
_STARTS_WITH_DIGIT = re.compile(r"\s*[\d\"]", re.ASCII)


class Columns(NamedTuple):
    """Places, from 0. `clock` is that of the time of day where date and time stand apart; None where there is none."""

    time: int
    open: int
    high: int
    low: int
    close: int
    volume: int | None = None
    clock: int | None = None
    symbol: int | None = None
    is_adjusted: bool = False

    @property
    def last(self) -> int:
        return max(self.time, self.open, self.high, self.low, self.close)


def of_header(line: Line) -> Columns | None:
    """None where the line is no header of a table of bars."""
    names = [_bare(cell) for cell in line.cells]
    found: dict[str, int | None] = {}
    for ours, theirs in HEADINGS.items():
        found[ours] = next((names.index(one) for one in theirs if one in names), None)
    if "date" in names and found["clock"] is not None:
        found["time"] = names.index("date")
    if found["clock"] == found["time"]:
        found["clock"] = None
    needed = {name: place for name in _NEEDED if (place := found[name]) is not None}
    if len(needed) < len(_NEEDED) or len(set(needed.values())) < len(_NEEDED):
        return None
    return Columns(
        **needed,
        volume=found["volume"],
        clock=found["clock"],
        symbol=found["symbol"],
        is_adjusted=found["adjusted"] is not None,
    )


def _bare(name: str) -> str:
    return plain(name.replace("<", "").replace(">", "").replace("_", " ").strip())


def of_bare_row(line: Line) -> Columns | None:
    """Of a table without headings: time, open, high, low, close, volume, the time in one column or in two."""
    cells = line.cells
    if len(cells) < 5 or not _STARTS_WITH_DIGIT.match(cells[0]):
        return None
    if _DATE_ALONE.fullmatch(cells[0]) and _CLOCK.fullmatch(cells[1]):
        if len(cells) < 6:
            return None
        return Columns(0, 2, 3, 4, 5, 6 if len(cells) > 6 else None, clock=1)
    return Columns(0, 1, 2, 3, 4, 5 if len(cells) > 5 else None)
