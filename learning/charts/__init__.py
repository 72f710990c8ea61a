"""Figures of the learner for Plotly (`journal.charts` says how), each with its sentence and its table.

They are drawn from what runs and closes left behind (`learning.domain.pictures`), as components/chart.html takes them.
"""

from learning.charts.breakdown import Group, breakdown_chart
from learning.charts.course import course_chart
from learning.charts.decisions import decisions_chart
from learning.charts.excursions import excursions_chart
from learning.charts.history import history_chart
from learning.charts.plane import plane_chart
from learning.charts.rolling import rolling_chart
from learning.charts.slippage import slippage_chart
from learning.charts.spread import spread_chart

__all__ = (
    "Group", "breakdown_chart", "course_chart", "decisions_chart", "excursions_chart", "history_chart", "plane_chart",
    "rolling_chart", "slippage_chart", "spread_chart",
)  # fmt: skip
