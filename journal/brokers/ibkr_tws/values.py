"""Numbers and words of the API. It has no null: what is not set is the largest number there is."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

BROKER = "ibkr"
Record = dict[str, Any]

_UNSET = Decimal("1e300")
_UNSET_INTEGERS = (2**31 - 1, 2**63 - 1)


def number(value: object) -> str | None:
    """Its shortest text. A float's is the one that was sent: both sides keep prices in doubles and write the shortest
    text that means the same double."""
    if value is None or value == "" or isinstance(value, bool):
        return None
    read = value if isinstance(value, Decimal) else Decimal(str(value))
    if not read.is_finite() or abs(read) >= _UNSET or value in _UNSET_INTEGERS:
        return None
    text = format(read, "f")
    return text.rstrip("0").rstrip(".") or "0" if "." in text else text


def positive(value: object) -> str | None:
    """None for 0 too, which the API writes where there is nothing."""
    text = number(value)
    return text if text is not None and Decimal(text) > 0 else None


def nonzero(value: object) -> str | None:
    text = number(value)
    return text if text is not None and Decimal(text) else None


def word(value: object, limit: int = 64) -> str:
    text = "".join(one for one in str(value or "") if one.isprintable())
    return " ".join(text.split())[:limit] if text != "?" else ""


def day(text: object) -> str | None:
    """Of 20270319, of 20270319 with a time; None for a month alone."""
    words = str(text or "").replace("-", "")[:8]
    if len(words) != 8 or not words.isdecimal():
        return None
    return f"{words[:4]}-{words[4:6]}-{words[6:]}"


def moment(text: object) -> datetime | None:
    """Of “20260602 09:30:01 US/Eastern”; None where it does not say its zone."""
    parts = str(text or "").split(" ", 2)
    if len(parts) != 3:
        return None
    try:
        zone = ZoneInfo(parts[2].strip())
        return datetime.strptime(f"{parts[0]} {parts[1]}", "%Y%m%d %H:%M:%S").replace(tzinfo=zone)
    except (ValueError, KeyError, OSError):
        return None


def filled(record: Record) -> Record:
    """Without what is not said."""
    return {name: value for name, value in record.items() if value not in (None, "")}
