"""Figures for Plotly of what accounts were worth (`journal.charts` says how figures are made)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from common.numbers import PERCENT, UNKNOWN, separators, write_money, write_percent
from journal.charts.base import DRAWN_DIGITS, MARGIN, Figure, value_axis, wall_clock
from reconciliation.selectors.equity import EquityPoint

_NOT_KNOWN = "not known"
_POINT = 6
# A name stands at the end of its line, instead of a legend.
_AT_END = {
    "xref": "paper",
    "x": 1,
    "xanchor": "left",
    "xshift": 6,
    "showarrow": False,
    "align": "left",
}


def equity_over_time(
    points: Sequence[EquityPoint], *, currency: str, zone: str, marks: Sequence[datetime] = ()
) -> Figure:
    """Equity and its peak above, drawdown below, on one axis of time. Where nothing is known there is no line.

    `marks` are moments at which something happened, as lines from top to bottom.
    """
    local = ZoneInfo(zone)
    times = [wall_clock(point.at.astimezone(local)) for point in points]
    equities = [point.equity for point in points]
    peaks = [point.peak for point in points]
    falls = [None if point.drawdown is None else -point.drawdown / 100 for point in points]
    equity = _trace(times, equities, "Equity", "line", currency)
    peak = _trace(times, peaks, "Peak", "quiet", currency)
    under = _under_water(times, falls)
    peak["line"] = {"shape": "hv"}
    del peak["x"]
    known = [value for value in (*equities, *peaks) if value is not None]
    layout: Figure = {
        "margin": {**MARGIN, "r": 112, "t": 28, "b": 44},
        "separators": separators(),
        "hovermode": "x unified",
        "hoversubplots": "axis",
        "xaxis": {"type": "date", "anchor": "y2", "showgrid": False, "hoverformat": "%d %b %Y %H:%M"},
        "yaxis": {**value_axis(known, currency), "domain": [0.34, 1], **_close_to(known)},
        "yaxis2": _falls_axis([value for value in falls if value is not None]),
        "annotations": _labels(points, currency),
        "shapes": [
            {"type": "line", "xref": "x", "yref": "paper", "x0": at, "x1": at, "y0": 0, "y1": 1}
            for at in (wall_clock(mark.astimezone(local)) for mark in marks)
        ],
    }  # fmt: skip
    return {"data": [equity, peak, *under], "layout": layout}


def guard_over_time(
    at: Sequence[datetime],
    used: Sequence[Decimal | None],
    *,
    tiers: Sequence[Decimal],
    fired: Sequence[datetime],
    zone: str,
) -> Figure:
    """How much of an allowance was used, under its tiers; 1 is the breach. Crosses where it fired, or would have."""
    local = ZoneInfo(zone)
    times = [wall_clock(one.astimezone(local)) for one in at]
    trace = _trace(times, used, "Used", "line", PERCENT)
    data: list[Figure] = [trace]
    if fired:
        marks = [wall_clock(one.astimezone(local)) for one in fired]
        data.append(
            {
                "type": "scatter", "mode": "markers", "name": "Fired", "x": marks, "y": _used_at(at, used, fired),
                "hovertemplate": "fired<extra></extra>", "marker": {"symbol": "x", "size": 11},
                "meta": {"role": "stop"},
            }
        )  # fmt: skip
    most = max([Decimal(1), *(one for one in used if one is not None)])
    layout: Figure = {
        "margin": {**MARGIN, "t": 16, "r": 112, "b": 44},
        "separators": separators(),
        "hovermode": "x unified",
        "xaxis": {"type": "date", "showgrid": False, "hoverformat": "%d %b %Y %H:%M"},
        "yaxis": {**value_axis([most], PERCENT), "tickformat": ".0%", "range": [0, float(most) * 1.08]},
        "shapes": [
            {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": float(tier), "y1": float(tier)}
            for tier in (*tiers, Decimal(1))
        ],
        "annotations": [
            {**_AT_END, "yref": "y", "y": float(tier), "yanchor": "bottom" if tier == 1 else "top",
             "text": "Breach" if tier == 1 else f"Warns at {write_percent(tier, 0)}"}
            for tier in (*tiers, Decimal(1))
        ],
    }  # fmt: skip
    return {"data": data, "layout": layout}


def _used_at(
    at: Sequence[datetime], used: Sequence[Decimal | None], fired: Sequence[datetime]
) -> list[float]:
    """How much was used when it fired: of the latest reading by then, a breach at least."""
    read = [(when, one) for when, one in zip(at, used, strict=True) if one is not None]
    found = []
    for moment in fired:
        latest = max((one for one in read if one[0] <= moment), default=(moment, Decimal(1)))
        found.append(float(max(latest[1], Decimal(1))))
    return found


def _trace(
    times: list[str], values: Sequence[Decimal | None], name: str, role: str, unit: str
) -> Figure:
    suffix = "" if unit == PERCENT else f" {unit}"
    return {
        "type": "scatter",
        **_strokes(values),
        "name": name,
        "x": times,
        "y": [None if one is None else float(f"{one:.{DRAWN_DIGITS}g}") for one in values],
        "text": [_NOT_KNOWN if one is None else write_money(one, unit).removesuffix(suffix) for one in values],
        "hovertemplate": f"%{{text}}{suffix}".rstrip(),
        "connectgaps": False,
        "meta": {"role": role},
    }  # fmt: skip


def _strokes(values: Sequence[Decimal | None]) -> Figure:
    """A line, with a point for what stands alone between two silences: no line would show it."""
    known = [value is not None for value in values]
    around = zip([False, *known], known, [*known[1:], False], strict=False)
    alone = [now and not before and not after for before, now, after in around]
    if not any(alone):
        return {"mode": "lines"}
    if sum(known) == 1:
        return {"mode": "markers"}
    return {"mode": "lines+markers", "marker": {"size": [_POINT if one else 0 for one in alone]}}


def _under_water(times: list[str], falls: Sequence[Decimal | None]) -> list[Figure]:
    """A piece for each stretch that is known: one that is filled would be filled across what is not."""
    pieces: list[Figure] = []
    start = 0
    for end in range(len(falls) + 1):
        if end < len(falls) and falls[end] is not None:
            continue
        if end > start:
            piece = _trace(times[start:end], falls[start:end], "Drawdown", "underwater", PERCENT)
            pieces.append({**piece, "yaxis": "y2", "fill": "tozeroy"})
        start = end + 1
    return pieces


def _close_to(values: Sequence[Decimal]) -> Figure:
    """Equity is far from zero: its axis need not show it, but a flat line must not fill the height either."""
    if not values:
        return {}
    low, high = min(values), max(values)
    margin = max((high - low) / 10, abs(high) / 200)
    return {"range": [float(low - margin), float(high + margin)], "zeroline": low <= 0 <= high}


def _falls_axis(falls: Sequence[Decimal]) -> Figure:
    axis = {**value_axis(falls, PERCENT), "domain": [0, 0.24], "nticks": 3}
    if any(falls):
        return {**axis, "rangemode": "tozero"}
    return {**axis, "range": [-0.01, 0], "tickvals": [0]}


def _labels(points: Sequence[EquityPoint], currency: str) -> list[Figure]:
    known = [point for point in points if point.equity is not None]
    if not known or known[-1].equity is None:
        return []
    last = known[-1]
    drawdown = last.drawdown
    fall = UNKNOWN if drawdown is None else write_percent(-drawdown / 100)
    return [
        {**_AT_END, "yref": "y", "y": float(known[-1].equity),
         "text": f"Equity<br><b>{write_money(last.equity, currency, places=0)}</b>"},
        {**_AT_END, "yref": "y2", "y": float(-(drawdown or 0) / 100), "text": f"Drawdown<br><b>{fall}</b>"},
    ]  # fmt: skip
