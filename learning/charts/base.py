"""What charts of the learner share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from common.numbers import UNKNOWN, separators, write
from common.templatetags.figures import write_day
from journal.charts.base import MARGIN, VALUE_AXIS, Figure
from learning.charts.text import write_value
from learning.domain.figures import Unit

Chart = dict[str, Any]
Numbers = Sequence[float | None]
# A table beside a drawing has so many rows: the drawing has them all.
ROWS_MAX = 40
# A name stands at the end of its line, instead of a legend.
AT_END = {
    "xref": "paper", "x": 1, "xanchor": "left", "xshift": 6, "showarrow": False, "align": "left",
}  # fmt: skip
R_AXIS = {**VALUE_AXIS, "tickformat": "~g", "ticksuffix": "R"}
__all__ = (
    "AT_END", "MARGIN", "ROWS_MAX", "R_AXIS", "VALUE_AXIS", "Chart", "Figure", "Numbers", "band", "by_trade", "in_r",
    "in_words", "line", "say_day", "separators", "size_in_r", "sparse", "whole",
)  # fmt: skip


def in_r(value: float | None) -> str:
    return UNKNOWN if value is None else write_value(value, Unit.R)


def size_in_r(value: float) -> str:
    """Without a sign: how far it is below."""
    return write_value(abs(value), Unit.R, metric="drawdown")


def whole(number: int) -> str:
    return write(Decimal(number), 0)


def in_words(number: int, one: str, many: str = "") -> str:
    return f"{whole(number)} {one if number == 1 else many or one + 's'}"


def say_day(text: str) -> str:
    return write_day(date.fromisoformat(text))


def by_trade(values: Sequence[int]) -> Figure:
    """An axis of trades in the order in which they became known."""
    return {
        "showgrid": False, "title": {"text": "closed trades", "standoff": 6}, "automargin": True,
        "range": [min(values, default=0), max(values, default=1)], "tickformat": ",d", "nticks": 8,
    }  # fmt: skip


def line(x: Sequence[Any], y: Numbers, name: str, role: str, texts: Sequence[str]) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines" if len(x) > 1 else "markers",
        "name": name,
        "x": list(x),
        "y": list(y),
        "text": list(texts),
        "hovertemplate": "%{text}",
        "connectgaps": False,
        "meta": {"role": role},
    }


def band(x: Sequence[Any], low: Numbers, high: Numbers) -> list[Figure]:
    """Between two lines; where either is unknown there is none."""
    known = [
        (at, one, other)
        for at, one, other in zip(x, low, high, strict=True)
        if one is not None and other is not None
    ]
    shared = {
        "type": "scatter",
        "mode": "lines",
        "hoverinfo": "skip",
        "x": [one[0] for one in known],
    }
    return [
        {**shared, "y": [one[1] for one in known], "meta": {"role": "edge"}},
        {**shared, "y": [one[2] for one in known], "fill": "tonexty", "meta": {"role": "band"}},
    ]


def sparse(rows: Sequence[list[str]]) -> list[list[str]]:
    """The newest first, the latest among them, no more than a person reads."""
    if len(rows) <= ROWS_MAX:
        return list(rows)[::-1]
    step = -(-len(rows) // ROWS_MAX)
    return list(rows)[::-1][::step]
