import json
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning.domain.metrics import METRICS, Running, RunningReturns, time_metrics, trade_metrics
from learning.domain.metrics import running as states
from learning.domain.metrics.series import Trend
from tests.unit.learning.ledgers import DAY, ledger


def follow(trades, running=None):
    running = Running() if running is None else running
    for i in range(len(trades)):
        running.add(
            pnl=float(trades.pnl[i]),
            r=float(trades.r[i]),
            result=int(trades.result[i]),
            week=int(trades.week[i]),
            days=float(trades.closed[i] - trades.opened[i]) / DAY,
        )
    return running


def same(one, other):
    assert one.keys() == other.keys()
    for name, figure in one.items():
        twin = other[name]
        assert (figure.reason, figure.n, figure.least) == (twin.reason, twin.n, twin.least), name
        if figure.value is not None:
            assert twin.value == pytest.approx(figure.value, rel=1e-7, abs=1e-9), name
        assert (figure.ci is None) == (twin.ci is None), name
        if figure.ci is not None:
            assert twin.ci.low == pytest.approx(figure.ci.low, rel=1e-6, abs=1e-9), name
            assert twin.ci.high == pytest.approx(figure.ci.high, rel=1e-6, abs=1e-9), name


@settings(deadline=None, max_examples=50)
@given(st.lists(st.one_of(st.floats(-3, 3), st.just(float("nan"))), max_size=80))
def test_one_by_one_is_all_at_once(r):
    # Below a thousandth it is a scratch: sums of such lie within rounding of each other.
    trades = ledger([round(x, 3) for x in r])
    same(trade_metrics(trades), follow(trades).figures())


def test_state_survives_the_database_to_the_bit():
    rng = np.random.default_rng(1)
    trades = ledger(rng.normal(0.1, 1, 200))
    half = follow(trades.where(np.arange(200) < 120))
    kept = Running.from_bytes(half.as_bytes())
    assert kept == half
    rest = trades.where(np.arange(200) >= 120)
    assert follow(rest, kept).figures() == follow(rest, half).figures()


def test_values_are_those_of_the_figures():
    for n in (0, 1, 3, 12, 60):
        held = follow(ledger(np.random.default_rng(n).normal(0.1, 1, n)))
        told = {name: one.value for name, one in held.figures().items() if one.value is not None}
        assert held.values() == told


def test_state_of_nothing_is_json_too():
    assert Running.from_bytes(Running().as_bytes()) == Running()
    empty = RunningReturns(0.001)
    assert (
        RunningReturns.from_json(json.loads(json.dumps(empty.as_json(), allow_nan=False))) == empty
    )


def test_state_of_another_version_is_refused(monkeypatch):
    with pytest.raises(ValueError, match="version 0"):
        RunningReturns.from_json({**RunningReturns().as_json(), "version": 0})
    monkeypatch.setattr(states, "STATE_VERSION", 0)
    state = Running().as_bytes()
    monkeypatch.undo()
    with pytest.raises(ValueError, match="version 0"):
        Running.from_bytes(state)


def test_nonsense_is_refused_and_changes_nothing():
    running = Running()
    for pnl in (float("nan"), float("inf"), 1e60):
        with pytest.raises(ValueError, match="finite"):
            running.add(pnl=pnl, r=None, result=1, week=1, days=1.0)
    assert running == Running()
    returns = RunningReturns()
    with pytest.raises(ValueError, match="finite"):
        returns.add(float("nan"))
    assert returns == RunningReturns()


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.floats(-0.2, 0.2).map(lambda x: round(x, 4)), max_size=80),
    st.sampled_from([0.0, 0.001]),
)
def test_returns_one_by_one_are_all_at_once(returns, mar):
    running = RunningReturns(mar)
    for one in returns:
        running.add(one)
    running = RunningReturns.from_json(json.loads(json.dumps(running.as_json(), allow_nan=False)))
    batch = time_metrics(np.array(returns), per_year=52, mar=mar)
    running_names = {name for name in batch if METRICS[name].is_running}
    same({name: batch[name] for name in running_names}, running.figures(per_year=52))


def test_ruin_ends_the_path_for_both():
    returns = [0.1, -1.0, 0.2, 0.3]
    running = RunningReturns()
    for one in returns:
        running.add(one)
    assert running.is_ruined
    same(RunningReturns.of(np.array(returns)).figures(per_year=52), running.figures(per_year=52))


def test_trend_is_least_squares():
    y = np.random.default_rng(2).normal(size=50).cumsum()
    trend = Trend()
    for one in y:
        trend.add(one)
    slope, _ = np.polyfit(np.arange(50), y, 1)
    assert trend.slope == pytest.approx(slope)
    assert trend.explained == pytest.approx(np.corrcoef(np.arange(50), y)[0, 1] ** 2)


def test_a_close_costs_little_however_long_the_book():
    rng = np.random.default_rng(3)
    running = Running.of(ledger(rng.normal(0.1, 1, 5000), per_week=20))
    state = running.as_bytes()
    assert len(state) < 40_000
    begin = time.perf_counter()
    for _ in range(10):
        kept = Running.from_bytes(state)
        kept.add(pnl=10.0, r=0.1, result=1, week=3000, days=2.0)
        kept.figures()
        kept.as_bytes()
    assert (time.perf_counter() - begin) / 10 < 0.05
