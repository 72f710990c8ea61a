"""How far trades went against and for their holder while they were open (MAE, MFE), by why they were closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from learning.charts.base import MARGIN, R_AXIS, Chart, Figure, in_r, in_words, separators, whole

# More kinds than this are one: no colour beyond can be told from the others.
_KINDS = ("stop", "target", "other")
_SYMBOLS = {"stop": "x", "target": "diamond", "other": "circle"}
_NAMES = {"stop": "stopped", "target": "took its target", "other": "closed otherwise"}


def excursions_chart(
    points: Sequence[Mapping[str, Any]],
    address: Callable[[int], str],
    rule: Mapping[str, Any] | None = None,
) -> Chart:
    """`points`: trade, mae, mfe, r, reason. `rule` is the replayed exit that looks best, whose stop and target are
    drawn as its frontier."""
    kinds: dict[str, list[Mapping[str, Any]]] = {kind: [] for kind in _KINDS}
    for one in points:
        kinds[_kind(one["reason"])].append(one)
    return {
        "figure_id": "excursions",
        "figure": _figure(kinds, address, rule),
        "says": _sentence(points, rule),
        "columns": ["Closed", "Trades", "Mean against", "Mean for", "Mean result"],
        "rows": [
            [_NAMES[kind].capitalize(), whole(len(own)), *(in_r(_mean(own, name)) for name in ("mae", "mfe", "r"))]
            for kind, own in kinds.items()
            if own
        ],
    }  # fmt: skip


def _kind(reason: str) -> str:
    text = reason.lower()
    if "stop" in text:
        return "stop"
    return "target" if "target" in text or "profit" in text else "other"


def _mean(own: Sequence[Mapping[str, Any]], name: str) -> float:
    return float(sum(one[name] for one in own) / len(own))


def _sentence(points: Sequence[Mapping[str, Any]], rule: Mapping[str, Any] | None) -> str:
    winners = [one for one in points if one["r"] > 0]
    text = f"{in_words(len(points), 'trade')} with prices while they were open"
    if winners:
        deepest = sorted(one["mae"] for one in winners)[len(winners) // 10]
        text += f". Nine of ten winners were never worse than {in_r(deepest)} on the way"
    text += (
        ": that looks at winners alone, so it is no reason to move a stop; replaying all trades is"
    )
    if rule and (rule.get("stop") or rule.get("target")):
        parts = [f"{name} at {rule[name]:g}R" for name in ("stop", "target") if rule.get(name)]
        text += f". The lines are the exit that looks best in hindsight ({' and '.join(parts)})"
    return f"{text}."


def _figure(
    kinds: Mapping[str, Sequence[Mapping[str, Any]]],
    address: Callable[[int], str],
    rule: Mapping[str, Any] | None,
) -> Figure:
    traces = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": _NAMES[kind],
            "x": [round(one["mae"], 4) for one in own],
            "y": [round(one["mfe"], 4) for one in own],
            "hovertext": [_hover(one, kind) for one in own],
            "hovertemplate": "%{hovertext}<extra></extra>",
            "customdata": [address(one["trade"]) for one in own],
            "marker": {"symbol": _SYMBOLS[kind], "size": 8},
            "meta": {"role": "placed", "signs": [1 if one["r"] > 0 else -1 for one in own]},
        }
        for kind, own in kinds.items()
        if own
    ]
    lines = []
    if rule and rule.get("stop"):
        at = -rule["stop"]
        lines.append(
            {"type": "line", "xref": "x", "yref": "paper", "x0": at, "x1": at, "y0": 0, "y1": 1}
        )
    if rule and rule.get("target"):
        at = rule["target"]
        lines.append(
            {"type": "line", "xref": "paper", "yref": "y", "x0": 0, "x1": 1, "y0": at, "y1": at}
        )
    layout: Figure = {
        "margin": {**MARGIN, "t": 32, "b": 44},
        "separators": separators(),
        "hovermode": "closest",
        "showlegend": True,
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "itemclick": False},
        "xaxis": {**R_AXIS, "title": {"text": "went against us", "standoff": 6}},
        "yaxis": {**R_AXIS, "title": {"text": "went for us", "standoff": 6}},
        "shapes": lines,
    }  # fmt: skip
    return {"data": traces, "layout": layout}


def _hover(one: Mapping[str, Any], kind: str) -> str:
    return f"{in_r(one['r'])}, {_NAMES[kind]}<br>against {in_r(one['mae'])}, for {in_r(one['mfe'])}"
