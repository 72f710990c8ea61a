"""The legs of a proposal as one line: sell 540 put, buy 535 put · 17 Jan 2027."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

_SHOWN_MAX = 4
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def legs_in_words(legs: Sequence[Mapping[str, Any]]) -> str:
    """`legs` as they are kept: texts, of which any may be missing. The expiry is told once if all have the same."""
    days = {str(leg.get("expiry_on") or "") for leg in legs}
    same = days.pop() if len(days) == 1 else ""
    parts = [" ".join(_words(leg, with_day=not same)) for leg in legs[:_SHOWN_MAX]]
    line = ", ".join(filter(None, parts))
    if len(legs) > _SHOWN_MAX:
        line += " …"
    return " · ".join(filter(None, [line, _day(same)]))


def _words(leg: Mapping[str, Any], *, with_day: bool) -> Iterator[str]:
    quantity = str(leg.get("quantity") or "")
    words = [
        leg.get("side"),
        quantity if quantity != "1" else "",
        leg.get("strike"),
        leg.get("right") or leg.get("symbol"),
        _day(str(leg.get("expiry_on") or "")) if with_day else "",
    ]
    return (str(word) for word in words if word)


def _day(iso: str) -> str:
    if not iso:
        return ""
    day = date.fromisoformat(iso)
    return f"{day.day:02d} {_MONTHS[day.month - 1]} {day.year}"
