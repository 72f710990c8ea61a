"""Findings as JSON: the same keys as their fields, figures as `Figure.as_json`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any

import numpy as np

from learning.domain.figures import Figure, Interval

_AS_IT_IS = {str, int, float, bool, type(None)}


def plain(value: Any) -> Any:
    """Raises ValueError for what JSON has no word for."""
    if type(value) in _AS_IT_IS or (
        isinstance(value, str | int | float | bool) and not isinstance(value, Enum)
    ):
        return value
    if isinstance(value, Figure):
        return value.as_json()
    if isinstance(value, list | tuple) and not hasattr(value, "_asdict"):
        return [plain(one) for one in value]
    fields_of = _fields(value)
    if fields_of is not None:
        return {
            name if type(name) is str else str(plain(name)): plain(one)
            for name, one in fields_of.items()
        }
    return _single(value)


def _fields(value: Any) -> Mapping[Any, Any] | None:
    if isinstance(value, Mapping):
        return value
    if hasattr(value, "_asdict"):
        return value._asdict()  # type: ignore[no-any-return]
    if is_dataclass(value) and not isinstance(value, Figure | Interval):
        return {name: getattr(value, name) for name in _names(value.__class__)}
    return None


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind))


def _single(value: Any) -> Any:
    if isinstance(value, Interval):
        return [value.low, value.high, value.level]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise ValueError(f"no JSON of {type(value).__name__}")
