"""Decisions beside their outcomes: how many of its rules each trade kept, and what it made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from common.numbers import write_percent
from learning.charts.base import (
    MARGIN,
    R_AXIS,
    VALUE_AXIS,
    Chart,
    Figure,
    in_r,
    in_words,
    separators,
    whole,
)

_NAMES = {
    "deserved_win": "good decision, good outcome",
    "unlucky_good_trade": "unlucky good trade",
    "lucky_breach": "lucky breach",
    "deserved_loss": "bad decision, bad outcome",
}
# Trades that kept as many of their rules would hide one another: the place in the list moves each a little.
_SPREAD = 0.035
_STEPS = 7


def decisions_chart(told: Mapping[str, Any], address: Callable[[int], str]) -> Chart:
    """`told`: quadrants (name: number) and points ([trade, share of rules kept, R])."""
    counts = told["quadrants"]
    return {
        "figure_id": "decisions",
        "figure": _figure(told["points"], address),
        "says": _sentence(counts),
        "columns": ["", "Trades"],
        "rows": [[name.capitalize(), whole(counts.get(key, 0))] for key, name in _NAMES.items()],
    }


def _sentence(counts: Mapping[str, int]) -> str:
    judged = sum(counts.values())
    kept = counts.get("deserved_win", 0) + counts.get("unlucky_good_trade", 0)
    text = f"{whole(kept)} of {in_words(judged, 'trade')} kept the rules they had"
    lucky, unlucky = counts.get("lucky_breach", 0), counts.get("unlucky_good_trade", 0)
    return (
        f"{text}. {in_words(lucky, 'breach was', 'breaches were')} lucky and stay breaches; "
        f"{in_words(unlucky, 'good trade', 'good trades')} lost and stay good trades."
    )


def _figure(points: Sequence[Sequence[Any]], address: Callable[[int], str]) -> Figure:
    shares = [share for _, share, _ in points]
    moved = [
        share + _SPREAD * (at % _STEPS - _STEPS // 2) / _STEPS for at, share in enumerate(shares)
    ]
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": moved,
        "y": [round(r, 4) for _, _, r in points],
        "hovertext": [
            f"{write_percent(share, 0)} of its rules kept, {in_r(r)}" for _, share, r in points
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "customdata": [address(trade) for trade, _, _ in points],
        "meta": {"role": "points"},
    }
    left = min([0.5, *shares]) - 0.08
    middle = (1 + max([share for share in shares if share < 1], default=0.5)) / 2
    layout: Figure = {
        "margin": {**MARGIN, "t": 24, "b": 44},
        "separators": separators(),
        "hovermode": "closest",
        "xaxis": {
            **VALUE_AXIS, "range": [left, 1.08], "tickformat": ".0%", "zeroline": False,
            "tickvals": [0, 0.25, 0.5, 0.75, 1],
            "title": {"text": "rules kept", "standoff": 6},
        },
        "yaxis": R_AXIS,
        "shapes": [{"type": "line", "xref": "x", "yref": "paper", "x0": middle, "x1": middle, "y0": 0, "y1": 1}],
        "annotations": [
            _corner(0, 1, "lucky breach"), _corner(1, 1, "deserved"),
            _corner(0, 0, "deserved"), _corner(1, 0, "unlucky good trade"),
        ],
    }  # fmt: skip
    return {"data": [trace], "layout": layout}


def _corner(x: int, y: int, text: str) -> Figure:
    return {
        "xref": "paper", "yref": "paper", "x": 0.01 + 0.98 * x, "y": y, "text": text, "showarrow": False,
        "xanchor": "right" if x else "auto", "yanchor": "bottom" if y else "auto",
    }  # fmt: skip
