import numpy as np
import pytest

from benchmarks.learning.proposals import best_value, threshold_world, true_values
from benchmarks.learning.worlds import generator
from learning.domain.parameters.candidates import NEVER, Candidates, Fate, Mark, in_order


@pytest.fixture
def world() -> Candidates:
    return threshold_world("step", 120, generator("candidates"))


def same(one: Candidates, other: Candidates) -> bool:
    return all(
        getattr(one, name).tobytes() == getattr(other, name).tobytes()
        for name in ("key", "closed", "r_plan", "r_actual", "fate", "known_at", "mark", "result")
    )


def test_what_is_not_known_yet_is_taken_out(world):
    as_of = int(world.opened[60])
    seen = world.known_by(as_of)
    assert seen.opened.max() <= as_of
    open_ = seen.known_at == NEVER
    assert open_.any()
    assert not open_.all()
    assert np.isnan(seen.r_plan[open_]).all()
    assert (seen.result[open_] == 0).all()
    assert (seen.closed[open_] == NEVER).all()
    assert (seen.mark[open_] == Mark.UNKNOWN).all()
    assert np.isnan(seen.r_actual[seen.actual_at == NEVER]).all()
    assert list(seen.matured) == list(~open_)


def test_a_decision_is_pending_until_it_was_made(world):
    early = int(world.opened[10])
    late = Candidates(
        **{
            **{name: getattr(world, name) for name in world.__dataclass_fields__},
            "decided_at": world.opened + 3_600,
        }
    )
    assert late.known_by(early).fate[10] == Fate.PENDING
    assert late.known_by(early + 3_600).fate[10] != Fate.PENDING


def test_to_look_twice_is_to_look_once(world):
    earlier, later = int(world.opened[40]), int(world.opened[90])
    assert same(world.known_by(later).known_by(earlier), world.known_by(earlier))
    assert same(world.known_by(earlier).known_by(later), world.known_by(earlier))


def test_slippage_is_told_at_none_once_and_twice(world):
    cut = Candidates(
        **{
            **{name: getattr(world, name) for name in world.__dataclass_fields__},
            "slippage": np.full(len(world), 0.02),
        }
    )
    assert cut.at_slippage(1.0).r_plan == pytest.approx(cut.r_plan)
    assert cut.at_slippage(0.0).r_plan == pytest.approx(cut.r_plan + 0.02)
    assert cut.at_slippage(2.0).r_plan == pytest.approx(cut.r_plan - 0.02)
    assert cut.at_slippage(2.0).at_slippage(2.0).slippage == pytest.approx(0.08)


def test_columns_are_of_one_length(world):
    with pytest.raises(ValueError, match="different lengths"):
        Candidates(
            **{
                **{name: getattr(world, name) for name in world.__dataclass_fields__},
                "features": {"iv_rank": np.zeros(3)},
            }
        )


def test_order_is_by_time_and_then_by_key(world):
    mixed = world.where(np.random.default_rng(1).permutation(len(world)))
    assert same(in_order(mixed), world)


@pytest.mark.parametrize(
    ("name", "regret"), [("flat", 1.42), ("mild", 0.65), ("step", 0.90), ("strong", 0.01)]
)
def test_the_invented_worlds_cost_what_they_are_said_to(name, regret):
    assert best_value(name) - true_values(name, np.array([30.0]))[0] == pytest.approx(
        regret, abs=0.01
    )
