"""Which part of a comparison a difference belongs to, and so which runs may say that it is gone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from reconciliation.domain.classes import DivergenceClass as Kind
from reconciliation.domain.comparison import Part
from reconciliation.domain.records import Window

_PARTS = {
    "fill": Part.FILLS, "told": Part.FILLS, "clock": Part.FILLS, "position": Part.POSITIONS, "order": Part.ORDERS,
    "cash": Part.CASH, "realized": Part.REALIZED,
}  # fmt: skip
# What is a fact of one moment: once it is settled, seeing it again is nothing new.
_FACTS = frozenset(
    {
        Kind.SLTP_MODIFIED, Kind.PARTIAL_FILL, Kind.SCHEMA, Kind.FORCED_CLOSE, Kind.MANUAL_CLOSE,
        Kind.STOP_TARGET_FILL, Kind.CANCEL_CORRECT,
    }
)  # fmt: skip


def part_of(key: str) -> Part | None:
    """None: it is of no comparison, but of the feed."""
    return _PARTS.get(key.partition(":")[0])


def is_fact(kind: str, key: str) -> bool:
    """Whether one that was resolved and is seen again with the same figures is the same old thing."""
    is_order_news = key.startswith("order:") and kind == Kind.MISSING_IN_JOURNAL
    return key.startswith(("fill:", "told:")) or kind in _FACTS or is_order_news


def lies_within(
    key: str, sides: tuple[Mapping[str, str], Mapping[str, str]], window: Window
) -> bool:
    """Whether what it is about is in the window at all: what grew too old for it was not looked at."""
    if key.startswith("realized:"):
        return date.fromisoformat(key.split(":")[1]) >= window.since.date()
    moments = [side["at"] for side in sides if "at" in side]
    return not moments or any(datetime.fromisoformat(at) >= window.since for at in moments)
