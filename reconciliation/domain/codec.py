"""Values of the domain as JSON and back, for rows that keep them: numbers as text, times in ISO, tuples by name.

`load(type, dump(value)) == value` for every NamedTuple of this app. What a row does not have is the value's default,
so that a field that is new needs no migration.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

T = TypeVar("T")


def dump(value: Any) -> Any:
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping):
        return {str(name): dump(one) for name, one in value.items()}
    if isinstance(value, (tuple, list, frozenset)):
        return [dump(one) for one in value]
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.isoformat() if isinstance(value, (date, time)) else value


def load(kind: type[T], data: Any) -> T:
    """Raises ValueError where `data` is no such value."""
    return cast("T", _adapter(kind).validate_python(data))  # type: ignore[arg-type]


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
