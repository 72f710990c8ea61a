"""The newest fifty trades, held against what may be said of all of them at any time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.numbers import write_percent
from learning.charts.base import (
    MARGIN,
    R_AXIS,
    Chart,
    Figure,
    band,
    by_trade,
    in_r,
    line,
    say_day,
    separators,
    sparse,
    whole,
)


def rolling_chart(told: Mapping[str, Any]) -> Chart:
    columns = ("at", "closed", "newest", "mean", "low", "high")
    points = list(zip(*(told[name] for name in columns), strict=True))
    return {
        "figure_id": "rolling",
        "figure": _figure(told),
        "says": _sentence(told),
        "columns": ["Trade", "Closed", f"Newest {told['window']}", "All", "All, from", "All, to"],
        "rows": sparse(
            [[whole(at), say_day(day), *(in_r(one) for one in more)] for at, day, *more in points]
        ),
    }


def _figure(told: Mapping[str, Any]) -> Figure:
    at = told["at"]
    texts = [f"newest {told['window']}: {in_r(one)}" for one in told["newest"]]
    newest = line(at, told["newest"], "Newest", "line", texts)
    mean = line(at, told["mean"], "All", "quiet", [f"all: {in_r(one)}" for one in told["mean"]])
    layout: Figure = {
        "margin": {**MARGIN, "t": 16, "b": 44},
        "separators": separators(),
        "hovermode": "x unified",
        "xaxis": by_trade(at),
        "yaxis": {**R_AXIS, "range": _range(told)},
    }
    return {"data": [newest, *band(at, told["low"], told["high"]), mean], "layout": layout}


def _range(told: Mapping[str, Any]) -> list[float]:
    """Of what matters: the first means are of a few trades and would flatten all else."""
    settled = told["mean"][len(told["mean"]) // 10 :]
    columns = (told["newest"], told["low"], told["high"], settled)
    known = [one for column in columns for one in column if one is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    margin = (high - low) / 12 or 0.1
    return [low - margin, high + margin]


def _sentence(told: Mapping[str, Any]) -> str:
    newest, low, high = (told[name][-1] for name in ("newest", "low", "high"))
    n, window = told["n"], told["window"]
    if newest is None:
        first = f"Fewer than {window} trades with R yet: {whole(n)}."
    else:
        first = f"The newest {window} trades made {in_r(newest)} each, all {whole(n)} made {in_r(told['mean'][-1])}."
    if low is None or high is None:
        return f"{first} How far that can be trusted is told from 20 trades, 5 won and 5 lost, on."
    sure = write_percent(told["level"], 0)
    band_words = f"The band ({in_r(low)} to {in_r(high)}) holds the long-run mean with {sure}, however often one looks"
    if low > 0:
        return f"{first} {band_words}: it lies above nothing."
    if high < 0:
        return f"{first} {band_words}: it lies below nothing."
    return f"{first} {band_words}: it reaches over nothing, so whether there is any gain can't be told yet."
