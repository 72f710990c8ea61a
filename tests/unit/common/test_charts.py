"""Figures are valid for Plotly, hold no colours, and say what the tables say."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal

import pytest

from common.numbers import number_format
from common.templatetags.ui import data_script
from journal import charts
from journal.charts import Bar, EquityDay

DAYS = [
    EquityDay(date(2026, 1, 5) + timedelta(days=n), Decimal(value), Decimal(under))
    for n, (value, under) in enumerate(
        (("0", "0"), ("120.5", "0"), ("-1234567.891", "-1234688.391"))
    )
]
BARS = [
    Bar("AAPL", Decimal("12.345"), "/trades?symbol=AAPL", "3 trades"),
    Bar("ESTX50 P 4850 19DEC26 WEEKLY", Decimal(-7)),
]
FIGURES = {
    "equity": charts.equity_curve(DAYS, currency="USD", address="/trades?day={x}"),
    "one day": charts.equity_curve(DAYS[:1], currency="USD"),
    "no day": charts.equity_curve([], currency="USD"),
    "bars": charts.bars(BARS, currency="USD"),
    "ranked": charts.ranked_bars(BARS, currency="USD"),
    "nothing ranked": charts.ranked_bars([], currency="USD"),
    "running": charts.running_line(
        [("2026-01-05T14:30:00Z", Decimal(1)), ("2026-01-05T15:00:00Z", Decimal(-2))],
        name="P&L",
        currency="USD",
    ),
}


@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES)
def test_a_figure_is_what_plotly_understands(figure):
    graph_objects = pytest.importorskip("plotly.graph_objects")
    graph_objects.Figure(data=figure["data"], layout=figure["layout"])
    json.dumps(figure, allow_nan=False)


@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES)
def test_a_figure_names_roles_and_leaves_colours_to_the_theme(figure):
    text = json.dumps(figure)
    assert "color" not in text
    assert all(trace["meta"]["role"] for trace in figure["data"])


def test_equity_and_drawdown_share_the_axis_of_days():
    equity, drawdown = FIGURES["equity"]["data"]
    assert equity["x"] == ["2026-01-05", "2026-01-06", "2026-01-07"]
    assert "x" not in drawdown
    assert drawdown["yaxis"] == "y2"
    assert FIGURES["equity"]["layout"]["xaxis"]["range"] == ["2026-01-05", "2026-01-07"]


def test_a_single_day_stands_between_its_neighbours():
    axis = FIGURES["one day"]["layout"]["xaxis"]
    assert axis["range"] == ["2026-01-04", "2026-01-06"]
    assert axis["tickformat"] == "%d %b"


def test_hover_texts_are_written_like_the_table():
    equity, _ = FIGURES["equity"]["data"]
    assert equity["text"] == ["0.00", "+120.50", "−1,234,567.89"]
    assert equity["hovertemplate"] == "%{text} USD"
    percent = charts.equity_curve(DAYS[1:2], currency="%")["data"][0]
    assert (percent["text"], percent["hovertemplate"]) == (["+12,050.0%"], "%{text}")
    assert FIGURES["bars"]["data"][0]["hovertext"][0] == "<b>AAPL</b><br>+12.35 USD<br>3 trades"


def test_without_a_drawdown_its_axis_says_zero_and_nothing_else():
    axis = FIGURES["one day"]["layout"]["yaxis2"]
    assert (axis["tickvals"], axis["range"]) == ([0], [-1, 0])
    assert "tickvals" not in FIGURES["equity"]["layout"]["yaxis2"]


def test_small_amounts_stand_on_the_axis_as_they_are_and_thousands_as_k():
    assert charts.bars(BARS, currency="USD")["layout"]["yaxis"]["tickformat"] == "~g"
    assert FIGURES["equity"]["layout"]["yaxis"]["tickformat"] == "~s"


def test_axes_write_numbers_as_the_person_does():
    with number_format("de"):
        assert charts.bars(BARS, currency="USD")["layout"]["separators"] == ",."
    assert FIGURES["bars"]["layout"]["separators"] == ".,"


def test_every_point_knows_where_a_click_leads():
    for trace in FIGURES["equity"]["data"]:
        assert trace["meta"]["address"] == "/trades?day={x}"
    assert FIGURES["ranked"]["data"][0]["customdata"] == ["/trades?symbol=AAPL", ""]


def test_a_year_of_days_is_a_short_text():
    days = [
        EquityDay(
            date(2025, 1, 1) + timedelta(days=n), Decimal(n) * Decimal("1.23456789"), Decimal(-n)
        )
        for n in range(1000)
    ]
    text = data_script(
        charts.equity_curve(days, currency="USD", address="/trades?day={x}"), "equity"
    )
    assert len(text) < 55 * len(days)


def test_the_last_values_are_written_at_the_lines():
    texts = [note["text"] for note in FIGURES["equity"]["layout"]["annotations"]]
    assert texts == ["Equity<br><b>−1,234,568 USD</b>", "Drawdown<br><b>−1,234,688 USD</b>"]


def test_two_long_symbols_that_shorten_alike_stay_two_bars():
    twins = [
        Bar("ABCDEFGHIJKLMNOP-1-QRSTUV", Decimal(1)),
        Bar("ABCDEFGHIJKLMNOP-2-QRSTUV", Decimal(2)),
    ]
    figure = charts.ranked_bars(twins, currency="USD")
    assert figure["data"][0]["y"] == [0, 1]
    assert figure["layout"]["yaxis"]["ticktext"] == ["ABCDEFGHIJK…QRSTUV"] * 2


def test_a_page_does_not_pay_for_importing_plotly():
    check = "import sys, journal.charts; sys.exit('plotly' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
