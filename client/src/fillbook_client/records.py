"""What a trading program says, as JSON: numbers exact, times with their offset."""

from __future__ import annotations

import json
import math
from datetime import date, datetime, timezone
from decimal import Decimal
from enum import Enum
from typing import Any, Union

# Written out, a number beyond would be nothing but zeros, and take long.
_MAGNITUDE_MAX = 400

# JSON has them as they are. Most values are; a bot waits for each look.
_READY = frozenset({str, int, bool})
_encode = json.JSONEncoder(separators=(",", ":")).encode

Number = Union[int, float, str, Decimal]


def write_record(fields: dict[str, Any]) -> str:
    """Without the fields that say nothing (None)."""
    return _encode(
        {
            name: value if type(value) in _READY else _plain(value)
            for name, value in fields.items()
            if value is not None
        }
    )


def number(value: Number) -> str:
    """Exactly as it was given. A float is its shortest text, which is what its author wrote. Raises ValueError."""
    if isinstance(value, bool) or (isinstance(value, float) and not math.isfinite(value)):
        raise ValueError(f"{value!r} is not a number")
    if isinstance(value, (int, float)):
        return format(Decimal(repr(value)), "f")
    found = value if isinstance(value, Decimal) else Decimal(str(value).strip())
    if not found.is_finite() or abs(found.adjusted()) > _MAGNITUDE_MAX:
        raise ValueError(f"{value!r} is not a number")
    return format(found, "f")


def moment(value: datetime | float | int | str) -> str:
    """ISO 8601 with offset. A datetime without one is in this machine's zone; a number counts seconds since 1970."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return datetime.fromtimestamp(value, timezone.utc).isoformat()
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat()
    return str(value)


def now() -> str:
    return datetime.now(timezone.utc).isoformat()


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal) or (isinstance(value, float) and math.isfinite(value)):
        return number(value)
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(one) for one in value]
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return str(value)
