from dataclasses import replace

import numpy as np
import pytest

from benchmarks.learning.proposals import threshold_world
from benchmarks.learning.worlds import generator
from learning.domain.parameters.lookahead import (
    Leak,
    changed_features,
    reads_ahead,
    same,
    separation,
    suspects,
)

WORLD = threshold_world("strong", 200, generator("lookahead"))
MOMENTS = [int(WORLD.opened[at]) for at in (40, 80, 120, 199)]


def mean_of_known(data, moment) -> bytes:
    seen = data.known_by(moment)
    return np.nanmean(seen.r_plan).tobytes()


def test_a_result_as_of_a_moment_passes_and_one_of_everything_does_not():
    assert reads_ahead(mean_of_known, WORLD, MOMENTS) == []
    assert reads_ahead(lambda data, _: np.nanmean(data.r_plan).tobytes(), WORLD, MOMENTS) == MOMENTS


def test_a_column_that_is_filled_in_later_is_flagged():
    def observe(moment):
        seen = WORLD.known_by(moment)
        later = np.where(seen.matured, seen.r_plan, np.nan)
        return replace(seen, features={**seen.features, "later": later})

    flagged = changed_features(observe, MOMENTS)
    assert [(one.feature, one.leak) for one in flagged] == [("later", Leak.CHANGED)]
    assert 0 < flagged[0].strength <= 1


def test_a_column_that_knows_the_outcome_is_flagged_and_an_honest_one_is_not():
    rng = generator("suspects")
    features = {
        **WORLD.features,
        "outcome": WORLD.r_plan + rng.normal(0, 0.1, 200),
        "noise": rng.normal(size=200),
        "of winners": np.where(WORLD.result > 0, 1.0, np.nan),
        "of losers, reversed": -WORLD.r_plan,
    }
    found = {one.feature: one.leak for one in suspects(features, WORLD.result)}
    assert found == {
        "outcome": Leak.TOO_GOOD,
        "of winners": Leak.TELLS_BY_ABSENCE,
        "of losers, reversed": Leak.TOO_GOOD,
    }


def test_strong_but_honest_features_pass():
    flagged = 0
    for number in range(200):
        rng = generator("honest", number)
        quality = rng.normal(size=60)
        won = rng.random(60) < 1 / (1 + np.exp(-0.9 - quality))
        flagged += bool(suspects({"quality": quality}, np.where(won, 1, -1)))
    assert flagged <= 4


@pytest.mark.parametrize("count", [0, 1, 2, 29])
def test_few_rows_are_not_accused(count):
    assert separation(np.arange(count, dtype=float), np.arange(count) % 2 == 0) is None


def test_winners_alone_are_not_accused():
    assert suspects({"x": np.arange(50.0)}, np.ones(50, np.int64)) == []


def test_unknown_is_the_same_as_unknown():
    assert same(np.nan, np.nan)
    assert not same(np.nan, 1.0)
