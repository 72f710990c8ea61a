"""Charts of the learner: what they say may be said, and what they draw is JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest

from learning import charts
from learning.charts.text import why, write_figure, write_interval
from learning.domain.dictionary import METRICS
from learning.domain.figures import Figure, Interval, Reason, Unit
from learning.domain.pictures import course, distribution, rolling
from learning.domain.words.bans import banned_in
from learning.domain.words.reasons import why_absent
from tests.unit.learning.ledgers import ledger


def trades(n):
    return ledger(np.where(np.arange(n) % 3 == 0, -0.9, 0.5))


def group(name="SPY", mean=0.2, **more):
    return charts.Group(name, 12, mean, mean - 0.1, mean + 0.1, **more)


def address(key):
    return f"/trades/{key}"


POINTS = [
    {"trade": number, "mae": -0.1 * (number % 7), "mfe": 0.2 * (number % 5), "r": (-1.0) ** number, "reason": reason}
    for number, reason in enumerate(["stop_loss", "target", "manual", ""] * 5)
]  # fmt: skip
EVERY = {
    "course": lambda: charts.course_chart(course(trades(200), np.random.default_rng(1))),
    "short course": lambda: charts.course_chart(course(trades(3), np.random.default_rng(1))),
    "spread": lambda: charts.spread_chart(distribution(trades(90))),
    "spread of one": lambda: charts.spread_chart(distribution(trades(1))),
    "rolling": lambda: charts.rolling_chart(rolling(trades(200))),
    "rolling of few": lambda: charts.rolling_chart(rolling(trades(4))),
    "plane": lambda: charts.plane_chart(
        [{"word": "condor", "n": 20, "rate": 0.7, "payoff": 0.5, "mean": 0.05}], address, one="strategy", many="strategies"
    ),
    "breakdown": lambda: charts.breakdown_chart(
        [group(luck_low=-0.3, luck_high=0.1), group("QQQ", -0.1, luck_low=-0.2, luck_high=0.4)], one="symbol", many="symbols"
    ),
    "breakdown of noise": lambda: charts.breakdown_chart(
        [group(luck_low=-0.3, luck_high=0.4), group("QQQ", luck_low=-0.2, luck_high=0.4)], one="symbol", many="symbols"
    ),
    "breakdown without a line": lambda: charts.breakdown_chart([group()], one="symbol", many="symbols"),
    "decisions": lambda: charts.decisions_chart(
        {"quadrants": {"lucky_breach": 1, "deserved_win": 4}, "points": [[1, 1.0, 0.5], [2, 0.5, -1.0]]}, address
    ),
    "excursions": lambda: charts.excursions_chart(POINTS, address, {"stop": 1.0, "target": None}),
    "slippage": lambda: charts.slippage_chart(
        [-0.01, 0.0, 0.02, 0.3], Figure(0.08, 4, Unit.R, Interval(0.01, 0.2)).as_json(), 4
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EVERY)
def test_a_chart_says_what_may_be_said_and_draws_numbers(name):
    chart = EVERY[name]()
    assert banned_in(chart["says"]) == []
    assert chart["says"].endswith(".")
    json.dumps(chart["figure"], allow_nan=False)
    assert chart["rows"]
    assert {len(row) for row in chart["rows"]} == {len(chart["columns"])}


def test_a_group_stands_out_beyond_its_luck_line_only():
    assert group(mean=0.5, luck_low=-0.3, luck_high=0.4).stands_out
    assert not group(mean=0.3, luck_low=-0.3, luck_high=0.4).stands_out
    assert not group(mean=9.0).stands_out


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_a_sentence(reason):
    told = why_absent(reason.value, 3, 20)
    assert told.endswith(".")
    assert banned_in(told) == []


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (Figure(0.105, 9, Unit.R), "+0.11R"),
        (Figure(0.599, 9, Unit.FRACTION), "59.9%"),
        (Figure(-1234.5, 9, Unit.MONEY), "−1,234.50 USD"),
        (Figure(3.0, 9, Unit.COUNT), "3"),
        (Figure(1.25, 9, Unit.DAYS), "1.3 d"),
        (Figure(1.5, 9, Unit.RATIO), "1.50"),
    ],
)
def test_a_figure_as_text(figure, text):
    assert write_figure(figure.as_json(), "USD") == text
    assert why(figure.as_json()) == ""


def test_a_fall_has_no_sign_and_an_interval_has_its_level():
    assert write_figure(Figure(5.5, 9, Unit.R).as_json(), metric="max_drawdown_r") == "5.50R"
    told = Figure(0.1, 9, Unit.R, Interval(-0.1, 0.3)).as_json()
    assert write_interval(told).startswith("90%: −0.10R")
    assert write_interval(Figure(0.1, 9, Unit.R).as_json()) == ""


def test_names_of_figures_may_be_said():
    assert all(one.name and one.formula for one in METRICS.values())
