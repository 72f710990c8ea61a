"""The drawings of a report, from the data that it carries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from journal.charts.base import MARGIN, Figure
from learning.domain.report.says import in_r, says_costs, says_equity
from learning.domain.seconds import moment_of

_POINTS_MAX = 400


def chart_of(section: Mapping[str, Any], zone: str) -> dict[str, Any] | None:
    """As components/chart.html takes it; None where there is nothing to draw."""
    data = section.get("chart_data") or {}
    if section.get("chart") == "equity_r" and len(data.get("closed", ())) > 1:
        return _equity(data, ZoneInfo(zone))
    if section.get("chart") == "rule_costs" and data.get("rules"):
        return _costs(data)
    return None


def _local(at: int, zone: ZoneInfo) -> str:
    return moment_of(at, zone).replace(tzinfo=None).isoformat()


def _equity(data: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    times = [_local(at, zone) for at in data["closed"]]
    line: Figure = {
        "type": "scatter", "mode": "lines", "name": "Sum of R", "x": times, "y": data["r"],
        "text": [in_r(value) for value in data["r"]], "hovertemplate": "%{text} R<extra></extra>",
        "line": {"shape": "hv"}, "meta": {"role": "line"},
    }  # fmt: skip
    begins = _local(data["begins"], zone)
    layout: Figure = {
        "margin": {**MARGIN, "b": 44, "t": 16},
        "hovermode": "x unified",
        "xaxis": {"type": "date", "showgrid": False, "hoverformat": "%d %b %Y"},
        "yaxis": {"zeroline": True, "fixedrange": True, "automargin": True, "ticksuffix": " R"},
        "shapes": [{"type": "line", "xref": "x", "yref": "paper", "x0": begins, "x1": begins, "y0": 0, "y1": 1}],
    }  # fmt: skip
    traces = [line, *_fan(data, times)]
    rows = [[at[:10], in_r(value)] for at, value in zip(times, data["r"], strict=True)]
    return {
        "figure_id": "report-equity",
        "says": says_equity(data),
        "figure": {"data": traces, "layout": layout},
        "size": "",
        "columns": ["Closed", "Sum of R"],
        "rows": rows[-_POINTS_MAX:],
    }


def _fan(data: Mapping[str, Any], times: list[str]) -> list[Figure]:
    """What was to be expected of the trades of the report's days, from where they began."""
    new = [at for at, closed in enumerate(data["closed"]) if closed >= data["begins"]]
    if not data["fan"] or not new or len(data["fan"][0]) != len(new):
        return []
    start = data["r"][new[0] - 1] if new[0] else 0.0
    x = [times[at] for at in new]
    fan = [[round(start + one, 6) for one in path] for path in data["fan"]]
    shared = {"type": "scatter", "mode": "lines", "x": x, "hoverinfo": "skip"}
    return [
        {**shared, "y": fan[0], "meta": {"role": "edge"}},
        {**shared, "y": fan[4], "fill": "tonexty", "meta": {"role": "band"}},
        {**shared, "y": fan[1], "meta": {"role": "edge"}},
        {**shared, "y": fan[3], "fill": "tonexty", "meta": {"role": "band"}},
    ]


def _costs(data: Mapping[str, Any]) -> dict[str, Any]:
    pairs = sorted(zip(data["r"], data["rules"], data["n"], strict=True), reverse=True)
    bars: Figure = {
        "type": "bar", "orientation": "h", "x": [r for r, _, _ in pairs], "y": [name for _, name, _ in pairs],
        "text": [f"{in_r(r)} R, {n}×" for r, _, n in pairs], "textposition": "outside", "cliponaxis": False,
        "hovertemplate": "%{y}: %{text}<extra></extra>", "meta": {"role": "bars"},
    }  # fmt: skip
    layout: Figure = {
        "margin": {**MARGIN, "b": 36},
        "xaxis": {"ticksuffix": " R", "zeroline": True, "fixedrange": True},
        "yaxis": {"automargin": True, "fixedrange": True, "showgrid": False},
        "bargap": 0.4,
    }
    return {
        "figure_id": "report-costs",
        "says": says_costs(data),
        "figure": {"data": [bars], "layout": layout},
        "size": "s",
        "columns": ["Rule", "Broken", "R against plan"],
        "rows": [[name, str(n), in_r(r)] for r, name, n in reversed(pairs)],
    }
