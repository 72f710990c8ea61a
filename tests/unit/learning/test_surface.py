"""Ruin by size and edge; exits held against what was really made."""

from __future__ import annotations

import numpy as np
import pytest

from learning.domain.exits.choice import choose_exit, gains_over
from learning.domain.exits.paths import Paths
from learning.domain.exits.replay import Rule
from learning.domain.resampling import predicted, sample_of
from learning.domain.sizing.outlook import equity_paths
from learning.domain.sizing.surface import EDGES, SIZES, ruin_surface


@pytest.fixture
def results():
    dice = np.random.default_rng(4)
    return np.where(dice.random(80) < 0.5, 1.1, -1.0)


def draw(results):
    sample = sample_of(results, np.arange(len(results)) // 4, [(-1.0, 1.0)])
    return predicted(sample, 100, 800, np.random.default_rng(1))


def surface(results):
    return ruin_surface(draw(results), float(results.mean()), 0.5)


def test_more_risk_is_never_safer_and_more_edge_never_more_dangerous(results):
    found = surface(results)
    assert found.shape == (len(EDGES), len(SIZES))
    assert (np.diff(found, axis=1) >= 0).all()
    assert (np.diff(found, axis=0) <= 0).all()
    assert found[0, -1] > 0.8
    assert found[-1, 0] == 0


@pytest.mark.parametrize("ruin", [0.05, 0.5, 1.0])
def test_bounds_settle_nothing_otherwise_than_multiplying_out_would(results, ruin):
    drawn, mean = draw(results), float(results.mean())
    for edge, row in zip(EDGES, ruin_surface(drawn, mean, ruin), strict=True):
        for size, told in zip(SIZES, row, strict=True):
            lowest = equity_paths(drawn + (edge - mean), size).min(axis=1)
            assert told == np.mean(lowest <= 1 - ruin)


def test_the_same_dice_give_the_same_surface(results):
    assert surface(results).tobytes() == surface(results).tobytes()


def paths(n=48):
    """Up to 2 R and back to nothing: a target of 1 R fills at 2."""
    marks = [np.array([0.0, 1.0, 2.0, 0.5, 0.0]) * (1 if row % 4 else -1) for row in range(n)]
    at = [np.arange(5) * 3_600 + row * 86_400 for row in range(n)]
    return Paths.of(marks, at, np.arange(n) // 4)


def test_gains_are_beyond_what_was_really_made():
    found, made = paths(), np.full(48, 0.25)
    gains = gains_over(found, [Rule(target=1.0)], made)
    assert gains[1, 0] == pytest.approx(2.0 - 0.25)
    assert gains[0, 0] == pytest.approx(0.0 - 0.25)


def test_what_was_made_already_is_not_beaten():
    found = paths()
    best = np.where(np.arange(48) % 4, 2.0, 0.0)
    choice = choose_exit(found, [Rule(target=1.0), Rule(stop=0.5)], best, np.random.default_rng(1))
    assert choice.rule is None
    assert choice.gains.max() == pytest.approx(0.0)


def test_a_target_that_pays_is_chosen_over_giving_it_back():
    found = paths()
    choice = choose_exit(
        found, [Rule(target=1.0)], np.where(np.arange(48) % 4, 0.0, 0.1), np.random.default_rng(1)
    )
    assert choice.shown.value == pytest.approx(1.475, abs=0.2)
