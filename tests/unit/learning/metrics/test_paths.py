import json

import numpy as np
import pytest

from learning.domain.metrics import paths, time_metrics
from learning.domain.metrics.paths import WITH_INTERVALS, weekly_metrics

WEEKS = np.random.default_rng(8).normal(0.004, 0.02, 150)


@pytest.fixture(autouse=True)
def _fewer(monkeypatch):
    monkeypatch.setattr(paths, "REPETITIONS", 200)


def test_values_are_those_without_intervals():
    plain, drawn = time_metrics(WEEKS, per_year=52), weekly_metrics(WEEKS, seed=1)
    assert plain.keys() == drawn.keys()
    for name, figure in drawn.items():
        assert figure.value == plain[name].value, name
        if name in WITH_INTERVALS:
            assert figure.ci.low < figure.ci.high, name
    json.dumps({name: one.as_json() for name, one in drawn.items()}, allow_nan=False)


def test_statistics_of_the_draws_are_the_figures():
    # With returns that are drawn again as they are, the interval closes on the figure.
    drawn = weekly_metrics(WEEKS, seed=1, mar=0.001, risk_free=0.02)
    for name in ("cagr", "sortino", "calmar", "upi"):
        assert drawn[name].ci.low < drawn[name].value < drawn[name].ci.high, name


def test_the_same_seed_gives_the_same_bytes():
    first, second, other = (weekly_metrics(WEEKS, seed=seed) for seed in (1, 1, 2))
    assert first == second
    assert first != other


@pytest.mark.parametrize("weeks", [0, 1, 25])
def test_few_weeks_have_no_intervals(weeks):
    figures = weekly_metrics(WEEKS[:weeks], seed=1)
    assert all(figures[name].ci is None for name in WITH_INTERVALS)


def test_what_never_fell_has_neither_ratio_nor_interval():
    figures = weekly_metrics(np.abs(WEEKS) + 0.001, seed=1)
    assert figures["calmar"].value is None
    assert figures["calmar"].ci is None
    assert figures["cagr"].ci is not None


def test_equity_that_is_gone_has_none():
    figures = weekly_metrics(np.append(WEEKS, -1.0), seed=1)
    assert all(figures[name].ci is None for name in ("cagr", "max_drawdown", "calmar"))
