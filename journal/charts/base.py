"""What all figures share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from common.numbers import PERCENT, write_money, write_price

Figure = dict[str, Any]
MARGIN = {"l": 52, "r": 16, "t": 8, "b": 28}
# A drawing is a few thousand pixels high: so many digits of a value place its point.
DRAWN_DIGITS = 8
VALUE_AXIS = {
    "nticks": 6,
    "zeroline": True,
    "fixedrange": True,
    "automargin": True,
    "showspikes": False,
}


def value_axis(values: Sequence[Decimal], unit: str = "") -> Figure:
    # Thousands as k and M; small amounts as they are, since nobody says 500m for half a dollar.
    tick_format = "~s" if max(map(abs, values), default=0) >= 1000 else "~g"
    return {**VALUE_AXIS, "tickformat": ".3~%" if unit == PERCENT else tick_format}


def line_trace(x: list[str], y: list[Decimal], name: str, *, role: str, currency: str) -> Figure:
    unit = "" if currency == PERCENT else f" {currency}"
    return {
        "type": "scatter",
        "mode": "lines" if len(x) > 1 else "markers",
        "name": name,
        "x": x,
        "y": [float(f"{value:.{DRAWN_DIGITS}g}") for value in y],
        "text": [write_money(value, currency, plus=True).removesuffix(unit) for value in y],
        "hovertemplate": f"%{{text}}{unit}".rstrip(),
        "meta": {"role": role},
    }


def price_trace(times: list[str], values: Sequence[Decimal], name: str, role: str) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines" if len(times) > 1 else "markers",
        "name": name,
        "x": times,
        "y": [float(f"{value:.{DRAWN_DIGITS}g}") for value in values],
        "text": [write_price(value) for value in values],
        "hovertemplate": f"{name} %{{text}}<br>%{{x|%d %b %Y %H:%M}}<extra></extra>",
        "meta": {"role": role},
    }


def wall_clock(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(timespec="seconds")
