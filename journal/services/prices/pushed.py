"""Bars that a bot or a bridge sends: checked one by one, and taken all or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from common.errors import Rejected
from journal.brokers.base import UnreadableStatement
from journal.brokers.capture.fields import Fields
from journal.brokers.text.moments import read_zone
from journal.domain.bars import Bar, bar_end, interval_seconds
from journal.domain.names import name_key
from journal.services.prices.storing import SeriesName, Stored, store_bars

BARS_MAX = 5_000
SOURCE = "api"
_PRICES = ("open", "high", "low", "close")
_ROW = ("at", *_PRICES, "volume")
_FAULTS_MAX = 20


def take_bars(workspace_id: int, said: Any, *, now: datetime | None = None) -> Stored:
    """`said`: {symbol, interval, source, zone, basis, bars}, each bar {at, open, high, low, close, volume} or a list of
    these. Raises Rejected with what is wrong, by field; then nothing is kept."""
    if not isinstance(said, dict):
        raise Rejected("invalid", 'Send {"symbol": …, "interval": "1m", "bars": [ … ]}.')
    fields = Fields(said)
    symbol = fields.needed_text("symbol")
    if symbol and not name_key(symbol):
        fields.faults["symbol"] = "needs a letter or a digit."
    seconds = _seconds(fields)
    source = fields.text("source", 48) or SOURCE
    zone = _zone(fields)
    is_adjusted = _is_adjusted(fields)
    rows: Any = said.get("bars")
    if not isinstance(rows, list) or not rows:
        fields.faults["bars"] = "must be a list of bars."
    elif len(rows) > BARS_MAX:
        fields.faults["bars"] = f"are at most {BARS_MAX:,} in a call. Send them in parts."
    _check(fields)
    bars = _bars(rows, seconds, zone, fields)
    _check(fields)
    name = SeriesName(symbol, seconds, source, zone, is_adjusted)
    return store_bars(workspace_id, name, bars, now=now)


def _check(fields: Fields) -> None:
    if fields.faults:
        told = {name: [words] for name, words in fields.faults.items()}
        first = next(iter(fields.faults.items()))
        raise Rejected("invalid", f"{first[0]} {first[1]}", told)


def _seconds(fields: Fields) -> int:
    name = fields.needed_text("interval", 8)
    seconds = interval_seconds(name) if name else None
    if name and seconds is None:
        fields.faults["interval"] = "is how long a bar is, at most a day: 1m, 5m, 1h, 1d."
    return seconds or 0


def _zone(fields: Fields) -> str:
    zone = fields.text("zone") or "UTC"
    try:
        read_zone(zone)
    except UnreadableStatement:
        fields.faults["zone"] = "is no time zone. Write one such as America/New_York."
        return "UTC"
    return zone


def _is_adjusted(fields: Fields) -> bool:
    basis = fields.text("basis", 8) or "raw"
    if basis not in ("raw", "adjusted"):
        fields.faults["basis"] = "is raw (as traded) or adjusted (for splits)."
    return basis == "adjusted"


def _bars(rows: Sequence[Any], seconds: int, zone: str, fields: Fields) -> list[Bar]:
    bars = []
    for number, row in enumerate(rows):
        read = _bar(row, seconds, zone)
        if isinstance(read, Bar):
            bars.append(read)
        else:
            fields.faults[f"bars.{number}"] = read
            if len(fields.faults) >= _FAULTS_MAX:
                break
    return bars


def _bar(row: Any, seconds: int, zone: str) -> Bar | str:
    """The bar, or what is wrong with it."""
    if isinstance(row, list):
        if not 5 <= len(row) <= len(_ROW):
            return "must be [at, open, high, low, close, volume]."
        row = dict(zip(_ROW, row, strict=False))
    if not isinstance(row, dict):
        return "must be an object or a list."
    fields = Fields(_with_moment(row))
    at = fields.moment("at", needed=True)
    prices = [_needed(fields, name) for name in _PRICES]
    volume = fields.number("volume")
    if fields.faults:
        return " ".join(f"{name} {words}" for name, words in fields.faults.items())
    assert at is not None
    first, high, low, close = prices
    bar = Bar(at, bar_end(at, seconds, read_zone(zone)), first, high, low, close, volume)
    return f"is no bar: {bar.fault}." if bar.fault else bar


def _needed(fields: Fields, name: str) -> Decimal:
    number = fields.number(name)
    if number is None and name not in fields.faults:
        fields.faults[name] = "is missing."
    return number or Decimal(0)


def _with_moment(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Milliseconds, as exchanges count them, are a moment too."""
    at = row.get("at")
    if type(at) is int and 10**11 < at < 10**13:
        return {**row, "at": datetime.fromtimestamp(at / 1000, UTC).isoformat()}
    return row
