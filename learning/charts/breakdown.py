"""Groups below one another: mean R with its interval, and in grey where luck alone would leave it (the luck line)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from journal.charts import shorten
from learning.charts.base import MARGIN, R_AXIS, Chart, Figure, in_r, in_words, separators, whole


@dataclass(frozen=True, slots=True)
class Group:
    """`low`, `high`: the interval of the mean; `luck_low`, `luck_high`: the luck line. Each None where not counted."""

    name: str
    n: int
    mean: float
    low: float | None = None
    high: float | None = None
    luck_low: float | None = None
    luck_high: float | None = None
    url: str = ""

    @property
    def stands_out(self) -> bool:
        if self.luck_low is None or self.luck_high is None:
            return False
        return not self.luck_low <= self.mean <= self.luck_high


def breakdown_chart(groups: Sequence[Group], *, one: str, many: str, few: int = 0) -> Chart:
    """The best first. `one`, `many`: what the groups are called; `few` have too few trades to be among them."""
    ranked = sorted(groups, key=lambda group: (-group.mean, group.name))
    return {
        "figure_id": "breakdown",
        "figure": _figure(ranked),
        "size": "l" if len(ranked) > 8 else "",
        "says": _sentence(ranked, one, many) + _left_out(few),
        "columns": [one.capitalize(), "Trades", "Mean", "90%, from", "to", "By luck alone, from", "to"],
        "rows": [
            [
                group.name,
                whole(group.n),
                *(in_r(v) for v in (group.mean, group.low, group.high, group.luck_low, group.luck_high)),
            ]
            for group in ranked
        ],
    }  # fmt: skip


def _sentence(ranked: Sequence[Group], one: str, many: str) -> str:
    judged = [group for group in ranked if group.luck_low is not None]
    if len(judged) < 2:
        return (
            f"{in_words(len(ranked), one, many)}. A luck line takes two {many} with five trades with R each, so "
            "nothing can be said yet of which is better."
        )
    out = [group for group in judged if group.stands_out]
    line = (
        "The grey band is the luck line: where the best and the worst of "
        f"{whole(len(judged))} {many} lie by luck alone."
    )
    if not out:
        return f"{line} None reaches beyond it, so these differ no more than luck would have them."
    names = ", ".join(
        f"{group.name} ({in_r(group.mean)}, {in_words(group.n, 'trade')})" for group in out[:4]
    )
    more = f" and {whole(len(out) - 4)} more" if len(out) > 4 else ""
    return f"{line} Beyond it: {names}{more}."


def _left_out(few: int) -> str:
    return f" Left out: {whole(few)} with fewer than five trades with R." if few else ""


def _figure(ranked: Sequence[Group]) -> Figure:
    places = list(range(len(ranked)))
    points = {
        "type": "scatter",
        "mode": "markers",
        "x": [round(group.mean, 4) for group in ranked],
        "y": places,
        "error_x": _whiskers(ranked),
        "hovertext": [_hover(group) for group in ranked],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "customdata": [group.url for group in ranked],
        "marker": {"size": 9},
        "meta": {"role": "placed", "signs": [1 if group.mean > 0 else -1 for group in ranked]},
    }
    bands = {
        "type": "bar",
        "orientation": "h",
        "base": [group.luck_low for group in ranked],
        "x": [_width(group) for group in ranked],
        "y": places,
        "width": 0.62,
        "hoverinfo": "skip",
        "meta": {"role": "luck"},
    }
    layout: Figure = {
        "margin": {**MARGIN, "l": 8, "t": 8, "b": 32},
        "separators": separators(),
        "hovermode": "closest",
        "xaxis": {**R_AXIS, "automargin": False},
        "yaxis": {
            "tickmode": "array", "tickvals": places, "ticktext": [shorten(group.name) for group in ranked],
            "range": [len(ranked) - 0.5, -0.5], "zeroline": False, "showgrid": False, "fixedrange": True,
            "automargin": True,
        },
    }  # fmt: skip
    return {"data": [points, bands], "layout": layout}


def _whiskers(ranked: Sequence[Group]) -> Figure:
    above = [0.0 if group.high is None else round(group.high - group.mean, 4) for group in ranked]
    below = [0.0 if group.low is None else round(group.mean - group.low, 4) for group in ranked]
    return {
        "type": "data",
        "symmetric": False,
        "array": above,
        "arrayminus": below,
        "thickness": 1.5,
        "width": 0,
    }


def _width(group: Group) -> float | None:
    if group.luck_low is None or group.luck_high is None:
        return None
    return round(group.luck_high - group.luck_low, 4)


def _hover(group: Group) -> str:
    text = f"<b>{group.name}</b><br>{in_r(group.mean)} in {in_words(group.n, 'trade')}"
    if group.low is not None and group.high is not None:
        text += f"<br>90%: {in_r(group.low)} to {in_r(group.high)}"
    if group.luck_low is not None and group.luck_high is not None:
        text += f"<br>by luck alone: {in_r(group.luck_low)} to {in_r(group.luck_high)}"
    return text
