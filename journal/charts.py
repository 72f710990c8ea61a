"""Figures for Plotly, as plain dictionaries, from plain values: pure, without the plotly package (0.3 s to import).

A figure holds no colours: `trace.meta.role` names what a trace is and static/js/charts.js dresses it for light and
dark. A click leads to `trace.meta.address`, where {x} stands for the point's own x, or to the point's `customdata`.
Hover texts are written by `common.numbers`, so a chart says what the table says.

A curve has a point for every trading day, so what its points share is said once: the second trace takes the x of the
first, and the unit of the texts stands in `hovertemplate`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from common.numbers import PERCENT, separators, write_money, write_price

Figure = dict[str, Any]

_MARGIN = {"l": 52, "r": 16, "t": 8, "b": 28}
# A drawing is a few thousand pixels high: so many digits of a value place its point.
_DRAWN_DIGITS = 8
# Up to here every day has its own mark; otherwise hours would be written between them.
_FEW_DAYS = 10
_VALUE_AXIS = {
    "nticks": 6,
    "zeroline": True,
    "fixedrange": True,
    "automargin": True,
    "showspikes": False,
}


@dataclass(frozen=True, slots=True)
class EquityDay:
    """The end of a trading day. `drawdown` is what is missing to the highest equity so far: zero or less."""

    on: date
    equity: Decimal
    drawdown: Decimal


def _span(days: Sequence[EquityDay]) -> list[str] | None:
    """From the first to the last day; a day around it where there is only one, which has no width of its own."""
    if not days:
        return None
    first, last = days[0].on, days[-1].on
    margin = timedelta(days=1 if first == last else 0)
    return [(first - margin).isoformat(), (last + margin).isoformat()]


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    value: Decimal
    url: str = ""
    # Follows the amount in the hover text: "12 trades".
    note: str = ""


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


def equity_curve(days: Sequence[EquityDay], *, currency: str, address: str = "") -> Figure:
    """Equity above, what is missing to its peak below, on one axis of days.

    `address` is that of a day's trades, with {x} for the day.
    """
    dates = [day.on.isoformat() for day in days]
    layout: Figure = {
        "margin": {**_MARGIN, "r": 112, "t": 28},
        "separators": separators(),
        "hovermode": "x unified",
        "hoversubplots": "axis",
        "xaxis": {
            "type": "date",
            "anchor": "y2",
            "showgrid": False,
            "hoverformat": "%d %b %Y",
            "range": _span(days),
        },
        "yaxis": {**_value_axis([day.equity for day in days], currency), "domain": [0.32, 1]},
        "yaxis2": _drawdown_axis([day.drawdown for day in days], currency),
        "annotations": _last_labels(days, currency),
    }
    if days and (days[-1].on - days[0].on).days <= _FEW_DAYS:
        layout["xaxis"] |= {"dtick": 86_400_000, "tickformat": "%d %b"}
    equity = _line(dates, [day.equity for day in days], "Equity", role="line", currency=currency)
    under = _line(
        dates, [day.drawdown for day in days], "Drawdown", role="underwater", currency=currency
    )
    under |= {"yaxis": "y2", "fill": "tozeroy"}
    del under["x"]
    if address:
        for trace in (equity, under):
            trace["meta"]["address"] = address
    return {"data": [equity, under], "layout": layout}


def _value_axis(values: Sequence[Decimal], unit: str = "") -> Figure:
    # Thousands as k and M; small amounts as they are, since nobody says 500m for half a dollar.
    tick_format = "~s" if max(map(abs, values), default=0) >= 1000 else "~g"
    return {**_VALUE_AXIS, "tickformat": ".3~%" if unit == PERCENT else tick_format}


def _drawdown_axis(drawdowns: Sequence[Decimal], unit: str) -> Figure:
    axis = {**_value_axis(drawdowns, unit), "domain": [0, 0.24], "nticks": 3}
    if any(drawdowns):
        return {**axis, "rangemode": "tozero"}
    return {**axis, "range": [-1, 0], "tickvals": [0]}


def running_line(points: Sequence[tuple[str, Decimal]], *, name: str, currency: str) -> Figure:
    """A value that holds until it changes, such as the realised P&L of a trade: (ISO instant, value)."""
    trace = _line(
        [at for at, _ in points],
        [value for _, value in points],
        name,
        role="line",
        currency=currency,
    )
    trace["line"] = {"shape": "hv"}
    layout = {
        "margin": _MARGIN,
        "separators": separators(),
        "hovermode": "x unified",
        "xaxis": {"type": "date", "showgrid": False},
        "yaxis": _value_axis([value for _, value in points]),
    }
    return {"data": [trace], "layout": layout}


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
    times = [_wall(point.at) for point in points]
    high = _prices(times, [point.high for point in points], "High", "edge")
    low = _prices(times, [point.low for point in points], "Low", "band") | {"fill": "tonexty"}
    close = _prices(times, [point.close for point in points], "Price", "line")
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
        "margin": {**_MARGIN, "b": 44},
        "separators": separators(),
        "hovermode": "closest",
        "xaxis": {"type": "date", "showgrid": False},
        "yaxis": {**_VALUE_AXIS, "zeroline": False},
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
        "margin": _MARGIN,
        "separators": separators(),
        "hovermode": "closest",
        "xaxis": {"showgrid": False, "automargin": True},
        "yaxis": {**_VALUE_AXIS},
    }
    return {"data": [trace], "layout": layout}


def _wall(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(timespec="seconds")


def _prices(times: list[str], values: Sequence[Decimal], name: str, role: str) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines" if len(times) > 1 else "markers",
        "name": name,
        "x": times,
        "y": [float(f"{value:.{_DRAWN_DIGITS}g}") for value in values],
        "text": [write_price(value) for value in values],
        "hovertemplate": f"{name} %{{text}}<br>%{{x|%d %b %Y %H:%M}}<extra></extra>",
        "meta": {"role": role},
    }


def _way_trace(way: PriceWay) -> Figure:
    trace = _prices(
        [_wall(at) for at, _ in way.steps], [price for _, price in way.steps], way.name, way.role
    )
    return trace | {"mode": "lines", "line": {"shape": "hv"}}


def _mark_trace(marks: Sequence[Mark], name: str, role: str) -> Figure:
    trace = _prices([_wall(one.at) for one in marks], [one.price for one in marks], name, role)
    says = [one.says for one in marks]
    return trace | {"mode": "markers", "text": says, "hovertemplate": "%{text}<extra></extra>"}


def _level_line(price: Decimal) -> Figure:
    drawn = float(f"{price:.{_DRAWN_DIGITS}g}")
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": drawn, "y1": drawn}


def _level_name(name: str, price: Decimal) -> Figure:
    return {
        "xref": "paper",
        "x": 1,
        "xanchor": "right",
        "yref": "y",
        "y": float(f"{price:.{_DRAWN_DIGITS}g}"),
        "yanchor": "bottom",
        "text": f"{name} <b>{write_price(price)}</b>",
        "showarrow": False,
    }


def bars(values: Sequence[Bar], *, currency: str) -> Figure:
    """Amounts side by side, in the order given: months, weekdays, hours."""
    trace = _bar_trace(values, currency)
    trace |= {"x": [bar.label for bar in values], "y": [float(bar.value) for bar in values]}
    layout = {
        "margin": _MARGIN,
        "separators": separators(),
        "hovermode": "closest",
        "bargap": 0.32,
        "xaxis": {"type": "category", "showgrid": False, "fixedrange": True, "automargin": True},
        "yaxis": _value_axis([bar.value for bar in values]),
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
        "margin": {**_MARGIN, "l": 8, "r": 104},
        "separators": separators(),
        "hovermode": "closest",
        "bargap": 0.36,
        "xaxis": {
            **_value_axis([bar.value for bar in values]),
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


def shorten(label: str, length: int = 18) -> str:
    """A long symbol keeps its beginning and its end, where contracts differ."""
    if len(label) <= length:
        return label
    head = (length - 1) * 2 // 3
    return f"{label[:head]}…{label[-(length - 1 - head) :]}"


def _line(x: list[str], y: list[Decimal], name: str, *, role: str, currency: str) -> Figure:
    unit = "" if currency == PERCENT else f" {currency}"
    return {
        "type": "scatter",
        "mode": "lines" if len(x) > 1 else "markers",
        "name": name,
        "x": x,
        "y": [float(f"{value:.{_DRAWN_DIGITS}g}") for value in y],
        "text": [write_money(value, currency, plus=True).removesuffix(unit) for value in y],
        "hovertemplate": f"%{{text}}{unit}".rstrip(),
        "meta": {"role": role},
    }


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


def _last_labels(days: Sequence[EquityDay], currency: str) -> list[Figure]:
    """The last values are written at the end of their lines, instead of a legend."""
    if not days:
        return []
    last = days[-1]
    shared = {
        "xref": "paper",
        "x": 1,
        "xanchor": "left",
        "xshift": 6,
        "showarrow": False,
        "align": "left",
    }
    texts = (("y", last.equity, "Equity"), ("y2", last.drawdown, "Drawdown"))
    return [
        {
            **shared,
            "yref": axis,
            "y": float(value),
            "text": f"{name}<br><b>{write_money(value, currency, plus=True, places=0)}</b>",
        }
        for axis, value, name in texts
    ]
