"""Lives of claims on one axis of time, and results as they went before and after a change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from common.numbers import separators
from journal.charts import shorten
from journal.charts.base import MARGIN, VALUE_AXIS, Figure, wall_clock

_WORDS = {
    "raised": "raised", "confirmed": "confirmed", "weakened": "weakened", "faded": "faded", "retired": "retired",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Life:
    """`steps` are (moment, state, words), the first first; `until` is when it was told last."""

    name: str
    steps: Sequence[tuple[datetime, str, str]]
    until: datetime
    url: str = ""


def lives_chart(lives: Sequence[Life], *, says: str) -> dict[str, Any]:
    places = list(range(len(lives)))
    data = [_line(place, life) for place, life in zip(places, lives, strict=True)]
    data += [marks for state in _WORDS if (marks := _marks(state, lives))]
    layout: Figure = {
        "margin": {**MARGIN, "l": 8, "t": 8, "b": 32},
        "separators": separators(),
        "hovermode": "closest",
        "xaxis": {"type": "date", "hoverformat": "%d %b %Y"},
        "yaxis": {
            "tickmode": "array", "tickvals": places, "ticktext": [shorten(one.name, 24) for one in lives],
            "range": [len(lives) - 0.5, -0.5], "zeroline": False, "showgrid": False, "fixedrange": True,
            "automargin": True,
        },
    }  # fmt: skip
    return {
        "figure_id": "lives",
        "figure": {"data": data, "layout": layout},
        "size": "l" if len(lives) > 8 else "s" if len(lives) < 4 else "",
        "says": says,
        "columns": ["Claim", "Day", "Step"],
        "rows": [
            [life.name, f"{at:%d %b %Y}", words] for life in lives for at, _, words in life.steps
        ],
    }


def _line(place: int, life: Life) -> Figure:
    first = life.steps[0][0] if life.steps else life.until
    return {
        "type": "scatter", "mode": "lines", "x": [wall_clock(first), wall_clock(life.until)],
        "y": [place, place], "hoverinfo": "skip", "meta": {"role": "quiet"},
    }  # fmt: skip


def _marks(state: str, lives: Sequence[Life]) -> Figure | None:
    """None where no claim came to that state."""
    marks = [
        (place, at, words, life)
        for place, life in enumerate(lives)
        for at, told, words in life.steps
        if told == state
    ]
    if not marks:
        return None
    return {
        "type": "scatter", "mode": "markers", "name": state, "x": [wall_clock(one[1]) for one in marks],
        "y": [one[0] for one in marks], "customdata": [one[3].url for one in marks],
        "hovertext": [f"<b>{life.name}</b><br>{words}" for _, _, words, life in marks],
        "hovertemplate": "%{hovertext}<br>%{x|%d %b %Y}<extra></extra>", "meta": {"role": f"claim-{state}"},
    }  # fmt: skip


def change_chart(
    series: Sequence[Sequence[Any]], *, since: str | None, unit: str, says: str
) -> dict[str, Any]:
    """The mean of the forty trades up to each; a line where the change, if any, is placed."""  # fmt: skip
    share = unit == "fraction"
    days, values = [str(one[0]) for one in series], [round(float(one[1]), 4) for one in series]
    texts = [f"{value:.0%}" if share else f"{value:+.2f}R" for value in values]
    layout: Figure = {
        "margin": {**MARGIN, "t": 16, "b": 32},
        "separators": separators(),
        "hovermode": "x unified",
        "xaxis": {"type": "date", "showgrid": False, "hoverformat": "%d %b %Y"},
        "yaxis": {
            **VALUE_AXIS,
            "tickformat": ".0%" if share else "+~g",
            "ticksuffix": "" if share else "R",
        },
    }
    if since:
        layout |= _placed(since)
    trace = {
        "type": "scatter", "mode": "lines", "x": days, "y": values, "text": texts, "hovertemplate": "%{text}",
        "name": "Forty trades up to here", "meta": {"role": "line"},
    }  # fmt: skip
    step = max(1, -(-len(series) // 40))
    rows = [[day, text] for day, text in zip(days, texts, strict=True)][::-1][::step]
    return {
        "figure_id": "change-chart",
        "figure": {"data": [trace], "layout": layout},
        "size": "s",
        "says": says,
        "columns": ["Day", "Mean of forty trades"],
        "rows": rows,
    }


def _placed(since: str) -> Figure:
    line = {
        "type": "line",
        "xref": "x",
        "yref": "paper",
        "x0": since,
        "x1": since,
        "y0": 0,
        "y1": 1,
    }
    words = {
        "xref": "x", "yref": "paper", "x": since, "y": 1, "yanchor": "bottom", "text": "since here",
        "showarrow": False,
    }  # fmt: skip
    return {"shapes": [line], "annotations": [words]}
