"""How far trades went against us and for us, with the limits that a replay would set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from common.numbers import write_percent, write_ratio
from learning.charts.base import MARGIN, R_AXIS, Chart, Figure, in_r, in_words, separators

_ROWS = 30


def excursion_chart(
    group: Mapping[str, Any], address: Callable[[int], str], *, figure_id: str
) -> Chart:
    points = group["points"]
    figures = group["figures"]
    kept = figures["exit_efficiency"]["value"]
    losers = [one for one in points if one["r"] < 0]
    ahead = sum(one["mfe"] >= 0.5 for one in losers)
    text = f"{in_words(len(points), 'trade')} with a path of prices."
    if kept is not None:
        text += f" Of what they were ahead at best, {write_percent(kept, 0)} was kept."
    if losers:
        text += f" {ahead} of {in_words(len(losers), 'loser')} had been half an R ahead."
    return {
        "figure_id": figure_id,
        "size": "l",
        "figure": _figure(points, group["best"], address),
        "says": text,
        "columns": ["Trade", "Against (MAE)", "For (MFE)", "Made", "Closed for"],
        "rows": [
            [
                f"#{one['trade']}",
                in_r(one["mae"]),
                in_r(one["mfe"]),
                in_r(one["r"]),
                one["reason"].replace("_", " ") or "–",
            ]
            for one in points[: -_ROWS - 1 : -1]
        ],
    }


def _figure(
    points: Sequence[Mapping[str, Any]],
    rule: Mapping[str, Any] | None,
    address: Callable[[int], str],
) -> Figure:
    trace: Figure = {
        "type": "scatter",
        "mode": "markers",
        "x": [one["mae"] for one in points],
        "y": [one["mfe"] for one in points],
        "text": [_hover(one) for one in points],
        "hovertemplate": "%{text}<extra></extra>",
        "customdata": [address(one["trade"]) for one in points],
        "marker": {"size": 8},
        "meta": {"role": "placed", "signs": [one["r"] for one in points]},
    }
    shapes, notes = _limits(rule or {})
    layout: Figure = {
        "margin": {**MARGIN, "t": 20, "b": 44},
        "separators": separators(),
        "hovermode": "closest",
        "xaxis": {**R_AXIS, "title": {"text": "farthest against", "standoff": 6}},
        "yaxis": {**R_AXIS, "title": {"text": "farthest for", "standoff": 6}},
        "shapes": shapes,
        "annotations": notes,
    }
    return {"data": [trace], "layout": layout}


def _hover(one: Mapping[str, Any]) -> str:
    reason = one["reason"].replace("_", " ")
    return (
        f"made {in_r(one['r'])}{f', closed for {reason}' if reason else ''}<br>"
        f"{in_r(one['mae'])} against, {in_r(one['mfe'])} for"
    )


def _limits(rule: Mapping[str, Any]) -> tuple[list[Figure], list[Figure]]:
    shapes: list[Figure] = []
    notes: list[Figure] = []
    if rule.get("stop"):
        at = -rule["stop"]
        shapes.append({"type": "line", "yref": "paper", "x0": at, "x1": at, "y0": 0, "y1": 1})
        notes.append(
            {"x": at, "yref": "paper", "y": 1, "yanchor": "bottom", "showarrow": False,
             "text": f"stop {write_ratio(rule['stop'], 1)}R"}
        )  # fmt: skip
    if rule.get("target"):
        at = rule["target"]
        shapes.append({"type": "line", "xref": "paper", "y0": at, "y1": at, "x0": 0, "x1": 1})
        notes.append(
            {"y": at, "xref": "paper", "x": 1, "xanchor": "right", "yanchor": "bottom", "showarrow": False,
             "text": f"target {write_ratio(at, 1)}R"}
        )  # fmt: skip
    return shapes, notes
