import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.learning.proposals import threshold_world
from benchmarks.learning.worlds import generator
from learning.domain.parameters.paired import design_effect, pair, spread_of
from learning.domain.parameters.settings import PARAMETERS, Parameter, Side, admitted

FLOOR, CEILING = PARAMETERS["iv_rank_min"], PARAMETERS["delta_max"]


@given(
    st.sampled_from(sorted(PARAMETERS)),
    st.lists(st.floats(-10, 120), min_size=1, max_size=30),
    st.data(),
)
def test_a_threshold_takes_whole_cells(name, numbers, data):
    parameter = PARAMETERS[name]
    threshold = data.draw(st.sampled_from(parameter.grid))
    array = np.array(numbers)
    taken = parameter.taken_cells(threshold)[parameter.cells(array)]
    assert list(taken) == list(parameter.takes(array, threshold))


def test_a_floor_takes_its_own_notch_and_so_does_a_ceiling():
    assert list(FLOOR.takes(np.array([29.9, 30.0, np.nan]), 30.0)) == [False, True, False]
    assert list(CEILING.takes(np.array([0.31, 0.30, np.nan]), 0.30)) == [False, True, False]


def test_notches():
    assert FLOOR.notch_towards(30.0, 60.0) == 35.0
    assert FLOOR.notch_towards(30.0, 0.0) == 25.0
    assert FLOOR.notch_towards(30.0, 30.0) == 30.0
    assert FLOOR.nearest(32.4) == 30.0
    assert FLOOR.nearest(32.5) == 35.0
    assert Parameter("x", "x", Side.CEILING, (1.0, 2.0), 1.0).nearest(1.5) == 1.0
    assert FLOOR.is_looser(30.0, 25.0)
    assert CEILING.is_looser(0.30, 0.35)
    with pytest.raises(ValueError, match="does not rise"):
        Parameter("x", "x", Side.FLOOR, (2.0, 1.0), 1.0)


def test_a_scanner_refuses_only_for_what_it_sees():
    world = threshold_world("flat", 40, generator("admitted"))
    passed = admitted(world, {"iv_rank_min": 50.0, "delta_max": 0.1}, PARAMETERS)
    assert list(passed) == list(world.features["iv_rank"] >= 50)


def test_differences_are_those_of_the_two_settings():
    world = threshold_world("step", 300, generator("paired"))
    paired = pair(world, FLOOR, {"iv_rank_min": 30.0}, {"iv_rank_min": FLOOR})
    iv_rank = world.features["iv_rank"]
    expected = world.r_plan * ((iv_rank >= 55).astype(float) - (iv_rank >= 30))
    assert paired.differences(55.0) == pytest.approx(expected)
    assert paired.n == 300


def test_other_settings_limit_what_is_judged():
    world = threshold_world("step", 300, generator("paired"))
    both = {"iv_rank_min": 30.0, "dte_min": 30.0}
    wide = type(world)(
        **{
            **{name: getattr(world, name) for name in world.__dataclass_fields__},
            "features": {**world.features, "dte": np.where(np.arange(300) % 2, 45.0, 20.0)},
        }
    )
    paired = pair(wide, FLOOR, both, PARAMETERS)
    assert len(paired) == 150
    assert paired.n == 300


def test_weeks_that_move_together_widen_the_noise():
    rng = generator("icc")
    week = np.repeat(np.arange(80), 5)
    alone = rng.normal(size=400)
    shared = alone + np.repeat(rng.normal(size=80), 5) * 2
    assert design_effect(alone, week) < 1.4
    assert design_effect(shared, week) > 3.5
    assert design_effect(np.ones(3), np.arange(3)) == 1.0


def test_equal_results_are_not_certainty():
    assert spread_of(np.full(10, 0.4)) == pytest.approx(0.0016)
    assert spread_of(np.zeros(0)) == 1.0
