"""Curves over time: equity above its drawdown, and values that hold until they change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from common.numbers import separators, write_money
from journal.charts.base import (
    MARGIN,
    Figure,
    line_trace,
    value_axis,
)

# Up to here every day has its own mark; otherwise hours would be written between them.
_FEW_DAYS = 10


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


def equity_curve(days: Sequence[EquityDay], *, currency: str, address: str = "") -> Figure:
    """Equity above, what is missing to its peak below, on one axis of days.

    `address` is that of a day's trades, with {x} for the day.
    """
    dates = [day.on.isoformat() for day in days]
    layout: Figure = {
        "margin": {**MARGIN, "r": 112, "t": 28},
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
        "yaxis": {**value_axis([day.equity for day in days], currency), "domain": [0.32, 1]},
        "yaxis2": _drawdown_axis([day.drawdown for day in days], currency),
        "annotations": _last_labels(days, currency),
    }
    if days and (days[-1].on - days[0].on).days <= _FEW_DAYS:
        layout["xaxis"] |= {"dtick": 86_400_000, "tickformat": "%d %b"}
    equity = line_trace(
        dates, [day.equity for day in days], "Equity", role="line", currency=currency
    )
    under = line_trace(
        dates, [day.drawdown for day in days], "Drawdown", role="underwater", currency=currency
    )
    under |= {"yaxis": "y2", "fill": "tozeroy"}
    del under["x"]
    if address:
        for trace in (equity, under):
            trace["meta"]["address"] = address
    return {"data": [equity, under], "layout": layout}


def _drawdown_axis(drawdowns: Sequence[Decimal], unit: str) -> Figure:
    axis = {**value_axis(drawdowns, unit), "domain": [0, 0.24], "nticks": 3}
    if any(drawdowns):
        return {**axis, "rangemode": "tozero"}
    return {**axis, "range": [-1, 0], "tickvals": [0]}


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


def running_line(points: Sequence[tuple[str, Decimal]], *, name: str, currency: str) -> Figure:
    """A value that holds until it changes, such as the realised P&L of a trade: (ISO instant, value)."""
    trace = line_trace(
        [at for at, _ in points],
        [value for _, value in points],
        name,
        role="line",
        currency=currency,
    )
    trace["line"] = {"shape": "hv"}
    layout = {
        "margin": MARGIN,
        "separators": separators(),
        "hovermode": "x unified",
        "xaxis": {"type": "date", "showgrid": False},
        "yaxis": value_axis([value for _, value in points]),
    }
    return {"data": [trace], "layout": layout}
