"""Win rate against payoff: where each group stands to the curve on which winning and losing even out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import log10
from typing import Any

from common.numbers import write_percent, write_ratio
from learning.charts.base import (
    MARGIN,
    VALUE_AXIS,
    Chart,
    Figure,
    in_r,
    in_words,
    separators,
    whole,
)
from learning.charts.labels import sides_of

_CURVES = (0.0, 0.25, 0.5)
_STEPS = [step / 100 for step in range(5, 97)]
_NAMED_MAX = 10


def plane_chart(
    groups: Sequence[Mapping[str, Any]], address: Callable[[str], str], *, one: str, many: str
) -> Chart:
    """`one`, `many`: what the groups are called (strategy, strategies)."""
    above = sum(group["mean"] > 0 for group in groups)
    return {
        "figure_id": "plane",
        "figure": _figure(groups, address),
        "says": f"{whole(above)} of {in_words(len(groups), one, many)} with ten trades and more lie above the curve of "
        "break-even; along the dotted ones a trade makes a quarter and a half of an average loss. The fewer "
        "trades, the less the place of a group says.",
        "columns": [one.capitalize(), "Trades", "Win rate", "Breaks even at", "Payoff", "Mean"],
        "rows": [
            [
                group["word"],
                whole(group["n"]),
                write_percent(group["rate"]),
                write_percent(1 / (1 + group["payoff"])),
                write_ratio(group["payoff"]),
                in_r(group["mean"]),
            ]
            for group in groups
        ],
    }


def _figure(groups: Sequence[Mapping[str, Any]], address: Callable[[str], str]) -> Figure:
    highest = max([2.0, *(group["payoff"] for group in groups)]) * 1.5
    lowest = min([0.25, *(group["payoff"] for group in groups)]) * 0.85
    rates = [group["rate"] for group in groups]
    left, right = min([0.3, *rates]) - 0.05, min(1.0, max([0.8, *rates]) + 0.05)
    largest = max(group["n"] for group in groups)
    names = [group["word"] if place < _NAMED_MAX else "" for place, group in enumerate(groups)]
    height = log10(highest / lowest)
    sides = sides_of(
        [
            ((group["rate"] - left) / (right - left), log10(group["payoff"] / lowest) / height)
            for group in groups
        ],
        names,
    )
    points = {
        "type": "scatter",
        "mode": "markers+text",
        "x": rates,
        "y": [group["payoff"] for group in groups],
        "text": [name if side else "" for name, side in zip(names, sides, strict=True)],
        "textposition": [side or "middle right" for side in sides],
        "hovertext": [_hover(group) for group in groups],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "customdata": [address(group["word"]) for group in groups],
        "marker": {"size": [8 + 16 * (group["n"] / largest) ** 0.5 for group in groups]},
        "meta": {"role": "placed", "signs": [1 if group["mean"] > 0 else -1 for group in groups]},
    }
    layout: Figure = {
        "margin": {**MARGIN, "t": 16, "b": 44},
        "separators": separators(),
        "hovermode": "closest",
        "xaxis": {
            **VALUE_AXIS, "range": [left, right], "tickformat": ".0%", "zeroline": False,
            "title": {"text": "win rate", "standoff": 6},
        },
        "yaxis": {
            **VALUE_AXIS, "type": "log", "range": [log10(lowest), log10(highest)], "zeroline": False,
            "tickvals": [0.1, 0.25, 0.5, 1, 2, 4, 8], "title": {"text": "average win / average loss", "standoff": 6},
        },
        "annotations": [_name(left, right)],
    }  # fmt: skip
    return {"data": [points, *(_curve(one) for one in _CURVES)], "layout": layout}


def _payoff(rate: float, gain: float) -> float:
    """At which a mean of `gain` average losses is made at this win rate: p·b − (1 − p) = gain."""
    return (gain + 1 - rate) / rate


def _curve(gain: float) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": _STEPS,
        "y": [_payoff(rate, gain) for rate in _STEPS],
        "hoverinfo": "skip",
        "meta": {"role": "even" if not gain else "quiet"},
    }


def _name(left: float, right: float) -> Figure:
    rate = left + (right - left) * 0.8
    return {
        "xref": "x", "x": rate, "yref": "y", "y": log10(_payoff(rate, 0.0)), "text": "breaks even", "showarrow": False,
        "yanchor": "top", "xanchor": "right", "yshift": -6,
    }  # fmt: skip


def _hover(group: Mapping[str, Any]) -> str:
    return (
        f"<b>{group['word']}</b><br>{in_words(group['n'], 'trade')}, {in_r(group['mean'])} each<br>wins "
        f"{write_percent(group['rate'])}, breaks even at {write_percent(1 / (1 + group['payoff']))}"
    )
