"""What each setting of a threshold would be worth against the one that stands: D(θ), with its band."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.numbers import separators, write_percent
from journal.charts.base import MARGIN, VALUE_AXIS
from learning.domain.words.numbers import percent, signed

Chart = dict[str, Any]
Points = list[Mapping[str, Any]]


def threshold_chart(found: Mapping[str, Any], name: str) -> Chart:
    """`found` is what the step `parameters` kept of one parameter; `name` is how it is called."""
    points = _whole(found)
    return {
        "figure_id": "threshold",
        "figure": _figure(found, points, name),
        "says": _sentence(found, name),
        "columns": [
            name, "R per 100", "from", "to", "Better", "As good by luck", "Treated otherwise", "Newly let through",
        ],
        "rows": [_row(one, found["current"]) for one in points],
    }  # fmt: skip


def _whole(found: Mapping[str, Any]) -> Points:
    """With the setting that stands, which is worth nothing beside itself."""
    now = {
        "at": found["current"],
        "mean": 0.0,
        "low": 0.0,
        "high": 0.0,
        "better": None,
        "luck": None,
        "changed": 0,
    }
    return sorted([*found["curve"], now], key=lambda one: float(one["at"]))


def _row(one: Mapping[str, Any], current: float) -> list[str]:
    at = f"{one['at']:g}"
    if one["better"] is None:
        return [f"{at} (stands)", "0.00", "", "", "", "", "", ""]
    return [
        at, signed(one["mean"]), signed(one["low"]), signed(one["high"]), write_percent(one["better"], 0),
        write_percent(one["luck"], 0), str(one["changed"]), str(one["admitted"]),
    ]  # fmt: skip


def _figure(found: Mapping[str, Any], points: Points, name: str) -> dict[str, Any]:
    at = [one["at"] for one in points]
    shared = {"type": "scatter", "mode": "lines", "hoverinfo": "skip", "x": at}
    texts = [f"{one['at']:g}: {signed(one['mean'])} R per 100" for one in points]
    data = [
        {**shared, "y": [one["low"] for one in points], "meta": {"role": "edge"}},
        {**shared, "y": [one["high"] for one in points], "fill": "tonexty", "meta": {"role": "band"}},
        {
            "type": "scatter", "mode": "lines+markers", "name": "Worth", "x": at, "y": [one["mean"] for one in points],
            "text": texts, "hovertemplate": "%{text}<extra></extra>", "meta": {"role": "line"},
        },
    ]  # fmt: skip
    held = found["holdout"]
    if held["value"] is not None and found["target"] != found["current"]:
        data.append(
            {
                "type": "scatter", "mode": "markers", "name": "On weeks that did not choose", "x": [found["target"]],
                "y": [held["value"]], "text": [f"on weeks that did not choose: {signed(held['value'])} R per 100"],
                "hovertemplate": "%{text}<extra></extra>", "marker": {"size": 11, "symbol": "diamond"},
                "meta": {"role": "quiet"},
            }
        )  # fmt: skip
    layout = {
        "margin": {**MARGIN, "t": 16, "b": 44},
        "separators": separators(),
        "showlegend": False,
        "xaxis": {"title": {"text": name, "standoff": 6}, "automargin": True, "showgrid": False},
        "yaxis": {**VALUE_AXIS, "tickformat": "~g", "ticksuffix": " R"},
        "shapes": [
            {
                "type": "line", "xref": "x", "yref": "paper", "x0": found["current"], "x1": found["current"], "y0": 0,
                "y1": 1, "line": {"width": 1, "dash": "dot"},
            }
        ],
        "annotations": [
            {
                "x": found["current"], "xref": "x", "y": 1, "yref": "paper", "text": "stands", "showarrow": False,
                "xanchor": "left", "xshift": 4,
            }
        ],
    }  # fmt: skip
    return {"data": data, "layout": layout}


def _sentence(found: Mapping[str, Any], name: str) -> str:
    best = max(found["curve"], key=lambda one: float(one["mean"]), default=None)
    if best is None or not found["n"]:
        return f"{name}: no recommendation with a known outcome yet."
    level = write_percent(best["level"], 0)
    band = f"{signed(best['low'])} to {signed(best['high'])} with {level}"
    return (
        f"Beside {found['current']:g}, which stands, {best['at']:g} looks best: {signed(best['mean'])} R per 100 "
        f"recommendations ({band}), over {found['n']}. It is the best of {len(found['curve'])}, and the best of so "
        f"many looks as good by luck in {percent(best['luck'])} of draws."
    )
