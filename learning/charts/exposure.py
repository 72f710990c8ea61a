"""What open positions risk together, by underlying and in every scenario."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.numbers import separators, write_money
from learning.charts.base import MARGIN, VALUE_AXIS, Chart, Figure, in_words

_BARS = 20


def delta_chart(book: Mapping[str, Any]) -> Chart:
    """A bar per underlying: what a move of it by one percent brings."""
    currency = book["currency"]
    groups = [one for one in book["buckets"]["underlying"] if _delta(one) is not None]
    unknown = sum(_delta(one) is None for one in book["buckets"]["underlying"])
    total = book["figures"]["delta"]["value"]
    moved = write_money(total, currency, plus=True)
    text = f"Were all underlyings to rise by 1%, the open positions would bring {moved}."
    if unknown:
        text += f" {in_words(unknown, 'underlying')} without a price {'is' if unknown == 1 else 'are'} not in it."
    return {
        "figure_id": f"delta-{currency.lower()}",
        "size": "s" if len(groups) < 5 else "",
        "figure": _figure(groups[:_BARS][::-1], currency),
        "says": text,
        "columns": ["Underlying", f"Delta of 1%, {currency}", "Theta a day", "Vega a point"],
        "rows": [
            [
                one["name"] or "not known",
                *(_money(one, name, currency) for name in ("delta", "theta", "vega")),
            ]
            for one in groups
        ],
    }


def _delta(group: Mapping[str, Any]) -> float | None:
    value = group["figures"].get("delta", {}).get("value")
    return None if value is None else float(value)


def _money(group: Mapping[str, Any], name: str, currency: str) -> str:
    value = group["figures"].get(name, {}).get("value")
    return "–" if value is None else write_money(value, currency, plus=True)


def _figure(groups: list[Mapping[str, Any]], currency: str) -> Figure:
    values = [_delta(one) for one in groups]
    bars: Figure = {
        "type": "bar", "orientation": "h", "x": values, "y": [one["name"] or "not known" for one in groups],
        "text": [write_money(value, currency, plus=True) for value in values], "textposition": "none",
        "hovertemplate": "%{y}: %{text}<extra></extra>", "meta": {"role": "bars"},
    }  # fmt: skip
    layout: Figure = {
        "margin": {**MARGIN, "l": 96, "t": 8, "b": 36},
        "separators": separators(),
        "bargap": 0.35,
        "xaxis": {**VALUE_AXIS, "tickformat": "~s"},
        "yaxis": {"type": "category", "showgrid": False, "automargin": True, "fixedrange": True},
    }
    return {"data": [bars], "layout": layout}
