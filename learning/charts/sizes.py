"""What a size may lead to: the fan of the equity, and what sizes the results leave credible."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from common.numbers import write_percent
from learning.charts.base import (
    AT_END,
    MARGIN,
    VALUE_AXIS,
    Chart,
    Figure,
    band,
    in_words,
    line,
    separators,
    whole,
)

_ROWS = (0, 10, 25, 50, 75, 100)


def fan_chart(told: Mapping[str, Any]) -> Chart:
    rows = told["fan"]["equity"]
    last = [one - 1 for one in rows[-1]]
    size = write_percent(told["shown_fraction"], 2)
    return {
        "figure_id": "fan",
        "size": "l",
        "figure": _fan(rows),
        "says": f"Risking {size} on each of {in_words(len(rows) - 1, 'trade')}: half of the courses end between "
        f"{write_percent(last[1], 0, plus=True)} and {write_percent(last[3], 0, plus=True)}, nine of ten between "
        f"{write_percent(last[0], 0, plus=True)} and {write_percent(last[4], 0, plus=True)}. Drawn from "
        f"{in_words(told['n'], 'trade')} and from what they leave open.",
        "columns": ["After trades", "5%", "25%", "Middle", "75%", "95%"],
        "rows": [
            [whole(at), *(write_percent(one - 1, 1, plus=True) for one in rows[at])]
            for at in _ROWS
            if at < len(rows)
        ],
    }  # fmt: skip


def _fan(rows: list[list[float]]) -> Figure:
    at = list(range(len(rows)))
    lines = [[row[column] - 1 for row in rows] for column in range(5)]
    texts = [write_percent(one, 1, plus=True) for one in lines[2]]
    names = zip((4, 2, 0), ("Good", "Middle", "Bad"), strict=True)
    layout: Figure = {
        "margin": {**MARGIN, "r": 96, "t": 12, "b": 44},
        "separators": separators(),
        "hovermode": "x unified",
        "xaxis": {"showgrid": False, "title": {"text": "trades from now", "standoff": 6}, "automargin": True},
        "yaxis": {**VALUE_AXIS, "tickformat": "+.0%"},
        "annotations": [
            {**AT_END, "yref": "y", "y": lines[column][-1],
             "text": f"{word}<br><b>{write_percent(lines[column][-1], 0, plus=True)}</b>"}
            for column, word in names
        ],
    }  # fmt: skip
    data = [*band(at, lines[0], lines[4]), *band(at, lines[1], lines[3])]
    return {"data": [line(at, lines[2], "Middle", "line", texts), *data], "layout": layout}


def posterior_chart(told: Mapping[str, Any]) -> Chart:
    """Half of Kelly in every draw of the posterior; the advice is its lower quartile."""
    half = told["half_kelly"]
    edges, counts = half["edges"], half["counts"]
    total = sum(counts)
    quartile = half["quartile"]
    none = write_percent(half["none"], 0)
    middles = [(low + high) / 2 for low, high in pairwise(edges)]
    shares = [count / total for count in counts]
    return {
        "figure_id": "posterior",
        "figure": _posterior(middles, shares, told),
        "says": f"Half of the size that grows fastest, as {in_words(told['n'], 'trade')} leave it open: in a quarter "
        f"of the draws it is below {write_percent(quartile, 2)}, in {none} there is none. The advice goes by the lower "
        "quarter: too large a size takes more than too small a one.",
        "columns": ["Of the equity", "Share of draws"],
        "rows": [
            [f"{write_percent(low, 1)} to {write_percent(high, 1)}", write_percent(share, 1)]
            for low, high, share in zip(edges[:-1], edges[1:], shares, strict=True)
            if share
        ],
    }


def _posterior(middles: list[float], shares: list[float], told: Mapping[str, Any]) -> Figure:
    bars: Figure = {
        "type": "bar", "x": middles, "y": shares,
        "text": [write_percent(one, 1) for one in shares], "textposition": "none",
        "hovertemplate": "%{x:.1%}: %{text} of the draws<extra></extra>", "meta": {"role": "neutral"},
    }  # fmt: skip
    marks = [(told["half_kelly"]["quartile"], "lower quarter")]
    if told["usual"]["value"] is not None:
        marks.append((told["usual"]["value"], "yours"))
    if told["cap"] <= (middles[-1] if middles else 0):
        marks.append((told["cap"], "cap"))
    marks.sort()
    layout: Figure = {
        "margin": {**MARGIN, "t": 44, "b": 44},
        "separators": separators(),
        "bargap": 0.08,
        "xaxis": {"tickformat": ".0%", "showgrid": False, "title": {"text": "of the equity at risk", "standoff": 6}},
        "yaxis": {**VALUE_AXIS, "tickformat": ".0%"},
        "shapes": [
            {"type": "line", "yref": "paper", "x0": at, "x1": at, "y0": 0, "y1": 1} for at, _ in marks
        ],
        "annotations": [
            {"x": at, "yref": "paper", "y": 1, "yanchor": "bottom", "xanchor": "left", "yshift": 14 * place,
             "showarrow": False, "text": f"{word} {write_percent(at, 2)}"}
            for place, (at, word) in enumerate(reversed(marks))
        ],
    }  # fmt: skip
    return {"data": [bars], "layout": layout}
