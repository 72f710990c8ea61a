"""Ten thousand ledgers of the kinds that break things: what leaves is JSON, and refusing is said as refusing."""

import json

import numpy as np
import pytest

from learning.domain.metrics import Running, RunningReturns, trade_metrics
from tests.unit.learning.ledgers import ledger

NAN = float("nan")


def odd_results(rng):
    n = int(rng.choice([0, 1, 2, 3, 12, 40]))
    kind = int(rng.integers(0, 9))
    r = [
        rng.normal(0, 1, n),
        np.abs(rng.normal(0, 1, n)) + 1e-9,
        -np.abs(rng.normal(0, 1, n)) - 1e-9,
        np.zeros(n),
        np.full(n, rng.choice([1e12, -1e12, 1e-12, 0.1])),
        rng.choice([1e12, -1e12], n),
        rng.choice([1e12, 1e-12, -1e-12], n),
        np.where(rng.random(n) < 0.5, NAN, rng.normal(0, 1, n)),
        np.full(n, NAN),
    ][kind]
    return r, int(rng.choice([1, 3, 1000]))


def said(figure):
    assert (figure.value is None) == (figure.reason is not None)
    assert figure.value not in (-100, 1e9)
    return figure.as_json()


@pytest.mark.parametrize(
    "thousand", [0, *(pytest.param(n, marks=pytest.mark.exhaustive) for n in range(1, 10))]
)
def test_every_ledger_gives_json(thousand):
    rng = np.random.default_rng(thousand)
    for number in range(1_000):
        r, per_week = odd_results(rng)
        # All trades at the same second now and then: nothing may depend on times being different.
        trades = ledger(r, per_week=per_week, days=np.zeros(len(r)) if number % 5 == 0 else None)
        running = Running.of(trades)
        told = json.dumps(
            {name: said(one) for name, one in running.figures().items()}, allow_nan=False
        )
        assert "NaN" not in told
        if number % 20 == 0:
            assert Running.from_bytes(running.as_bytes()) == running


def test_every_series_of_returns_gives_json():
    rng = np.random.default_rng(12)
    for _ in range(500):
        n = int(rng.choice([0, 1, 2, 3, 30, 60]))
        scale = rng.choice([0.0, 1e-12, 0.01, 0.5, 3.0, 1e9])
        returns = rng.normal(0, 1, n) * scale + rng.choice([0.0, 0.01, -0.3])
        running = RunningReturns.of(returns, mar=float(rng.choice([0.0, 0.01])))
        figures = running.figures(per_year=float(rng.choice([12, 52, 252])))
        json.dumps({name: said(one) for name, one in figures.items()}, allow_nan=False)


def test_a_later_trade_changes_nothing_that_was_told_before():
    rng = np.random.default_rng(13)
    trades = ledger(rng.normal(0.1, 1, 80))
    for i in (10, 40, 79):
        as_of = int(np.sort(trades.known_at)[i])
        before = trades.where(np.arange(80) <= 79)
        shorter = trades.where(trades.known_at <= as_of)
        assert trade_metrics(before.known_by(as_of)) == trade_metrics(shorter)
        doubled = trade_metrics(ledger(np.append(trades.r, 50.0)).known_by(as_of))
        assert doubled == trade_metrics(shorter)
