"""Prices: what the market did around a trade, and what a structure pays at expiry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from common.numbers import separators, write_money, write_price
from journal.charts.base import (
    DRAWN_DIGITS,
    MARGIN,
    VALUE_AXIS,
    Figure,
    price_trace,
    wall_clock,
)


@dataclass(frozen=True, slots=True)
class PricePoint:
    """A stretch of time: its middle, its highest and lowest price, and the last one."""

    at: datetime
    high: Decimal
    low: Decimal
    close: Decimal


@dataclass(frozen=True, slots=True)
class Mark:
    """A price at a moment, and what is said of it."""

    at: datetime
    price: Decimal
    says: str


@dataclass(frozen=True, slots=True)
class PriceWay:
    """Prices that held until they changed: a stop that was moved. `role` is stop or target."""

    name: str
    role: str
    steps: Sequence[tuple[datetime, Decimal]]


def price_way(
    points: Sequence[PricePoint],
    *,
    entries: Sequence[Mark],
    exits: Sequence[Mark],
    ways: Sequence[PriceWay] = (),
    levels: Sequence[tuple[str, Decimal]] = (),
) -> Figure:
    """What the market did around a trade: its range as a band, its closes as a line, fills, stops and targets on top.
    Times are written as they are, in whichever zone they come. `levels` are named prices across all of it."""
    times = [wall_clock(point.at) for point in points]
    high = price_trace(times, [point.high for point in points], "High", "edge")
    low = price_trace(times, [point.low for point in points], "Low", "band") | {"fill": "tonexty"}
    close = price_trace(times, [point.close for point in points], "Price", "line")
    for trace in (high, low):
        trace["hoverinfo"] = "skip"
        trace.pop("hovertemplate")
    traces = [high, low, close, *(_way_trace(way) for way in ways)]
    traces += [
        _mark_trace(marks, name, role)
        for name, role, marks in (("Entry", "in", entries), ("Exit", "out", exits))
        if marks
    ]
    layout = {
        # A second line of the axis names the day.
        "margin": {**MARGIN, "b": 44},
        "separators": separators(),
        "hovermode": "closest",
        "xaxis": {"type": "date", "showgrid": False},
        "yaxis": {**VALUE_AXIS, "zeroline": False},
        "shapes": [_level_line(price) for _, price in levels],
        "annotations": [_level_name(name, price) for name, price in levels],
    }
    return {"data": traces, "layout": layout}


def payoff_line(points: Sequence[tuple[Decimal, Decimal]], *, currency: str) -> Figure:
    """Profit at expiry over the price of the underlying, its gains and losses filled."""
    prices = [float(price) for price, _ in points]
    texts = [
        f"{write_price(price)}: {write_money(profit, currency, plus=True)}"
        for price, profit in points
    ]
    trace = {
        "type": "scatter",
        "mode": "lines",
        "name": "At expiry",
        "x": prices,
        "y": [float(profit) for _, profit in points],
        "text": texts,
        "hovertemplate": "%{text}<extra></extra>",
        "fill": "tozeroy",
        "meta": {"role": "payoff"},
    }
    layout = {
        "margin": MARGIN,
        "separators": separators(),
        "hovermode": "closest",
        "xaxis": {"showgrid": False, "automargin": True},
        "yaxis": {**VALUE_AXIS},
    }
    return {"data": [trace], "layout": layout}


def _way_trace(way: PriceWay) -> Figure:
    trace = price_trace(
        [wall_clock(at) for at, _ in way.steps],
        [price for _, price in way.steps],
        way.name,
        way.role,
    )
    return trace | {"mode": "lines", "line": {"shape": "hv"}}


def _mark_trace(marks: Sequence[Mark], name: str, role: str) -> Figure:
    trace = price_trace(
        [wall_clock(one.at) for one in marks], [one.price for one in marks], name, role
    )
    says = [one.says for one in marks]
    return trace | {"mode": "markers", "text": says, "hovertemplate": "%{text}<extra></extra>"}


def _level_line(price: Decimal) -> Figure:
    drawn = float(f"{price:.{DRAWN_DIGITS}g}")
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": drawn, "y1": drawn}


def _level_name(name: str, price: Decimal) -> Figure:
    return {
        "xref": "paper",
        "x": 1,
        "xanchor": "right",
        "yref": "y",
        "y": float(f"{price:.{DRAWN_DIGITS}g}"),
        "yanchor": "bottom",
        "text": f"{name} <b>{write_price(price)}</b>",
        "showarrow": False,
    }
