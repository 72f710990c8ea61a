"""Charts of a report without a browser: the same data as on its page, drawn by matplotlib.

The class `Figure` and not pyplot: nothing is kept between drawings, and no screen is asked for. Text stays text in SVG.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BytesIO, StringIO
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter, DayLocator, date2num
from matplotlib.figure import Figure

from learning.domain.report.says import in_r, says_costs, says_equity
from learning.domain.seconds import moment_of

# Those of static/css/tokens.css on paper; a mail and a print know no themes.
_INK, _QUIET, _LINE = "#1b1e23", "#666b73", "#e4e4de"
_ACCENT, _GAIN, _LOSS = "#2b4c9f", "#0d7445", "#b3322c"
_WIDTH, _DPI = 6.0, 200
# On matplotlib's own defaults: what other libraries of the process set (quantstats does on import) moves no line.
_STYLE: Any = ["default", {
    "font.family": ["DejaVu Sans"], "font.size": 8, "svg.fonttype": "none", "svg.hashsalt": "fillbook",
    "axes.edgecolor": _LINE, "axes.labelcolor": _QUIET, "xtick.color": _QUIET, "ytick.color": _QUIET,
    "text.color": _INK, "axes.spines.top": False, "axes.spines.right": False, "axes.unicode_minus": True,
}]  # fmt: skip


class Drawing(NamedTuple):
    """`name` is that of the chart; `says` its sentence."""

    name: str
    says: str
    figure: Figure

    def as_png(self) -> bytes:
        """600 pixels wide at twice the density."""
        out = BytesIO()
        with style.context(_STYLE):
            self.figure.savefig(out, format="png", dpi=_DPI, metadata={"Software": None})
        return out.getvalue()

    def as_svg(self) -> str:
        """For a page that is printed: no declaration, no date."""
        out = StringIO()
        with style.context(_STYLE):
            self.figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
        text = out.getvalue()
        return text[text.index("<svg") :]


def draw_all(document: Mapping[str, Any]) -> list[Drawing]:
    with style.context(_STYLE):
        return list(_drawn(document))


def _drawn(document: Mapping[str, Any]) -> Iterator[Drawing]:
    for section in document["sections"]:
        data = section.get("chart_data") or {}
        if section.get("chart") == "equity_r" and len(data.get("closed", ())) > 1:
            yield Drawing("equity_r", says_equity(data), _equity(data, ZoneInfo(document["zone"])))
        if section.get("chart") == "rule_costs" and data.get("rules"):
            yield Drawing("rule_costs", says_costs(data), _costs(data))


def _sheet(height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(_WIDTH, height), layout="constrained", facecolor="white")
    axes = figure.add_subplot()
    axes.tick_params(length=0)
    return figure, axes


def _place(at: int) -> float:
    """On matplotlib's axis of days."""
    return float(date2num(moment_of(at)))  # type: ignore[no-untyped-call]


def _equity(data: Mapping[str, Any], zone: ZoneInfo) -> Figure:
    figure, axes = _sheet(2.2)
    times = [_place(at) for at in data["closed"]]
    axes.grid(axis="y", color=_LINE, linewidth=0.6)
    axes.axhline(0, color=_QUIET, linewidth=0.6)
    new = [at for at, closed in enumerate(data["closed"]) if closed >= data["begins"]]
    if data["fan"] and new and len(data["fan"][0]) == len(new):
        start = data["r"][new[0] - 1] if new[0] else 0.0
        x = [times[at] for at in new]
        fan = [[start + one for one in path] for path in data["fan"]]
        axes.fill_between(x, fan[0], fan[4], color=_QUIET, alpha=0.14, linewidth=0)
        axes.fill_between(x, fan[1], fan[3], color=_QUIET, alpha=0.18, linewidth=0)
    axes.axvline(_place(data["begins"]), color=_QUIET, linewidth=0.7, linestyle=":")
    axes.step(times, data["r"], where="post", color=_ACCENT, linewidth=1.3)
    axes.annotate(
        f"{in_r(data['r'][-1])} R", (times[-1], data["r"][-1]), xytext=(4, 0),
        textcoords="offset points", va="center", color=_ACCENT, fontweight="bold",
    )  # fmt: skip
    days = max(1, round(times[-1] - times[0]) // 6)
    locator = DayLocator(interval=days, tz=zone)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(DateFormatter("%d %b", tz=zone))  # type: ignore[no-untyped-call]
    axes.set_ylabel("sum of R")
    return figure


def _costs(data: Mapping[str, Any]) -> Figure:
    pairs = sorted(zip(data["r"], data["rules"], data["n"], strict=True), reverse=True)
    figure, axes = _sheet(0.5 + 0.32 * len(pairs))
    values = [r for r, _, _ in pairs]
    bars = axes.barh(
        [name for _, name, _ in pairs], values, height=0.55, color=[_GAIN if r > 0 else _LOSS for r in values]
    )  # fmt: skip
    axes.bar_label(bars, [f"{in_r(r)} R, {n}×" for r, _, n in pairs], padding=4, color=_QUIET)
    axes.axvline(0, color=_QUIET, linewidth=0.6)
    axes.margins(x=0.3)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("R against the plan, 90 days")
    return figure
