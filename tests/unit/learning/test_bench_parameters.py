"""A few lives of the worlds of `make bench-learning`, with goals that a careless estimator misses by far."""

import json

import numpy as np
import pytest

from benchmarks.learning import exits, knowing, thresholds
from benchmarks.learning.proposals import THRESHOLD_WORLDS, best_value
from benchmarks.learning.worlds import Effort, generator
from learning.domain.exits.choice import choose_exit
from learning.domain.parameters.choice import Standing, choose


@pytest.mark.parametrize("world", sorted(THRESHOLD_WORLDS))
def test_l7_and_l8_a_move_is_seldom_for_the_worse(world):
    worth, best = thresholds.truth(world), best_value(world)
    for n in (50, 1_000):
        chosen = [
            worth[thresholds.moved_to(paired, rng)]
            for paired, rng in thresholds.lives(world, n, 40)
        ]
        now = worth[thresholds.STATUS_QUO]
        assert np.mean([one < now - 1e-9 for one in chosen]) <= 0.12
        assert best - np.mean(chosen) <= best - now + 0.15


def test_l8_lines_can_be_written_as_json(monkeypatch):
    monkeypatch.setattr(thresholds, "SIZES", (50, 5_000))
    monkeypatch.setattr(thresholds, "THRESHOLD_WORLDS", {"flat": THRESHOLD_WORLDS["flat"]})
    lines = list(thresholds.regret(Effort(0.0)))
    assert [one.is_met for one in lines if one.goal] == [True] * 3
    json.dumps([one._asdict() for one in lines], allow_nan=False)


def test_l8_with_data_the_step_is_found():
    worth, best = thresholds.truth("step"), best_value("step")
    left = [
        best - worth[thresholds.moved_to(paired, rng)]
        for paired, rng in thresholds.lives("step", 5_000, 20)
    ]
    assert np.mean(left) <= 0.4 * (best - worth[30.0])


def test_l8_the_simple_rule_misses_it():
    worth, best = thresholds.truth("step"), best_value("step")
    left = [
        best - worth[thresholds.simple_rule(paired)]
        for paired, _ in thresholds.lives("step", 5_000, 20)
    ]
    assert np.mean(left) > best - worth[30.0] + 0.3


def test_l9_the_posterior_that_chose_flatters():
    """What a benefit must not be: told by what chose it."""
    worth = thresholds.truth("strong")
    flattered = []
    for paired, rng in thresholds.lives("strong", 200, 60):
        choice = choose(paired, rng)
        if choice.standing is Standing.MOVE and choice.at is not None:
            flattered.append(choice.curve.mean[choice.at] - worth[choice.threshold] + worth[30.0])
    assert not flattered or np.mean(flattered) > 0.5


def test_l10_no_exit_is_found_where_none_is_better():
    found, hindsight = [], []
    for number in range(40):
        rng = generator("few exits", number)
        choice = choose_exit(exits.walks(rng, 50), exits.RULES, exits.CURRENT, rng)
        found.append(choice.rule is not None)
        hindsight.append(choice.gains.max())
    assert np.mean(found) <= 0.10
    assert np.mean(hindsight) > 0.05


@pytest.mark.parametrize(
    "bench", [exits.invented_fills, knowing.early_knowledge, knowing.picking_by_quality]
)
def test_l11_l23_l25_hold_with_few_repetitions(bench):
    assert [one.what for one in bench(Effort(0.02)) if one.is_met is False] == []


def test_l21_open_losers_are_allowed_for():
    for days, naive_bias in ((60, 0.05), (90, 0.02)):
        ours, naive = [], []
        for number in range(200):
            won, opened, closed = knowing.censored(generator("few", days, number), days)
            figure = knowing.win_rate(won, opened, closed, days * knowing.DAY)
            ours.append(figure.value)
            naive.append(won[closed <= days * knowing.DAY].mean())
        assert abs(np.mean(ours) - 0.70) <= 0.015
        assert np.mean(naive) - 0.70 > naive_bias
