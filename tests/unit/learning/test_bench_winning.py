"""A fast share of L16 and L17, with what a careless model would fail."""

from __future__ import annotations

import numpy as np

from benchmarks.learning import winning
from benchmarks.learning.worlds import Effort, generator
from learning.domain.probability.reliability import brier_skill
from learning.domain.probability.rungs import fit_ridge


def test_nothing_is_deployed_where_there_is_nothing_to_know():
    deployed, skills, _ = winning.live(200, False, Effort(1), 20)
    assert deployed <= 0.05
    assert (skills >= -0.01).all()


def test_a_careless_model_does_harm_there():
    harmed = []
    for repetition in range(10):
        rng = generator("careless", repetition)
        rows, fresh = winning.trades(rng, 200, False), winning.trades(rng, 5_000, False)
        told = fit_ridge(rows, 100.0).predict(fresh)
        harmed.append(brier_skill(told, np.full(5_000, rows.won.mean()), fresh.won) < -0.01)
    assert np.mean(harmed) >= 0.9


def test_a_signal_is_found_and_helps(monkeypatch):
    monkeypatch.setattr(winning, "FRESH", 5_000)
    deployed, skills, errors = winning.live(1_000, True, Effort(1), 10)
    assert deployed >= 0.6
    assert skills.mean() >= 0.02
    assert errors.mean() <= 0.035
