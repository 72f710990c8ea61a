"""R added up, what is missing to its peak, and the fan of what the trades before would have led to expect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.numbers import write_percent
from learning.charts.base import (
    AT_END,
    MARGIN,
    R_AXIS,
    Chart,
    Figure,
    band,
    by_trade,
    in_r,
    in_words,
    line,
    say_day,
    separators,
    size_in_r,
    sparse,
    whole,
)
from learning.domain.words.reasons import why_absent

_ORDINARY = (0.10, 0.90)


def course_chart(told: Mapping[str, Any]) -> Chart:
    return {
        "figure_id": "course",
        "figure": _figure(told),
        "size": "l",
        "says": _sentence(told),
        "columns": ["Trade", "Closed", "Total", "Below the peak"],
        "rows": sparse(
            [
                [whole(at), say_day(day), in_r(total), in_r(under)]
                for at, day, total, under in zip(
                    told["at"], told["closed"], told["total"], told["under"], strict=True
                )
                if at
            ]
        ),
    }


def _figure(told: Mapping[str, Any]) -> Figure:
    at, total, under = told["at"], told["total"], told["under"]
    days = [say_day(one) for one in told["closed"]]
    texts = [f"{in_r(value)}<br>{day}" for value, day in zip(total, days, strict=True)]
    main = line(at, total, "Total", "line", texts)
    below = line(at, under, "Below the peak", "underwater", [in_r(one) for one in under])
    below |= {"yaxis": "y2", "fill": "tozeroy"}
    fan = told["fan"]
    lines = fan["lines"] if fan else []
    spread = []
    if fan:
        spread = [*band(fan["at"], lines[0], lines[-1]), *band(fan["at"], lines[1], lines[-2])]
        middle = line(fan["at"], lines[2], "Expected", "quiet", [in_r(one) for one in lines[2]])
        spread.append(middle)
    layout: Figure = {
        "margin": {**MARGIN, "r": 112, "t": 28, "b": 44},
        "separators": separators(),
        "hovermode": "x unified",
        "hoversubplots": "axis",
        "xaxis": {**by_trade(at), "anchor": "y2"},
        "yaxis": {**R_AXIS, "domain": [0.34, 1]},
        "yaxis2": {**R_AXIS, "domain": [0, 0.25], "nticks": 3, "rangemode": "tozero"},
        "annotations": _labels(total[-1], under[-1]),
        "shapes": _begun(fan),
    }
    return {"data": [main, *spread, below], "layout": layout}


def _labels(total: float, under: float) -> list[Figure]:
    return [
        {**AT_END, "yref": "y", "y": total, "text": f"Total<br><b>{in_r(total)}</b>"},
        {**AT_END, "yref": "y2", "y": under, "text": f"Below peak<br><b>{in_r(under)}</b>"},
    ]


def _begun(fan: Mapping[str, Any] | None) -> list[Figure]:
    """A line where the fan begins."""
    if not fan:
        return []
    at = fan["from"]
    return [{"type": "line", "xref": "x", "yref": "y domain", "x0": at, "x1": at, "y0": 0, "y1": 1}]


def _sentence(told: Mapping[str, Any]) -> str:
    total, under, place = told["total"][-1], told["under"][-1], told["place"]
    text = f"{in_r(total)} in {in_words(told['n'], 'closed trade')}"
    text += f", {size_in_r(under)} below its peak." if under else ", at its peak."
    if told["without_r"]:
        others = in_words(told["without_r"], "more trade has", "more trades have")
        text += f" {others} no R: no risk was fixed at the entry."
    if place["value"] is None:
        least = place.get("least")
        why = why_absent(place["reason"], place["n"], least)
        return f"{text} No fan of what was to be expected: {why[0].lower()}{why[1:]} Five of them lost."
    ahead = told["n"] - place["n"]
    low, high = _ORDINARY
    kind = "an ordinary stretch"
    if not low <= place["value"] <= high:
        kind = "an unusually good stretch" if place["value"] > high else "an unusually poor stretch"
    return (
        f"{text} The fan shows what the {whole(place['n'])} trades before let one expect of the newest {whole(ahead)} "
        f"(bands of 50% and 90%): {write_percent(place['value'], 0)} of such courses end lower, {kind}."
    )
