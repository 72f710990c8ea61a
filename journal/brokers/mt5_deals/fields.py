"""Records of the MetaTrader5 package as texts, and their cells as numbers, names and instants."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from journal.brokers.mt5_deals.snapshot import EPOCH
from journal.brokers.text.faults import BadDate, BadNumber, BadValue, Missing
from journal.brokers.text.numbers import read_number
from journal.brokers.text.workbook import exact
from journal.domain.values import ZERO

SIGNS = {"0": 1, "1": -1}

Row = dict[str, str]
Named = TypeVar("Named", bound=str)


def rows_of(around: dict[str, Any], name: str) -> list[Row]:
    listed = around.get(name)
    rows = listed if isinstance(listed, list) else ()
    return [texts_of(one) if isinstance(one, dict) else {} for one in rows]


def texts_of(found: dict[str, Any]) -> Row:
    """The row as it was written, without what is empty. Anything that is no plain value stays as JSON."""
    row = {}
    for name, value in found.items():
        if value is None or value == "":
            continue
        row[name] = value if isinstance(value, str) else json.dumps(value)
    return row


def name_of(row: Row, field: str, names: tuple[Named, ...]) -> Named:
    text = row.get(field, "")
    if not text.isdecimal() or int(text[:9]) >= len(names):
        raise BadValue(text, f"a {field} that this version knows")
    return names[int(text)]


def id_of(row: Row, name: str) -> str:
    text = row.get(name, "")
    return "" if text == "0" else text


def number_of(row: Row, name: str) -> Decimal:
    text = row.get(name, "")
    try:
        return read_number(exact(text)) or ZERO if text else ZERO
    except ValueError:
        raise BadNumber(text) from None


def stated(row: Row, name: str) -> Decimal | None:
    try:
        return number_of(row, name) if name in row else None
    except BadNumber:
        return None


def at_of(row: Row, zone: ZoneInfo) -> datetime:
    """The package gives the server's wall clock as if it were UTC."""
    text = row.get("time_msc") or row.get("time", "")
    if not text:
        raise Missing("no_date", "it states no time")
    if not text.isdecimal() or len(text) > 14:
        raise BadDate(text)
    unit = timedelta(milliseconds=1) if "time_msc" in row else timedelta(seconds=1)
    try:
        return (EPOCH + int(text) * unit).replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        raise BadDate(text) from None
