"""Figures for Plotly, as plain dictionaries, from plain values: pure, without the plotly package (0.3 s to import).

A figure holds no colours: `trace.meta.role` names what a trace is and static/js/charts.js dresses it for light and
dark. A click leads to `trace.meta.address`, where {x} stands for the point's own x, or to the point's `customdata`.
Hover texts are written by `common.numbers`, so a chart says what the table says.

A curve has a point for every trading day, so what its points share is said once: the second trace takes the x of the
first, and the unit of the texts stands in `hovertemplate`.
"""

from journal.charts.bars import Bar, bars, ranked_bars, shorten
from journal.charts.base import Figure
from journal.charts.lines import EquityDay, equity_curve, running_line
from journal.charts.prices import Mark, PricePoint, PriceWay, payoff_line, price_way

__all__ = (
    "Bar", "EquityDay", "Figure", "Mark", "PricePoint", "PriceWay", "bars", "equity_curve", "payoff_line",
    "price_way", "ranked_bars", "running_line", "shorten",
)  # fmt: skip
