"""One figure over time: after each close, or at the end of each week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from common.templatetags.figures import write_day
from learning.charts.base import MARGIN, VALUE_AXIS, Chart, Figure, line, separators, sparse, whole
from learning.charts.text import write_value
from learning.domain.dictionary import Metric
from learning.domain.figures import Unit

_FORMATS = {
    Unit.R: {"ticksuffix": "R"},
    Unit.FRACTION: {"tickformat": ".0%"},
    Unit.PROBABILITY: {"tickformat": ".0%"},
}


def history_chart(
    metric: str,
    of: Metric,
    points: Sequence[tuple[int, date, float | None]],
    currency: str,
    *,
    number: str,
) -> Chart:
    """`points`: how many trades or periods, the day, the value. `number` names what is counted ("Trades")."""

    def say(value: float | None) -> str:
        return write_value(value, of.unit, currency, metric=metric)

    known = [one for one in points if one[2] is not None]
    says = f"{of.name}: no value so far."
    if known:
        first, last = known[0], known[-1]
        says = f"{of.name} stands at {say(last[2])} after {whole(last[0])} {number.lower()}"
        says += f"; it was {say(first[2])} after {whole(first[0])}." if first is not last else "."
    figure = line(
        [day.isoformat() for _, day, _ in points],
        [value for _, _, value in points],
        of.name,
        "line",
        [f"{say(value)}<br>{whole(n)} {number.lower()}" for n, _, value in points],
    )
    layout: Figure = {
        "margin": {**MARGIN, "t": 16},
        "separators": separators(),
        "hovermode": "x unified",
        "xaxis": {"type": "date", "showgrid": False, "hoverformat": "%d %b %Y"},
        "yaxis": {**VALUE_AXIS, "tickformat": "~g", **_FORMATS.get(of.unit, {})},
    }
    return {
        "figure_id": "history",
        "figure": {"data": [figure], "layout": layout},
        "says": says,
        "columns": [number, "Day", of.name],
        "rows": sparse([[whole(n), write_day(day), say(value)] for n, day, value in points]),
    }
