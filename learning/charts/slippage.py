"""What fills cost against the mid when they were decided: the share of fills that cost at most so much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from common.numbers import write_percent
from learning.charts.base import (
    MARGIN,
    R_AXIS,
    VALUE_AXIS,
    Chart,
    Figure,
    in_words,
    line,
    separators,
)
from learning.charts.text import write_interval, write_value
from learning.domain.figures import Unit

_SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)


def slippage_chart(steps: Sequence[float], mean: Mapping[str, Any] | None, n: int) -> Chart:
    """`steps` are costs in R in rising order, of `n` fills; below 0 a fill was better than the mid."""
    return {
        "figure_id": "slippage",
        "figure": _figure(steps),
        "says": _sentence(steps, mean, n),
        "columns": ["Share of fills", "Cost at most"],
        "rows": [[write_percent(share, 0), _cost(_at(steps, share))] for share in _SHARES],
    }


def _at(steps: Sequence[float], share: float) -> float:
    return steps[min(len(steps) - 1, int(share * len(steps)))]


def _cost(value: float) -> str:
    """Costs are small parts of R."""
    return write_value(value, Unit.R) if abs(value) >= 0.1 else f"{value:+.3f}R".replace("-", "−")


def _sentence(steps: Sequence[float], mean: Mapping[str, Any] | None, n: int) -> str:
    half = _cost(_at(steps, 0.5))
    text = f"Half of {in_words(n, 'fill')} with a quote at the decision cost {half} or less against the mid"
    if mean and mean.get("value") is not None:
        text += f", {_cost(mean['value'])} on average"
        interval = write_interval(mean)
        text += f" ({interval})" if interval else ""
    better = sum(one < 0 for one in steps) / len(steps)
    return f"{text}. {write_percent(better, 0)} were better than the mid."


def _figure(steps: Sequence[float]) -> Figure:
    shares = [(at + 1) / len(steps) for at in range(len(steps))]
    texts = [
        f"{write_percent(share, 0)} cost {_cost(one)} or less"
        for share, one in zip(shares, steps, strict=True)
    ]
    curve = line(steps, shares, "Cost", "line", texts)
    curve |= {"hovertemplate": "%{text}<extra></extra>", "line": {"shape": "hv"}}
    layout: Figure = {
        "margin": {**MARGIN, "t": 24, "b": 44},
        "separators": separators(),
        "hovermode": "closest",
        "xaxis": {**R_AXIS, "zeroline": False, "title": {"text": "cost against the mid", "standoff": 6}},
        "yaxis": {**VALUE_AXIS, "range": [0, 1.02], "tickvals": [0, 0.25, 0.5, 0.75, 1], "tickformat": ".0%"},
        "shapes": [{"type": "line", "xref": "x", "yref": "paper", "x0": 0, "x1": 0, "y0": 0, "y1": 1}],
        "annotations": [
            {"xref": "x", "x": 0, "yref": "paper", "y": 1, "yanchor": "bottom", "showarrow": False,
             "text": "at the mid"}
        ],
    }  # fmt: skip
    return {"data": [curve], "layout": layout}
