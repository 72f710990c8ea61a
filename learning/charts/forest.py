"""Findings below one another: what was seen (hollow), what is left of it after allowing for luck, and the luck line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from common.numbers import UNKNOWN, separators
from journal.charts import shorten
from journal.charts.base import MARGIN, VALUE_AXIS, Figure


@dataclass(frozen=True, slots=True)
class Line:
    """In R. `raw` as it was seen, `value` with `low` and `high` after allowing for luck; `luck_low` and `luck_high`
    where noise alone would leave the best and the worst. Each None where it was not counted."""

    name: str
    n: int
    grade: str
    raw: float | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    luck_low: float | None = None
    luck_high: float | None = None
    url: str = ""

    @property
    def stands_out(self) -> bool:
        if self.raw is None or self.luck_low is None or self.luck_high is None:
            return False
        return not self.luck_low <= self.raw <= self.luck_high


def forest(
    lines: Sequence[Line], *, figure_id: str, says: str, name: str, most: int = 24
) -> dict[str, Any]:
    """In the shape of components/chart.html; `name` is what the lines are called. The first `most` are drawn."""
    drawn = [one for one in lines if one.value is not None or one.raw is not None][:most]
    return {
        "figure_id": figure_id,
        "figure": _figure(drawn),
        "size": "l" if len(drawn) > 8 else "",
        "says": says,
        "columns": [
            name, "Trades", "Seen", "After allowing for luck", "90%, from", "to", "By luck alone, from", "to", "Grade",
        ],
        "rows": [
            [one.name, f"{one.n:,}", *map(_r, (one.raw, one.value, one.low, one.high, one.luck_low, one.luck_high)),
             one.grade]
            for one in lines
        ],
    }  # fmt: skip


def _figure(lines: Sequence[Line]) -> Figure:
    places = list(range(len(lines)))
    return {
        "data": [_luck(lines, places), _raw(lines, places), _value(lines, places)],
        "layout": {
            "margin": {**MARGIN, "l": 8, "t": 8, "b": 32},
            "separators": separators(),
            "hovermode": "closest",
            "barmode": "overlay",
            "xaxis": {**VALUE_AXIS, "tickformat": "+~g", "ticksuffix": "R", "automargin": False},
            "yaxis": {
                "tickmode": "array", "tickvals": places, "ticktext": [shorten(one.name, 24) for one in lines],
                "range": [len(lines) - 0.5, -0.5], "zeroline": False, "showgrid": False, "fixedrange": True,
                "automargin": True,
            },
        },
    }  # fmt: skip


def _luck(lines: Sequence[Line], places: list[int]) -> Figure:
    spans = [
        None
        if one.luck_low is None or one.luck_high is None
        else round(one.luck_high - one.luck_low, 4)
        for one in lines
    ]
    return {
        "type": "bar", "orientation": "h", "base": [one.luck_low for one in lines], "x": spans, "y": places,
        "width": 0.62, "hoverinfo": "skip", "meta": {"role": "luck"},
    }  # fmt: skip


def _raw(lines: Sequence[Line], places: list[int]) -> Figure:
    return {
        "type": "scatter", "mode": "markers", "x": [_rounded(one.raw) for one in lines], "y": places,
        "hovertext": [_hover(one) for one in lines], "hovertemplate": "%{hovertext}<extra></extra>",
        "customdata": [one.url for one in lines], "meta": {"role": "ghost"},
    }  # fmt: skip


def _value(lines: Sequence[Line], places: list[int]) -> Figure:
    above = [_gap(one.high, one.value) for one in lines]
    below = [_gap(one.value, one.low) for one in lines]
    return {
        "type": "scatter", "mode": "markers", "x": [_rounded(one.value) for one in lines], "y": places,
        "error_x": {
            "type": "data", "symmetric": False, "array": above, "arrayminus": below, "thickness": 1.5, "width": 0,
        },
        "hovertext": [_hover(one) for one in lines], "hovertemplate": "%{hovertext}<extra></extra>",
        "customdata": [one.url for one in lines], "meta": {"role": "shrunk"},
    }  # fmt: skip


def _gap(high: float | None, low: float | None) -> float:
    return 0.0 if high is None or low is None else round(high - low, 4)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _hover(one: Line) -> str:
    text = f"<b>{one.name}</b><br>{one.n:,} trades, grade {one.grade}<br>seen: {_r(one.raw)}"
    if one.value is not None:
        text += f"<br>after allowing for luck: {_r(one.value)}"
    if one.low is not None and one.high is not None:
        text += f" ({_r(one.low)} to {_r(one.high)})"
    if one.luck_low is not None and one.luck_high is not None:
        text += f"<br>by luck alone: {_r(one.luck_low)} to {_r(one.luck_high)}"
    return text


def _r(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:+.2f}R".replace("-", "\N{MINUS SIGN}")
