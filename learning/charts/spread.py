"""How results in R are spread, and the share of trades that were at most so good."""

from __future__ import annotations

from collections.abc import Mapping
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
    line,
    separators,
    whole,
)


def spread_chart(told: Mapping[str, Any]) -> Chart:
    edges, counts = told["edges"], told["counts"]
    bins = list(zip(edges, edges[1:], counts, strict=False))
    beyond = told["beyond"]
    risked = (
        f"{in_words(beyond, 'trade')} lost more than the 1R that was planned, {in_r(told['worst'])} at worst."
        if beyond
        else "No trade lost more than the 1R that was planned."
    )
    return {
        "figure_id": "spread",
        "figure": _figure(told, bins),
        "says": f"Half of {in_words(told['n'], 'trade')} made {in_r(told['median'])} or more, the mean is "
        f"{in_r(told['mean'])}. {risked}",
        "columns": ["From", "To", "Trades", "At most so good"],
        "rows": _rows(bins, told["n"]),
    }


def _rows(bins: list[tuple[float, float, int]], n: int) -> list[list[str]]:
    rows, so_far = [], 0
    for low, high, count in bins:
        so_far += count
        rows.append(
            [
                in_r(low),
                in_r(high) if high < bins[-1][1] else "and more",
                whole(count),
                write_percent(so_far / n),
            ]
        )
    return rows


def _figure(told: Mapping[str, Any], bins: list[tuple[float, float, int]]) -> Figure:
    width = bins[0][1] - bins[0][0]
    histogram = {
        "type": "bar",
        "x": [round((low + high) / 2, 6) for low, high, _ in bins],
        "y": [count for _, _, count in bins],
        "width": width,
        "text": [
            f"{in_r(low)} {f'to {in_r(high)}' if high < bins[-1][1] else 'and more'}: {in_words(n, 'trade')}"
            for low, high, n in bins
        ],
        "hovertemplate": "%{text}<extra></extra>",
        "textposition": "none",
        "meta": {"role": "spread"},
    }
    levels = told["quantiles"]
    shares = [place / (len(levels) - 1) for place in range(len(levels))]
    texts = [
        f"{write_percent(share, 0)} of trades made {in_r(r)} or less"
        for share, r in zip(shares, levels, strict=True)
    ]
    curve = line(levels, shares, "At most so good", "line", texts)
    curve |= {"yaxis": "y2", "hovertemplate": "%{text}<extra></extra>", "line": {"shape": "hv"}}
    layout: Figure = {
        "margin": {**MARGIN, "t": 24},
        "separators": separators(),
        "hovermode": "closest",
        "bargap": 0.06,
        "xaxis": {**R_AXIS, "anchor": "y2", "zeroline": False, "showgrid": False, "range": [bins[0][0], bins[-1][1]]},
        "yaxis": {**VALUE_AXIS, "domain": [0.44, 1], "nticks": 4, "tickformat": ",d"},
        "yaxis2": {**VALUE_AXIS, "domain": [0, 0.36], "range": [0, 1], "tickvals": [0, 0.5, 1], "tickformat": ".0%"},
        "shapes": [_upright(0)],
        "annotations": [_named(0, "breaks even", "left")],
    }  # fmt: skip
    if bins[0][0] <= -1:
        layout["shapes"].append(_upright(-1))
        layout["annotations"].append(_named(-1, "planned loss", "right"))
    return {"data": [histogram, curve], "layout": layout}


def _upright(at: float) -> Figure:
    return {"type": "line", "xref": "x", "yref": "paper", "x0": at, "x1": at, "y0": 0, "y1": 1}


def _named(at: float, text: str, anchor: str) -> Figure:
    """`anchor` is the side of the line on which the text begins: two of them never meet."""
    return {
        "xref": "x", "x": at, "xanchor": anchor, "yref": "paper", "y": 1, "yanchor": "bottom", "showarrow": False,
        "text": text,
    }  # fmt: skip
