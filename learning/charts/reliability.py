"""Told against observed: whether probabilities came true, with the band in which right ones would be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from common.numbers import write_percent
from learning.charts.base import MARGIN, VALUE_AXIS, Chart, Figure, in_words, separators, whole

_Bins = Sequence[Mapping[str, Any]]
_AXIS = {**VALUE_AXIS, "tickformat": ".0%", "zeroline": False}


def reliability_chart(
    told: Mapping[str, Any], *, figure_id: str, who: str, beside: Mapping[str, Any] | None = None
) -> Chart:
    """`told` as the probability step keeps it; `beside` are the scanner's own probabilities, drawn as rings."""
    bins = told["bins"]
    return {
        "figure_id": figure_id,
        "figure": _figure(bins, (beside or {}).get("bins", [])),
        "says": _sentence(bins, told["figures"], who),
        "columns": ["Told", "Trades", "Came true", "Right ones would be"],
        "rows": [
            [
                write_percent(one["told"]),
                whole(one["n"]),
                write_percent(one["observed"]),
                f"{write_percent(one['low'])} to {write_percent(one['high'])}",
            ]
            for one in bins
        ],
    }


def _sentence(bins: _Bins, figures: Mapping[str, Any], who: str) -> str:
    inside = sum(one["low"] <= one["observed"] <= one["high"] for one in bins)
    n = sum(one["n"] for one in bins)
    error = figures["calibration_error"]["value"]
    luck = figures["calibration_error_by_luck"]["value"]
    word = "no more than" if error <= luck else "more than"
    return (
        f"{inside} of {in_words(len(bins), 'group')} of {who} lie in the band where right probabilities "
        f"would be (90%), over {in_words(n, 'proposal')}. They are off by {write_percent(error)} on average, {word} "
        f"luck makes of right ones ({write_percent(luck)})."
    )


def _figure(bins: _Bins, beside: _Bins) -> Figure:
    told = [one["told"] for one in bins]
    shown = [*told, *(one["observed"] for one in bins), *(one["told"] for one in beside)]
    low, high = max(0.0, min(shown) - 0.08), min(1.0, max(shown) + 0.08)
    data: list[Figure] = [
        {"type": "scatter", "mode": "lines", "x": told, "y": [one["low"] for one in bins], "hoverinfo": "skip",
         "meta": {"role": "edge"}},
        {"type": "scatter", "mode": "lines", "x": told, "y": [one["high"] for one in bins], "hoverinfo": "skip",
         "fill": "tonexty", "meta": {"role": "band"}},
        {"type": "scatter", "mode": "lines", "x": [0, 1], "y": [0, 1], "hoverinfo": "skip", "meta": {"role": "quiet"}},
    ]  # fmt: skip
    if beside:
        data.append(_points(beside, "the scanner’s own", "ring"))
    data.append({**_points(bins, "the model", "dots"), "mode": "lines+markers"})
    layout: Figure = {
        "margin": {**MARGIN, "t": 12, "b": 44},
        "separators": separators(),
        "hovermode": "closest",
        "xaxis": {**_AXIS, "range": [low, high], "title": {"text": "told", "standoff": 6}},
        "yaxis": {**_AXIS, "range": [low - 0.1, high + 0.1], "title": {"text": "came true", "standoff": 6}},
    }  # fmt: skip
    return {"data": data, "layout": layout}


def _points(bins: _Bins, who: str, role: str) -> Figure:
    largest = max(one["n"] for one in bins)
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [one["told"] for one in bins],
        "y": [one["observed"] for one in bins],
        "text": [
            f"{who}: told {write_percent(one['told'])}, came true {write_percent(one['observed'])}<br>"
            f"{in_words(one['n'], 'proposal')}"
            for one in bins
        ],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"size": [7 + 6 * (one["n"] / largest) ** 0.5 for one in bins]},
        "meta": {"role": role},
    }
