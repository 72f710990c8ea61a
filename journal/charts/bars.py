"""Amounts as bars, side by side or ranked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from common.numbers import separators, write_money
from journal.charts.base import (
    MARGIN,
    Figure,
    value_axis,
)


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    value: Decimal
    url: str = ""
    # Follows the amount in the hover text: "12 trades".
    note: str = ""


def bars(values: Sequence[Bar], *, currency: str) -> Figure:
    """Amounts side by side, in the order given: months, weekdays, hours."""
    trace = _bar_trace(values, currency)
    trace |= {"x": [bar.label for bar in values], "y": [float(bar.value) for bar in values]}
    layout = {
        "margin": MARGIN,
        "separators": separators(),
        "hovermode": "closest",
        "bargap": 0.32,
        "xaxis": {"type": "category", "showgrid": False, "fixedrange": True, "automargin": True},
        "yaxis": value_axis([bar.value for bar in values]),
    }
    return {"data": [trace], "layout": layout}


def ranked_bars(values: Sequence[Bar], *, currency: str) -> Figure:
    """Amounts below one another, their figures in a column at the right: symbols, strategies."""
    places = list(range(len(values)))
    trace = _bar_trace(values, currency)
    trace |= {"orientation": "h", "x": [float(bar.value) for bar in values], "y": places}
    figures = [
        {
            "xref": "paper",
            "x": 1,
            "xanchor": "right",
            "xshift": 96,
            "y": place,
            "text": write_money(bar.value, plus=True),
            "showarrow": False,
        }
        for place, bar in zip(places, values, strict=True)
    ]
    layout = {
        "margin": {**MARGIN, "l": 8, "r": 104},
        "separators": separators(),
        "hovermode": "closest",
        "bargap": 0.36,
        "xaxis": {
            **value_axis([bar.value for bar in values]),
            "nticks": 5,
            "automargin": False,
        },
        "yaxis": {
            "tickmode": "array",
            "tickvals": places,
            "ticktext": [shorten(bar.label) for bar in values],
            "range": [len(values) - 0.5, -0.5],
            "zeroline": False,
            "showgrid": False,
            "fixedrange": True,
            "automargin": True,
        },
        "annotations": figures,
    }
    return {"data": [trace], "layout": layout}


def _bar_trace(values: Sequence[Bar], currency: str) -> Figure:
    hovers = [
        f"<b>{bar.label}</b><br>{write_money(bar.value, currency, plus=True)}"
        + (f"<br>{bar.note}" if bar.note else "")
        for bar in values
    ]
    return {
        "type": "bar",
        "hovertext": hovers,
        "hovertemplate": "%{hovertext}<extra></extra>",
        "customdata": [bar.url for bar in values],
        "meta": {"role": "bars"},
    }


def shorten(label: str, length: int = 18) -> str:
    """A long symbol keeps its beginning and its end, where contracts differ."""
    if len(label) <= length:
        return label
    head = (length - 1) * 2 // 3
    return f"{label[:head]}…{label[-(length - 1 - head) :]}"
