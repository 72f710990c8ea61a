"""Bars that a bridge pushes: by the trading server's clock, read in the zone that the connection has for it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from common.errors import Conflict, Rejected
from journal.domain.bars import SECONDS_MAX, Bar, bar_end
from journal.domain.names import name_key
from journal.models import Connection
from journal.services.prices.storing import SeriesName, store_bars

BARS_MAX = 20_000
_SERIES_MAX = 20
_WORD_MAX = 64


@transaction.atomic
def take_bars(connection: Connection, body: bytes, *, now: datetime | None = None) -> int:
    """How many were new. `body` was signed. Raises Rejected for what is no such push, then nothing of it is kept, and
    Conflict where nothing is taken of this bridge."""
    if connection.disconnected_at is not None:
        raise Conflict(
            "disconnected", "This connection was taken away. Make a new one for the bridge."
        )
    said = _read(body)
    account = said.get("account")
    number = str(account.get("login")) if isinstance(account, dict) else ""
    if connection.account_numbers and number not in connection.account_numbers:
        raise Conflict("other_account", "This connection is for another account.")
    server = str(account.get("server") or "")[:_WORD_MAX] if isinstance(account, dict) else ""
    parts = said.get("bars")
    if not isinstance(parts, list) or not 0 < len(parts) <= _SERIES_MAX:
        raise _rejected("it holds no bars")
    zone = ZoneInfo(connection.zone)
    added = 0
    for part in parts:
        symbol, seconds, rows = _part(part)
        name = SeriesName(symbol, seconds, f"mt5 {server}".strip()[:48], connection.zone)
        bars = [_bar(row, seconds, zone) for row in rows]
        added += store_bars(connection.workspace_id, name, bars, now=now).added
    return added


def _read(body: bytes) -> dict[str, Any]:
    try:
        # Digit for digit as they came.
        said = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError, InvalidOperation):
        raise _rejected("the body is not JSON") from None
    if not isinstance(said, dict):
        raise _rejected("it is no object")
    return said


def _part(part: Any) -> tuple[str, int, list[Any]]:
    if not isinstance(part, dict):
        raise _rejected("a part of it is no object")
    symbol, seconds, rows = part.get("symbol"), part.get("seconds"), part.get("rows")
    if not isinstance(symbol, str) or not 0 < len(symbol) <= _WORD_MAX or not name_key(symbol):
        raise _rejected("it names no symbol")
    if type(seconds) is not int or not 0 < seconds <= SECONDS_MAX:
        raise _rejected("seconds is no length of a bar")
    if not isinstance(rows, list) or len(rows) > BARS_MAX:
        raise _rejected(f"rows is no list of at most {BARS_MAX:,} bars")
    return symbol, seconds, rows


def _bar(row: Any, seconds: int, zone: ZoneInfo) -> Bar:
    """[time, open, high, low, close, ticks]."""
    if not isinstance(row, list) or len(row) < 5 or type(row[0]) is not int:
        raise _rejected("a row is no bar")
    try:
        wall = datetime.fromtimestamp(row[0], UTC).replace(tzinfo=zone)
        opened_at = wall.astimezone(UTC)
        first, high, low, close = (Decimal(one) for one in row[1:5])
        volume = Decimal(row[5]) if len(row) > 5 and row[5] is not None else None
        bar = Bar(opened_at, bar_end(opened_at, seconds, zone), first, high, low, close, volume)
    except (ValueError, TypeError, OverflowError, OSError, InvalidOperation):
        raise _rejected("a row is no bar") from None
    if not all(one.is_finite() for one in bar[2:6]) or bar.fault:
        raise _rejected("a row is no bar")
    return bar


def _rejected(why: str) -> Rejected:
    return Rejected("push_unreadable", f"This is no push of bars: {why}.")
